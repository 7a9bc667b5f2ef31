#include <string.h>

#include "policy/rule_file.h"
#include "tests/support/runner.h"

#define RULE_7          "suspend 7 domain=a.test made=10 until=20 uid=0 reason=block, ticket 4711\n"
#define RULE_8          "suspend 8 all=* made=10 until=forever uid=1000 reason=a = b\n"
#define LATER           "greylist 9 domain=a.test\n"
#define LATER_ATTRIBUTE "suspend 10 sender=joe made=1 until=2 uid=0 reason=x\n"

static RuleFileReport report;

static Rules *parse(const char *text)
{
    Rules *rules = rules_new();

    rule_file_parse(rules, text, strlen(text), &report);
    rules_check(rules);
    return rules;
}

static void forget_report(void)
{
    g_clear_pointer(&report.first_fault, g_free);
}

/* A text, how many rules and kept lines it gives, and its first fault. */
static const struct {
    const char *text;
    unsigned rule_count, kept_count;
    const char *fault;
} files[] = {
    {"eqmgr-control 1\nend 0\n",                                                          0, 0, NULL                                             },
    {"eqmgr-control 1\nnext 9\n" RULE_7 RULE_8 "end 3\n",                                 2, 0, NULL                                             },
    {"eqmgr-control 1\n" LATER LATER_ATTRIBUTE RULE_7 "end 3\n",                          1, 2, NULL                                             },
    {"",                                                                                  0, 0, "line 1: the end of the file is missing"         },
    {"eqmgr-control 1\n" RULE_7,                                                          1, 0, "line 3: the end of the file is missing"         },
    {"eqmgr-control 1\n" RULE_7 "end 1",                                                  1, 0, NULL                                             },
    {"eqmgr-control 1\n" RULE_7 "end 2\n",                                                1, 0,
     "line 3: the last line counts other lines than there are"                                                                                   },
    {"eqmgr-control 1\n" RULE_7 "end\n",                                                  1, 0,
     "line 3: the last line counts other lines than there are"                                                                                   },
    {"eqmgr-control 1\nend 0\n" RULE_7,                                                   0, 0, "line 3: there is something behind the last line"},
    {"eqmgr-control 2\n" RULE_7 "end 1\n",                                                1, 0, "line 1: the format is of another release"       },
    {"dear diary\n" RULE_7 "end 1\n",                                                     1, 0, "line 1: this is not a file of rules"            },
    {"eqmgr-control 1\n\n" RULE_7 "end 2\n",                                              1, 0, "line 2: an empty line"                          },
    {"eqmgr-control 1\nsuspend x\n" RULE_7 "end 2\n",                                     1, 0, "line 2: the rule has no number"                 },
    {"eqmgr-control 1\nsuspend 0 all=*\n" RULE_7 "end 2\n",                               1, 0, "line 2: the rule has no number"                 },
    {"eqmgr-control 1\n" RULE_7 RULE_7 "end 2\n",                                         1, 0,
     "line 3: another rule is for the same object"                                                                                               },
    {"eqmgr-control 1\n" RULE_7 "suspend 7 all=* made=1 until=2 uid=0 reason=x\nend 2\n", 1, 0,
     "line 3: there are too many rules, or another one has its number"                                                                           },
    {"eqmgr-control 1\nsuspend 1 domain=a.test made=1 uid=0 reason=x\nend 1\n",           0, 0,
     "line 2: the end is not a time"                                                                                                             },
    {"eqmgr-control 1\nsuspend 1 domain=a.test made=1 until=x uid=0 reason=x\nend 1\n",   0, 0,
     "line 2: an attribute has no value that it can have"                                                                                        },
    {"eqmgr-control 1\nsuspend 1 domain=%0 made=1 until=2 uid=0 reason=x\nend 1\n",       0, 0,
     "line 2: an attribute has no value that it can have"                                                                                        },
    {"eqmgr-control 1\nsuspend 1 domain=%00 made=1 until=2 uid=0 reason=x\nend 1\n",      0, 0,
     "line 2: an attribute has no value that it can have"                                                                                        },
    {"eqmgr-control 1\nsuspend 1 transport=retry made=1 until=2 uid=0 reason=x\nend 1\n", 0, 0,
     "line 2: this service takes in suspended mail or bounces: it is neither suspended nor "
     "limited"                                                                                                                                   },
    {"eqmgr-control 1\nsuspend 1 domain=a made=1 until=2 uid=0\nend 1\n",                 0, 0,
     "line 2: a reason is missing"                                                                                                               },
    {"eqmgr-control 1\nsuspend 1 domain=a\001\n" RULE_7 "end 2\n",                        1, 0,
     "line 2: there are control characters in it"                                                                                                },
    {"eqmgr-control 1\nnext\n" RULE_7 "end 2\n",                                          1, 0, "line 2: \"next\" without a number"              },
};

START_TEST(good_lines_count_and_the_first_fault_is_told)
{
    Rules *rules = parse(files[_i].text);

    ck_assert_uint_eq(rules_count(rules), files[_i].rule_count);
    ck_assert_uint_eq(rules_kept_line_count(rules), files[_i].kept_count);
    ck_assert_uint_eq(report.unknown_count, files[_i].kept_count);
    ck_assert_pstr_eq(report.first_fault, files[_i].fault);
    ck_assert(report.fault_count == 0 || files[_i].fault != NULL);
    forget_report();
    rules_free(rules);
}
END_TEST

START_TEST(what_is_written_is_read)
{
    Rules *rules = parse("eqmgr-control 1\nnext 30\n" RULE_8 RULE_7 LATER "end 4\n");
    g_autofree char *text = g_string_free(rule_file_format(rules), FALSE);

    ck_assert_str_eq(text, "eqmgr-control 1\nnext 30\n" RULE_7 RULE_8 LATER "end 4\n");
    ck_assert_str_eq(rules_find(rules, 8)->reason, "a = b");
    ck_assert_int_eq(rules_find(rules, 8)->uid, 1000);
    ck_assert_int_eq(rules_find(rules, 7)->made_s, 10);
    ck_assert_int_eq(rules_find(rules, 7)->end_s, 20);
    ck_assert_uint_eq(rules_next_number(rules), 30);
    rules_free(rules);
}
END_TEST

START_TEST(zero_byte_is_a_fault)
{
    static const char text[] = "eqmgr-control 1\nsuspend 1 dom\0ain=a\nend 1\n";
    Rules *rules = rules_new();

    rule_file_parse(rules, text, sizeof(text) - 1, &report);
    ck_assert_uint_eq(report.fault_count, 1);
    ck_assert_uint_eq(rules_count(rules), 0);
    forget_report();
    rules_free(rules);
}
END_TEST

/* ---- properties ---- */

static char *random_text(GRand *random, const char *bytes, int length_max)
{
    int length = g_rand_int_range(random, 1, length_max + 1);
    char *text = g_malloc0((gsize)length + 1);

    for (int i = 0; i < length; i++)
        text[i] = bytes[(size_t)g_rand_int_range(random, 0, (gint32)strlen(bytes))];
    return text;
}

static void put_at_random(Rules *rules, GRand *random)
{
    g_autofree char *name = random_text(random, "ab.%@ =[]#\303\274-", 12);
    g_autofree char *reason = random_text(random, "ab =%#:()", 20);
    bool is_limit = g_rand_boolean(random), is_rate = g_rand_boolean(random);
    const Rule rule = {.kind = is_limit ? RULE_LIMIT : RULE_SUSPEND,
                       .measure = !is_limit ? RULE_NOTHING
                                  : is_rate ? RULE_RATE
                                            : RULE_CONCURRENCY,
                       .period_s = is_limit && is_rate ? g_rand_int_range(random, 1, 100000) : 0,
                       .most = is_limit ? g_rand_int_range(random, 1, 100) : 0,
                       .object = (RuleObject)g_rand_int_range(random, 0, RULE_OBJECT_COUNT),
                       .name = name,
                       .reason = reason,
                       .made_s = g_rand_int(random),
                       .end_s =
                           g_rand_boolean(random) ? RULE_FOREVER : 1 + (int64_t)g_rand_int(random),
                       .uid = g_rand_int(random)};

    if (rule_fault(&rule) == NULL)
        (void)rules_put(rules, &rule);
}

START_TEST(random_rules_survive_print_and_parse)
{
    GRand *random = g_rand_new_with_seed(4711);

    for (int round = 0; round < 300; round++) {
        Rules *rules = rules_new(), *again = rules_new();
        g_autoptr(GString) text = NULL;
        g_autoptr(GString) second = NULL;

        for (int i = g_rand_int_range(random, 0, 40); i > 0; i--)
            put_at_random(rules, random);
        if (rules_count(rules) > 0)
            (void)rules_remove(rules, rules_at(rules, 0)->number);
        text = rule_file_format(rules);
        rule_file_parse(again, text->str, text->len, &report);
        ck_assert_pstr_eq(report.first_fault, NULL);
        rules_check(again);
        second = rule_file_format(again);
        ck_assert_str_eq(text->str, second->str);
        rules_free(rules);
        rules_free(again);
    }
    g_rand_free(random);
}
END_TEST

START_TEST(no_cut_goes_unnoticed)
{
    static const char whole[] = "eqmgr-control 1\nnext 9\n" RULE_7 RULE_8 "end 3\n";

    for (size_t size = 0; size < sizeof(whole) - 2; size++) { /* the last newline may be missing */
        Rules *rules = rules_new();

        rule_file_parse(rules, whole, size, &report);
        ck_assert_uint_gt(report.fault_count, 0);
        rules_check(rules);
        forget_report();
        rules_free(rules);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rule_file");

    tcase_add_loop_test(tcase, good_lines_count_and_the_first_fault_is_told, 0,
                        G_N_ELEMENTS(files));
    tcase_add_test(tcase, what_is_written_is_read);
    tcase_add_test(tcase, zero_byte_is_a_fault);
    tcase_add_test(tcase, random_rules_survive_print_and_parse);
    tcase_add_test(tcase, no_cut_goes_unnoticed);
    return run_suite("policy/rule_file", tcase, NULL);
}

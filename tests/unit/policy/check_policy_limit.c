#include <string.h>

#include "policy/rule_file.h"
#include "policy/rules.h"
#include "tests/support/runner.h"

/* Limits: which one is for a destination, what is wrong with one, and how it is kept. */

#define NOW_S 1000

static Rules *rules;

static void setup(void)
{
    rules = rules_new();
}

static void teardown(void)
{
    rules_check(rules);
    rules_free(rules);
}

static Rule limit(RuleObject object, const char *name, int most)
{
    return (Rule){.kind = RULE_LIMIT,
                  .measure = RULE_CONCURRENCY,
                  .object = object,
                  .name = name,
                  .most = most,
                  .end_s = RULE_FOREVER,
                  .reason = "r"};
}

static uint32_t put(RuleObject object, const char *name, int most, int64_t end_s)
{
    Rule rule = limit(object, name, most);
    const Rule *kept;

    rule.end_s = end_s;
    kept = rules_put(rules, &rule);
    ck_assert_ptr_nonnull(kept);
    return kept->number;
}

/* What a destination joe@a.b.test in transport "smtp", of nexthop a.b.test, may run; 0: no limit.
 */
static int most_for_joe(int64_t now_s)
{
    const RuleSubject subject = {.transport = "smtp",
                                 .destination = "joe@a.b.test",
                                 .nexthop = "a.b.test",
                                 .domain = "a.b.test"};
    const Rule *rule = rules_limit(rules, &subject, RULE_CONCURRENCY, now_s);

    return rule != NULL ? rule->most : 0;
}

/* From the largest object to the smallest: each one more counts instead of those before it. */
static const struct {
    RuleObject object;
    const char *name;
} objects[] = {
    {RULE_ALL,         ""            },
    {RULE_TRANSPORT,   "smtp"        },
    {RULE_DOMAIN,      ".test"       },
    {RULE_DOMAIN,      ".b.test"     },
    {RULE_DOMAIN,      "A.B.test"    },
    {RULE_DESTINATION, "a.b.test"    },
    {RULE_DESTINATION, "joe@a.b.test"},
};

START_TEST(the_smallest_object_decides)
{
    uint32_t numbers[G_N_ELEMENTS(objects)];

    ck_assert_int_eq(most_for_joe(NOW_S), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
        numbers[i] = put(objects[i].object, objects[i].name, 10 + (int)i, RULE_FOREVER);
        ck_assert_int_eq(most_for_joe(NOW_S), 10 + (int)i);
        rules_check(rules);
    }
    for (size_t i = G_N_ELEMENTS(objects); i-- > 0;) {
        ck_assert_int_eq(most_for_joe(NOW_S), 10 + (int)i);
        ck_assert(rules_remove(rules, numbers[i]));
    }
    ck_assert_int_eq(most_for_joe(NOW_S), 0);
}
END_TEST

START_TEST(at_its_end_the_next_larger_one_counts)
{
    (void)put(RULE_DESTINATION, "a.b.test", 2, NOW_S);
    (void)put(RULE_ALL, "", 9, RULE_FOREVER);
    ck_assert_int_eq(most_for_joe(NOW_S - 1), 2);
    ck_assert_int_eq(most_for_joe(NOW_S), 9);
}
END_TEST

START_TEST(limit_and_suspension_of_the_same_are_two_rules)
{
    const RuleSubject subject = {.transport = "smtp", .domain = "a.test"};
    Rule suspension = limit(RULE_DOMAIN, "a.test", 0);
    uint32_t number = put(RULE_DOMAIN, "a.test", 3, RULE_FOREVER);
    const Rule *kept;

    ck_assert_ptr_null(rules_suspension(rules, &subject, NOW_S));
    suspension.kind = RULE_SUSPEND;
    suspension.measure = RULE_NOTHING;
    kept = rules_put(rules, &suspension);
    ck_assert_uint_ne(kept->number, number);
    ck_assert_ptr_eq(rules_suspension(rules, &subject, NOW_S), kept);
    ck_assert_uint_eq(rules_limit(rules, &subject, RULE_CONCURRENCY, NOW_S)->number, number);
    ck_assert_uint_eq(rules_count_of(rules, RULE_LIMIT), 1);
    ck_assert_uint_eq(rules_count_of(rules, RULE_SUSPEND), 1);
}
END_TEST

START_TEST(the_same_again_changes_the_number_of_deliveries)
{
    uint32_t number = put(RULE_DOMAIN, "a.b.test", 3, RULE_FOREVER);

    ck_assert_uint_eq(put(RULE_DOMAIN, "A.B.TEST", 7, NOW_S + 1), number);
    ck_assert_int_eq(most_for_joe(NOW_S), 7);
    rules_take(rules, rules_copy(rules));
    ck_assert_int_eq(most_for_joe(NOW_S), 7);
    ck_assert_int_eq(most_for_joe(NOW_S + 1), 0);
}
END_TEST

START_TEST(services_that_take_in_mail_have_no_limit)
{
    static const char *const services[] = {"retry", "error", "bounce", "defer", "trace"};

    (void)put(RULE_ALL, "", 1, RULE_FOREVER);
    for (size_t i = 0; i < G_N_ELEMENTS(services); i++) {
        const RuleSubject subject = {.transport = services[i], .destination = "x", .nexthop = "x"};
        const Rule rule = limit(RULE_TRANSPORT, services[i], 1);

        ck_assert_ptr_null(rules_limit(rules, &subject, RULE_CONCURRENCY, NOW_S));
        ck_assert_ptr_nonnull(rule_fault(&rule));
    }
}
END_TEST

START_TEST(rate_and_concurrency_of_the_same_are_two_rules)
{
    const RuleSubject subject = {.transport = "smtp", .destination = "a.test"};
    Rule rate = limit(RULE_DESTINATION, "a.test", 100);
    uint32_t number = put(RULE_DESTINATION, "a.test", 3, RULE_FOREVER);
    const Rule *kept;
    g_autofree char *amount = NULL;

    rate.measure = RULE_RATE;
    rate.period_s = 3600;
    kept = rules_put(rules, &rate);
    amount = rule_amount_text(kept);
    ck_assert_str_eq(amount, "100/1h");
    ck_assert_int_eq(rule_rate(kept).burst, 2);
    ck_assert_uint_ne(kept->number, number);
    ck_assert_ptr_eq(rules_limit(rules, &subject, RULE_RATE, NOW_S), kept);
    ck_assert_uint_eq(rules_limit(rules, &subject, RULE_CONCURRENCY, NOW_S)->number, number);
    rate.most = 20;
    rate.period_s = 1;
    ck_assert_ptr_eq(rules_put(rules, &rate), kept);
    ck_assert_int_eq(rule_rate(kept).period_s, 1);
    rate.period_s = 0;
    ck_assert_ptr_nonnull(rule_fault(&rate));
    rate.period_s = METER_PERIOD_MAX_S + 1;
    ck_assert_ptr_nonnull(rule_fault(&rate));
}
END_TEST

static const struct {
    RuleKind kind;
    RuleMeasure measure;
    int most;
    const char *fault;
} faults[] = {
    {RULE_LIMIT,   RULE_CONCURRENCY, 1,                        NULL                       },
    {RULE_LIMIT,   RULE_CONCURRENCY, RULE_CONCURRENCY_MAX,     NULL                       },
    {RULE_LIMIT,   RULE_CONCURRENCY, 0,
     "a limit is at least 1; to deliver nothing at all is what suspend does"              },
    {RULE_LIMIT,   RULE_CONCURRENCY, -1,
     "a limit is at least 1; to deliver nothing at all is what suspend does"              },
    {RULE_LIMIT,   RULE_CONCURRENCY, RULE_CONCURRENCY_MAX + 1, "the limit is above 100000"},
    {RULE_LIMIT,   RULE_NOTHING,     5,                        "a limit of what?"         },
    {RULE_SUSPEND, RULE_CONCURRENCY, 5,                        "only a limit has a number"},
};

START_TEST(fault_of_a_limit_is_told)
{
    Rule rule = limit(RULE_DOMAIN, "a.test", faults[_i].most);

    rule.kind = faults[_i].kind;
    rule.measure = faults[_i].measure;
    ck_assert_pstr_eq(rule_fault(&rule), faults[_i].fault);
}
END_TEST

/* ---- the file ---- */

#define FILE_OF(rule) "eqmgr-control 1\nnext 9\n" rule "\nend 2\n"

/* A line, and the fault that the parser tells; NULL: the file is printed as it was read. */
static const struct {
    const char *text;
    const char *fault;
} files[] = {
    {FILE_OF("limit 8 domain=a.test concurrency=3 made=1 until=2 uid=0 reason=x"),    NULL                      },
    {FILE_OF("limit 8 all=* concurrency=100000 made=1 until=forever uid=0 reason=x"), NULL                      },
    {FILE_OF("limit 8 all=* concurrency=0 made=1 until=2 uid=0 reason=x"),
     "line 3: an attribute has no value that it can have"                                                       },
    {FILE_OF("limit 8 all=* concurrency=100001 made=1 until=2 uid=0 reason=x"),
     "line 3: an attribute has no value that it can have"                                                       },
    {FILE_OF("limit 8 all=* concurrency=-3 made=1 until=2 uid=0 reason=x"),
     "line 3: an attribute has no value that it can have"                                                       },
    {FILE_OF("limit 8 all=* made=1 until=2 uid=0 reason=x"),                          "line 3: a limit of what?"},
    {FILE_OF("suspend 8 all=* concurrency=3 made=1 until=2 uid=0 reason=x"),
     "line 3: only a limit has a number"                                                                        },
    {FILE_OF("limit 8 all=* sessions=3 made=1 until=2 uid=0 reason=x"),               /* of a later release */
     NULL                                },
    {FILE_OF("limit 8 domain=a.test rate=100/1m made=1 until=2 uid=0 reason=x"),      NULL                      },
    {FILE_OF("limit 8 all=* rate=1/1d made=1 until=2 uid=0 reason=x"),                NULL                      },
    {FILE_OF("limit 8 all=* rate=0/1m made=1 until=2 uid=0 reason=x"),
     "line 3: an attribute has no value that it can have"                                                       },
    {FILE_OF("limit 8 all=* rate=5 made=1 until=2 uid=0 reason=x"),
     "line 3: an attribute has no value that it can have"                                                       },
    {FILE_OF("limit 8 all=* concurrency=5 rate=5/1m made=1 until=2 uid=0 reason=x"),
     "line 3: an attribute has no value that it can have"                                                       },
};

START_TEST(limit_survives_print_and_parse)
{
    const char *text = files[_i].text;
    g_autoptr(GString) printed = NULL;
    RuleFileReport report;

    rule_file_parse(rules, text, strlen(text), &report);
    ck_assert_pstr_eq(report.first_fault, files[_i].fault);
    printed = rule_file_format(rules);
    if (files[_i].fault == NULL)
        ck_assert_str_eq(printed->str, text);
    g_free(report.first_fault);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("limit");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_smallest_object_decides);
    tcase_add_test(tcase, at_its_end_the_next_larger_one_counts);
    tcase_add_test(tcase, limit_and_suspension_of_the_same_are_two_rules);
    tcase_add_test(tcase, the_same_again_changes_the_number_of_deliveries);
    tcase_add_test(tcase, services_that_take_in_mail_have_no_limit);
    tcase_add_test(tcase, rate_and_concurrency_of_the_same_are_two_rules);
    tcase_add_loop_test(tcase, fault_of_a_limit_is_told, 0, G_N_ELEMENTS(faults));
    tcase_add_loop_test(tcase, limit_survives_print_and_parse, 0, G_N_ELEMENTS(files));
    return run_suite("policy/limit", tcase, NULL);
}

#include <stdlib.h>
#include <string.h>

#include "policy/rules.h"
#include "tests/support/runner.h"

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

static Rule suspension(RuleObject object, const char *name, int64_t end_s)
{
    return (Rule){.kind = RULE_SUSPEND,
                  .object = object,
                  .name = name,
                  .made_s = 900,
                  .end_s = end_s,
                  .uid = 7,
                  .reason = "block"};
}

static uint32_t put(RuleObject object, const char *name, int64_t end_s)
{
    const Rule rule = suspension(object, name, end_s), *kept = rules_put(rules, &rule);

    ck_assert_ptr_nonnull(kept);
    return kept->number;
}

static uint32_t number_for(const RuleSubject *subject, int64_t now_s)
{
    const Rule *rule = rules_suspension(rules, subject, now_s);

    return rule != NULL ? rule->number : 0;
}

/* A rule, a recipient, and whether the one holds the other. */
static const struct {
    RuleObject object;
    const char *name;
    RuleSubject subject;
    bool holds;
} matches[] = {
    {RULE_ALL,         "",             {"smtp", NULL, NULL, NULL},               true },
    {RULE_ALL,         "",             {"retry", NULL, NULL, "a.test"},          false},
    {RULE_ALL,         "",             {"error", NULL, NULL, "a.test"},          false},
    {RULE_ALL,         "",             {"Bounce", NULL, NULL, "a.test"},         false},
    {RULE_TRANSPORT,   "smtp",         {"smtp", "a.test", "a.test", "a.test"},   true },
    {RULE_TRANSPORT,   "smtp",         {"relay", "smtp", "smtp", "smtp"},        false},
    {RULE_DESTINATION, "a.test",       {"smtp", "a.test", "a.test", "other"},    true },
    {RULE_DESTINATION, "A.Test",       {"smtp", "a.test", NULL, NULL},           true },
    {RULE_DESTINATION, "[gw.test]:25", {"relay", NULL, "[GW.test]:25", NULL},    true },
    {RULE_DESTINATION, "gw.test",      {"smtp", "joe@gw.test", "gw.test", NULL}, true },
    {RULE_DESTINATION, "joe@gw.test",  {"smtp", "joe@gw.test", "gw.test", NULL}, true },
    {RULE_DESTINATION, "jim@gw.test",  {"smtp", "joe@gw.test", "gw.test", NULL}, false},
    {RULE_DESTINATION, "a.test",       {"retry", "a.test", "a.test", NULL},      false},
    {RULE_DOMAIN,      "a.test",       {"smtp", "relay", "relay", "a.test"},     true },
    {RULE_DOMAIN,      "a.test",       {"smtp", "relay", "relay", "A.TEST"},     true },
    {RULE_DOMAIN,      "a.test",       {"smtp", "a.test", "a.test", "b.test"},   false},
    {RULE_DOMAIN,      "a.test",       {"smtp", NULL, NULL, "sub.a.test"},       false},
    {RULE_DOMAIN,      "a.test",       {"smtp", NULL, NULL, ""},                 false},
    {RULE_DOMAIN,      ".a.test",      {"smtp", NULL, NULL, "sub.a.test"},       true },
    {RULE_DOMAIN,      ".a.test",      {"smtp", NULL, NULL, "x.sub.A.test"},     true },
    {RULE_DOMAIN,      ".a.test",      {"smtp", NULL, NULL, "a.test"},           false},
    {RULE_DOMAIN,      ".a.test",      {"smtp", NULL, NULL, "ba.test"},          false},
    {RULE_DOMAIN,      ".test",        {"smtp", NULL, NULL, "sub.a.test"},       true },
    {RULE_DOMAIN,      "a.test",       {"error", NULL, NULL, "a.test"},          false},
};

START_TEST(rule_holds_what_it_is_about)
{
    uint32_t number = put(matches[_i].object, matches[_i].name, NOW_S + 1);

    ck_assert_uint_eq(number_for(&matches[_i].subject, NOW_S), matches[_i].holds ? number : 0);
}
END_TEST

START_TEST(rule_holds_until_its_end)
{
    const RuleSubject subject = {.transport = "smtp", .domain = "a.test"};
    uint32_t number = put(RULE_DOMAIN, "a.test", NOW_S);

    ck_assert_uint_eq(number_for(&subject, NOW_S - 1), number);
    ck_assert_uint_eq(number_for(&subject, NOW_S), 0);
    ck_assert_uint_eq(rules_first_to_end(rules)->number, number);
}
END_TEST

START_TEST(of_several_the_last_to_end_holds)
{
    const RuleSubject subject = {.transport = "smtp", .domain = "x.a.test"};
    uint32_t all = put(RULE_ALL, "", NOW_S + 5), sub = put(RULE_DOMAIN, ".a.test", NOW_S + 9);
    uint32_t smtp = put(RULE_TRANSPORT, "smtp", NOW_S + 9);

    ck_assert_uint_lt(sub, smtp);
    ck_assert_uint_eq(number_for(&subject, NOW_S), sub);
    ck_assert(rules_remove(rules, sub));
    ck_assert_uint_eq(number_for(&subject, NOW_S), smtp);
    ck_assert(rules_remove(rules, smtp));
    ck_assert_uint_eq(number_for(&subject, NOW_S), all);
}
END_TEST

START_TEST(the_same_again_keeps_the_number)
{
    uint32_t number = put(RULE_DOMAIN, "a.test", NOW_S + 5);
    Rule again = suspension(RULE_DOMAIN, "A.TEST", RULE_FOREVER);
    const Rule *kept;

    again.reason = "other";
    again.number = 99; /* of somebody who is mistaken */
    kept = rules_put(rules, &again);
    ck_assert_uint_eq(kept->number, number);
    ck_assert_str_eq(kept->name, "a.test");
    ck_assert_str_eq(kept->reason, "other");
    ck_assert_ptr_null(rules_first_to_end(rules));
    ck_assert_uint_eq(rules_count(rules), 1);
}
END_TEST

START_TEST(a_number_is_never_given_twice)
{
    uint32_t first = put(RULE_DOMAIN, "a.test", RULE_FOREVER);
    Rule thief = suspension(RULE_DOMAIN, "b.test", RULE_FOREVER);
    Rules *copy;

    thief.number = first;
    ck_assert_ptr_null(rules_put(rules, &thief));
    ck_assert(rules_remove(rules, first));
    ck_assert(!rules_remove(rules, first));
    copy = rules_copy(rules);
    rules_take(rules, copy);
    ck_assert_uint_eq(put(RULE_DOMAIN, "a.test", RULE_FOREVER), first + 1);
}
END_TEST

START_TEST(numbers_end)
{
    Rule last = suspension(RULE_DOMAIN, "a.test", RULE_FOREVER);
    Rule more = suspension(RULE_DOMAIN, "b.test", RULE_FOREVER);

    last.number = RULE_NUMBER_LAST;
    ck_assert_ptr_nonnull(rules_put(rules, &last));
    ck_assert(rules_remove(rules, RULE_NUMBER_LAST));
    ck_assert_ptr_null(rules_put(rules, &more));
}
END_TEST

START_TEST(there_are_rules_max_at_most)
{
    Rule more = suspension(RULE_DOMAIN, "more.test", NOW_S);

    for (int i = 0; i < RULES_MAX; i++) {
        g_autofree char *name = g_strdup_printf("d%d.test", i);

        (void)put(RULE_DOMAIN, name, NOW_S + i);
    }
    ck_assert_ptr_null(rules_put(rules, &more));
    more.name = "d0.test";
    ck_assert_ptr_nonnull(rules_put(rules, &more));
    ck_assert(rules_remove(rules, rules_at(rules, 5)->number));
    more.name = "more.test";
    ck_assert_ptr_nonnull(rules_put(rules, &more));
}
END_TEST

/* 10,000 labels: a walk that took each of them for a name would take seconds. */
START_TEST(hostile_domain_costs_no_more_than_a_real_one)
{
    g_autofree char *domain = g_malloc(2 * 100000 + 1);
    RuleSubject subject = {.transport = "smtp", .domain = domain};
    uint32_t number = put(RULE_DOMAIN, ".a.a", RULE_FOREVER);

    for (size_t i = 0; i < 100000; i++)
        memcpy(domain + 2 * i, "a.", 3);
    domain[2 * 100000 - 1] = '\0';
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(number_for(&subject, 0), number);
}
END_TEST

static const struct {
    RuleObject object;
    const char *name, *reason;
    int64_t end_s;
} faults[] = {
    {RULE_ALL,         "x",      "r",         1 },
    {RULE_DOMAIN,      "",       "r",         1 },
    {RULE_DOMAIN,      ".",      "r",         1 },
    {RULE_DESTINATION, "",       "r",         1 },
    {RULE_DESTINATION, "a\nb",   "r",         1 },
    {RULE_TRANSPORT,   "retry",  "r",         1 },
    {RULE_TRANSPORT,   "error",  "r",         1 },
    {RULE_TRANSPORT,   "BOUNCE", "r",         1 },
    {RULE_TRANSPORT,   "defer",  "r",         1 },
    {RULE_DOMAIN,      "a.test", "",          1 },
    {RULE_DOMAIN,      "a.test", "  ",        1 },
    {RULE_DOMAIN,      "a.test", "a\nb",      1 },
    {RULE_DOMAIN,      "a.test", "M\303\274", 1 },
    {RULE_DOMAIN,      "a.test", "r",         0 },
    {RULE_DOMAIN,      "a.test", "r",         -1},
};

START_TEST(rule_with_a_fault_is_told_so)
{
    Rule rule = suspension(faults[_i].object, faults[_i].name, faults[_i].end_s);

    rule.reason = faults[_i].reason;
    ck_assert_ptr_nonnull(rule_fault(&rule));
}
END_TEST

START_TEST(lengths_are_bounded)
{
    g_autofree char *name = g_strnfill(RULE_DOMAIN_MAX_BYTES + 1, 'a');
    g_autofree char *reason = g_strnfill(RULE_REASON_MAX_BYTES + 1, 'a');
    Rule rule = suspension(RULE_DOMAIN, name, 1);

    ck_assert_ptr_nonnull(rule_fault(&rule));
    rule.name++;
    ck_assert_ptr_null(rule_fault(&rule));
    rule.reason = reason;
    ck_assert_ptr_nonnull(rule_fault(&rule));
    rule.reason++;
    ck_assert_ptr_null(rule_fault(&rule));
}
END_TEST

static const struct {
    const char *text;
    uint32_t number;
} texts[] = {
    {"4.3.2 delivery suspended by administrator (#7): x",             7         },
    {"delivery suspended by administrator (#4294967295): x",          4294967295},
    {"delivery suspended by administrator (#4294967296): x",          0         },
    {"delivery suspended by administrator (#): x",                    0         },
    {"delivery suspended by administrator (#7)",                      0         },
    {"5.3.2 delivery suspended by administrator (#7): x",             0         },
    {"host a.test said: delivery suspended by administrator (#7): x", 0         },
    {"",                                                              0         },
};

START_TEST(number_is_found_in_the_text_of_a_suspension)
{
    ck_assert_uint_eq(rule_number_in_text(texts[_i].text), texts[_i].number);
}
END_TEST

START_TEST(text_names_rule_and_reason)
{
    Rule rule = suspension(RULE_ALL, "", 1);
    g_autofree char *text = NULL;

    rule.number = 42;
    text = rule_suspension_text(&rule);
    ck_assert_str_eq(text, "delivery suspended by administrator (#42): block");
    ck_assert_uint_eq(rule_number_in_text(text), 42);
}
END_TEST

/* ---- against a plain model ---- */

#define MODEL_NAMES 12
#define STEPS       20000

typedef struct Model {
    uint32_t numbers[MODEL_NAMES]; /* 0: no rule */
    int64_t ends_s[MODEL_NAMES];
} Model;

static const char *const model_names[MODEL_NAMES] = {
    "a", "b", "b.a", ".a", "c.b.a", ".b.a", "d.c.b.a", ".c.b.a", "e", ".e", "f.e", ".f.e"};

static bool model_matches(const char *name, const char *domain)
{
    return name[0] == '.' ? g_str_has_suffix(domain, name) : g_str_equal(name, domain);
}

static uint32_t model_find(const Model *model, const char *domain, int64_t now_s)
{
    uint32_t best = 0;
    int64_t best_end_s = 0;

    for (int i = 0; i < MODEL_NAMES; i++) {
        int64_t end_s = model->ends_s[i];

        if (model->numbers[i] == 0 || end_s <= now_s || !model_matches(model_names[i], domain))
            continue;
        if (end_s > best_end_s || (end_s == best_end_s && model->numbers[i] < best)) {
            best = model->numbers[i];
            best_end_s = end_s;
        }
    }
    return best;
}

static void change_at_random(Model *model, GRand *random)
{
    int place = g_rand_int_range(random, 0, MODEL_NAMES);

    if (g_rand_boolean(random)) {
        model->ends_s[place] =
            g_rand_int_range(random, 0, 4) == 0 ? RULE_FOREVER : g_rand_int_range(random, 1, 50);
        model->numbers[place] = put(RULE_DOMAIN, model_names[place], model->ends_s[place]);
    } else {
        ck_assert(rules_remove(rules, model->numbers[place]) == (model->numbers[place] != 0));
        model->numbers[place] = 0;
    }
}

START_TEST(random_changes_agree_with_the_model)
{
    static const char *const domains[] = {"a", "b.a", "c.b.a", "d.c.b.a", "x.d.c.b.a", "f.e", "z"};
    Model model = {0};
    GRand *random = g_rand_new_with_seed(20261129);

    for (int step = 0; step < STEPS; step++) {
        RuleSubject subject = {.transport = "smtp", .destination = "h", .nexthop = "h"};
        int64_t now_s = g_rand_int_range(random, 0, 50);

        change_at_random(&model, random);
        subject.domain = domains[g_rand_int_range(random, 0, G_N_ELEMENTS(domains))];
        ck_assert_uint_eq(number_for(&subject, now_s), model_find(&model, subject.domain, now_s));
        if (step % 16 == 0)
            rules_check(rules);
        if (step % 512 == 0)
            rules_take(rules, rules_copy(rules));
    }
    g_rand_free(random);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rules");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, rule_holds_what_it_is_about, 0, G_N_ELEMENTS(matches));
    tcase_add_test(tcase, rule_holds_until_its_end);
    tcase_add_test(tcase, of_several_the_last_to_end_holds);
    tcase_add_test(tcase, the_same_again_keeps_the_number);
    tcase_add_test(tcase, a_number_is_never_given_twice);
    tcase_add_test(tcase, numbers_end);
    tcase_add_test(tcase, there_are_rules_max_at_most);
    tcase_add_test(tcase, hostile_domain_costs_no_more_than_a_real_one);
    tcase_add_loop_test(tcase, rule_with_a_fault_is_told_so, 0, G_N_ELEMENTS(faults));
    tcase_add_test(tcase, lengths_are_bounded);
    tcase_add_loop_test(tcase, number_is_found_in_the_text_of_a_suspension, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, text_names_rule_and_reason);
    tcase_add_test(tcase, random_changes_agree_with_the_model);
    return run_suite("policy/rules", tcase, NULL);
}

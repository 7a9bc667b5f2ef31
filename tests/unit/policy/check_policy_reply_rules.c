#include "policy/reply_rules.h"
#include "tests/support/runner.h"

/* ---- what a rule does ---- */

/* clang-format off */
static const struct {
    const char *text, *fault, *again; /* again: as it is printed, if not as it was */
} actions[] = {
    {"slow 1/2 floor 6/1m", NULL, NULL},
    {"slow 3/4 floor 100/1h", NULL, NULL},
    {"slow  1/2", NULL, "slow 1/2 floor 1/1d"},
    {"concurrency 1/2 floor 2", NULL, NULL},
    {"concurrency 9/10", NULL, "concurrency 9/10 floor 1"},
    {"suspend 3h", NULL, NULL},
    {"suspend 90m", NULL, NULL},
    {"suspend 120m", NULL, "suspend 2h"},
    {"suspend 7d", NULL, NULL},
    {"suspend", "an action is", NULL},
    {"suspend 59s", "a suspension lasts 1m to 7d, as in suspend 3h", NULL},
    {"suspend 8d", "a suspension lasts 1m to 7d, as in suspend 3h", NULL},
    {"suspend 3", "a suspension lasts 1m to 7d, as in suspend 3h", NULL},
    {"suspend 1h floor 1", "an action is", NULL},
    {"", "an action is", NULL},
    {"slow", "an action is", NULL},
    {"slow 2/2", "an action is", NULL},
    {"slow 3/2", "an action is", NULL},
    {"slow 0/2", "an action is", NULL},
    {"slow 1/", "an action is", NULL},
    {"slow 1/2/3", "an action is", NULL},
    {"slow 1/2 floor", "an action is", NULL},
    {"slow 1/2 above 6/1m", "an action is", NULL},
    {"slow 1/2 floor 6", "a limit is", NULL},
    {"concurrency 1/2 floor 0", "the floor of a concurrency must be a number, 1 to 10000", NULL},
    {"concurrency 1/2 floor 6/1m", "the floor of a concurrency must be a number, 1 to 10000", NULL},
    {"defer", "an action is", NULL},
};

static const struct {
    const char *text;
    int64_t hold_s; /* 0: refused */
} holds[] = {
    {"30m", 1800}, {"10s", 10}, {"24h", 86400}, {"1d", 86400},
    {"9s", 0}, {"25h", 0}, {"30", 0}, {"m", 0}, {"", 0}, {"-1m", 0}, {"1mm", 0}, {"99999999999999999999d", 0},
};

static const struct {
    const char *text;
    unsigned count; /* 0: refused */
    int64_t time_s;
} triggers[] = {
    {"1", 1, 600}, {"2 in 10m", 2, 600}, {"16 in 1d", 16, 86400}, {"3  in 30s", 3, 30},
    {"0", 0, 0}, {"17", 0, 0}, {"2 in", 0, 0}, {"2 within 10m", 0, 0}, {"2 in 10", 0, 0}, {"2 in 0s", 0, 0},
    {"2 in 2d", 0, 0}, {"", 0, 0}, {"two", 0, 0},
};
/* clang-format on */

START_TEST(an_action_is_read_and_printed_or_refused)
{
    ReplyRule rule = {0};
    const char *fault = reply_action_parse(actions[_i].text, &rule);
    g_autofree char *again = NULL;

    if (actions[_i].fault != NULL) {
        ck_assert_ptr_nonnull(fault);
        ck_assert_msg(g_str_has_prefix(fault, actions[_i].fault), "%s", fault);
        return;
    }
    ck_assert_pstr_eq(fault, NULL);
    again = reply_action_format(&rule);
    ck_assert_str_eq(again, actions[_i].again != NULL ? actions[_i].again : actions[_i].text);
}
END_TEST

START_TEST(a_hold_time_is_read_or_refused)
{
    LevelStep step = {.hold_s = 7};

    ck_assert_int_eq(reply_hold_parse(holds[_i].text, &step) == NULL, holds[_i].hold_s != 0);
    ck_assert_int_eq(step.hold_s, holds[_i].hold_s != 0 ? holds[_i].hold_s : 7);
}
END_TEST

START_TEST(a_trigger_is_read_or_refused)
{
    LevelStep step = {.trigger_count = 7, .trigger_s = 7};

    ck_assert_int_eq(reply_trigger_parse(triggers[_i].text, &step) == NULL,
                     triggers[_i].count != 0);
    ck_assert_uint_eq(step.trigger_count, triggers[_i].count != 0 ? triggers[_i].count : 7);
    ck_assert_int_eq(step.trigger_s, triggers[_i].count != 0 ? triggers[_i].time_s : 7);
}
END_TEST

/* ---- which answers ---- */

static const struct {
    const char *pattern, *status, *text;
    bool matches;
} answers[] = {
    {"4.7.28",            "4.7.28",  "",                               true },
    {"4.7.28",            "4.7.280", "",                               false},
    {"4.7.2",             "4.7.28",  "",                               false},
    {"4.7.",              "4.7.28",  "",                               true },
    {"4.7.",              "4.70.1",  "",                               false},
    {"4.",                "4.2.1",   "",                               true },
    {"4.",                "5.7.1",   "",                               false},
    {"4.7.28",            "",        "421 4.7.28 Try again",           false},
    {"/[TS04]/",          "4.0.0",   "421 4.7.0 [TS04] Messages from", true },
    {"/too many/",        "4.0.0",   "Too MANY connections",           true },
    {"/too*connections/", "4.0.0",   "too many open connections here", true },
    {"/too*connections/", "4.0.0",   "connections: too many",          false},
    {"/a.c/",             "4.0.0",   "abc",                            false},
};

START_TEST(a_pattern_matches_a_status_or_a_text)
{
    ReplyRules *rules = reply_rules_new();

    (void)reply_rules_add(rules, "only", 3);
    ck_assert_pstr_eq(reply_rules_add_pattern(rules, answers[_i].pattern), NULL);
    reply_rules_seal(rules);
    ck_assert_int_eq(reply_rules_match(rules, NULL, answers[_i].status, answers[_i].text) != NULL,
                     answers[_i].matches);
    reply_rules_free(rules);
}
END_TEST

static const char *const bad_patterns[] = {"",      "4",      "4.7",     "4.7.2800", "4..1",
                                           "2.1.0", "40.1.1", "busy",    "//",       "/",
                                           "/ * /", "/a",     "4.7.28.", "4.7.x"};

START_TEST(a_pattern_that_is_none_is_refused)
{
    ReplyRules *rules = reply_rules_new();
    g_autofree char *long_one = g_strnfill(REPLY_PATTERN_MAX_BYTES + 1, '/');

    (void)reply_rules_add(rules, "only", 3);
    ck_assert_ptr_nonnull(reply_rules_add_pattern(rules, bad_patterns[_i]));
    ck_assert_ptr_nonnull(reply_rules_add_pattern(rules, long_one));
    reply_rules_free(rules);
}
END_TEST

START_TEST(only_the_beginning_of_a_text_is_looked_at)
{
    ReplyRules *rules = reply_rules_new();
    g_autofree char *filler = g_strnfill(REPLY_TEXT_MAX_BYTES - 4, 'x');
    g_autofree char *inside = g_strconcat(filler, "busy", NULL);
    g_autofree char *behind = g_strconcat(filler, "xbusy", NULL);

    (void)reply_rules_add(rules, "only", 3);
    ck_assert_pstr_eq(reply_rules_add_pattern(rules, "/busy/"), NULL);
    reply_rules_seal(rules);
    ck_assert_ptr_nonnull(reply_rules_match(rules, NULL, "", inside));
    ck_assert_ptr_null(reply_rules_match(rules, NULL, "", behind));
    reply_rules_free(rules);
}
END_TEST

/* ---- for whom ---- */

static void add_rule(ReplyRules *rules, const char *name, const char *pattern, const char *site)
{
    (void)reply_rules_add(rules, name, 1);
    ck_assert_pstr_eq(reply_rules_add_pattern(rules, pattern), NULL);
    if (site != NULL)
        reply_rules_add_site(rules, site);
}

static const struct {
    const char *site, *status, *rule;
} winners[] = {
    {"google", "4.7.28", "first"    },
    {"Google", "4.2.1",  "everybody"},
    {"other",  "4.7.28", "everybody"},
    {"yahoo",  "4.7.28", "third"    }, /* in the order of the file, not the special before the general */
    {NULL,     "4.7.28", "everybody"},
    {NULL,     "5.1.1",  NULL       },
    {"google", "5.1.1",  "last"     },
};

START_TEST(the_first_rule_for_the_site_wins)
{
    ReplyRules *rules = reply_rules_new();
    Site site = {.name = winners[_i].site};
    const ReplyRule *rule;

    add_rule(rules, "first", "4.7.28", "google");
    add_rule(rules, "third", "4.7.28", "YAHOO");
    add_rule(rules, "everybody", "4.", NULL);
    add_rule(rules, "last", "5.", "google");
    reply_rules_seal(rules);
    rule =
        reply_rules_match(rules, winners[_i].site != NULL ? &site : NULL, winners[_i].status, "");
    ck_assert_pstr_eq(rule != NULL ? rule->name : NULL, winners[_i].rule);
    ck_assert_ptr_eq(reply_rules_find(rules, "EVERYBODY"), reply_rules_at(rules, 2));
    ck_assert_str_eq(reply_rules_sites_of(rules, 1)[0], "YAHOO");
    ck_assert_ptr_null(reply_rules_sites_of(rules, 2)[0]);
    reply_rules_free(rules);
}
END_TEST

START_TEST(without_a_rule_for_it_a_site_is_no_concern)
{
    ReplyRules *rules = reply_rules_new();
    Site google = {.name = "google"}, other = {.name = "other"};

    add_rule(rules, "first", "4.7.28", "google");
    reply_rules_seal(rules);
    ck_assert(reply_rules_concern(rules, &google));
    ck_assert(!reply_rules_concern(rules, &other));
    ck_assert(!reply_rules_concern(rules, NULL));
    reply_rules_free(rules);
    reply_rules_free(NULL);
}
END_TEST

START_TEST(a_rule_is_for_the_sites_that_it_names_or_for_all)
{
    ReplyRules *rules = reply_rules_new();
    Site google = {.name = "google"}, yahoo = {.name = "yahoo"}, other = {.name = "other"};

    add_rule(rules, "first", "4.7.28", "google");
    add_rule(rules, "second", "4.7.28", "YAHOO");
    add_rule(rules, "everybody", "4.", NULL);
    reply_rules_seal(rules);
    ck_assert(reply_rules_is_for(rules, 0, &google) && !reply_rules_is_for(rules, 0, &yahoo));
    ck_assert(!reply_rules_is_for(rules, 1, &google) && reply_rules_is_for(rules, 1, &yahoo));
    ck_assert(!reply_rules_is_for(rules, 0, &other) && !reply_rules_is_for(rules, 0, NULL));
    ck_assert(reply_rules_is_for(rules, 2, &google) && reply_rules_is_for(rules, 2, &yahoo));
    ck_assert(reply_rules_is_for(rules, 2, &other) && reply_rules_is_for(rules, 2, NULL));
    reply_rules_free(rules);
}
END_TEST

/* The patterns and sites of two rules; the third is what is asked about. */
static const struct {
    const char *first, *first_site, *second, *second_site, *third, *third_site;
    const char *shadow; /* NULL: it can win */
} shadows[] = {
    {"4.7.",     NULL, "5.",  NULL, "4.7.28",     NULL, "1" },
    {"4.7.28",   NULL, "5.",  NULL, "4.7.28",     "a",  "1" },
    {"4.7.28",   NULL, "5.",  NULL, "4.7.",       NULL, NULL},
    {"4.7.28",   NULL, "5.",  NULL, "4.7.2",      NULL, NULL},
    {"4.",       "a",  "4.",  "b",  "4.7.",       "b",  "2" },
    {"4.",       "a",  "4.",  "b",  "4.7.",       NULL, NULL},
    {"4.",       "A",  "4.",  "c",  "4.7.",       "a",  "1" },
    {"/busy/",   NULL, "4.",  NULL, "/too BUSY/", NULL, "1" },
    {"/busy/",   NULL, "4.",  NULL, "/bus/",      NULL, NULL},
    {"/a*c/",    NULL, "4.",  NULL, "/abbc/",     NULL, "1" },
    {"/a*c/",    NULL, "4.",  NULL, "/a*c/",      NULL, "1" },
    {"/a*c/",    NULL, "4.",  NULL, "/a*b*c/",    NULL, NULL}, /* it cannot be seen */
    {"/4.7.28/", NULL, "/x/", NULL, "4.7.28",     NULL, NULL}, /* the text need not say it */
};

START_TEST(rule_that_can_never_win_is_found)
{
    const char *const patterns[] = {shadows[_i].first, shadows[_i].second, shadows[_i].third};
    const char *const names[] = {"1", "2", "3"};
    const char *const named[] = {shadows[_i].first_site, shadows[_i].second_site,
                                 shadows[_i].third_site};
    ReplyRules *rules = reply_rules_new();
    const ReplyRule *shadow;

    for (int i = 0; i < 3; i++) {
        (void)reply_rules_add(rules, names[i], 1);
        ck_assert_pstr_eq(reply_rules_add_pattern(rules, patterns[i]), NULL);
        if (named[i] != NULL)
            reply_rules_add_site(rules, named[i]);
    }
    reply_rules_seal(rules);
    shadow = reply_rules_shadow(rules, 2);
    ck_assert_pstr_eq(shadow != NULL ? shadow->name : NULL, shadows[_i].shadow);
    ck_assert_ptr_null(reply_rules_shadow(rules, 0));
    reply_rules_free(rules);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("replies");

    tcase_add_loop_test(rows, rule_that_can_never_win_is_found, 0, G_N_ELEMENTS(shadows));
    tcase_add_loop_test(rows, an_action_is_read_and_printed_or_refused, 0, G_N_ELEMENTS(actions));
    tcase_add_loop_test(rows, a_hold_time_is_read_or_refused, 0, G_N_ELEMENTS(holds));
    tcase_add_loop_test(rows, a_trigger_is_read_or_refused, 0, G_N_ELEMENTS(triggers));
    tcase_add_loop_test(rows, a_pattern_matches_a_status_or_a_text, 0, G_N_ELEMENTS(answers));
    tcase_add_loop_test(rows, a_pattern_that_is_none_is_refused, 0, G_N_ELEMENTS(bad_patterns));
    tcase_add_test(rows, only_the_beginning_of_a_text_is_looked_at);
    tcase_add_loop_test(rows, the_first_rule_for_the_site_wins, 0, G_N_ELEMENTS(winners));
    tcase_add_test(rows, without_a_rule_for_it_a_site_is_no_concern);
    tcase_add_test(rows, a_rule_is_for_the_sites_that_it_names_or_for_all);
    return run_suite("policy/reply_rules", rows, NULL);
}

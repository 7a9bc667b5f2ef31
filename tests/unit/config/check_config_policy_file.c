#include <string.h>

#include "config/policy_file.h"
#include "policy/reply_rules.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/runner.h"

#define RATE_FORM "a limit is NUMBER/TIME or NUMBER/TIME burst NUMBER, as in 100/1m"
#define KNOWN                                                                                     \
    "known are transport, domain, destination, concurrency, rate, recipient_rate, shared, ramp, " \
    "retry, jitter, lifetime, bounce_lifetime, active_share, read_bounces"
#define NOT_YET "not yet: this release of eqmgr does not know it"
#define REPLY   "[reply r]\nmatch = 4.7.\naction = slow 1/2\n"
#define PATTERN                                                                     \
    "a pattern is a status as 4.7.28, the beginning of some as 4.7., or a text as " \
    "/too many connections/"
#define INDENT "what follows is not indented, for that continues a line"
#define WORDS  "a word is a name, .DOMAIN for subdomains, or has '*' in it; '!' before it excludes"

static Sites *parse(const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autofree char *path = policy_fixture_path("policy");

    return policy_file_parse(path, bytes, policy_fixture.settings, policy_fixture.errors,
                             policy_fixture.warnings);
}

/* All texts in one, each ended by a newline, without the directory. */
static char *joined(const GPtrArray *texts)
{
    GString *all = g_string_new(NULL);
    g_autofree char *prefix = g_strconcat(policy_fixture.directory, "/", NULL);

    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(all, "%s\n", (const char *)texts->pdata[i]);
    (void)g_string_replace(all, prefix, "", 0);
    return g_string_free(all, FALSE);
}

/* ---- what a file says ---- */

static const char good[] = "# providers\n"
                           "[site google]\n"
                           "transport = smtp smtp-bulk\n"
                           "domain = $big,\n"
                           "# a comment inside\n"
                           "        .google.example\n"
                           "\n"
                           "concurrency = 10\n"
                           "rate = 100/1m burst 4\n"
                           "shared = Yes\n"
                           "[ site  warm ]\n"
                           "destination = [10.0.0.1]:*\n"
                           "recipient_rate = 2000/1h\n"
                           "ramp = 2026-12-01 50/1d x2 each 2d to 20000/1d\n"
                           "shared = over-transports\n"
                           "retry = 15m 30m 1h 2h\n"
                           "jitter = 10\n"
                           "lifetime = 2d\n"
                           "bounce_lifetime = 6h\n"
                           "[site rest]\n"
                           "destination = *\n"
                           "active_share = 20\n";

START_TEST(a_file_is_read_as_main_cf_is)
{
    Sites *sites = parse(good);
    g_autofree char *told = joined(policy_fixture.errors);
    const Site *google, *warm;

    ck_assert_str_eq(told, "");
    ck_assert_ptr_nonnull(sites);
    ck_assert_uint_eq(policy_fixture.warnings->len, 1); /* of jitter */
    ck_assert_uint_eq(sites_count(sites), 3);
    google = sites_match(sites, "smtp", "GoogleMail.com");
    ck_assert_str_eq(google->name, "google");
    ck_assert_uint_eq(google->line, 2);
    ck_assert_int_eq(google->concurrency, 10);
    ck_assert_uint_eq(google->setting_lines[SITE_CONCURRENCY], 8);
    ck_assert_int_eq(google->rate.count, 100);
    ck_assert_uint_eq(google->setting_lines[SITE_RATE], 9);
    ck_assert_uint_eq(google->setting_lines[SITE_RECIPIENT_RATE], 0);
    ck_assert_int_eq(google->shared, SITE_SHARED_YES);
    ck_assert_ptr_eq(sites_match(sites, "smtp-bulk", "a.google.example"), google);
    ck_assert_str_eq(sites_match(sites, "relay", "gmail.com")->name, "rest");
    warm = sites_match(sites, "relay", "[10.0.0.1]:2525");
    ck_assert_str_eq(warm->name, "warm");
    ck_assert_int_eq(warm->recipient_rate.count, 2000);
    ck_assert_int_eq(warm->shared, SITE_SHARED_OVER_TRANSPORTS);
    ck_assert_int_eq(warm->ramp.to_count, 20000);
    ck_assert_uint_eq(warm->retry.schedule.count, 4);
    ck_assert_int_eq(warm->retry.schedule.waits_s[3], 7200);
    ck_assert_int_eq(warm->retry.jitter_percent, 10);
    ck_assert_int_eq(warm->retry.lifetime_s, 172800);
    ck_assert_int_eq(warm->retry.bounce_lifetime_s, 21600);
    ck_assert_uint_eq(warm->setting_lines[SITE_BOUNCE_LIFETIME], 19);
    ck_assert_int_eq(sites_match(sites, "relay", "gmail.com")->active_share, 20);
    ck_assert(sites_have_shares(sites));
    ck_assert(retry_plan_is_none(&google->retry));
    sites_free(sites);
}
END_TEST

START_TEST(an_empty_file_has_no_sections)
{
    Sites *sites = parse("\n# nothing\n");

    ck_assert_ptr_nonnull(sites);
    ck_assert_uint_eq(sites_count(sites), 0);
    ck_assert_ptr_null(sites_match(sites, "smtp", "a.test"));
    sites_free(sites);
}
END_TEST

/* traffic.md 1 */
static const char replies[] = "[site google]\n"
                              "domain = gmail.com\n"
                              "[reply gmail-rate]\n"
                              "site = google\n"
                              "match = 4.7.28, /unusual rate, of mail/\n"
                              "action = slow 1/2 floor 6/1m\n"
                              "hold = 30m\n"
                              "scope = transport\n"
                              "[reply ms-connections]\n"
                              "match = 4.7.652\n"
                              "trigger = 2 in 10m\n"
                              "action = concurrency 1/2 floor 1\n"
                              "site = microsoft\n"
                              "[site microsoft]\n"
                              "domain = outlook.com\n";

START_TEST(sections_of_replies_are_read)
{
    Sites *sites = parse(replies);
    g_autofree char *told = joined(policy_fixture.errors);
    const Site *google;
    const ReplyRule *rule;

    ck_assert_str_eq(told, "");
    ck_assert_uint_eq(reply_rules_count(sites_replies(sites)), 2);
    google = sites_find(sites, "google");
    rule = reply_rules_match(sites_replies(sites), google, "4.2.1", "an Unusual rate, of mail");
    ck_assert_str_eq(rule->name, "gmail-rate");
    ck_assert_uint_eq(rule->line, 3);
    ck_assert_int_eq(rule->step.kind, LEVEL_RATE);
    ck_assert_int_eq(rule->step.hold_s, 1800);
    ck_assert(rule->is_for_transport);
    ck_assert(reply_rules_slow_transports(sites_replies(sites)));
    ck_assert_uint_eq(rule->step.trigger_count, 1);
    ck_assert_ptr_null(reply_rules_match(sites_replies(sites), google, "4.7.652", ""));
    rule = reply_rules_match(sites_replies(sites), sites_find(sites, "microsoft"), "4.7.652", "");
    ck_assert_str_eq(rule->name, "ms-connections");
    ck_assert_uint_eq(rule->step.trigger_count, 2);
    ck_assert(!rule->is_for_transport);
    ck_assert_int_eq(rule->step.kind, LEVEL_CONCURRENCY);
    sites_free(sites);
}
END_TEST

/* ---- errors: all of them at once ---- */

/* clang-format off */
static const struct {
    const char *text, *told;
} bad[] = {
    {"concurrency = 5\n", "policy, line 1: concurrency: no [site NAME] stands before it\n"},
    {"[site a\ndomain = a.test\n", "policy, line 1: \"[site a\": a section begins with a line [site NAME]; " INDENT "\n"},
    {"[site a] b\n", "policy, line 1: \"[site a] b\": a section begins with a line [site NAME]; " INDENT "\n"},
    {"[site a]\n  domain = a.test\n", "policy, line 1: \"[site a]  domain = a.test\": a section begins with a line [site NAME]; " INDENT "\n"},
    {"[site]\ndomain = a\n", "policy, line 1: [site ]: the name of a section must have 1 to 64 bytes\n"},
    {"[site a/b]\n", "policy, line 1: [site a/b]: the name of a section has letters, digits, '-', '_' and '.' only\n"},
    {"[sites a]\nx\n", "policy, line 1: [sites a]: there is no such section; known are [site NAME] and [reply NAME]\n"},
    {"[class bulk]\nweight = 10\n[class b]\n", "policy, line 1: [class bulk]: " NOT_YET "\npolicy, line 3: [class b]: " NOT_YET "\n"},
    {"[reply r]\n", "policy, line 1: [reply r]: it has no match: say which answers it is for\npolicy, line 1: [reply r]: it has no action and no retry: say what such an answer does\n"},
    {"[reply r]\nmatch = 4.2.2\nretry = 5\nhold = 1h\n",
     "policy, line 3: [reply r]: retry = 5: a schedule is one time or more, as in 5m 15m 1h 4h: the last one is repeated\n"
     "policy, line 1: [reply r]: hold: it has no action for which that could hold\n"},
    {"[reply r]\nmatch = 4.2.2\nretry = 5m\ntrigger = 2\nscope = site\nstatus = 4.2.2\n",
     "policy, line 6: [reply r]: status: there is no such name; known are site, match, action, hold, trigger, scope, retry\n"
     "policy, line 1: [reply r]: trigger: it has no action for which that could hold\n"
     "policy, line 1: [reply r]: scope: it has no action for which that could hold\n"},
    {REPLY "[reply R]\nmatch = x\n", "policy, line 4: [reply R]: another one of this name is in line 1\n"},
    {"[reply r/]\n", "policy, line 1: [reply r/]: the name of a section has letters, digits, '-', '_' and '.' only\n"},
    {REPLY "hold = 5s\ntrigger = 0\nscope = flow\nretry = 5m\nfloor = 1\nhold = 1h\n",
     "policy, line 4: [reply r]: hold = 5s: it must be a time with its unit, 10s to 24h, as in 30m\n"
     "policy, line 5: [reply r]: trigger = 0: a trigger is a number of answers, 1 to 16, and a time up to 24h, as in 2 in 10m\n"
     "policy, line 6: [reply r]: scope = flow: " NOT_YET "\n"
     "policy, line 8: [reply r]: floor: there is no such name; known are site, match, action, hold, trigger, scope, retry\n"
     "policy, line 9: [reply r]: hold: it stands in line 4 already\n"},
    {"[reply r]\nmatch = 4.7.28 busy, /a b/ /c\naction = slow 2/1\n",
     "policy, line 2: [reply r]: match: \"busy\": " PATTERN "\n"
     "policy, line 2: [reply r]: match: \"/c\": " PATTERN "\n"
     "policy, line 3: [reply r]: action = slow 2/1: an action is \"slow A/B floor RATE\", \"concurrency A/B floor N\" or \"suspend TIME\", as slow 3/4 floor 6/1m\n"},
    {REPLY "scope = all\n", "policy, line 4: [reply r]: scope = all: it must be site or transport\n"},
    {"[reply r]\nmatch =\naction = suspend 3\nsite =\n",
     "policy, line 2: [reply r]: match: there is no pattern in it\n"
     "policy, line 3: [reply r]: action = suspend 3: a suspension lasts 1m to 7d, as in suspend 3h\n"
     "policy, line 4: [reply r]: site: there is no word in it: leave the line out for all destinations\n"},
    {REPLY "site = a, b\n[site b]\ndomain = b.test\n", "policy, line 4: [reply r]: site: there is no [site a]\n"},
    {"[site a]\ndomain = a.test\n[site A]\ndomain = b.test\n", "policy, line 3: [site A]: another one of this name is in line 1\n"},
    {"[site a]\n", "policy, line 1: [site a]: it has no condition: say transport, domain or destination; \"destination = *\" are all\n"},
    {"[site a]\ndomain\n", "policy, line 2: [site a]: missing '=' after attribute name: \"domain\"\npolicy, line 1: [site a]: it has no condition: say transport, domain or destination; \"destination = *\" are all\n"},
    {"[site a]\ndomain = a.test\nread_bounces = 1\n", "policy, line 3: [site a]: read_bounces = 1: it must be yes or no\n"},
    {"[site a]\ndomain = a.test\nmx = .a.test\n", "policy, line 3: [site a]: mx: " NOT_YET "\n"},
    {"[site a]\ndomain = a.test\nconnections = 5\n", "policy, line 3: [site a]: connections: there is no such name; " KNOWN "\n"},
    {"[site a]\ndomain = a.test\ndomain = b.test\n", "policy, line 3: [site a]: domain: it stands in line 2 already\n"},
    {"[site a]\ndomain = a.test\nrate = 1/1s\nrate = 1/1s\n", "policy, line 4: [site a]: rate: it stands in line 3 already\n"},
    {"[site a]\ndomain =\n", "policy, line 2: [site a]: domain: there is no word in it: leave the line out, or say *\n"},
    {"[site a]\ndomain = $nothing\n", "policy, line 2: [site a]: domain: there is no word in it: leave the line out, or say *\n"},
    {"[site a]\ndomain = /a.test/ b.test\n", "policy, line 2: [site a]: domain: \"/a.test/\": " WORDS "\n"},
    {"[site a]\ndomain = [a.test]:25\n", "policy, line 2: [site a]: domain: \"[a.test]:25\": a domain has no brackets, port or '@': say destination = for a nexthop\n"},
    {"[site a]\ntransport = retry\n", "policy, line 2: [site a]: transport: \"retry\": retry and error have no sites\n"},
    {"[site a]\ndomain = !\n", "policy, line 2: [site a]: domain: \"!\": a word must have 1 to 255 bytes\n"},
    {"[site a]\ndomain = b\303\274.test\n", "policy, line 2: [site a]: domain: \"b\303\274.test\": a word is printable ASCII; a domain is written as in DNS (xn--...)\n"},
    {"[site a]\ndomain = *\nconcurrency = 0\nrate = 100\nshared = maybe\nramp = soon\n",
     "policy, line 3: [site a]: concurrency = 0: it must be a number, 1 to 10000\n"
     "policy, line 4: [site a]: rate = 100: " RATE_FORM "\n"
     "policy, line 5: [site a]: shared = maybe: it must be no, yes or over-transports\n"
     "policy, line 6: [site a]: ramp = soon: a ramp is DATE RATE xFACTOR each TIME to RATE, as in 2026-12-01 50/1d x2 each 2d to 20000/1d\n"
     "policy, line 1: [site a]: it has a rate and a ramp: say one of them\n"},
    {"[site a]\ndomain = a.test\n rate = 1/1s\n", "policy, line 2: [site a]: domain: \"=\": a word has no '='; a line that begins with white space continues the one before\n"},
    {"[site a]\ndomain = *\nretry = 5\njitter = 51\nlifetime = 101d\nbounce_lifetime = long\n",
     "policy, line 3: [site a]: retry = 5: a schedule is one time or more, as in 5m 15m 1h 4h: the last one is repeated\n"
     "policy, line 4: [site a]: jitter = 51: jitter is a number of percent, 0 to 50\n"
     "policy, line 5: [site a]: lifetime = 101d: a lifetime must be 0 to 100d\n"
     "policy, line 6: [site a]: bounce_lifetime = long: a lifetime is a time, as in 2d, or 0: one attempt\n"},
    {"[site a]\ndomain = *\nactive_share = 101\n", "policy, line 3: [site a]: active_share = 101: it must be a number of percent, 0 to 100\n"},
    {"[site a]\ndomain = *\nactive_share = 5%\n", "policy, line 3: [site a]: active_share = 5%: it must be a number of percent, 0 to 100\n"},
    {"[site a]\ndomain = *\nconcurrency = 10001\n", "policy, line 3: [site a]: concurrency = 10001: it must be a number, 1 to 10000\n"},
    {"[site a]\ndomain = *\nrate = 1/1s\nramp = 2026-12-01 50/1d x2 each 2d to 20000/1d\n", "policy, line 1: [site a]: it has a rate and a ramp: say one of them\n"},
    {"[site a]\ndomain = file:missing\n", "policy, line 2: [site a]: domain: open missing: No such file or directory\n"},
    {"[site a]\ndomain = *\nconcurrency = ${x\n", NULL}, /* the text is of main.cf's reader */
    {"[site a]\ndomain = $loop\n", NULL},
};
/* clang-format on */

START_TEST(all_errors_are_told_with_what_would_be_right)
{
    g_autofree char *told = NULL;

    ck_assert_ptr_null(parse(bad[_i].text));
    told = joined(policy_fixture.errors);
    if (bad[_i].told != NULL)
        ck_assert_str_eq(told, bad[_i].told);
    ck_assert(g_str_has_prefix(told, "policy, line "));
}
END_TEST

START_TEST(a_nul_byte_is_an_error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("[site a]\ndomain = a\0b\n", 22);

    ck_assert_ptr_null(policy_file_parse("policy", bytes, policy_fixture.settings,
                                         policy_fixture.errors, policy_fixture.warnings));
    ck_assert_str_eq(policy_fixture.errors->pdata[0],
                     "policy, line 2: [site a]: there is a NUL byte in it");
}
END_TEST

START_TEST(errors_without_end_are_not_told)
{
    g_autoptr(GString) text = g_string_new("[site a]\ndomain = *\n");
    const char *last;

    for (int i = 0; i < 300; i++)
        g_string_append_printf(text, "x%d = y\n", i);
    ck_assert_ptr_null(parse(text->str));
    ck_assert_uint_eq(policy_fixture.errors->len, POLICY_FILE_ERRORS_MAX + 1);
    last = policy_fixture.errors->pdata[POLICY_FILE_ERRORS_MAX];
    ck_assert(g_str_has_suffix(last, "policy: there are more errors"));
}
END_TEST

START_TEST(sites_without_end_that_are_missing_are_not_told)
{
    g_autoptr(GString) text = g_string_new(REPLY "site =");
    const char *last;

    for (int i = 0; i < 300; i++)
        g_string_append_printf(text, " s%d", i);
    ck_assert_ptr_null(parse(text->str));
    ck_assert_uint_eq(policy_fixture.errors->len, POLICY_FILE_ERRORS_MAX + 1);
    last = policy_fixture.errors->pdata[POLICY_FILE_ERRORS_MAX];
    ck_assert(g_str_has_suffix(last, "policy: there are more errors"));
}
END_TEST

START_TEST(sections_without_end_are_refused)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i <= SITES_MAX; i++)
        g_string_append_printf(text, "[site s%d]\ndomain = d%d.test\n", i, i);
    ck_assert_ptr_null(parse(text->str));
    ck_assert_uint_eq(policy_fixture.errors->len, 1);
    ck_assert(g_str_has_suffix(policy_fixture.errors->pdata[0],
                               "[site s1000]: there can be at most 1000 sections"));
}
END_TEST

/* ---- warnings ---- */

#define HIDDEN_REPLY                                      \
    "[reply a]\nmatch = 4.7. /busy/\naction = slow 1/2\n" \
    "[reply b]\nmatch = 4.7.28 /too Busy now/\naction = slow 1/2\n"
#define HIDDEN_REPLY_TOLD                                                                        \
    "policy, line 4: [reply b] can never match: such answers belong to [reply a] in line 1, or " \
    "one before it\n"

static const struct {
    const char *text, *told;
} doubtful[] = {
    {"[site a]\ndomain = .test\n[site b]\ndomain = x.test y.test\n",
     "policy, line 3: [site b] can never match: what it names belongs to [site a] in line 1, or "
     "one before it\n"                                                                                            },
    {HIDDEN_REPLY,                                                                               HIDDEN_REPLY_TOLD},
    {"[site a]\ndomain = a.test\nshared = yes\n",
     "policy, line 1: [site a]: shared has no effect: no concurrency and no rate is said\n"                       },
    {"[site a]\ndomain = a.test\nconcurrency = 5\nrate = 1/1s\nrecipient_rate = 1/1s\n",         ""               },
    {"[site a]\ndomain = a.test\nramp = 2026-12-01 50/1d x2 each 2d to 60/1d\n",                 ""               },
    {"[site a]\ndomain = a.test\nconcurrency = 5\nshared = yes\n",                               ""               },
    {"[site a]\ndomain = a.test\nactive_share = 5\nshared = yes\n",                              ""               },
    {"[site a]\ndomain = a.test\nshared = yes\n[reply r]\nmatch = 4.7.28\naction = slow 1/2\n",  ""               },
    {"[site a]\ndomain = a.test\nretry = 5m\nlifetime = 6d\nbounce_lifetime = 5d\njitter = 0\n",
     "policy, line 4: [site a]: lifetime is above maximal_queue_lifetime = 5d, and counts\n"                      },
    {"[site a]\ndomain = a.test\njitter = 10\nbounce_lifetime = 6d\n",
     "policy, line 4: [site a]: bounce_lifetime is above bounce_queue_lifetime = 5d, and counts\n"
     "policy, line 3: [site a]: jitter has little effect without eqmgr_retry_exact = yes: a queue "
     "run takes all that is due\n"                                                                                },
    {"[site a]\ndomain = a.test\n[site b]\ndomain = a.test b.test\n",                            ""               },
};

START_TEST(what_has_no_effect_is_warned_of)
{
    Sites *sites = parse(doubtful[_i].text);
    g_autofree char *told = joined(policy_fixture.warnings);

    ck_assert_ptr_nonnull(sites);
    ck_assert_str_eq(told, doubtful[_i].told);
    sites_free(sites);
}
END_TEST

int main(void)
{
    TCase *texts = tcase_create("texts");

    tcase_add_checked_fixture(texts, policy_fixture_set_up, policy_fixture_tear_down);
    tcase_add_test(texts, a_file_is_read_as_main_cf_is);
    tcase_add_test(texts, an_empty_file_has_no_sections);
    tcase_add_test(texts, sections_of_replies_are_read);
    tcase_add_loop_test(texts, all_errors_are_told_with_what_would_be_right, 0, G_N_ELEMENTS(bad));
    tcase_add_test(texts, a_nul_byte_is_an_error);
    tcase_add_test(texts, errors_without_end_are_not_told);
    tcase_add_test(texts, sites_without_end_that_are_missing_are_not_told);
    tcase_add_test(texts, sections_without_end_are_refused);
    tcase_add_loop_test(texts, what_has_no_effect_is_warned_of, 0, G_N_ELEMENTS(doubtful));
    return run_suite("config/policy_file", texts, NULL);
}

#include "src/life/flush_site_internal.h"
#include "tests/support/runner.h"

/* fast_flush_domains as a domain match list (configuration.md 8.2, postconf(5)). */

static const struct {
    const char *patterns, *domain;
    bool exactly, with_parents; /* parent_domain_matches_subdomains does not, does list us */
} cases[] = {
    {"",                             "a.test",     false, false},
    {"a.test",                       "",           false, false},
    {"a.test",                       "a.test",     true,  true },
    {"A.Test",                       "a.tEST",     true,  true },
    {"a.test",                       "b.test",     false, false},
    {"a.test",                       "x.a.test",   false, true },
    {"a.test",                       "xa.test",    false, false},
    {".a.test",                      "x.a.test",   true,  false},
    {".a.test",                      "y.x.a.test", true,  false},
    {".a.test",                      "a.test",     false, false},
    {"b.test, a.test",               "a.test",     true,  true },
    {"b.test\ta.test\n",             "a.test",     true,  true },
    {"!a.test, a.test",              "a.test",     false, false},
    {"a.test, !a.test",              "a.test",     true,  true },
    {"!x.a.test, a.test .a.test",    "x.a.test",   false, false},
    {"!x.a.test, a.test .a.test",    "y.a.test",   true,  true },
    {"!b.test",                      "a.test",     false, false},
    {"!",                            "a.test",     false, false},
    {"hash:/etc/postfix/domains",    "a.test",     true,  true },
    {"/etc/postfix/domains",         "a.test",     true,  true },
    {"!hash:/etc/postfix/domains",   "a.test",     false, false},
    {"!hash:/etc/domains, a.test",   "a.test",     true,  true },
    {"!/etc/postfix/domains a.test", "a.test",     true,  true },
    {"!/etc/postfix/domains a.test", "b.test",     false, false},
    {"!a.test hash:/etc/domains",    "a.test",     false, false},
    {"!a.test hash:/etc/domains",    "b.test",     true,  true },
    {"[1.2.3.4]",                    "[1.2.3.4]",  true,  true },
};

START_TEST(site_matches_as_listed)
{
    g_auto(GStrv) words = flush_site_split(cases[_i].patterns);
    bool exactly = flush_site_matches(words, false, cases[_i].domain);
    bool with_parents = flush_site_matches(words, true, cases[_i].domain);

    ck_assert_msg(exactly == cases[_i].exactly && with_parents == cases[_i].with_parents,
                  "\"%s\" and \"%s\": %d %d", cases[_i].patterns, cases[_i].domain, exactly,
                  with_parents);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");

    tcase_add_loop_test(table, site_matches_as_listed, 0, G_N_ELEMENTS(cases));
    return run_suite("life/flush_site", table, NULL);
}

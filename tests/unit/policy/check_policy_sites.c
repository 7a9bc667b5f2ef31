#include <stdio.h>
#include <string.h>

#include "policy/site.h"
#include "tests/support/runner.h"

/* Sections as text, so that a table can be read: one a line, "NAME
 * TRANSPORTS|DOMAINS|DESTINATIONS". */
static Sites *build(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Sites *sites = sites_new();

    for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
        char *rest = strchr(lines[i], ' ');
        g_auto(GStrv) conditions = NULL;

        *rest++ = '\0';
        (void)sites_add(sites, lines[i], i + 1);
        conditions = g_strsplit(rest, "|", -1);
        ck_assert_uint_eq(g_strv_length(conditions), SITE_CONDITION_COUNT);
        for (SiteCondition j = 0; j < SITE_CONDITION_COUNT; j++) {
            g_auto(GStrv) words = g_strsplit(conditions[j], " ", -1);

            for (char **word = words; *word != NULL; word++)
                ck_assert_pstr_eq(**word != '\0' ? sites_add_word(sites, j, *word) : NULL, NULL);
        }
    }
    sites_seal(sites);
    return sites;
}

#define PROVIDERS                                   \
    "google smtp|gmail.com .google.com|\n"          \
    "olc smtp bulk*|*.olc.example hotmail.com|\n"   \
    "ours |.example !x.example .y.example|\n"       \
    "gw ||[10.0.0.1]:* relay.test:587\n"            \
    "both smtp|host.test|[host.test]:26\n"          \
    "late smtp|gmail.com hotmail.com other.test|\n" \
    "none !smtp|!a.test|\n"                         \
    "rest local|*|\n"

/* clang-format off */
static const struct {
    const char *transport, *nexthop, *name; /* NULL: none */
} lookups[] = {
    {"smtp", "gmail.com", "google"}, {"smtp", "GMail.COM", "google"}, {"SMTP", "gmail.com", "google"},
    {"smtp", "x.gmail.com", NULL}, {"smtp", "google.com", NULL}, {"smtp", "mail.google.com", "google"},
    {"smtp", "a.b.google.com", "google"}, {"smtp", "notgoogle.com", NULL}, {"smtp", ".google.com", "google"},
    {"smtp", "[gmail.com]", "google"}, {"smtp", "[gmail.com]:587", "google"}, {"smtp", "gmail.com:smtp", "google"},
    {"lmtp", "gmail.com", "none"}, {"lmtp", "inet:mx.example:24", "ours"}, {"lmtp", "unix:/run/gmail.com", "none"},
    {"smtp", "a.olc.example", "olc"}, {"bulk-2", "a.b.olc.example", "olc"}, {"smtp", "olc.example", "ours"},
    {"bulk", "hotmail.com", "olc"}, {"relay", "hotmail.com", "none"},
    {"smtp", "x.example", NULL}, {"smtp", "a.x.example", "ours"}, {"smtp", "example", NULL},
    {"smtp", "[10.0.0.1]:25", "gw"}, {"smtp", "[10.0.0.1]", NULL}, {"smtp", "relay.test:587", "gw"},
    {"smtp", "relay.test:5877", NULL}, {"smtp", "[host.test]:26", "both"}, {"smtp", "[host.test]:25", NULL},
    {"smtp", "other.test", "late"}, {"smtp", "a.test", NULL}, {"lmtp", "a.test", NULL}, {"local", "a.test", "rest"},
    {"local", "", "none"}, {"smtp", "", NULL}, {"smtp", "[", NULL}, {"smtp", "[:]:", NULL},
    {"retry", "gmail.com", NULL}, {"error", "5.1.1 no such user", NULL}, {"Retry", "gmail.com", NULL},
};
/* clang-format on */

START_TEST(the_first_section_that_matches_wins)
{
    Sites *sites = build(PROVIDERS);
    const Site *site = sites_match(sites, lookups[_i].transport, lookups[_i].nexthop);

    ck_assert_msg(g_strcmp0(site != NULL ? site->name : NULL, lookups[_i].name) == 0,
                  "%s:%s: %s, not %s", lookups[_i].transport, lookups[_i].nexthop,
                  site != NULL ? site->name : "none", lookups[_i].name);
    sites_free(sites);
}
END_TEST

/* ---- any sections ---- */

#define ROUNDS 300

static const char *const some_words[] = {"a",   "b",  "a.b",   ".b",   ".a.b", "c.a.b", "*",
                                         "*.b", "a*", "*a*b*", "!a.b", "!.b",  "!*c*",  "c.b"};
static const char *const some_names[] = {"a",   "b",  "a.b", "c.a.b", "d.c.a.b",
                                         "c.b", "ab", "",    ".",     "aab.b"};

/* The same by reading the header: first section, all words of it in turn. */
static bool glob(const char *pattern, const char *name)
{
    if (*pattern == '\0')
        return *name == '\0';
    if (*pattern == '*')
        return glob(pattern + 1, name) || (*name != '\0' && glob(pattern, name + 1));
    return *pattern == *name && glob(pattern + 1, name + 1);
}

static bool word_match(const char *word, const char *name)
{
    if (strchr(word, '*') != NULL)
        return glob(word, name);
    return strcmp(word, name) == 0 || (*word == '.' && g_str_has_suffix(name, word));
}

static bool condition_match(char **words, const char *name)
{
    bool has_positive = false, is_met = false;

    for (; *words != NULL; words++) {
        if (**words == '!' && word_match(*words + 1, name))
            return false;
        has_positive = has_positive || **words != '!';
        is_met = is_met || (**words != '!' && word_match(*words, name));
    }
    return is_met || !has_positive;
}

static int match_simply(char **lines, const char *transport, const char *name)
{
    for (int i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
        g_auto(GStrv) conditions = g_strsplit(strchr(lines[i], ' ') + 1, "|", -1);
        const char *names[] = {transport, name, name};
        bool all = true;

        for (int j = 0; conditions[j] != NULL; j++) {
            g_auto(GStrv) words =
                *conditions[j] == '\0' ? g_new0(char *, 1) : g_strsplit(conditions[j], " ", -1);

            all = all && condition_match(words, names[j]);
        }
        if (all)
            return i;
    }
    return -1;
}

static void add_random_sections(GString *text, GRand *dice)
{
    for (int i = 0, count = g_rand_int_range(dice, 1, 7); i < count; i++) {
        g_string_append_printf(text, "s%d ", i);
        for (int j = 0; j < SITE_CONDITION_COUNT; j++) {
            int words = g_rand_int_range(dice, 0, 4);

            for (int k = 0; k < words; k++)
                g_string_append_printf(
                    text, "%s%s", k > 0 ? " " : "",
                    some_words[g_rand_int_range(dice, 0, G_N_ELEMENTS(some_words))]);
            g_string_append(text, j < SITE_CONDITION_COUNT - 1 ? "|" : "\n");
        }
    }
}

START_TEST(the_table_finds_what_reading_finds_and_shadows_never_match)
{
    guint32 seed = g_random_int();
    GRand *dice = g_rand_new_with_seed(seed);
    unsigned shadow_count = 0;

    (void)printf("sites: seed %u\n", seed);
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_auto(GStrv) lines = NULL;
        Sites *sites;

        add_random_sections(text, dice);
        sites = build(text->str);
        lines = g_strsplit(text->str, "\n", -1);
        for (unsigned i = 0; i < sites_count(sites); i++)
            shadow_count += sites_shadow(sites, i) != NULL;
        for (unsigned t = 0; t < G_N_ELEMENTS(some_names); t++) {
            for (unsigned n = 0; n < G_N_ELEMENTS(some_names); n++) {
                const Site *site = sites_match(sites, some_names[t], some_names[n]);
                int want = match_simply(lines, some_names[t], some_names[n]);

                ck_assert_msg((site != NULL ? (int)site->line - 1 : -1) == want,
                              "seed %u: \"%s\" \"%s\" of\n%s", seed, some_names[t], some_names[n],
                              text->str);
                ck_assert_msg(site == NULL || sites_shadow(sites, site->line - 1) == NULL,
                              "seed %u: shadow of %s in\n%s", seed, site->name, text->str);
            }
        }
        sites_free(sites);
    }
    ck_assert_uint_gt(shadow_count, 0);
    g_rand_free(dice);
}
END_TEST

/* Sections, and the line of the one that takes all from the last one; 0: none. */
static const struct {
    const char *text;
    unsigned line;
} shadows[] = {
    {"a |a.test|\nb |a.test|\n",                    1},
    {"a |a.test|\nb |a.test b.test|\n",             0},
    {"a |a.test|\nb |b.test|\nc |b.test a.test|\n", 1},
    {"a smtp|a.test|\nb |a.test|\n",                0},
    {"a |a.test|\nb smtp|a.test|\n",                1},
    {"a s*|a.test|\nb smtp sieve|a.test|\n",        1},
    {"a |.test|\nb |a.test .b.test|\n",             1},
    {"a |.test !a.test|\nb |a.test|\n",             0},
    {"a |.test !c.test|\nb |a.test|\n",             1},
    {"a |*|\nb smtp||[gw]:25\n",                    1},
    {"a ||*\nb |*.x|\n",                            1},
    {"a ||[gw]:25\nb ||[gw]:25\n",                  1},
    {"a |a.test|x\nb |a.test|\n",                   0},
    {"a !smtp||\nb smtp||\n",                       0},
    {"a !smtp||\nb lmtp||\n",                       1},
};

START_TEST(a_section_that_can_never_match_is_found)
{
    Sites *sites = build(shadows[_i].text);
    const Site *shadow = sites_shadow(sites, sites_count(sites) - 1);

    ck_assert_uint_eq(shadow != NULL, shadows[_i].line != 0);
    ck_assert_uint_eq(shadow != NULL && shadow->line <= sites_count(sites) - 1,
                      shadows[_i].line != 0);
    sites_free(sites);
}
END_TEST

/* 10^5 domains are normal (traffic.md 1). */
START_TEST(a_hundred_thousand_domains_are_found)
{
    Sites *sites = sites_new();
    char word[32];

    for (int i = 0; i < 10; i++) {
        (void)snprintf(word, sizeof(word), "s%d", i);
        (void)sites_add(sites, word, (unsigned)i + 1);
        for (int j = 0; j < 10000; j++) {
            (void)snprintf(word, sizeof(word), "d%d.x%d.test", j, i);
            ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, word), NULL);
        }
    }
    sites_seal(sites);
    for (int k = 0; k < 100000; k++) {
        (void)snprintf(word, sizeof(word), "d%d.x%d.test", k % 10000, k / 10000);
        ck_assert_uint_eq(sites_match(sites, "smtp", word)->line, (unsigned)(k / 10000) + 1);
    }
    ck_assert_ptr_null(sites_match(sites, "smtp", "d10000.x1.test"));
    sites_free(sites);
}
END_TEST

int main(void)
{
    TCase *match = tcase_create("match");

    tcase_add_loop_test(match, the_first_section_that_matches_wins, 0, G_N_ELEMENTS(lookups));
    tcase_add_test(match, the_table_finds_what_reading_finds_and_shadows_never_match);
    tcase_add_loop_test(match, a_section_that_can_never_match_is_found, 0, G_N_ELEMENTS(shadows));
    tcase_add_test(match, a_hundred_thousand_domains_are_found);
    return run_suite("policy/sites", match, NULL);
}

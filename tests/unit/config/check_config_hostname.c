#include <string.h>

#include "src/config/hostname_internal.h"
#include "src/config/own_name_internal.h"
#include "tests/support/runner.h"

#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"
#define LABEL_64 LABEL_63 "4"
#define NAME_255 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63
#define NAME_257 NAME_255 ".a"

/* Seen on the real qmgr 3.7.11. */
static const struct {
    const char *name, *want; /* NULL: good */
} names[] = {
    {"mail.example.com", NULL                                         },
    {"a_b",              NULL                                         },
    {"_a",               NULL                                         },
    {"a._b",             NULL                                         },
    {"_",                NULL                                         },
    {"1-2",              NULL                                         },
    {"12a",              NULL                                         },
    {"1.a",              NULL                                         },
    {LABEL_63 ".b",      NULL                                         },
    {NAME_255,           NULL                                         },
    {"",                 "empty hostname"                             },
    {"-a",               "misplaced hyphen: -a"                       },
    {"a-",               "misplaced hyphen: a-"                       },
    {"a-.b",             "misplaced hyphen: a-.b"                     },
    {"a.-b",             "misplaced hyphen: a.-b"                     },
    {"-.",               "misplaced hyphen: -."                       },
    {"a..b",             "misplaced delimiter: a..b"                  },
    {".a",               "misplaced delimiter: .a"                    },
    {"a.",               "misplaced delimiter: a."                    },
    {"1..",              "misplaced delimiter: 1.."                   },
    {"1.2.3.4",          "numeric hostname: 1.2.3.4"                  },
    {"1",                "numeric hostname: 1"                        },
    {"a b",              "invalid character 32(decimal): a b"         },
    {"[1.2.3.4]",        "invalid character 91(decimal): [1.2.3.4]"   },
    {"\xc3\xbc.de",      "invalid character 195(decimal): \xc3\xbc.de"},
    {LABEL_64 "!",       "hostname label too long: " LABEL_64 "!"     },
};

START_TEST(names_are_judged_as_by_stock)
{
    g_autofree char *got = hostname_check(names[_i].name);
    g_autofree char *want =
        names[_i].want != NULL ? g_strconcat("valid_hostname: ", names[_i].want, NULL) : NULL;

    ck_assert_pstr_eq(got, want);
}
END_TEST

START_TEST(long_names_are_shown_in_part)
{
    g_autofree char *got = hostname_check(NAME_257);

    ck_assert(g_str_has_prefix(got, "valid_hostname: bad length 257 for " LABEL_63 "."));
    ck_assert(g_str_has_suffix(got, "..."));
}
END_TEST

/* Without myhostname the name of this machine is used, which a test cannot choose. */
static const struct {
    const char *host, *domain;           /* as configured; NULL: not */
    const char *want_host, *want_domain; /* afterwards */
} settled[] = {
    {"mail.a.b", NULL,  "mail.a.b", "a.b"        },
    {"mail",     NULL,  "mail",     "localdomain"},
    {"mail.a.b", "c.d", "mail.a.b", "c.d"        },
};

START_TEST(domain_comes_from_the_host_name)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    Lexicon lexicon;

    lexicon_init(&lexicon, warnings);
    lexicon_set(&lexicon, "myhostname", settled[_i].host);
    if (settled[_i].domain != NULL)
        lexicon_set(&lexicon, "mydomain", settled[_i].domain);
    ck_assert(own_name_settle(&lexicon, "main.cf", NULL));
    ck_assert_str_eq(lexicon_get(&lexicon, "myhostname"), settled[_i].want_host);
    ck_assert_str_eq(lexicon_get(&lexicon, "mydomain"), settled[_i].want_domain);
    lexicon_clear(&lexicon);
}
END_TEST

START_TEST(host_name_without_dot_gets_the_domain)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    Lexicon lexicon;

    lexicon_init(&lexicon, warnings);
    lexicon_set(&lexicon, "mydomain", "x.$y");
    lexicon_set(&lexicon, "y", "z");
    ck_assert(own_name_settle(&lexicon, "main.cf", NULL));
    if (strchr(g_get_host_name(), '.') == NULL)
        ck_assert(g_str_has_suffix(lexicon_get(&lexicon, "myhostname"), ".x.z"));
    else
        ck_assert_str_eq(lexicon_get(&lexicon, "myhostname"), g_get_host_name());
    lexicon_clear(&lexicon);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hostname");

    tcase_add_loop_test(tc, names_are_judged_as_by_stock, 0, G_N_ELEMENTS(names));
    tcase_add_test(tc, long_names_are_shown_in_part);
    tcase_add_loop_test(tc, domain_comes_from_the_host_name, 0, G_N_ELEMENTS(settled));
    tcase_add_test(tc, host_name_without_dot_gets_the_domain);
    return run_suite("config/hostname", tc, NULL);
}

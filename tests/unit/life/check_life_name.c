#include <stdlib.h>

#include "src/life/name_internal.h"
#include "tests/support/runner.h"

static const struct {
    const char *transport;
    int limit;
    const char *nexthop, *recipient, *delimiter, *want;
} names[] = {
    {"smtp",  50, "Example.COM", "User+x@a",         "+",  "example.com"       },
    {"smtp",  0,  "NextHop",     "User+x@a",         "+",  "nexthop"           },
    {"t",     1,  "NextHop",     "User+x@a",         "+",  "user@nexthop"      },
    {"t",     1,  "NextHop",     "user@b",           "+",  "user@nexthop"      },
    {"t",     1,  "NextHop",     "USER+y@c",         "+",  "user@nexthop"      },
    {"t",     1,  "NextHop",     "+z@c",             "+",  "+z@nexthop"        },
    {"t",     1,  "NextHop",     "owner-l+q@d",      "+",  "owner-l@nexthop"   },
    {"t",     1,  "NextHop",     "postmaster+a@d",   "+",  "postmaster@nexthop"},
    {"t",     1,  "n",           "Postmaster@d",     "s",  "postmaster@n"      },
    {"t",     1,  "n",           "mailer-daemon@d",  "-",  "mailer-daemon@n"   },
    {"t",     1,  "n",           "double-bounce@d",  "-",  "double-bounce@n"   },
    {"t",     1,  "n",           "double-bouncer@d", "-",  "double@n"          },
    {"t",     1,  "n",           "OWNER-list@d",     "-",  "owner-list@n"      },
    {"t",     1,  "n",           "list-request@d",   "-",  "list-request@n"    },
    {"t",     1,  "n",           "-request@d",       "-",  "-request@n"        },
    {"t",     1,  "n",           "list-requests@d",  "-",  "list@n"            },
    {"t",     1,  "n",           "a-b+c@d",          "+-", "a@n"               },
    {"t",     1,  "n",           "a+b@x@d",          "+",  "a@n"               },
    {"t",     1,  "n",           "a+b",              "+",  "a@n"               },
    {"t",     1,  "n",           "a+b@d",            "",   "a+b@n"             },
    {"t",     1,  "n",           "@d",               "+",  "@n"                },
    {"t",     1,  "n",           "",                 "+",  "@n"                },
    {"t",     1,  "\xc3\x84",    "\xc3\x84+b@d",     "+",  "\xc3\x84@\xc3\x84" },
    {"error", 1,  "5.1.1 No",    "a@d",              "+",  "5.1.1 no"          },
    {"retry", 1,  "4.1.1 No",    "a@d",              "+",  "4.1.1 no"          },
};

START_TEST(destination_is_named)
{
    LifeNameRules rules = {names[_i].delimiter, "double-bounce", true};
    g_autofree char *got = name_destination(names[_i].transport, names[_i].limit, names[_i].nexthop,
                                            names[_i].recipient, &rules);

    ck_assert_str_eq(got, names[_i].want);
}
END_TEST

START_TEST(list_managers_are_ordinary_if_not_special)
{
    LifeNameRules rules = {"-", "double-bounce", false};
    g_autofree char *got = name_destination("t", 1, "n", "owner-list@d", &rules);

    ck_assert_str_eq(got, "owner@n");
}
END_TEST

typedef struct Order {
    bool utf8, round_robin;
} Order;

static int compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const Order *order = data;

    return name_compare_recipients(*(char *const *)a, *(char *const *)b, order->utf8,
                                   order->round_robin);
}

static const struct {
    Order order;
    const char *unsorted, *want;
} sorts[] = {
    {{false, false},
     "b@Z.org B@a.org a@z.org nodom A@A.org b@a.org c@Z.org", "A@A.org B@a.org b@a.org a@z.org b@Z.org c@Z.org nodom"},
    {{false, true},
     "b@Z.org b@a.org B@a.org a@z.org nodom A@A.org c@Z.org", "A@A.org b@a.org B@a.org a@z.org b@Z.org c@Z.org nodom"},
    {{false, false}, "b a B A",                               "A B a b"                                              },
    {{false, true},  "b a B A",                               "a A b B"                                              },
    {{false, false}, "a@x@c b@x@a",                           "b@x@a a@x@c"                                          },
    {{true, false},  "b@\xc3\xa4 a@\xc3\x84 c@z",             "c@z a@\xc3\x84 b@\xc3\xa4"                            },
    {{false, false}, "b@\xc3\x84 a@\xc3\xa4 c@z",             "c@z b@\xc3\x84 a@\xc3\xa4"                            },
    {{true, false},  "b@\xe4 a@\xc4 c@\xc3",                  "c@\xc3 a@\xc4 b@\xe4"                                 },
    {{true, true},   "\xc3\xa4@a \xc3\x84@a b@a",             "b@a \xc3\xa4@a \xc3\x84@a"                            },
    {{false, false}, "a@d a@d",                               "a@d a@d"                                              },
};

START_TEST(recipients_are_sorted)
{
    g_auto(GStrv) words = g_strsplit(sorts[_i].unsorted, " ", -1);
    g_autofree char *got = NULL;
    Order order = sorts[_i].order;

    g_qsort_with_data(words, (gint)g_strv_length(words), sizeof(char *), compare, &order);
    got = g_strjoinv(" ", words);
    ck_assert_str_eq(got, sorts[_i].want);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("names");

    tcase_add_loop_test(tcase, destination_is_named, 0, G_N_ELEMENTS(names));
    tcase_add_test(tcase, list_managers_are_ordinary_if_not_special);
    tcase_add_loop_test(tcase, recipients_are_sorted, 0, G_N_ELEMENTS(sorts));
    return run_suite("life/name", tcase, NULL);
}

#include "policy/nexthop.h"
#include "tests/support/runner.h"

static const struct {
    const char *nexthop, *host;
} hosts[] = {
    {"example.com",              "example.com"           },
    {"example.com:24",           "example.com"           },
    {"[Mx.example.com]",         "Mx.example.com"        },
    {"[mx.example.com]:587",     "mx.example.com"        },
    {"inet:mx.example.com:24",   "mx.example.com"        },
    {"inet:[mx.example.com]:24", "mx.example.com"        },
    {"[2001:db8::1]:25",         "2001:db8::1"           },
    {"unix:/run/dovecot/lmtp",   "unix:/run/dovecot/lmtp"},
    {"/run/dovecot/lmtp",        "/run/dovecot/lmtp"     },
    {"",                         ""                      },
    {"[",                        ""                      },
    {"[mx",                      "mx"                    },
    {":",                        ""                      },
};

START_TEST(host_of_a_nexthop_has_no_brackets_and_no_port)
{
    g_autofree char *host = nexthop_host(hosts[_i].nexthop);

    ck_assert_str_eq(host, hosts[_i].host);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nexthop");

    tcase_add_loop_test(tcase, host_of_a_nexthop_has_no_brackets_and_no_port, 0,
                        G_N_ELEMENTS(hosts));
    return run_suite("policy/nexthop", tcase, NULL);
}

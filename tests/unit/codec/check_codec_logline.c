#include <string.h>

#include "codec/logline.h"
#include "tests/support/runner.h"

/* Both columns as the real daemons have them: the first in memory, the second in the log. */
static const struct {
    const char *internal, *external;
} addresses[] = {
    {"",                ""                   },
    {"u@x",             "u@x"                },
    {"a",               "a"                  },
    {"a@",              "a@"                 },
    {"@",               "\"\"@"              },
    {"@x",              "\"\"@x"             },
    {"s p@example.org", "\"s p\"@example.org"},
    {"a b",             "\"a b\""            },
    {".a@x",            "\".a\"@x"           },
    {"a.@x",            "\"a.\"@x"           },
    {".@x",             "\".\"@x"            },
    {"a..b@x",          "\"a..b\"@x"         },
    {"a.b.c@x",         "a.b.c@x"            },
    {"a\"b@x",          "\"a\\\"b\"@x"       },
    {"a\\b@x",          "\"a\\\\b\"@x"       },
    {"a\rb@x",          "\"a\\\rb\"@x"       },
    {"a\nb@x",          "\"a\nb\"@x"         },
    {"a\x7f@x",         "\"a\x7f\"@x"        },
    {"a(b@x",           "\"a(b\"@x"          },
    {"a)b@x",           "\"a)b\"@x"          },
    {"a<b@x",           "\"a<b\"@x"          },
    {"a>b@x",           "\"a>b\"@x"          },
    {"a,b@x",           "\"a,b\"@x"          },
    {"a;b@x",           "\"a;b\"@x"          },
    {"a:b@x",           "\"a:b\"@x"          },
    {"a[b@x",           "\"a[b\"@x"          },
    {"a]b@x",           "\"a]b\"@x"          },
    {"a'`{|}~%!/b@x",   "a'`{|}~%!/b@x"      },
    {"a\xe9@x",         "a\xe9@x"            },
    {"\xc3\xa9 x@x",    "\"\xc3\xa9 x\"@x"   },
    {"a@b@c",           "\"a@b\"@c"          },
    {"a@x@",            "\"a@x\"@"           },
    {"@@b",             "\"@\"@b"            },
    {"a@x y",           "a@x y"              }, /* domains are never quoted */
    {"a@\"x",           "a@\"x"              },
    {"a@b\\c",          "a@b\\c"             },
    {"@a,@b:u@x",       "@a,@b:u@x"          }, /* source routes */
    {"@a,@b:u v@x",     "@a,@b:\"u v\"@x"    },
    {"@a:",             "@a:\"\""            },
    {"@a:u",            "@a:u"               },
    {"@:x@y",           "@:x@y"              },
    {"@a b:u@x",        "@a b:u@x"           },
    {"@a@b:c@d",        "@a@b:c@d"           },
    {"@a:b@c@d",        "@a:\"b@c\"@d"       },
    {"@a:@c:x@y",       "@a:\"@c:x\"@y"      },
    {"@[1:2]:u@x",      "@[1:\"2]:u\"@x"     },
    {"@a,@b",           "\"@a,\"@b"          },
};

START_TEST(local_parts_are_quoted_where_they_must)
{
    g_autofree char *external = address_quote(addresses[_i].internal);

    ck_assert_str_eq(external, addresses[_i].external);
}
END_TEST

START_TEST(the_format_decides_about_quotes_in_the_log)
{
    g_autofree char *external = logline_address("a b@x", ADDRESS_EXTERNAL);
    g_autofree char *internal = logline_address("a b@x", ADDRESS_INTERNAL);

    ck_assert(strcmp(external, "\"a b\"@x") == 0 && strcmp(internal, "a b@x") == 0);
}
END_TEST

START_TEST(what_was_quoted_is_unquoted)
{
    g_autofree char *internal = address_unquote(addresses[_i].external);

    ck_assert_str_eq(internal, addresses[_i].internal);
}
END_TEST

/* External addresses that address_quote() never makes, as stock unquotes them. */
static const struct {
    const char *external, *internal;
} foreign[] = {
    {"a\\ b@x",             "a b@x"      },
    {"a\\@x",               "a@x"        },
    {"a\\",                 "a"          },
    {"\"a\\",               "a"          },
    {"\"a\"b\"c\"@x",       "abc@x"      },
    {"\"a\".\"b\"@x",       "a.b@x"      },
    {"\"a\\b\"@x",          "ab@x"       },
    {"\"a",                 "a"          },
    {"\"a@x",               "a@x"        },
    {"a\"@x",               "a@x"        },
    {"\"a\\\"@x",           "a\"@x"      },
    {"\"a@b\"",             "a@b"        },
    {"\"a@b\"@",            "a@b@"       },
    {"a@b@c",               "a@b@c"      },
    {"a\\@b@c",             "a@b@c"      },
    {"a@b\"@\"c",           "a@b\"@\"c"  },
    {"\"a\"@\"b\"@c",       "a@b@c"      },
    {"a\"b@x\"c@y",         "ab@xc@y"    },
    {"u@x\"y z\"",          "u@x\"y z\"" },
    {"<\"a b\"@x>",         "<a b@x>"    },
    {" \"a b\" @x",         " a b @x"    },
    {"\"@a\":\"u v\"@x",    "@a:u v@x"   },
    {"@a:\"@b\":\"u v\"@x", "@a:@b:u v@x"},
    {"@\\\":\\:,",          "@\\\"::,"   },
};

START_TEST(foreign_quoting_is_removed_as_stock_does)
{
    g_autofree char *internal = address_unquote(foreign[_i].external);

    ck_assert_str_eq(internal, foreign[_i].internal);
}
END_TEST

/* ipc.md 8.4, by resolution limit; checked against the real discard(8). */
static const struct {
    int64_t delay_us;
    const char *by_limit_2, *by_limit_6, *by_limit_0, *by_limit_1;
} delays[] = {
    {-1,        "0",             "0",             "0",             "0"            },
    {0,         "0",             "0",             "0",             "0"            },
    {9,         "0",             "0.000009",      "0",             "0"            },
    {999,       "0",             "0.001",         "0",             "0"            },
    {4999,      "0",             "0.005",         "0",             "0"            },
    {5000,      "0.01",          "0.005",         "0",             "0"            },
    {14999,     "0.01",          "0.015",         "0",             "0"            },
    {15000,     "0.02",          "0.015",         "0",             "0"            },
    {101000,    "0.1",           "0.1",           "0",             "0.1"          },
    {190000,    "0.19",          "0.19",          "0",             "0.2"          },
    {500000,    "0.5",           "0.5",           "1",             "0.5"          },
    {994999,    "0.99",          "0.99",          "1",             "1"            },
    {995000,    "1",             "1",             "1",             "1"            },
    {1049999,   "1",             "1",             "1",             "1"            },
    {1050000,   "1.1",           "1.1",           "1",             "1.1"          },
    {1234567,   "1.2",           "1.2",           "1",             "1.2"          },
    {9949999,   "9.9",           "9.9",           "10",            "9.9"          },
    {9950000,   "10",            "10",            "10",            "10"           },
    {10400000,  "10",            "10",            "10",            "10"           },
    {10500000,  "11",            "11",            "11",            "11"           },
    {75600000,  "76",            "76",            "76",            "76"           },
    {99500000,  "100",           "100",           "100",           "100"          },
    {INT64_MAX, "9223372036855", "9223372036855", "9223372036855", "9223372036855"},
};

static void assert_delay(int64_t delay_us, int resolution_limit, const char *want)
{
    g_autoptr(GString) text = g_string_new("delay=");

    logline_put_delay(text, delay_us, resolution_limit);
    ck_assert_str_eq(text->str + strlen("delay="), want);
}

START_TEST(delays_have_two_significant_digits)
{
    assert_delay(delays[_i].delay_us, 2, delays[_i].by_limit_2);
    assert_delay(delays[_i].delay_us, 6, delays[_i].by_limit_6);
    assert_delay(delays[_i].delay_us, 0, delays[_i].by_limit_0);
    assert_delay(delays[_i].delay_us, 1, delays[_i].by_limit_1);
}
END_TEST

START_TEST(an_active_message_is_logged)
{
    g_autofree char *line =
        logline_active("4jXJsQ4ZSszKNL", "s p@example.org", ADDRESS_EXTERNAL, 232, 1);
    g_autofree char *bounce = logline_active("Q", "", ADDRESS_EXTERNAL, 5000000000, 100000);

    ck_assert_str_eq(
        line, "4jXJsQ4ZSszKNL: from=<\"s p\"@example.org>, size=232, nrcpt=1 (queue active)");
    ck_assert_str_eq(bounce, "Q: from=<>, size=5000000000, nrcpt=100000 (queue active)");
}
END_TEST

START_TEST(an_expired_message_is_logged)
{
    g_autofree char *line = logline_expired("Q", "s@example.org", ADDRESS_EXTERNAL, false);
    g_autofree char *forced = logline_expired("Q", "s p@example.org", ADDRESS_INTERNAL, true);

    ck_assert_str_eq(line, "Q: from=<s@example.org>, status=expired, returned to sender");
    ck_assert_str_eq(forced, "Q: from=<s p@example.org>, status=force-expired, returned to sender");
}
END_TEST

/* The second kind of "same": texts that differ in case only, also beyond ASCII. */
static const struct {
    const char *address, *original, *want;
} recipients[] = {
    {"user@dead.example", "user@dead.example", "to=<user@dead.example>,"                    },
    {"user@dead.example", "",                  "to=<user@dead.example>,"                    },
    {"user@dead.example", "User@Dead.Example", "to=<user@dead.example>,"                    },
    {"user@dead.example", "alias",             "to=<user@dead.example>, orig_to=<alias>,"   },
    {"y z@ok.example",    "a b",               "to=<\"y z\"@ok.example>, orig_to=<\"a b\">,"},
    {"\xc3\xa9@x",        "\xc3\x89@X",        "to=<\xc3\xa9@x>,"                           },
    {"stra\xc3\x9f"
     "e",            "STRASSE",
     "to=<stra\xc3\x9f"
     "e>,"                                                                                  },
    {"\xe9@x",            "\xe9@X",            "to=<\xe9@x>,"                               },
    {"\xe9@x",            "\xc9@x",            "to=<\xe9@x>, orig_to=<\xc9@x>,"             },
};

static char *delivery_line(const Recipient *recipient, const Envelope *envelope)
{
    LoglineDelivery delivery = {
        .queue_id = "4jXK0y2ZH4zKVj",
        .recipient = recipient,
        .envelope = envelope,
        .active_s = 1795328571,
        .active_us = 354000,
        .now_s = 1795328571,
        .now_us = 364000,
        .dsn = "4.3.0",
        .status = "deferred",
        .reason = "mail transport unavailable",
        .resolution_limit = 2,
        .format = ADDRESS_EXTERNAL,
    };

    return logline_delivery(&delivery);
}

START_TEST(a_recipient_is_logged_with_its_origin)
{
    const Envelope envelope = {.arrival_s = 1795328571, .arrival_us = 343850};
    g_autofree Recipient *recipient =
        recipient_new(recipients[_i].address, recipients[_i].original, "", 0, 248);
    g_autofree char *line = delivery_line(recipient, &envelope);
    g_autofree char *want =
        g_strdup_printf("4jXK0y2ZH4zKVj: %s relay=none, delay=0.02, delays=0.01/0.01/0/0, "
                        "dsn=4.3.0, status=deferred (mail transport unavailable)",
                        recipients[_i].want);

    ck_assert_str_eq(line, want);
}
END_TEST

static const struct {
    int64_t arrival_s;
    const char *want;
} arrivals[] = {
    {1795328561, " delay=10, delays=10/0.01/0/0,"                      },
    {1795328581, " delay=0, delays=0/0.01/0/0,"                        }, /* in the future */
    {INT64_MAX,  " delay=0, delays=0/0.01/0/0,"                        },
    {INT64_MIN,  " delay=9223372036855, delays=9223372036855/0.01/0/0,"},
};

START_TEST(senseless_arrival_times_are_limited)
{
    const Envelope envelope = {.arrival_s = arrivals[_i].arrival_s, .arrival_us = 354000};
    g_autofree Recipient *recipient = recipient_new("u", "", "", 0, 0);
    g_autofree char *line = delivery_line(recipient, &envelope);

    ck_assert_msg(strstr(line, arrivals[_i].want) != NULL, "%s", line);
}
END_TEST

/* ---- what the scheduler has to say ---- */

#define ADVICE_END                                          \
    "please avoid flushing the whole queue when you have\n" \
    "lots of deferred mail, that is bad for performance\n"  \
    "to turn off these warnings specify: qmgr_clog_warn_time = 0"

static const struct {
    LoglineClog clog;
    const char *want;
} clogs[] = {
    {{"t1", "x", 1, 1, 0, 3, 1, 10, 1, NULL, 0, 0, NULL, NULL},
     "mail for x is using up 3 of 1 active queue entries\n"
     "you may need to increase the main.cf t1_destination_concurrency_limit from 1\n" ADVICE_END},
    {{"t1", "x", 1, 1, 0, 3, 4, 10, 3, NULL, 0, 0, NULL, NULL},
     "mail for x is using up 3 of 4 active queue entries\n"
     "this may slow down other mail deliveries\n"
     "you may need to increase the main.cf t1_destination_concurrency_limit from 1\n" ADVICE_END},
    {{"t1", "x", 20, 11, 0, 3, 3, 10, 1, NULL, 0, 0, NULL, NULL},
     "mail for x is using up 3 of 3 active queue entries\n"
     "you may need to increase the main.cf qmgr_message_active_limit from 10\n" ADVICE_END      },
    {{"t1", "x", 20, 7, 0, 3, 4, 10, 2, NULL, 0, 0, NULL, NULL},
     "mail for x is using up 3 of 4 active queue entries\n"
     "this may slow down other mail deliveries\n"
     "you may need a separate master.cf transport for x\n" ADVICE_END                           },
    {{"t1", "x", 1, 1, 0, 3, 4, 10, 3, "limit #7 of an administrator keeps it to concurrency 1: r",
      0, 0},
     "mail for x is using up 3 of 4 active queue entries\n"
     "this may slow down other mail deliveries\n"
     "limit #7 of an administrator keeps it to concurrency 1: r\n"
     "to turn off these warnings specify: qmgr_clog_warn_time = 0"                              },
    {{"t1", "x", 0, 10, 0, 3, 3, 10, 1, NULL, 0, 0, NULL, NULL},
     "mail for x is using up 3 of 3 active queue entries\n"
     "you may need to reduce t1 connect and helo timeouts\n"
     "so that Postfix quickly skips unavailable hosts\n"
     "you may need to increase the main.cf minimal_backoff_time and maximal_backoff_time\n"
     "so that Postfix wastes less time on undeliverable mail\n"
     "you may need to increase the master.cf t1 process limit\n" ADVICE_END                     },
    {{"t1", "x", 20, 11, 11, 30, 40, 100, 1, NULL, 50, 0, "t1", "x"},
     "mail for x is using up 30 of 40 active queue entries\n"
     "t1/x may have 50 messages in active (active_share), the rest is for other mail\n"
     "to turn off these warnings specify: qmgr_clog_warn_time = 0"                              },
    {{"t1", "x", 20, 20, 20, 50, 60, 100, 1, NULL, 50, 4980, "t1", "site big"},
     "mail for x is using up 50 of 60 active queue entries\n"
     "t1/site big may have 50 messages in active (active_share), the rest is for other mail\n"
     "4980 more wait in the deferred queue for their turn and are called in as others end: nothing "
     "is wrong with these\n"
     "you may need to increase the main.cf t1_destination_concurrency_limit from 20\n"
     "to turn off these warnings specify: qmgr_clog_warn_time = 0"                              },
    {{"t1", "x", 20, 20, 20, 50, 60, 100, 1,
      "section [site x] of the policy file keeps it to rate 100/1h", 50, 7, "", "site over"},
     "mail for x is using up 50 of 60 active queue entries\n"
     "site over may have 50 messages in active (active_share), the rest is for other mail\n"
     "7 more wait in the deferred queue for their turn and are called in as others end: nothing is "
     "wrong with these\n"
     "section [site x] of the policy file keeps it to rate 100/1h\n"
     "to turn off these warnings specify: qmgr_clog_warn_time = 0"                              },
};

START_TEST(a_clogged_queue_is_warned_of_with_advice)
{
    g_auto(GStrv) lines = logline_clog(&clogs[_i].clog);
    g_autofree char *text = g_strjoinv("\n", lines);

    ck_assert_str_eq(text, clogs[_i].want);
}
END_TEST

static const struct {
    LoglineRule rule;
    const char *want;
} rule_lines[] = {
    {{"suspend", 7, "domain", "a.test", 1795773600, 1000, "ticket 4711", NULL, NULL},
     "control: suspend #7 domain=a.test until=2026-11-27T10:00:00Z uid=1000: ticket 4711"},
    {{"resume", 7, "domain", "a.test", 0, 0, "x", NULL, NULL},
     "control: resume #7 domain=a.test until=forever uid=0: x"                           },
    {{"limit", 8, "domain", "a.test", 0, 0, "slow", "concurrency", "5"},
     "control: limit #8 domain=a.test concurrency=5 until=forever uid=0: slow"           },
    {{"limit", 9, "all", "", 0, 0, "slow", "concurrency", "5"},
     "control: limit #9 all concurrency=5 until=forever uid=0: slow"                     },
    {{"end of limit", 8, "transport", "smtp", 1, -1, "slow", "concurrency", "5"},
     "control: end of limit #8 transport=smtp concurrency=5: slow"                       },
    {{"end of suspend", 4294967295, "all", "", 1, -1, "x", NULL, NULL},
     "control: end of suspend #4294967295 all: x"                                        },
    {{"suspend", 1, "all", "", INT64_MAX - 1, 0, "x", NULL, NULL},
     "control: suspend #1 all until=9223372036854775806 uid=0: x"                        },
};

START_TEST(changes_of_rules_are_logged)
{
    g_autofree char *line = logline_rule(&rule_lines[_i].rule);

    ck_assert_str_eq(line, rule_lines[_i].want);
}
END_TEST

static const struct {
    LoglineJob job;
    const char *want;
} job_lines[] = {
    {{.verb = "resume", .number = 3, .object = "domain", .name = "a.test", .uid = 0},
     "control: resume job=3 domain=a.test uid=0: begun"                                  },
    {{.verb = "end of job",
      .number = 4294967295,
      .object = "all",
      .name = "",
      .uid = -1,
      .state = "stopped",
      .reason = "died again: 4.4.1 x",
      .tried_count = 20,
      .through_count = 12,
      .back_count = 8,
      .left_count = 4100},
     "control: end of job job=4294967295 all: stopped: died again: 4.4.1 x; tried=20, through=12, "
     "back=8, left=4100"                                                                 },
    {{.verb = "end of job",
      .number = 1,
      .object = "all",
      .name = "",
      .uid = 7,
      .state = "cancelled"},
     "control: end of job job=1 all uid=7: cancelled; tried=0, through=0, back=0, left=0"},
};

START_TEST(jobs_are_logged)
{
    g_autofree char *line = logline_job(&job_lines[_i].job);

    ck_assert_str_eq(line, job_lines[_i].want);
}
END_TEST

START_TEST(expedited_messages_are_logged)
{
    g_autofree char *line = logline_expedite("4F1A2B3C4D", false, 0);
    g_autofree char *forced = logline_expedite("A1", true, 1000);

    ck_assert_str_eq(line, "control: expedite 4F1A2B3C4D uid=0");
    ck_assert_str_eq(forced, "control: expedite A1 --force uid=1000");
}
END_TEST

START_TEST(parked_mail_is_logged)
{
    LoglineParked parked = {.transport = "smtp",
                            .destination = "gmail.com",
                            .waiting_count = 4980,
                            .active_count = 109,
                            .rate = "100/1h"};
    g_autofree char *line = logline_parked(&parked), *one = NULL;

    ck_assert_str_eq(line,
                     "smtp/gmail.com: 4980 messages wait for their turn, 109 in active (100/1h)");
    parked = (LoglineParked){
        .transport = "", .destination = "site google", .waiting_count = 1, .active_count = 0};
    one = logline_parked(&parked);
    ck_assert_str_eq(one, "site google: 1 message waits for its turn, 0 in active");
}
END_TEST

START_TEST(slowed_destinations_are_logged)
{
    LoglineSlowed slowed = {.transport = "smtp",
                            .destination = "gmail.com",
                            .amount = "4/1s",
                            .rule = "gmail-rate",
                            .reason = "421 4.7.28 an unusual rate"};
    g_autofree char *line = logline_slowed(&slowed), *end = NULL, *all = NULL;

    ck_assert_str_eq(line, "smtp/gmail.com: slowed to 4/1s by [reply gmail-rate]: 421 4.7.28 an "
                           "unusual rate");
    slowed.amount = NULL;
    end = logline_slowed(&slowed);
    ck_assert_str_eq(end, "smtp/gmail.com: not slowed any more");
    slowed.transport = "";
    slowed.destination = "site google";
    all = logline_slowed(&slowed);
    ck_assert_str_eq(all, "site google: not slowed any more");
}
END_TEST

START_TEST(windows_are_logged)
{
    const LoglineWindow first = {"x", 20, 3, 1.0 / 3, 0, 0, NULL, NULL},
                        second = {"x", 20, 2, 0, 0.5, 1.0 / 3};
    g_autofree char *type =
        logline_feedback_type("t1", "t1_destination_concurrency_positive_feedback", 1, 4, 0.25);
    g_autofree char *up = logline_feedback(false, 1.0 / 3), *down = logline_feedback(true, 0.5);
    g_autofree char *grown = logline_window(false, &first), *shrunk = logline_window(true, &second);

    ck_assert_str_eq(
        type, "t1: t1_destination_concurrency_positive_feedback feedback type 1 value at 4: 0.25");
    ck_assert_str_eq(up, "qmgr_queue_unthrottle: feedback 0.333333");
    ck_assert_str_eq(down, "qmgr_queue_throttle: feedback 0.5");
    ck_assert_str_eq(grown, "qmgr_queue_unthrottle: queue x: limit 20 window 3 success 0.333333 "
                            "failure 0 fail_cohorts 0");
    ck_assert_str_eq(shrunk, "qmgr_queue_throttle: queue x: limit 20 window 2 success 0 failure "
                             "0.5 fail_cohorts 0.333333");
}
END_TEST

int main(void)
{
    TCase *forms = tcase_create("addresses"), *lines = tcase_create("lines");

    tcase_add_loop_test(forms, local_parts_are_quoted_where_they_must, 0, G_N_ELEMENTS(addresses));
    tcase_add_loop_test(forms, what_was_quoted_is_unquoted, 0, G_N_ELEMENTS(addresses));
    tcase_add_loop_test(forms, foreign_quoting_is_removed_as_stock_does, 0, G_N_ELEMENTS(foreign));
    tcase_add_loop_test(lines, delays_have_two_significant_digits, 0, G_N_ELEMENTS(delays));
    tcase_add_test(forms, the_format_decides_about_quotes_in_the_log);
    tcase_add_test(lines, an_active_message_is_logged);
    tcase_add_test(lines, an_expired_message_is_logged);
    tcase_add_loop_test(lines, a_recipient_is_logged_with_its_origin, 0, G_N_ELEMENTS(recipients));
    tcase_add_loop_test(lines, senseless_arrival_times_are_limited, 0, G_N_ELEMENTS(arrivals));
    tcase_add_loop_test(lines, a_clogged_queue_is_warned_of_with_advice, 0, G_N_ELEMENTS(clogs));
    tcase_add_test(lines, expedited_messages_are_logged);
    tcase_add_test(lines, slowed_destinations_are_logged);
    tcase_add_test(lines, parked_mail_is_logged);
    tcase_add_loop_test(lines, jobs_are_logged, 0, G_N_ELEMENTS(job_lines));
    tcase_add_loop_test(lines, changes_of_rules_are_logged, 0, G_N_ELEMENTS(rule_lines));
    tcase_add_test(lines, windows_are_logged);
    return run_suite("codec/logline", forms, lines, NULL);
}

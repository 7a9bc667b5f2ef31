#include <string.h>
#include <unistd.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "config/settings.h"
#include "tests/support/runner.h"

/* A configuration directory of its own for each test. */
static char *directory;

static void make_directory(void)
{
    directory = g_dir_make_tmp("eqmgr-config-XXXXXX", NULL);
    ck_assert_ptr_nonnull(directory);
}

/* Dates the file an hour back, so that nobody waits until it is stable. */
static void put_file(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    time_t then = time(NULL) - 3600;

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = then, .modtime = then}), 0);
}

static void remove_file(const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    (void)g_unlink(path);
}

static void remove_directory(void)
{
    remove_file("main.cf");
    remove_file("eqmgr.cf");
    (void)g_rmdir(directory);
    g_clear_pointer(&directory, g_free);
}

/* Loads with "; "-separated overrides. Warnings and the error end up in `said`, one a line, with
 * "@" for the directory. */
static Settings *load(const char *overrides, bool round_robin, GString *said)
{
    g_auto(GStrv) list = g_strsplit(overrides, "; ", -1);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    const SettingsSource source = {
        .config_directory = directory,
        .process_name = round_robin ? "oqmgr" : "qmgr",
        .service_name = "qmgr",
        .overrides = (const char *const *)list,
        .start_directory = "/start",
        .round_robin = round_robin,
    };
    Settings *settings = settings_load(&source, warnings, &error);

    for (guint i = 0; i < warnings->len; i++)
        g_string_append_printf(said, "warning: %s\n", (char *)warnings->pdata[i]);
    if (error != NULL)
        g_string_append_printf(said, "fatal: %s\n", error->message);
    ck_assert((settings == NULL) == (error != NULL));
    (void)g_string_replace(said, directory, "@", 0);
    return settings;
}

#define MACRO_ERROR "fatal: dictionary mail_dict: macro processing error\n"
#define IN_FILE     "fatal: file @/main.cf: parameter "
#define IN_FILE2    "fatal: file @/main.cf: parameters "
#define ADJUST_RECIPIENTS                                                                \
    "warning: qmgr_message_recipient_limit is smaller than qmgr_message_active_limit - " \
    "adjusting qmgr_message_recipient_limit\n"
#define ADJUST_BOUNCE                                                                   \
    "warning: bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting " \
    "bounce_queue_lifetime\n"

/* Every text was printed by the real qmgr 3.7.11 (oqmgr where it says so). */
static const struct {
    const char *overrides;
    bool round_robin;
    const char *want;
} says[] = {
    {"",                                                                                          false, ""                                                                          },
    {"foo",                                                                                       false, "fatal: invalid \"-o foo\" option value: missing '=' after attribute name\n"},
    {"a b = c",                                                                                   false,
     "fatal: invalid \"-o a b = c\" option value: missing '=' after attribute name\n"                                                                                                },
    {"=x",                                                                                        false, "fatal: invalid \"-o =x\" option value: missing attribute name\n"           },
    {" a = b ",                                                                                   false, ""                                                                          },
    {"hash_queue_depth=R$process_name,$service_name; process_name=foo; service_name=bar",         false,
     "fatal: bad numerical configuration: hash_queue_depth = Rfoo,qmgr\n"                                                                                                            },
    {"hash_queue_depth=R$compatibility_level|$relay_domains|$smtputf8_enable|$mail_name",         false,
     "fatal: bad numerical configuration: hash_queue_depth = R3.6||yes|Postfix\n"                                                                                                    },
    {"compatibility_level=0; hash_queue_depth=R$relay_domains|$smtputf8_enable; "
     "myhostname=a.b",                                                                       false,
     "fatal: bad numerical configuration: hash_queue_depth = Ra.b, localhost.b, localhost|no\n"                                                                                      },
    {"hash_queue_depth=R${relay_domains?{a}:{b}}${fast_flush_domains?{a}:{b}}"
     "${mydestination?{a}:{b}}",                                                             false, "fatal: bad numerical configuration: hash_queue_depth = Rbba\n"             },
    {"compatibility_level=1; hash_queue_depth=R${relay_domains?{a}:{b}}",                         false,
     "fatal: bad numerical configuration: hash_queue_depth = Ra\n"                                                                                                                   },
    {"relay_domains=$empty; hash_queue_depth=R${relay_domains?{a}:{b}}",                          false,
     "fatal: bad numerical configuration: hash_queue_depth = Ra\n"                                                                                                                   },
    {"compatibility_level=x",                                                                     false, "fatal: malformed compatibility level syntax: \"x\"\n"                      },
    {"compatibility_level=",                                                                      false, "fatal: malformed compatibility level syntax: \"\"\n"                       },
    {"compatibility_level=3.9999",                                                                false,
     "fatal: malformed compatibility level syntax: \"3.9999\"\n"                                                                                                                     },
    {"compatibility_level=99",                                                                    false, ""                                                                          },
    {"hash_queue_depth=-5",                                                                       false, "fatal: invalid hash_queue_depth parameter value -5 < 1\n"                  },
    {"hash_queue_depth=0",                                                                        false, "fatal: invalid hash_queue_depth parameter value 0 < 1\n"                   },
    {"delay_logging_resolution_limit=7",                                                          false,
     "fatal: invalid delay_logging_resolution_limit parameter value 7 > 6\n"                                                                                                         },
    {"delay_logging_resolution_limit=-1; default_recipient_limit=-1; dont_remove=-1",             false, ""                                                                          },
    {"default_process_limit=0",                                                                   false,
     "fatal: invalid default_process_limit parameter value 0 < 1\n"                                                                                                                  },
    {"in_flow_delay=11",                                                                          false, "fatal: invalid in_flow_delay: 11 (max 10)\n"                               },
    {"in_flow_delay=1m",                                                                          false, "fatal: invalid in_flow_delay: 60 (max 10)\n"                               },
    {"in_flow_delay=0",                                                                           false, ""                                                                          },
    {"queue_run_delay=0",                                                                         false, "fatal: invalid queue_run_delay: 0 (min 1)\n"                               },
    {"maximal_queue_lifetime=101",                                                                false,
     "fatal: invalid maximal_queue_lifetime: 8726400 (max 8640000)\n"                                                                                                                },
    {"maximal_queue_lifetime=100d",                                                               false, ""                                                                          },
    {"maximal_queue_lifetime=0",                                                                  false, ADJUST_BOUNCE                                                               },
    {"bounce_queue_lifetime=9d; qmgr_message_recipient_limit=1",                                  false,
     ADJUST_RECIPIENTS ADJUST_BOUNCE                                                                                                                                                 },
    {"soft_bounce=true",                                                                          false, "fatal: bad boolean configuration: soft_bounce = true\n"                    },
    {"hash_queue_names=",                                                                         false, "fatal: bad string length 0 < 1: hash_queue_names = \n"                     },
    {"queue_directory=",                                                                          false, "fatal: bad string length 0 < 1: queue_directory = \n"                      },
    {"mail_owner=",                                                                               false, "fatal: bad string length 0 < 1: mail_owner = \n"                           },
    {"syslog_name=",                                                                              false, "fatal: bad string length 0 < 1: syslog_name = \n"                          },
    {"default_verp_delimiters=+",                                                                 false,
     "fatal: bad string length 1 < 2: default_verp_delimiters = +\n"                                                                                                                 },
    {"default_verp_delimiters=+=-",                                                               false,
     "fatal: bad string length 3 > 2: default_verp_delimiters = +=-\n"                                                                                                               },
    {"default_verp_delimiters=ab",                                                                false,
     IN_FILE2 "default_verp_delimiters and verp_delimiter_filter: bad first VERP delimiter "
              "character\n"                                                                                                                                                          },
    {"default_verp_delimiters=+x",                                                                false,
     IN_FILE2 "default_verp_delimiters and verp_delimiter_filter: bad second VERP delimiter "
              "character\n"                                                                                                                                                          },
    {"default_destination_concurrency_positive_feedback=",                                        false,
     "fatal: bad string length 0 < 1: default_destination_concurrency_positive_feedback = \n"                                                                                        },
    {"default_destination_concurrency_positive_feedback=x; local_destination_rate_delay=x",       false,
     ""                                                                                                                                                                              }, /* looked at when a transport is used */
    {"syslog_facility=foo",                                                                       false, IN_FILE "syslog_facility: unrecognized value: foo\n"                        },
    {"syslog_facility=MAIL",                                                                      false, IN_FILE "syslog_facility: unrecognized value: MAIL\n"                       },
    {"syslog_facility=security",                                                                  false, IN_FILE "syslog_facility: unrecognized value: security\n"                   },
    {"syslog_facility=local7",                                                                    false, ""                                                                          },
    {"maillog_file=/tmp/x",                                                                       false,
     "fatal: maillog_file value '/tmp/x' does not match any prefix in maillog_file_prefixes\n"                                                                                       },
    {"maillog_file=/varx",                                                                        false, ""                                                                          },
    {"maillog_file=/dev/stdout",                                                                  false, ""                                                                          },
    {"maillog_file=/a/b; maillog_file_prefixes=/tmp , /a/",                                       false, ""                                                                          },
    {"maillog_file=/a; maillog_file_prefixes=/tmp , /a/",                                         false,
     "fatal: maillog_file value '/a' does not match any prefix in maillog_file_prefixes\n"                                                                                           },
    {"myhostname=a.b; relayhost=A.B",                                                             false,
     "fatal: myhostname and relayhost parameter settings must not be identical: a.b\n"                                                                                               },
    {"myhostname=-a",                                                                             false,
     "warning: valid_hostname: misplaced hyphen: -a\n" IN_FILE
     "myhostname: bad parameter value: -a\n"                                                                                                                                         },
    {"myhostname=vm.x; mydomain=-a",                                                              false,
     "warning: valid_hostname: misplaced hyphen: -a\n" IN_FILE
     "mydomain: bad parameter value: -a\n"                                                                                                                                           },
    {"myhostname=a.",                                                                             false, "fatal: bad string length 0 < 1: mydomain = \n"                             },
    {"myhostname=h.$mydomain",                                                                    false, "fatal: bad string length 0 < 1: mydomain = \n"                             },
    {"myhostname=h.$mydomain; mydomain=a.b; hash_queue_depth=R$myhostname",                       false,
     "fatal: bad numerical configuration: hash_queue_depth = Rh.a.b\n"                                                                                                               },
    {"myhostname=foo; hash_queue_depth=R$mydomain",                                               false,
     "fatal: bad numerical configuration: hash_queue_depth = Rlocaldomain\n"                                                                                                         },
    {"hash_queue_depth=R$config_directory; config_directory=/x",                                  false,
     "fatal: bad numerical configuration: hash_queue_depth = R/x\n"                                                                                                                  },
    {"defer_transports=${",                                                                       false, "warning: truncated macro reference: \"${\"\n" MACRO_ERROR                  },
    {"relay_domains=${",                                                                          false, "warning: truncated macro reference: \"${\"\n" MACRO_ERROR                  },
    {"non_such=${",                                                                               false, ""                                                                          },
    {"mail_owner=root",                                                                           false, IN_FILE "mail_owner: user root has privileged user ID\n"                    },
    {"mail_owner=no-such",                                                                        false, IN_FILE "mail_owner: unknown user name value: no-such\n"                    },
    {"mail_owner=nobody",                                                                         false,
     IN_FILE2 "default_privs and mail_owner specify the same user nobody\n"                                                                                                          },
    {"default_privs=root; mail_owner=root",                                                       false,
     IN_FILE "default_privs: user root has privileged user ID\n"                                                                                                                     },
    {"default_privs=no-such; mail_owner=no-such",                                                 false,
     IN_FILE "default_privs: unknown user name value: no-such\n"                                                                                                                     },
    {"setgid_group=root",                                                                         false, IN_FILE "setgid_group: group root has privileged group ID\n"                },
    {"setgid_group=no-such",                                                                      false, IN_FILE "setgid_group: unknown group name: no-such\n"                       },
 /* of two errors, stock's first */
    {"mail_owner=no-such; hash_queue_depth=x",                                                    false,
     "fatal: bad numerical configuration: hash_queue_depth = x\n"                                                                                                                    },
    {"mail_owner=no-such; queue_run_delay=x; maillog_file=x; default_verp_delimiters=xx",         false,
     IN_FILE "mail_owner: unknown user name value: no-such\n"                                                                                                                        },
    {"hash_queue_depth=x; bounce_service_name=; soft_bounce=x; daemon_timeout=x",                 false,
     "fatal: bad string length 0 < 1: bounce_service_name = \n"                                                                                                                      },
    {"soft_bounce=x; daemon_timeout=x",                                                           false,
     "fatal: bad boolean configuration: soft_bounce = x\n"                                                                                                                           },
    {"myhostname=-a; syslog_facility=x; compatibility_level=x; maillog_file=x",                   false,
     "fatal: malformed compatibility level syntax: \"x\"\n"                                                                                                                          },
    {"myhostname=-a; syslog_facility=x; smtputf8_enable=x",                                       false,
     IN_FILE "syslog_facility: unrecognized value: x\n"                                                                                                                              },
    {"myhostname=-a; smtputf8_enable=x",                                                          false,
     "fatal: bad boolean configuration: smtputf8_enable = x\n"                                                                                                                       },
    {"maillog_file=x; queue_run_delay=x",                                                         false,
     "fatal: maillog_file value 'x' does not match any prefix in maillog_file_prefixes\n"                                                                                            },
    {"qmgr_message_active_limit=x; defer_transports=${; disable_verp_bounces=x",                  false,
     "fatal: bad numerical configuration: qmgr_message_active_limit = x\n"                                                                                                           },
    {"disable_verp_bounces=x; queue_run_delay=x",                                                 false,
     "fatal: bad boolean configuration: disable_verp_bounces = x\n"                                                                                                                  },
 /* each queue manager has parameters of its own */
    {"qmgr_fudge_factor=9",                                                                       false, ""                                                                          },
    {"qmgr_fudge_factor=9",                                                                       true,  "fatal: invalid qmgr_fudge_factor parameter value 9 < 10\n"                 },
    {"qmgr_fudge_factor=101",                                                                     true,  "fatal: invalid qmgr_fudge_factor parameter value 101 > 100\n"              },
    {"default_delivery_slot_cost=x; qmgr_message_recipient_minimum=x; default_recipient_limit=x",
     true,                                                                                               ""                                                                          },
    {"default_delivery_slot_discount=101",                                                        false,
     "fatal: invalid default_delivery_slot_discount parameter value 101 > 100\n"                                                                                                     },
    {"qmgr_message_recipient_limit=1",                                                            true,  ADJUST_RECIPIENTS                                                           },
 /* ours */
    {"eqmgr_scheduler=round-robin; qmgr_fudge_factor=9",                                          false,
     "fatal: invalid qmgr_fudge_factor parameter value 9 < 10\n"                                                                                                                     },
    {"eqmgr_scheduler=fifo",                                                                      false,
     "fatal: bad eqmgr_scheduler value: fifo (not preemptive or round-robin)\n"                                                                                                      },
    {"eqmgr_postfix_release=three",                                                               false,
     "fatal: bad eqmgr_postfix_release value: three (not a release like 3.7)\n"                                                                                                      },
    {"eqmgr_sandbox=maybe",                                                                       false, "fatal: bad eqmgr_sandbox value: maybe (not yes, no or log)\n"              },
    {"eqmgr_resolver_connections=65",                                                             false,
     "fatal: invalid eqmgr_resolver_connections parameter value 65 > 64\n"                                                                                                           },
    {"debugger_command=echo $",                                                                   false, ""                                                                          }, /* not looked at without -D */
};

START_TEST(warnings_and_fatal_texts_are_stock)
{
    g_autoptr(GString) said = g_string_new(NULL);
    Settings *settings;

    put_file("main.cf", "compatibility_level=3.6\n");
    settings = load(says[_i].overrides, says[_i].round_robin, said);
    settings_free(settings);
    ck_assert_str_eq(said->str, says[_i].want);
}
END_TEST

static Settings *load_quietly(const char *overrides, bool round_robin)
{
    g_autoptr(GString) said = g_string_new(NULL);
    Settings *settings = load(overrides, round_robin, said);

    ck_assert_str_eq(said->str, "");
    return settings;
}

START_TEST(defaults_are_those_of_stock)
{
    const SettingsValues *v;
    Settings *settings;

    put_file("main.cf", "");
    settings = load_quietly("myhostname=mail.example.com", false);
    v = settings_values(settings);
    ck_assert_str_eq(v->config_directory, directory);
    ck_assert_str_eq(v->queue_directory, "/start");
    ck_assert_str_eq(v->mail_owner, "postfix");
    ck_assert_str_eq(v->syslog_name, "postfix");
    ck_assert_str_eq(v->hash_queue_names, "deferred, defer");
    ck_assert_str_eq(v->fast_flush_domains, "mail.example.com, localhost.example.com, localhost");
    ck_assert(v->fast_flush_matches_subdomains && !v->smtputf8_enable && !v->soft_bounce);
    ck_assert_int_eq(v->qmgr_message_active_limit, 20000);
    ck_assert_int_eq(v->maximal_queue_lifetime_s, 432000);
    ck_assert_int_eq(v->bounce_queue_lifetime_s, 432000);
    ck_assert_int_eq(v->maximal_backoff_time_s, 4000);
    ck_assert_int_eq(v->qmgr_fudge_factor, 100);
    ck_assert_int_eq(v->address_verify_pending_request_limit, 5000);
    ck_assert_str_eq(v->eqmgr_scheduler, "preemptive");
    ck_assert_int_eq(v->eqmgr_resolver_connections, 8);
    ck_assert_int_eq(v->eqmgr_resolver_cache_s, 10);
    ck_assert_str_eq(v->eqmgr_resolver_services, "");
    ck_assert(!v->eqmgr_retry_exact && v->eqmgr_postfix_release == 0);
    ck_assert_int_eq(v->eqmgr_new_mail_reserve, 0);
    ck_assert_int_eq(v->eqmgr_destination_active_share, 0);
    ck_assert_int_eq(v->eqmgr_destination_active_horizon_s, 300);
    settings_free(settings);
}
END_TEST

START_TEST(adjusted_limits_are_used)
{
    g_autoptr(GString) said = g_string_new(NULL);
    const SettingsValues *v;
    Settings *settings;

    put_file("main.cf", "qmgr_message_recipient_limit = 7\nbounce_queue_lifetime = 9d\n");
    settings = load("", false, said);
    v = settings_values(settings);
    ck_assert_int_eq(v->qmgr_message_recipient_limit, v->qmgr_message_active_limit);
    ck_assert_int_eq(v->bounce_queue_lifetime_s, v->maximal_queue_lifetime_s);
    settings_free(settings);
}
END_TEST

START_TEST(who_is_called_oqmgr_is_round_robin)
{
    Settings *settings;

    put_file("main.cf", "eqmgr_scheduler = preemptive\n");
    settings = load_quietly("", true);
    ck_assert_str_eq(settings_values(settings)->eqmgr_scheduler, "round-robin");
    settings_free(settings);
}
END_TEST

START_TEST(values_are_expanded_and_options_win)
{
    const SettingsValues *v;
    Settings *settings;

    put_file("main.cf", "queue_directory = $base/q\nbase = /tmp\nipc_ttl = 7\n"
                        "debugger_command = gdb $process_name\nparent_domain_matches_subdomains = "
                        "x, !fast_flush_domains\n");
    settings = load_quietly("base=/var/$mail_name; ipc_ttl=8", false);
    v = settings_values(settings);
    ck_assert_str_eq(v->queue_directory, "/var/Postfix/q");
    ck_assert_int_eq(v->ipc_ttl_s, 8);
    ck_assert_str_eq(v->debugger_command, "gdb qmgr");
    ck_assert(!v->fast_flush_matches_subdomains);
    settings_free(settings);
}
END_TEST

START_TEST(eqmgr_cf_is_between_main_cf_and_options)
{
    g_autoptr(GString) said = g_string_new(NULL);
    const SettingsValues *v;
    Settings *settings;

    put_file("main.cf", "eqmgr_resolver_connections = 3\neqmgr_retry_exact = no\nn = 5\n"
                        "ipc_ttl = 7\neqmgr_postfix_release = 3.6\n");
    put_file("eqmgr.cf", "eqmgr_resolver_connections = $n\neqmgr_retry_exact = yes\n"
                         "ipc_ttl = 9\neqmgr_postfix_release = 3.8\nb = 1\nb = 2\n");
    settings = load("eqmgr_postfix_release=3.10.2", false, said);
    v = settings_values(settings);
    ck_assert_str_eq(said->str, "warning: @/eqmgr.cf, line 6: overriding earlier entry: b=1\n"
                                "warning: @/eqmgr.cf: unused parameter: b=2\n"
                                "warning: @/eqmgr.cf: unused parameter: ipc_ttl=9\n");
    ck_assert_int_eq(v->eqmgr_resolver_connections, 5);
    ck_assert(v->eqmgr_retry_exact);
    ck_assert_int_eq(v->ipc_ttl_s, 7);
    ck_assert_int_eq(v->eqmgr_postfix_release, RELEASE(3, 10, 2));
    settings_free(settings);
}
END_TEST

/* --- transports --- */

static const struct {
    const char *overrides, *transport;
    bool round_robin;
    const char *want; /* the fatal text, or what some values are */
} transports[] = {
    {"",                                                                           "smtp",  false, "conc 20 init 5 rcpt 50 rate 0 cost 5 refill 5 +1 -1"},
    {"",                                                                           "local", false, "conc 2 init 5 rcpt 1 rate 0 cost 5 refill 5 +1 -1"  },
    {"default_destination_concurrency_limit=7; initial_destination_concurrency=3", "smtp",  false,
     "conc 7 init 3 rcpt 50 rate 0 cost 5 refill 5 +1 -1"                                                                                               },
    {"a-b_destination_rate_delay=2m; a-b_delivery_slot_cost=9",                    "a-b",   false,
     "conc 20 init 5 rcpt 50 rate 120 cost 9 refill 5 +1 -1"                                                                                            },
    {"x_destination_rate_delay=1m; X_destination_rate_delay=3",                    "X",     false,
     "conc 20 init 5 rcpt 50 rate 3 cost 5 refill 5 +1 -1"                                                                                              },
    {"smtp_delivery_slot_cost=x; smtp_recipient_refill_delay=x",                   "smtp",  true,
     "conc 20 init 5 rcpt 50 rate 0 cost 5 refill 5 +1 -1"                                                                                              },
    {"smtp_delivery_slot_cost=x",                                                  "smtp",  false,
     "fatal: bad numerical configuration: smtp_delivery_slot_cost = x"                                                                                  },
    {"smtp_initial_destination_concurrency=0",                                     "smtp",  false,
     "fatal: invalid smtp_initial_destination_concurrency parameter value 0 < 1"                                                                        },
    {"smtp_destination_rate_delay=x",                                              "smtp",  false,
     "fatal: parameter smtp_destination_rate_delay: bad time value or unit: x"                                                                          },
    {"smtp_recipient_refill_delay=0",                                              "smtp",  false,
     "fatal: invalid smtp_recipient_refill_delay: 0 (min 1)"                                                                                            },
    {"smtp_delivery_slot_discount=101",                                            "smtp",  false,
     "fatal: invalid smtp_delivery_slot_discount parameter value 101 > 100"                                                                             },
    {"smtp_destination_concurrency_positive_feedback=",                            "smtp",  false,
     "fatal: bad string length 0 < 1: smtp_destination_concurrency_positive_feedback = "                                                                },
    {"smtp_destination_concurrency_negative_feedback=1/5",                         "smtp",  false,
     "conc 20 init 5 rcpt 50 rate 0 cost 5 refill 5 +1 -1/5"                                                                                            },
    {"smtp_destination_recipient_limit=$q${",                                      "smtp",  false,
     "fatal: dictionary mail_dict: macro processing error"                                                                                              },
};

static char *describe(const TransportSettings *t)
{
    return g_strdup_printf("conc %d init %d rcpt %d rate %d cost %d refill %d +%s -%s",
                           t->destination_concurrency_limit, t->initial_destination_concurrency,
                           t->destination_recipient_limit, t->destination_rate_delay_s,
                           t->delivery_slot_cost, t->recipient_refill_delay_s, t->positive_feedback,
                           t->negative_feedback);
}

START_TEST(transports_have_parameters_of_their_own)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *got = NULL;
    TransportSettings t;
    Settings *settings;

    put_file("main.cf", "");
    settings = load_quietly(transports[_i].overrides, transports[_i].round_robin);
    if (settings_transport(settings, transports[_i].transport, &t, &error)) {
        got = describe(&t);
        transport_settings_clear(&t);
    } else {
        got = g_strconcat("fatal: ", error->message, NULL);
    }
    settings_free(settings);
    ck_assert_str_eq(got, transports[_i].want);
}
END_TEST

START_TEST(reasons_of_transport_errors_can_be_fetched)
{
    g_autoptr(GError) error = NULL;
    TransportSettings t;
    Settings *settings;

    put_file("main.cf", "smtp_recipient_limit = ${\n");
    settings = load_quietly("", false);
    ck_assert(!settings_transport(settings, "smtp", &t, &error));
    ck_assert_uint_eq(settings_transport_warnings(settings)->len, 1);
    ck_assert_str_eq(g_ptr_array_index(settings_transport_warnings(settings), 0),
                     "truncated macro reference: \"${\"");
    settings_free(settings);
}
END_TEST

START_TEST(feedback_is_blamed_on_the_parameter_whose_text_it_is)
{
    TransportSettings t;
    Settings *settings;

    put_file("main.cf", "a_destination_concurrency_positive_feedback = 1\n"
                        "a_destination_concurrency_negative_feedback = 1/5\n");
    settings = load_quietly("", false);
    ck_assert(settings_transport(settings, "a", &t, NULL));
    ck_assert_str_eq(t.positive_feedback_name, "default_destination_concurrency_positive_feedback");
    ck_assert_str_eq(t.negative_feedback_name, "a_destination_concurrency_negative_feedback");
    transport_settings_clear(&t);
    settings_free(settings);
}
END_TEST

START_TEST(missing_main_cf_is_fatal)
{
    g_autoptr(GString) said = g_string_new(NULL);

    ck_assert_ptr_null(load("", false, said));
    ck_assert_str_eq(said->str, "fatal: open @/main.cf: No such file or directory\n");
}
END_TEST

/* What is in a directory does not count, not even a broken file. */
START_TEST(defaults_need_no_file)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    const SettingsSource source = {
        .config_directory = directory, .process_name = "qmgr", .service_name = "qmgr"};
    Settings *settings = settings_of_defaults(&source, warnings, NULL);

    ck_assert_ptr_nonnull(settings);
    ck_assert_int_eq(settings_values(settings)->maximal_backoff_time_s, 4000);
    ck_assert_str_eq(settings_values(settings)->eqmgr_policy_file, "");
    settings_free(settings);
    put_file("main.cf", "maximal_backoff_time = 1h\nmail_owner = nobody-of-that-name\n");
    settings = settings_of_defaults(&source, warnings, NULL);
    ck_assert_ptr_nonnull(settings);
    ck_assert_int_eq(settings_values(settings)->maximal_backoff_time_s, 4000);
    settings_free(settings);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("settings");

    tcase_add_checked_fixture(tc, make_directory, remove_directory);
    tcase_add_loop_test(tc, warnings_and_fatal_texts_are_stock, 0, G_N_ELEMENTS(says));
    tcase_add_test(tc, defaults_are_those_of_stock);
    tcase_add_test(tc, adjusted_limits_are_used);
    tcase_add_test(tc, who_is_called_oqmgr_is_round_robin);
    tcase_add_test(tc, values_are_expanded_and_options_win);
    tcase_add_test(tc, eqmgr_cf_is_between_main_cf_and_options);
    tcase_add_loop_test(tc, transports_have_parameters_of_their_own, 0, G_N_ELEMENTS(transports));
    tcase_add_test(tc, reasons_of_transport_errors_can_be_fetched);
    tcase_add_test(tc, feedback_is_blamed_on_the_parameter_whose_text_it_is);
    tcase_add_test(tc, missing_main_cf_is_fatal);
    tcase_add_test(tc, defaults_need_no_file);
    return run_suite("config/settings", tc, NULL);
}

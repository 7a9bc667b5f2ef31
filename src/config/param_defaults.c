#include "params_internal.h"

/* Parameters that a queue manager does not evaluate, but other parameters may refer to. The two of
 * the transport "local" are found by settings_transport(). */
static const struct {
    const char *name, *text;
} visible[] = {
    {"command_directory",                      "/usr/sbin"                                                   },
    {"meta_directory",                         "/etc/postfix"                                                },
    {"shlib_directory",                        "/usr/lib/postfix"                                            },
    {"process_id_directory",                   "pid"                                                         },
    {"myorigin",                               "$myhostname"                                                 },
    {"mydestination",                          "$myhostname, localhost.$mydomain, localhost"                 },
    {"relay_domains",                          "${{$compatibility_level} <level {2} ? {$mydestination} : {}}"},
    {"mail_name",                              "Postfix"                                                     },
    {"maillog_file_permissions",               "0600"                                                        },
    {"multi_instance_name",                    ""                                                            },
    {"multi_instance_group",                   ""                                                            },
    {"multi_instance_directories",             ""                                                            },
    {"multi_instance_wrapper",                 ""                                                            },
    {"multi_instance_enable",                  "no"                                                          },
    {"import_environment",                     "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C "
                           "POSTLOG_SERVICE POSTLOG_HOSTNAME"                      },
    {"export_environment",                     "TZ MAIL_CONFIG LANG"                                         },
    {"enable_long_queue_ids",                  "no"                                                          },
    {"local_destination_concurrency_limit",    "2"                                                           },
    {"local_destination_recipient_limit",      "1"                                                           },
    {"ipc_timeout",                            "3600s"                                                       },
    {"trigger_timeout",                        "10s"                                                         },
    {"max_idle",                               "100s"                                                        },
    {"max_use",                                "100"                                                         },
    {"application_event_drain_time",           "100s"                                                        },
    {"service_throttle_time",                  "60s"                                                         },
    {"fork_attempts",                          "5"                                                           },
    {"fork_delay",                             "1s"                                                          },
    {"deliver_lock_attempts",                  "20"                                                          },
    {"deliver_lock_delay",                     "1s"                                                          },
    {"stale_lock_time",                        "500s"                                                        },
    {"error_service_name",                     "error"                                                       },
    {"queue_service_name",                     "qmgr"                                                        },
    {"cleanup_service_name",                   "cleanup"                                                     },
    {"pickup_service_name",                    "pickup"                                                      },
    {"showq_service_name",                     "showq"                                                       },
    {"proxymap_service_name",                  "proxymap"                                                    },
    {"proxywrite_service_name",                "proxywrite"                                                  },
    {"default_delivery_status_filter",         ""                                                            },
    {"strict_smtputf8",                        "no"                                                          },
    {"backwards_bounce_logfile_compatibility", "yes"                                                         },
    {"daemon_table_open_error_is_fatal",       "no"                                                          },
    {"message_size_limit",                     "10240000"                                                    },
    {"line_length_limit",                      "2048"                                                        },
    {"disable_dns_lookups",                    "no"                                                          },
    {"inet_protocols",                         "all"                                                         },
    {"inet_interfaces",                        "all"                                                         },
    {"proxy_interfaces",                       ""                                                            },
    {"mynetworks_style",                       "${{$compatibility_level} <level {2} ? {subnet} : {host}}"    },
    {"known_tcp_ports",                        "lmtp=24, smtp=25, smtps=submissions=465, submission=587"     },
    {"respectful_logging",                     "${{$compatibility_level} <level {3.6} ? {no} : {yes}}"       },
    {"debug_peer_level",                       "2"                                                           },
    {"debug_peer_list",                        ""                                                            },
    {"fault_injection_code",                   "0"                                                           },
};

static void enter_table(Lexicon *lexicon, ParamTable table)
{
    for (size_t i = 0; i < table.count; i++)
        if (table.rows[i].fallback != NULL)
            lexicon_set_default(lexicon, table.rows[i].name, table.rows[i].fallback);
}

void params_set_defaults(Lexicon *lexicon)
{
    enter_table(lexicon, params_first);
    enter_table(lexicon, params_library);
    enter_table(lexicon, params_eqmgr);
    enter_table(lexicon, params_queue_manager);
    for (size_t i = 0; i < G_N_ELEMENTS(visible); i++)
        lexicon_set_default(lexicon, visible[i].name, visible[i].text);
}

/*
 * The table of objects and fields. A new attribute in an answer becomes visible by a line here.
 */

#include "src/ctl/view_internal.h"

#define END                          \
    {                                \
        NULL, FIELD_TEXT, NULL, NULL \
    }

static const Field status_fields[] = {
    {"pid",                    FIELD_NUMBER,  NULL, "process ID of the daemon"                                },
    {"started",                FIELD_AGE,     NULL, "when it was started"                                     },
    {"strategy",               FIELD_TEXT,    NULL, "preemptive or round-robin"                               },
    {"active",                 FIELD_COUNT,   NULL, "messages in the active queue"                            },
    {"active_limit",           FIELD_COUNT,   NULL, "qmgr_message_active_limit"                               },
    {"recipients",             FIELD_COUNT,   NULL, "recipients in memory"                                    },
    {"recipients_limit",       FIELD_COUNT,   NULL, "qmgr_message_recipient_limit"                            },
    {"resolving",              FIELD_COUNT,   NULL, "active messages that wait for trivial-rewrite(8)"        },
    {"waiting",                FIELD_COUNT,   NULL, "active messages that wait for a delivery agent"          },
    {"delivering",             FIELD_COUNT,   NULL, "active messages that an agent has"                       },
    {"finishing",              FIELD_COUNT,   NULL, "active messages that wait for bounce, defer or trace(8)" },
    {"stuck",                  FIELD_COUNT,   NULL, "active messages whose file could not be moved or removed"},
    {"deferred",               FIELD_COUNT,   NULL, "deferred messages, if index_complete"                    },
    {"index_complete",         FIELD_BOOL,    NULL, "all deferred messages are known"                         },
    {"deferred_known",         FIELD_COUNT,   NULL, "deferred messages of which the destination is known"     },
    {"overdue",                FIELD_COUNT,   NULL, "deferred messages whose time has come"                   },
    {"next_due",               FIELD_UNTIL,   NULL, "when the first deferred message is due"                  },
    {"oldest_active",          FIELD_AGE,     NULL, "arrival of the oldest active message"                    },
    {"last_run",               FIELD_AGE,     NULL, "when the last queue run began"                           },
    {"in_minute",              FIELD_COUNT,   NULL, "messages taken from incoming in the last 60 s"           },
    {"done_minute",            FIELD_COUNT,   NULL, "messages removed in the last 60 s"                       },
    {"deferred_minute",        FIELD_COUNT,   NULL, "messages deferred in the last 60 s"                      },
    {"in_hour",                FIELD_COUNT,   NULL, "messages taken from incoming in the last hour"           },
    {"done_hour",              FIELD_COUNT,   NULL, "messages removed in the last hour"                       },
    {"deferred_hour",          FIELD_COUNT,   NULL, "messages deferred in the last hour"                      },
    {"loop_busy_p99_us",       FIELD_COUNT,   NULL,
     "99 of 100 turns of the event loop are busy for less, us"                                                },
    {"in_minutes",             FIELD_NUMBERS, NULL, "the last 60 minutes one by one, oldest first"            },
    {"done_minutes",           FIELD_NUMBERS, NULL, "the last 60 minutes one by one, oldest first"            },
    {"deferred_minutes",       FIELD_NUMBERS, NULL, "the last 60 minutes one by one, oldest first"            },
    {"taken_total",            FIELD_COUNT,   NULL, "messages taken from incoming since the start"            },
    {"removed_total",          FIELD_COUNT,   NULL, "messages removed since the start"                        },
    {"deferred_total",         FIELD_COUNT,   NULL, "messages deferred since the start"                       },
    {"transports",             FIELD_COUNT,   NULL, "transports in use"                                       },
    {"transports_dead",        FIELD_COUNT,   NULL, "transports that are dead"                                },
    {"dead_transports",        FIELD_LIST,    NULL, "names of the first 5 of them"                            },
    {"destinations",           FIELD_COUNT,   NULL, "destinations with mail in active, or dead"               },
    {"destinations_full",      FIELD_COUNT,   NULL, "... with all deliveries running that may"                },
    {"destinations_throttled", FIELD_COUNT,   NULL, "... that are dead"                                       },
    {"destinations_paced",     FIELD_COUNT,   NULL, "... that wait for a rate delay"                          },
    {"rules",                  FIELD_COUNT,   NULL, "rules of an administrator that are in force"             },
    {"suspended",              FIELD_COUNT,   NULL, "messages known to wait for the end of one"               },
    {"outliving",              FIELD_COUNT,   NULL, "... and pass their lifetime before that"                 },
    {"outliving_known",        FIELD_COUNT,   NULL, "... of so many of which that is known"                   },
    {"destinations_suspended", FIELD_COUNT,   NULL, "... that an administrator suspended"                     },
    {"parked",                 FIELD_COUNT,   NULL, "messages that wait for a place in the active queue"      },
    END
};

static const Field attention_fields[] = {
    {"kind", FIELD_TEXT, NULL, "what it is about"},
    {"text", FIELD_TEXT, NULL, "a sentence"      },
    END
};

static const Field advice_fields[] = {
    {"kind",     FIELD_TEXT, NULL, "which rule"                         },
    {"severity", FIELD_TEXT, NULL, "trouble, attention or hint"         },
    {"text",     FIELD_TEXT, NULL, "what was seen, in a sentence"       },
    {"help",     FIELD_TEXT, NULL, "what shows more, or what would help"},
    END
};

static const Field finding_fields[] = {
    {"severity", FIELD_TEXT, NULL, "error or warning"                                 },
    {"text",     FIELD_TEXT, NULL, "file, line, section, what is wrong, what is right"},
    END
};

static const Field policy_fields[] = {
    {"setting", FIELD_TEXT, "SETTING", "what is set"                             },
    {"value",   FIELD_TEXT, "VALUE",   "its value; none: no limit"               },
    {"origin",  FIELD_TEXT, "FROM",    "file and line, the parameter, or default"},
    {"note",    FIELD_TEXT, "NOTE",    "what else is to be known"                },
    END
};

static const Field policy_line_fields[] = {
    {"section",      FIELD_TEXT,   "SECTION", "[site NAME] or [reply NAME]"                         },
    {"section_line", FIELD_NUMBER, NULL,      "where the section begins"                            },
    {"line",         FIELD_NUMBER, "LINE",    "where the setting stands; none: it is the default"   },
    {"setting",      FIELD_TEXT,   "SETTING", "a condition or a setting"                            },
    {"value",        FIELD_TEXT,   "VALUE",   "its value, or words; a file of words with its number"},
    END
};

static const Field policy_difference_fields[] = {
    {"change",  FIELD_TEXT, "CHANGE",  "added, removed, changed, words, moved"                },
    {"section", FIELD_TEXT, "SECTION", "[site NAME] or [reply NAME]"                          },
    {"setting", FIELD_TEXT, "SETTING", "a condition or a setting; order: which is tried first"},
    {"before",  FIELD_TEXT, "BEFORE",  "its value; of words those that go"                    },
    {"after",   FIELD_TEXT, "AFTER",   "its value; of words those that come"                  },
    END
};

static const Field policy_change_fields[] = {
    {"transport",    FIELD_TEXT,  "TRANSPORT",    "their transport"                           },
    {"destinations", FIELD_COUNT, "DESTINATIONS", "for how many of it this changes"           },
    {"example",      FIELD_TEXT,  "SUCH AS",      "one of them"                               },
    {"setting",      FIELD_TEXT,  "SETTING",      "what is set; section: which one it is"     },
    {"before",       FIELD_TEXT,  "BEFORE",       "what holds by the file now; none: no limit"},
    {"after",        FIELD_TEXT,  "AFTER",        "what would hold"                           },
    END
};

static const Field transport_fields[] = {
    {"transport",    FIELD_TEXT,  "TRANSPORT",    "its name in master.cf"                                },
    {"state",        FIELD_LIST,  "STATE",        "ready, paced, full, dead"                             },
    {"running",      FIELD_COUNT, "RUN",          "deliveries now"                                       },
    {"slowed",       FIELD_TEXT,  NULL,           "how far, all together, because of answers"            },
    {"slowed_by",    FIELD_TEXT,  NULL,           "the section [reply] of the policy file"               },
    {"pending",      FIELD_COUNT, "PENDING",      "connections whose agent has not announced itself"     },
    {"waiting",      FIELD_COUNT, "WAIT",         "delivery requests that wait"                          },
    {"destinations", FIELD_COUNT, "DESTINATIONS", "destinations it knows"                                },
    {"done",         FIELD_COUNT, "DONE",         "deliveries since the start that are done"             },
    {"deferred",     FIELD_COUNT, "DEFERRED",     "deliveries since the start that were deferred"        },
    {"lost",         FIELD_COUNT, "LOST",         "deliveries since the start whose agent did not answer"},
    {"since",        FIELD_AGE,   "SINCE",        "since when it is dead"                                },
    {"until",        FIELD_UNTIL, "UNTIL",        "when it is tried again"                               },
    {"status",       FIELD_TEXT,  NULL,           "status code it died of"                               },
    {"why",          FIELD_TEXT,  "WHY",          "reason it died of"                                    },
    END
};

static const Field slowed_fields[] = {
    {"transport",   FIELD_TEXT, "TRANSPORT",   "its transport; none: a site over transports"         },
    {"destination", FIELD_TEXT, "DESTINATION", "that is slowed by itself"                            },
    {"site",        FIELD_TEXT, "SITE",        "or the site that shares it, or \"all destinations\"" },
    {"state",       FIELD_LIST, NULL,          "slowed"                                              },
    {"slowed",      FIELD_TEXT, "TO",          "how far: deliveries in a time, or at a time, or both"},
    {"slowed_by",   FIELD_TEXT, "BY",          "the section [reply] of the policy file"              },
    {"since",       FIELD_AGE,  "SINCE",       "when it was slowed last"                             },
    {"why",         FIELD_TEXT, "WHY",         "the answer to which it was"                          },
    END
};

static const Field setting_fields[] = {
    {"name",  FIELD_TEXT, "SETTING", "parameter, with the transport for <transport>"  },
    {"value", FIELD_TEXT, "VALUE",   "in force"                                       },
    {"from",  FIELD_TEXT, "FROM",    "the parameter that says so, or built-in default"},
    END
};

static const Field destination_fields[] = {
    {"transport",           FIELD_TEXT,   "TRANSPORT",   "its transport"                                  },
    {"destination",         FIELD_TEXT,   "DESTINATION", "nexthop, as the scheduler knows it"             },
    {"users",               FIELD_COUNT,  NULL,          "of *@nexthop: how many it stands for"           },
    {"state",               FIELD_LIST,   "STATE",
     "idle, ready, full, paced, throttled, blocked, suspended, draining"                                  },
    {"running",             FIELD_COUNT,  "RUN",         "deliveries now"                                 },
    {"window",              FIELD_COUNT,  "WINDOW",      "how many may run, by feedback"                  },
    {"limit",               FIELD_COUNT,  "LIMIT",       "destination_concurrency_limit, or by a rule"    },
    {"limit_rule",          FIELD_NUMBER, NULL,          "number of the rule that says the limit"         },
    {"rate",                FIELD_TEXT,   NULL,          "deliveries in a time, by a rule: 100/1m"        },
    {"rate_rule",           FIELD_NUMBER, NULL,          "number of the rule that says the rate"          },
    {"slowed",              FIELD_TEXT,   NULL,          "how far, because of the answers of the site"    },
    {"slowed_by",           FIELD_TEXT,   NULL,          "the section [reply] of the policy file"         },
    {"site",                FIELD_TEXT,   NULL,          "the site that it shares with others"            },
    {"site_running",        FIELD_COUNT,  NULL,          "deliveries of all that share it"                },
    {"site_limit",          FIELD_COUNT,  NULL,          "how many may run; 0: as many as windows let"    },
    {"waiting",             FIELD_COUNT,  "WAIT",        "delivery requests that wait"                    },
    {"deferred",            FIELD_COUNT,  "DEFERRED",    "deferred messages that are known to wait for it"},
    {"parked",              FIELD_COUNT,  NULL,          "... for a place in active, for its whole site"  },
    {"deliveries_done",     FIELD_COUNT,  NULL,          "deliveries that are done since it is known"     },
    {"deliveries_deferred", FIELD_COUNT,  NULL,          "deliveries that were deferred since it is known"},
    {"last_success",        FIELD_AGE,    "LAST-OK",     "when a delivery was done last"                  },
    {"since",               FIELD_AGE,    NULL,          "since when it is dead"                          },
    {"until",               FIELD_UNTIL,  "UNTIL",       "when it is tried again"                         },
    {"status",              FIELD_TEXT,   NULL,          "status code it died of"                         },
    {"why",                 FIELD_TEXT,   "WHY",         "what bounds it now"                             },
    {"rule",                FIELD_NUMBER, NULL,          "the rule of an administrator that holds it"     },
    {"nexthop",             FIELD_TEXT,   NULL,          "as trivial-rewrite(8) gave it"                  },
    END
};

static const Field trouble_fields[] = {
    {"time",   FIELD_TIME, "TIME",   "when it was"        },
    {"status", FIELD_TEXT, "STATUS", "status code"        },
    {"reason", FIELD_TEXT, "REASON", "what the agent said"},
    END
};

static const Field due_fields[] = {
    {"time",  FIELD_DUE,   "TIME", "begin of the minute; 0: overdue"    },
    {"count", FIELD_COUNT, "DUE",  "messages that become due in it"     },
    {"why",   FIELD_TEXT,  "WHY",  "why overdue ones were not taken yet"},
    END
};

static const Field due_message_fields[] = {
    {"queue_id", FIELD_TEXT,  "QUEUE-ID", "queue ID"              },
    {"due",      FIELD_UNTIL, "DUE-IN",   "when it is tried again"},
    END
};

static const Field deferred_fields[] = {
    {"transport",   FIELD_TEXT,  "TRANSPORT",   "transport"                                             },
    {"destination", FIELD_TEXT,  "DESTINATION", "the first destination that deferred them"              },
    {"count",       FIELD_COUNT, "DEFERRED",    "messages"                                              },
    {"status",      FIELD_TEXT,  "STATUS",      "status code of the last attempt; the most frequent one"},
    {"reason",      FIELD_TEXT,  "REASON",      "what was said with it last"                            },
    END
};

static const Field coverage_fields[] = {
    {"deferred_known", FIELD_COUNT, NULL, "deferred messages of which the destination is known"},
    {"deferred",       FIELD_COUNT, NULL, "deferred messages"                                  },
    {"index_complete", FIELD_BOOL,  NULL, "these are all that there are"                       },
    END
};

static const Field message_fields[] = {
    {"queue_id",    FIELD_TEXT,  "QUEUE-ID", "queue ID"                                        },
    {"state",       FIELD_TEXT,  "STATE",    "resolving, waiting, delivering, finishing, stuck"},
    {"arrival",     FIELD_AGE,   "AGE",      "when it arrived"                                 },
    {"size",        FIELD_BYTES, "SIZE",     "size of its content"                             },
    {"outstanding", FIELD_COUNT, "REQUESTS", "delivery requests waiting or running"            },
    {"from",        FIELD_TEXT,  NULL,       "queue it was taken from"                         },
    {"sender",      FIELD_TEXT,  "SENDER",   "envelope sender"                                 },
    END
};

static const Field connection_fields[] = {
    {"transport",   FIELD_TEXT,  "TRANSPORT",   "transport"                         },
    {"destination", FIELD_TEXT,  "DESTINATION", "destination, if a request was sent"},
    {"state",       FIELD_TEXT,  "STATE",       "pending, paced, delivering"        },
    {"since",       FIELD_AGE,   "SINCE",       "since when"                        },
    {"slow",        FIELD_BOOL,  "SLOW",        "longer than 75 % of daemon_timeout"},
    {"recipients",  FIELD_COUNT, "RCPT",        "recipients of the request"         },
    {"queue_id",    FIELD_TEXT,  "QUEUE-ID",    "queue ID"                          },
    END
};

static const Field event_fields[] = {
    {"time",        FIELD_TIME,  "TIME",        "when it was"                        },
    {"serial",      FIELD_COUNT, NULL,          "number of the event since the start"},
    {"kind",        FIELD_TEXT,  "EVENT",       "what changed"                       },
    {"transport",   FIELD_TEXT,  "TRANSPORT",   "of which transport"                 },
    {"destination", FIELD_TEXT,  "DESTINATION", "of which destination"               },
    {"reason",      FIELD_TEXT,  "REASON",      "why"                                },
    END
};

static const Field flush_fields[] = {
    {"about",        FIELD_TEXT,   "ABOUT",    "domain, destination, transport, all"},
    {"name",         FIELD_TEXT,   "NAME",     "of which"                           },
    {"destinations", FIELD_COUNT,  "MATCHED",  "destinations that it is about"      },
    {"revived",      FIELD_COUNT,  "REVIVED",  "of these, how many were dead"       },
    {"messages",     FIELD_COUNT,  "MESSAGES", "deferred messages known to wait"    },
    {"job",          FIELD_NUMBER, "JOB",      "the job that lets them go"          },
    END
};

static const Field reresolve_fields[] = {
    {"about",      FIELD_TEXT,   "ABOUT",      "domain, destination, transport, all"         },
    {"name",       FIELD_TEXT,   "NAME",       "of which"                                    },
    {"requests",   FIELD_COUNT,  "REQUESTS",   "delivery requests that wait for it in active"},
    {"recipients", FIELD_COUNT,  "RECIPIENTS", "recipients of these, who are to be asked for"},
    {"job",        FIELD_NUMBER, "JOB",        "the job that asks"                           },
    END
};

static const Field expedite_fields[] = {
    {"queue_id", FIELD_TEXT, "QUEUE-ID", "queue ID"                                           },
    {"place",    FIELD_TEXT, "PLACE",    "active, incoming, deferred, hold, maildrop, nowhere"},
    {"state",    FIELD_TEXT, "STATE",    "next, not done"                                     },
    {"text",     FIELD_TEXT, "WHAT",     "what happens, or why not"                           },
    END
};

static const Field job_fields[] = {
    {"number",  FIELD_NUMBER, "JOB",     "its number"                                                },
    {"verb",    FIELD_TEXT,   "VERB",    "flush, resume, reresolve"                                  },
    {"about",   FIELD_TEXT,   "ABOUT",   "domain, destination, transport, all"                       },
    {"name",    FIELD_TEXT,   "NAME",    "of which"                                                  },
    {"state",   FIELD_TEXT,   "STATE",   "waiting, pilot, portions, asking, done, stopped, cancelled"},
    {"tried",   FIELD_COUNT,  "TRIED",   "messages made due"                                         },
    {"running", FIELD_COUNT,  "RUNNING", "of these, due or in active now"                            },
    {"through", FIELD_COUNT,  "THROUGH", "of these, a delivery was done"                             },
    {"back",    FIELD_COUNT,  "BACK",    "of these, deferred again"                                  },
    {"left",    FIELD_COUNT,  "LEFT",    "known messages not tried"                                  },
    {"since",   FIELD_AGE,    "SINCE",   "when it began"                                             },
    {"ended",   FIELD_AGE,    "ENDED",   "when it ended"                                             },
    {"uid",     FIELD_NUMBER, "UID",     "who began it"                                              },
    {"why",     FIELD_TEXT,   "WHY",     "why it stopped, or what it has left"                       },
    END
};

static const Field rule_fields[] = {
    {"number",      FIELD_NUMBER, "RULE",      "its number; none with --dry-run if it would be new"  },
    {"kind",        FIELD_TEXT,   "KIND",      "suspend, limit"                                      },
    {"about",       FIELD_TEXT,   "ABOUT",     "domain, destination, transport, all"                 },
    {"name",        FIELD_TEXT,   "NAME",      "of which"                                            },
    {"limit",       FIELD_TEXT,   "LIMIT",     "what it allows: concurrency 5, rate 100/1m"          },
    {"concurrency", FIELD_COUNT,  NULL,        "deliveries at a time to each destination"            },
    {"rate_count",  FIELD_COUNT,  NULL,        "deliveries to each destination in this time:"        },
    {"rate_period", FIELD_COUNT,  NULL,        "seconds"                                             },
    {"since",       FIELD_AGE,    "SINCE",     "when it was set"                                     },
    {"until",       FIELD_UNTIL,  "UNTIL",     "when it ends"                                        },
    {"forever",     FIELD_BOOL,   NULL,        "it has no end"                                       },
    {"uid",         FIELD_NUMBER, "UID",       "who set it"                                          },
    {"suspended",   FIELD_COUNT,  "SUSPENDED", "deferred messages that are known to wait for its end"},
    {"why",         FIELD_TEXT,   "WHY",       "reason given"                                        },
    END
};

static const Field explain_fields[] = {
    {"queue_id",     FIELD_TEXT,  NULL, "queue ID"                                                    },
    {"place",        FIELD_TEXT,  NULL, "maildrop, incoming, active, deferred, hold, corrupt, nowhere"},
    {"state",        FIELD_TEXT,  NULL, "of a message in active"                                      },
    {"text",         FIELD_TEXT,  NULL, "what it waits for, in a sentence"                            },
    {"since",        FIELD_AGE,   NULL, "since when"                                                  },
    {"arrival",      FIELD_AGE,   NULL, "when it arrived"                                             },
    {"due",          FIELD_UNTIL, NULL, "when it is tried again"                                      },
    {"last_attempt", FIELD_AGE,   NULL, "when it was tried last"                                      },
    {"warns_at",     FIELD_UNTIL, NULL, "when its sender is warned that it is late"                   },
    {"returns_at",   FIELD_UNTIL, NULL, "when it is returned to its sender"                           },
    {"sender",       FIELD_TEXT,  NULL, "envelope sender"                                             },
    {"size",         FIELD_BYTES, NULL, "size of its content"                                         },
    {"unread",       FIELD_COUNT, NULL, "recipients that are still in the file only"                  },
    {"advice",       FIELD_TEXT,  NULL, "the command that would help now"                             },
    END
};

static const Field wait_fields[] = {
    {"transport",              FIELD_TEXT,   "TRANSPORT",   "transport"                                                   },
    {"destination",            FIELD_TEXT,   "DESTINATION", "destination"                                                 },
    {"bound_by",               FIELD_TEXT,   "BOUND-BY",    "what it waits for"                                           },
    {"until",                  FIELD_UNTIL,  "UNTIL",       "until when at the latest, if that is known"                  },
    {"rule",                   FIELD_NUMBER, NULL,          "number of the rule that bounds it"                           },
    {"ahead",                  FIELD_COUNT,  "AHEAD",       "delivery requests that come before it there"                 },
    {"ahead_recipients",       FIELD_COUNT,  NULL,          "recipients of these"                                         },
    {"ahead_messages",         FIELD_COUNT,  NULL,          "messages of these"                                           },
    {"ahead_cut",              FIELD_NUMBER, NULL,          "1: there are more of these; nobody has counted on"           },
    {"ahead_of_transport",     FIELD_COUNT,  NULL,
     "delivery requests before it of all mail of its transport"                                                           },
    {"ahead_of_transport_cut", FIELD_NUMBER, NULL,          "1: there are more of these"                                  },
    {"longest",                FIELD_TEXT,   NULL,          "queue ID of the message before it with most recipients there"},
    {"longest_recipients",     FIELD_COUNT,  NULL,          "how many these are"                                          },
    {"others",                 FIELD_COUNT,  NULL,          "other delivery requests that wait there, before it or after" },
    {"ended_in_minute",        FIELD_COUNT,  NULL,
     "deliveries there that have ended in the last minute, whatever came of them"                                         },
    {"turn",                   FIELD_UNTIL,  NULL,          "about when its turn comes"                                   },
    {"estimate",               FIELD_TEXT,   NULL,          "the same in words, or why there is no estimate"              },
    {"recipients",             FIELD_COUNT,  "REQUESTS",
     "delivery requests of this message, each for one recipient or several"                                               },
    {"why",                    FIELD_TEXT,   "WHY",         "the last reason given"                                       },
    END
};

static const Field then_fields[] = {
    {"bound_by",   FIELD_TEXT,   NULL, "what will hold it at its next attempt"                  },
    {"rule",       FIELD_NUMBER, NULL, "its number, if it is a rule"                            },
    {"until",      FIELD_UNTIL,  NULL, "when that rule ends"                                    },
    {"recipients", FIELD_COUNT,  NULL, "how many are held, if it is about domains of recipients"},
    {"why",        FIELD_TEXT,   NULL, "the reason that was given for it"                       },
    END
};

static const Field recipient_fields[] = {
    {"recipient", FIELD_TEXT, "RECIPIENT", "address"                        },
    {"state",     FIELD_TEXT, "STATE",     "pending, done, deferred"        },
    {"status",    FIELD_TEXT, "STATUS",    "status code of the last attempt"},
    {"reason",    FIELD_TEXT, "REASON",    "reason of the last attempt"     },
    END
};

static const View views[] = {
    {"status",            status_fields           },
    {"attention",         attention_fields        },
    {"transport",         transport_fields        },
    {"slowed",            slowed_fields           },
    {"setting",           setting_fields          },
    {"destination",       destination_fields      },
    {"trouble",           trouble_fields          },
    {"due",               due_fields              },
    {"due_message",       due_message_fields      },
    {"deferred",          deferred_fields         },
    {"coverage",          coverage_fields         },
    {"message",           message_fields          },
    {"connection",        connection_fields       },
    {"event",             event_fields            },
    {"flush",             flush_fields            },
    {"expedite",          expedite_fields         },
    {"reresolve",         reresolve_fields        },
    {"job",               job_fields              },
    {"rule",              rule_fields             },
    {"explain",           explain_fields          },
    {"wait",              wait_fields             },
    {"then",              then_fields             },
    {"recipient",         recipient_fields        },
    {"advice",            advice_fields           },
    {"finding",           finding_fields          },
    {"policy",            policy_fields           },
    {"policy_line",       policy_line_fields      },
    {"policy_difference", policy_difference_fields},
    {"policy_change",     policy_change_fields    },
};

const View *view_at(unsigned i)
{
    return i < G_N_ELEMENTS(views) ? &views[i] : NULL;
}

const View *view_find(const char *object)
{
    for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
        if (g_strcmp0(views[i].object, object) == 0)
            return &views[i];
    return NULL;
}

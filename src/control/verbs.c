/*
 * The table of verbs. Levels and arguments are checked by it before a verb begins; the words of the
 * arguments are those of eqmgrctl(8).
 */

#include <string.h>

#include "codec/control.h"
#include "src/control/verb_internal.h"
#include "src/control/verbs_internal.h"

/* Arguments, NULL at the end. */
static const char *const of_transports[] = {"limit", "transport", NULL};
static const char *const of_destinations[] = {"limit", "pattern",  "state", "transport",
                                              "sort",  "internal", NULL};
static const char *const of_destination[] = {"limit", "destination", "transport", NULL};
static const char *const of_throttled[] = {"limit", NULL};
static const char *const of_due[] = {"limit", "within", NULL};
static const char *const of_deferred[] = {"limit", "pattern", "by", "internal", NULL};
static const char *const of_messages[] = {"limit", "destination", "sender", "state", "older", NULL};
static const char *const of_connections[] = {"limit", "older", NULL};
static const char *const of_events[] = {"limit", "after", NULL};
static const char *const of_explain[] = {"queue_id", NULL};

static const char *const of_rules[] = {"limit", NULL};
static const char *const of_suspend[] = {"limit",  "what",    "name", "for",     "until",
                                         "reason", "forever", "new",  "dry_run", NULL};
static const char *const of_limit[] = {"limit",   "what",        "name",    "for",
                                       "until",   "reason",      "forever", "new",
                                       "dry_run", "concurrency", "rate",    NULL};
static const char *const of_flush[] = {"limit", "what", "name", "no_pilot", "dry_run", NULL};
static const char *const of_unthrottle[] = {"limit", "what", "name", "dry_run", NULL};
static const char *const of_resume[] = {"limit",    "what",    "name", "later",
                                        "no_pilot", "dry_run", NULL};
static const char *const of_jobs[] = {"limit", NULL};
static const char *const of_expedite[] = {"limit", "queue_id", "force", "dry_run", NULL};
static const char *const of_reresolve[] = {"limit", "what", "name", "dry_run", NULL};
static const char *const of_cancel[] = {"limit", "job", "dry_run", NULL};

#define SUMMARY CONTROL_LEVEL_SUMMARY
#define VIEW    CONTROL_LEVEL_VIEW
#define CONTROL CONTROL_LEVEL_CONTROL

static const Verb verbs[] = {
    {"status",       SUMMARY, NULL,            NULL,               status_step,       NULL            },
    {"transports",   SUMMARY, of_transports,   NULL,               transports_step,   NULL            },
    {"destinations", SUMMARY, of_destinations, destinations_begin, destinations_step,
     destinations_end                                                                                 },
    {"destination",  SUMMARY, of_destination,  destination_begin,  destination_step,  destination_end },
    {"throttled",    SUMMARY, of_throttled,    throttled_begin,    throttled_step,    destinations_end},
    {"due",          SUMMARY, of_due,          due_begin,          due_step,          due_end         },
    {"deferred",     SUMMARY, of_deferred,     deferred_begin,     deferred_step,     deferred_end    },
    {"messages",     VIEW,    of_messages,     messages_begin,     messages_step,     messages_end    },
    {"connections",  SUMMARY, of_connections,  connections_begin,  connections_step,  connections_end },
    {"events",       SUMMARY, of_events,       events_begin,       events_step,       verb_free_state },
    {"explain",      VIEW,    of_explain,      explain_begin,      explain_step,      verb_free_state },
    {"rules",        SUMMARY, of_rules,        rules_begin,        rules_step,        rules_end       },
    {"suspend",      CONTROL, of_suspend,      suspend_begin,      suspend_step,      suspend_end     },
    {"limit",        CONTROL, of_limit,        limit_begin,        suspend_step,      suspend_end     },
    {"resume",       CONTROL, of_resume,       resume_begin,       resume_step,       resume_end      },
    {"flush",        CONTROL, of_flush,        flush_begin,        flush_step,        verb_free_state },
    {"jobs",         SUMMARY, of_jobs,         NULL,               jobs_step,         NULL            },
    {"cancel",       CONTROL, of_cancel,       NULL,               cancel_step,       NULL            },
    {"expedite",     CONTROL, of_expedite,     expedite_begin,     expedite_step,     expedite_end    },
    {"unthrottle",   CONTROL, of_unthrottle,   flush_begin,        flush_step,        verb_free_state },
    {"reresolve",    CONTROL, of_reresolve,    reresolve_begin,    reresolve_step,    reresolve_end   },
    {"metrics",      SUMMARY, NULL,            NULL,               metrics_step,      NULL            },
};

const Verb *verb_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_str_equal(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

bool verb_is_brief(const Verb *verb)
{
    return verb->step == status_step;
}

static bool is_known_argument(const Verb *verb, const char *name)
{
    if (g_str_equal(name, CONTROL_VERB) || g_str_equal(name, CONTROL_LEVEL))
        return true;
    for (const char *const *known = verb->arguments; known != NULL && *known != NULL; known++)
        if (g_str_equal(name, *known))
            return true;
    return false;
}

const char *verb_unknown_argument(const Verb *verb, const Request *request)
{
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, request->values);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (!is_known_argument(verb, name))
            return name;
    return NULL;
}

void verb_free_state(Query *query)
{
    g_clear_pointer(&query->state, g_free);
}

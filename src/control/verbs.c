/*
 * The table of verbs. Levels and arguments are checked by it before a verb begins; the words of the
 * arguments are those of eqmgrctl(8).
 */

#include <string.h>

#include "codec/control.h"
#include "src/control/verb_internal.h"
#include "src/control/verbs_internal.h"

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const Verb verbs[] = {
    {"status",               CONTROL_LEVEL_SUMMARY,            NULL,                                               status_begin,                                                                                             status_step,verb_free_state},
    {"transports",           CONTROL_LEVEL_SUMMARY,            ARGUMENTS("limit",                                  "transport"),                                                                                             NULL,transports_step,
     NULL},
    {"destinations",                      CONTROL_LEVEL_SUMMARY,
     ARGUMENTS("limit",                                                 "pattern",                                                                                                                                                                                                      "state","transport","sort", "internal"), destinations_begin,
     destinations_step, destinations_end},
    {"destination",                CONTROL_LEVEL_SUMMARY,                                     ARGUMENTS("limit",                                                                     "destination",                                                                                                                                                                                                      "transport"),
     destination_begin,destination_step, destination_end},
    {"throttled",CONTROL_LEVEL_SUMMARY,ARGUMENTS("limit"),throttled_begin,destinations_step,
     destinations_end  },
    {"due",                      CONTROL_LEVEL_SUMMARY,                                            ARGUMENTS("limit",                                                                                        "within"),                                                                                                                                                                                                                  due_begin, due_step,                                                                                                                                                                           due_end},
    {"messages",                      CONTROL_LEVEL_VIEW,                                                  ARGUMENTS("limit",                                                          "destination",                                                                                                      "sender","state","older"),
     messages_begin, messages_step, messages_end},
    {"connections",               CONTROL_LEVEL_VIEW,                                               ARGUMENTS("limit",                                                                                        "older"),                                                                                                                                                         connections_begin,
     connections_step,connections_end},
    {"events",               CONTROL_LEVEL_VIEW,                                       ARGUMENTS("limit",                                                                                               "after"),                                                                                                                                                                                          events_begin,events_step,
     verb_free_state},
    {"explain",CONTROL_LEVEL_VIEW,ARGUMENTS("queue_id"),explain_begin,explain_step,
     verb_free_state                                                                                                                                                                                                                                                                                                                                                   },
    {"metrics",               CONTROL_LEVEL_SUMMARY,               NULL,          status_begin,            metrics_step,verb_free_state},
};

const Verb *verb_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_str_equal(verbs[i].name, name))
            return &verbs[i];
    return NULL;
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

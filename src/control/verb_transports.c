/*
 * transports: all of them, or one with its settings in force and the parameter that each comes
 * from. There is a handful, so one step does it.
 */

#include <string.h>

#include "codec/control.h"
#include "src/control/rows_internal.h"
#include "src/control/verbs_internal.h"

#define BUILT_IN "built-in default"

static void put_setting(Query *query, const char *transport, const char *suffix, int64_t value)
{
    const ControlSettings *settings = query->settings;
    g_autofree char *parameter = g_strconcat(transport, suffix, NULL);
    g_autofree char *origin = settings->origin(transport, suffix, settings->origin_ctx);
    Answer *answer = query->answer;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "setting");
    answer_str(answer, "name", parameter);
    answer_int(answer, "value", value);
    answer_str(answer, "from", origin != NULL ? origin : BUILT_IN);
    answer_finish(answer);
}

static void put_settings(Query *query, const SchedTransportView *transport)
{
    const SchedTransportParams *params = transport->params;
    const struct {
        const char *name;
        int64_t value;
    } settings[] = {
        {"_destination_concurrency_limit",               params->destination_concurrency_limit  },
        {"_initial_destination_concurrency",             params->initial_destination_concurrency},
        {"_destination_recipient_limit",                 params->destination_recipient_limit    },
        {"_destination_rate_delay",                      params->destination_rate_delay_s       },
        {"_transport_rate_delay",                        params->transport_rate_delay_s         },
        {"_destination_concurrency_failed_cohort_limit", params->failed_cohort_limit            },
        {"_delivery_slot_cost",                          params->slot_cost                      },
        {"_delivery_slot_loan",                          params->slot_loan                      },
        {"_delivery_slot_discount",                      params->slot_discount_percent          },
        {"_minimum_delivery_slots",                      params->minimum_slots                  },
        {"_recipient_limit",                             params->recipient_limit                },
        {"_extra_recipient_limit",                       params->extra_recipient_limit          },
        {"_recipient_refill_limit",                      params->refill_limit                   },
        {"_recipient_refill_delay",                      params->refill_delay_s                 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
        put_setting(query, transport->name, settings[i].name, settings[i].value);
}

bool transports_step(Query *query, unsigned object_max)
{
    const char *wanted = request_text(&query->request, "transport");
    SchedTransportView transport;
    uint64_t matched = 0;

    (void)object_max;
    for (const char *after = NULL; sched_view_transport(query->subject->sched, after, &transport);
         after = transport.name) {
        if (wanted != NULL && !g_str_equal(wanted, transport.name))
            continue;
        matched++;
        row_of_transport(query, &transport);
        answer_finish(query->answer);
        if (wanted != NULL)
            put_settings(query, &transport);
    }
    if (wanted != NULL && matched == 0)
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                     "no transport \"%s\" has been used since the start", wanted);
    else
        answer_end(query->answer, matched, false, NULL);
    return false;
}

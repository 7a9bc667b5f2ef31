#include <string.h>

#include "convert_internal.h"
#include "expand_internal.h"
#include "settings_internal.h"

/*
 * Parameters of a transport: `transport_name` if main.cf has it, else the value for all
 * transports.
 */

#define AT(member) offsetof(TransportSettings, member)

/* What may follow the name of a transport (configuration.md 7). */
typedef struct Suffix {
    const char *suffix;
    bool is_time;
    bool preemptive_only;
    Limits limits;
    size_t offset;
} Suffix;

static const Suffix suffixes[] = {
    {"_destination_concurrency_limit",               false, false, {0, 0},   AT(destination_concurrency_limit)  },
    {"_destination_recipient_limit",                 false, false, {0, 0},   AT(destination_recipient_limit)    },
    {"_initial_destination_concurrency",             false, false, {1, 0},   AT(initial_destination_concurrency)},
    {"_destination_concurrency_failed_cohort_limit",
     false,                                                 false,
     {0, 0},
     AT(destination_concurrency_failed_cohort_limit)                                                            },
    {"_destination_rate_delay",                      true,  false, {0, 0},   AT(destination_rate_delay_s)       },
    {"_transport_rate_delay",                        true,  false, {0, 0},   AT(transport_rate_delay_s)         },
    {"_delivery_slot_cost",                          false, true,  {0, 0},   AT(delivery_slot_cost)             },
    {"_delivery_slot_loan",                          false, true,  {0, 0},   AT(delivery_slot_loan)             },
    {"_delivery_slot_discount",                      false, true,  {0, 100}, AT(delivery_slot_discount)         },
    {"_minimum_delivery_slots",                      false, true,  {0, 0},   AT(minimum_delivery_slots)         },
    {"_recipient_limit",                             false, true,  {0, 0},   AT(recipient_limit)                },
    {"_extra_recipient_limit",                       false, true,  {0, 0},   AT(extra_recipient_limit)          },
    {"_recipient_refill_limit",                      false, true,  {1, 0},   AT(recipient_refill_limit)         },
    {"_recipient_refill_delay",                      true,  true,  {1, 0},   AT(recipient_refill_delay_s)       },
};

typedef struct Feedback {
    const char *suffix, *fallback;
} Feedback;

/* Sets the value of the parameter `name`; if it is not in main.cf, the value so far is checked. */
static bool set_number(const Lexicon *lexicon, const char *name, const Suffix *suffix, int *value,
                       GError **error)
{
    g_autofree char *text = NULL;

    if (lexicon_get(lexicon, name) == NULL)
        return suffix->is_time ? convert_check_time_s(name, *value, suffix->limits, error)
                               : convert_check_int(name, *value, suffix->limits, error);
    text = expand_name(lexicon, name, error);
    if (text == NULL)
        return false;
    return suffix->is_time ? convert_time_s(name, text, 's', suffix->limits, value, error)
                           : convert_int(name, text, suffix->limits, value, error);
}

static bool set_numbers(const Settings *settings, const Lexicon *lexicon, const char *transport,
                        TransportSettings *out, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(transport, suffixes[i].suffix, NULL);
        bool skipped = settings->round_robin && suffixes[i].preemptive_only;

        if (!skipped && !set_number(lexicon, name, &suffixes[i],
                                    &G_STRUCT_MEMBER(int, out, suffixes[i].offset), error))
            return false;
    }
    return true;
}

/* The text, and the parameter to name if it is bad: stock compares texts to find out which. */
static bool set_feedback(const Lexicon *lexicon, const char *transport, const Feedback *feedback,
                         char **ret_text, char **ret_name, GError **error)
{
    static const Limits not_empty = {.min = 1};
    g_autofree char *name = g_strconcat(transport, "_", feedback->suffix, NULL);
    g_autofree char *text = NULL;

    if (lexicon_get(lexicon, name) == NULL)
        text = g_strdup(feedback->fallback);
    else
        text = expand_name(lexicon, name, error);
    if (text == NULL || !convert_check_length(name, text, not_empty, error))
        return false;
    *ret_name = strcmp(text, feedback->fallback) != 0
                    ? g_steal_pointer(&name)
                    : g_strconcat("default_", feedback->suffix, NULL);
    *ret_text = g_steal_pointer(&text);
    return true;
}

static bool set_feedbacks(const Settings *settings, const Lexicon *lexicon, const char *transport,
                          TransportSettings *out, GError **error)
{
    const Feedback positive = {"destination_concurrency_positive_feedback",
                               settings->fallback_positive_feedback};
    const Feedback negative = {"destination_concurrency_negative_feedback",
                               settings->fallback_negative_feedback};

    return set_feedback(lexicon, transport, &positive, &out->positive_feedback,
                        &out->positive_feedback_name, error) &&
           set_feedback(lexicon, transport, &negative, &out->negative_feedback,
                        &out->negative_feedback_name, error);
}

bool settings_transport(const Settings *settings, const char *transport,
                        TransportSettings *ret_transport, GError **error)
{
    Lexicon lexicon = {.values = settings->lexicon.values, .warnings = settings->late_warnings};
    TransportSettings out = settings->fallback;

    if (!set_numbers(settings, &lexicon, transport, &out, error) ||
        !set_feedbacks(settings, &lexicon, transport, &out, error)) {
        transport_settings_clear(&out);
        return false;
    }
    *ret_transport = out;
    return true;
}

/* The parameter for all transports is named "default_..." but for one. */
static char *name_for_all(const char *suffix)
{
    return strcmp(suffix, "_initial_destination_concurrency") == 0
               ? g_strdup(suffix + 1)
               : g_strconcat("default", suffix, NULL);
}

char *settings_transport_origin(const Settings *settings, const char *transport, const char *suffix)
{
    g_autofree char *own = g_strconcat(transport, suffix, NULL), *of_all = name_for_all(suffix);

    if (lexicon_get(&settings->lexicon, own) != NULL) /* some transports have built-in defaults */
        return lexicon_is_set(&settings->lexicon, own) ? g_steal_pointer(&own) : NULL;
    return lexicon_is_set(&settings->lexicon, of_all) ? g_steal_pointer(&of_all) : NULL;
}

void transport_settings_clear(TransportSettings *transport)
{
    g_clear_pointer(&transport->positive_feedback, g_free);
    g_clear_pointer(&transport->negative_feedback, g_free);
    g_clear_pointer(&transport->positive_feedback_name, g_free);
    g_clear_pointer(&transport->negative_feedback_name, g_free);
}

const GPtrArray *settings_transport_warnings(const Settings *settings)
{
    return settings->late_warnings;
}

#include "tests/simulate/values.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "config/feedback.h"

#define PLENTY 1000000000

void value_set_error(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_propagate_error(
        error, g_error_new_valist(g_quark_from_static_string("scenario"), 0, format, arguments));
    va_end(arguments);
}

bool value_count(const char *text, int64_t min, int64_t max, int64_t *ret_count, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (!g_ascii_string_to_signed(text, 10, min, max, ret_count, &problem)) {
        value_set_error(error,
                        "'%s' is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                        text, min, max);
        return false;
    }
    return true;
}

/* What follows the number, or NULL if there is none. */
static const char *read_number(const char *text, double *ret_number)
{
    char *end;

    if (!g_ascii_isdigit(*text)) /* strtod() takes signs, blanks, "inf", and more */
        return NULL;
    *ret_number = g_ascii_strtod(text, &end);
    return text[1] == 'x' || text[1] == 'X' ? NULL : end;
}

bool value_number(const char *text, double min, double max, double *ret_number, GError **error)
{
    double number = 0;
    const char *rest = read_number(text, &number);

    if (rest == NULL || *rest != '\0' || number < min || number > max) {
        value_set_error(error, "'%s' is not a number from %g to %g", text, min, max);
        return false;
    }
    *ret_number = number;
    return true;
}

static const struct {
    const char *name;
    double us;
} units[] = {
    {"ms", 1e3    },
    {"s",  1e6    },
    {"m",  60e6   },
    {"h",  3600e6 },
    {"d",  86400e6}
};

bool value_time_us(const char *text, int64_t min_us, int64_t max_us, int64_t *ret_us,
                   GError **error)
{
    double number = 0, us;
    const char *unit = read_number(text, &number);

    for (size_t i = 0; unit != NULL && i < G_N_ELEMENTS(units); i++) {
        us = number * units[i].us;
        if (strcmp(unit, units[i].name) == 0 && us >= (double)min_us && us <= (double)max_us) {
            *ret_us = (int64_t)(us + 0.5);
            return true;
        }
    }
    value_set_error(error, "'%s' is not a time (250ms, 30s, 5m, 2h, 1d) from %gs to %gs", text,
                    (double)min_us / US_PER_S, (double)max_us / US_PER_S);
    return false;
}

/* ---- parameters ---- */

typedef enum ParameterKind { NUMBER, SECONDS, FEEDBACK } ParameterKind;

/* main.cf(5), with tighter upper bounds. */
static const struct Parameter {
    const char *name;
    ParameterKind kind;
    size_t offset;
    int min, max;
    const char *initial;
} parameters[] = {
#define GLOBAL(member)    offsetof(Scenario, settings.member)
#define TRANSPORT(member) offsetof(Scenario, transport.member)
    {"default_process_limit", NUMBER,    offsetof(Scenario,            process_limit),                    1,                                              100000,                       "100"},
    {"qmgr_message_active_limit",                       NUMBER,      GLOBAL(message_active_limit),      1,      PLENTY,                                              "20000"                                                              },
    {"qmgr_message_recipient_limit",                       NUMBER,   GLOBAL(message_recipient_limit),   1,   PLENTY,                                              "20000"   },
    {"qmgr_message_recipient_minimum",                       NUMBER, GLOBAL(message_recipient_minimum), 1, PLENTY,                                              "10"                                                                },
    {"qmgr_fudge_factor",                       NUMBER,              GLOBAL(fudge_percent),              10,             100,                                            "100"},
    {"minimal_backoff_time",                       SECONDS,           GLOBAL(minimal_backoff_s),          1,        PLENTY,                                            "300s"                                                                  },
    {"maximal_backoff_time",                       SECONDS,           offsetof(Scenario,          maximal_backoff_s),                1,                                   PLENTY,"4000s"},
    {"initial_destination_concurrency",                NUMBER,                         TRANSPORT(initial_destination_concurrency),                     1,
                                                                  PLENTY,             "5"                                       },
    {"default_destination_concurrency_limit",                    NUMBER,                             TRANSPORT(destination_concurrency_limit),                   0,
                                                                  PLENTY,"20"},
 /* With a limit of 1 each address would be a destination of its own. */
    {"default_destination_recipient_limit",                   NUMBER,                            TRANSPORT(destination_recipient_limit),                    2,
                                                                  PLENTY,                  "50"                                                               },
    {"default_destination_rate_delay",                   SECONDS,                            TRANSPORT(destination_rate_delay_s),                         0,                                 PLENTY,
                                                                  "0s"},
    {"default_transport_rate_delay",                    SECONDS,                             TRANSPORT(transport_rate_delay_s),                            0,                                   PLENTY,                    "0s"                                                                                },
    {"default_delivery_slot_cost",                   NUMBER,                            TRANSPORT(slot_cost),                             0,                                      PLENTY,                  "5"},
    {"default_delivery_slot_loan",                    NUMBER,                             TRANSPORT(slot_loan),                              0,                                      PLENTY,                   "3"                                                                                },
    {"default_delivery_slot_discount",                    NUMBER,                             TRANSPORT(slot_discount_percent),                          0,                                  100,  "50"},
    {"default_minimum_delivery_slots",                   NUMBER,                            TRANSPORT(minimum_slots),                         0,                                  100000,                            "3"                                                                                                           },
    {"default_recipient_limit",                    NUMBER,                             TRANSPORT(recipient_limit),                                 0,                                         PLENTY,      "20000"},
    {"default_extra_recipient_limit",                NUMBER,                         TRANSPORT(extra_recipient_limit),                       0,                                   PLENTY,                    "1000"                                                                                                                                   },
    {"default_recipient_refill_limit",                 NUMBER,                          TRANSPORT(refill_limit),                       1,                                  PLENTY,             "100"},
    {"default_recipient_refill_delay",                  SECONDS,                           TRANSPORT(refill_delay_s),                        1,                                 PLENTY,                "5s"                                                                                                                                     },
    {"default_destination_concurrency_positive_feedback",                   FEEDBACK,                            TRANSPORT(positive),      0,             0,"1"},
    {"default_destination_concurrency_negative_feedback",                    FEEDBACK,                             TRANSPORT(negative),       0,             0,               "1"                                                                                                                                                     },
    {"default_destination_concurrency_failed_cohort_limit",                    NUMBER,                             TRANSPORT(failed_cohort_limit),
                                                                  0,             PLENTY,"1"                                                                                                                                                                                },
#undef GLOBAL
#undef TRANSPORT
};

static bool set_number(const struct Parameter *parameter, const char *text, int *number,
                       GError **error)
{
    int64_t value = 0;

    if (!value_count(text, parameter->min, parameter->max, &value, error))
        return false;
    *number = (int)value;
    return true;
}

static bool set_seconds(const struct Parameter *parameter, const char *text, int *seconds,
                        GError **error)
{
    int64_t us = 0;

    if (!value_time_us(text, parameter->min * US_PER_S, parameter->max * US_PER_S, &us, error))
        return false;
    if (us % US_PER_S != 0) {
        value_set_error(error, "'%s' is not a whole number of seconds", text);
        return false;
    }
    *seconds = (int)(us / US_PER_S);
    return true;
}

static bool set_feedback(const char *text, SchedFeedback *feedback, GError **error)
{
    if (feedback_parse(text, &feedback->value, &feedback->per_window))
        return true;
    value_set_error(error, "'%s' is not a feedback: 0 to 1, or that per concurrency", text);
    return false;
}

static bool set(Scenario *scenario, const struct Parameter *parameter, const char *text,
                GError **error)
{
    void *member = (char *)scenario + parameter->offset;

    switch (parameter->kind) {
    case NUMBER:
        return set_number(parameter, text, member, error);
    case SECONDS:
        return set_seconds(parameter, text, member, error);
    case FEEDBACK:
        return set_feedback(text, member, error);
    }
    g_assert_not_reached();
}

bool value_set_parameter(Scenario *scenario, const char *name, const char *text, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++)
        if (strcmp(name, parameters[i].name) == 0)
            return set(scenario, &parameters[i], text, error);
    value_set_error(error, "unknown parameter '%s'", name);
    return false;
}

void value_set_defaults(Scenario *scenario)
{
    scenario->settings.transport_retry_s = 60;
    scenario->transport.positive_name = "positive";
    scenario->transport.negative_name = "negative";
    for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++) {
        bool is_set = set(scenario, &parameters[i], parameters[i].initial, NULL);

        g_assert(is_set);
    }
}

#include <string.h>

#include "policy/rules.h"

/* One rule: its words, and what can be wrong with it. */

#define TEXT_PREFIX "delivery suspended by administrator (#"

static const char *const kind_names[RULE_KIND_COUNT] = {
    [RULE_SUSPEND] = "suspend",
    [RULE_LIMIT] = "limit",
};
static const char *const object_names[RULE_OBJECT_COUNT] = {
    [RULE_ALL] = "all",
    [RULE_TRANSPORT] = "transport",
    [RULE_DESTINATION] = "destination",
    [RULE_DOMAIN] = "domain",
};

const char *rule_kind_str(RuleKind kind)
{
    return kind_names[kind];
}

const char *rule_object_str(RuleObject object)
{
    return object_names[object];
}

static bool find_word(const char *const *words, int count, const char *word, int *ret_place)
{
    for (int i = 0; i < count; i++) {
        if (g_str_equal(words[i], word)) {
            *ret_place = i;
            return true;
        }
    }
    return false;
}

bool rule_kind_parse(const char *word, RuleKind *ret_kind)
{
    int place;

    if (!find_word(kind_names, RULE_KIND_COUNT, word, &place))
        return false;
    *ret_kind = (RuleKind)place;
    return true;
}

bool rule_object_parse(const char *word, RuleObject *ret_object)
{
    int place;

    if (!find_word(object_names, RULE_OBJECT_COUNT, word, &place))
        return false;
    *ret_object = (RuleObject)place;
    return true;
}

const char *rule_measure_str(const Rule *rule)
{
    static const char *const names[RULE_MEASURE_COUNT] = {
        [RULE_CONCURRENCY] = "concurrency",
        [RULE_RATE] = "rate",
    };

    return names[rule->measure];
}

MeterLimit rule_rate(const Rule *rule)
{
    bool is_sound = rule->most >= 1 && rule->period_s >= 1 && rule->period_s <= METER_PERIOD_MAX_S;

    return (MeterLimit){.count = rule->most,
                        .period_s = rule->period_s,
                        .burst =
                            is_sound ? meter_limit_default_burst(rule->most, rule->period_s) : 1};
}

char *rule_amount_text(const Rule *rule)
{
    const MeterLimit rate = rule_rate(rule);

    if (rule->measure == RULE_NOTHING)
        return NULL;
    return rule->measure == RULE_RATE ? meter_limit_format(&rate)
                                      : g_strdup_printf("%d", rule->most);
}

bool rule_may_suspend_transport(const char *transport)
{
    static const char *const services[] = {"retry", "error", "bounce", "defer", "trace"};

    for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
        if (g_ascii_strcasecmp(transport, services[i]) == 0)
            return false;
    return true;
}

static bool has_control_bytes(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

char *rule_reason_of(const char *text)
{
    char *reason = g_strndup(text, RULE_REASON_MAX_BYTES);

    for (char *at = reason; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return reason;
}

static bool is_printable_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static const char *name_fault(const Rule *rule)
{
    size_t length = strlen(rule->name);

    if (rule->object == RULE_ALL)
        return length != 0 ? "\"all\" has no name" : NULL;
    if (length == 0 || g_str_equal(rule->name, "."))
        return "a name is missing";
    if (length > (rule->object == RULE_DOMAIN ? RULE_DOMAIN_MAX_BYTES : RULE_NAME_MAX_BYTES))
        return "the name is too long";
    if (has_control_bytes(rule->name))
        return "the name contains control characters";
    if (rule->object == RULE_TRANSPORT && !rule_may_suspend_transport(rule->name))
        return "this service takes in suspended mail or bounces: it is neither suspended nor "
               "limited";
    return NULL;
}

static const char *reason_fault(const char *reason)
{
    if (reason[strspn(reason, " ")] == '\0')
        return "a reason is missing";
    if (strlen(reason) > RULE_REASON_MAX_BYTES)
        return "the reason is longer than 200 bytes";
    if (!is_printable_ascii(reason))
        return "the reason is not printable ASCII; that of a suspension is quoted in notices to "
               "senders";
    return NULL;
}

static const char *limit_fault(const Rule *rule)
{
    const MeterLimit rate = rule_rate(rule);

    if ((rule->kind == RULE_LIMIT) != (rule->measure != RULE_NOTHING))
        return rule->kind == RULE_LIMIT ? "a limit of what?" : "only a limit has a number";
    if (rule->measure == RULE_NOTHING)
        return NULL;
    if (rule->most < 1)
        return "a limit is at least 1; to deliver nothing at all is what suspend does";
    if (rule->measure == RULE_RATE)
        return meter_limit_fault(&rate);
    return rule->most > RULE_CONCURRENCY_MAX ? "the limit is above 100000" : NULL;
}

const char *rule_fault(const Rule *rule)
{
    const char *fault = name_fault(rule);

    if (fault == NULL)
        fault = limit_fault(rule);
    if (fault != NULL)
        return fault;
    if (rule->end_s <= 0)
        return "the end is not a time";
    return reason_fault(rule->reason);
}

char *rule_suspension_text(const Rule *rule)
{
    return g_strdup_printf(TEXT_PREFIX "%u): %s", rule->number, rule->reason);
}

uint32_t rule_number_in_text(const char *text)
{
    const char *status = RULE_SUSPENSION_STATUS " ";
    uint64_t number = 0;

    if (g_str_has_prefix(text, status))
        text += strlen(status);
    if (!g_str_has_prefix(text, TEXT_PREFIX))
        return 0;
    for (text += strlen(TEXT_PREFIX); g_ascii_isdigit(*text) && number <= UINT32_MAX; text++)
        number = number * 10 + (uint64_t)(*text - '0');
    return g_str_has_prefix(text, "): ") && number <= UINT32_MAX ? (uint32_t)number : 0;
}

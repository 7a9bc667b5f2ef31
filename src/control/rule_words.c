#include <string.h>

#include "codec/control.h"
#include "life/inspect.h"
#include "policy/nexthop.h"
#include "src/control/discreet_internal.h"
#include "src/control/rule_words_internal.h"

/* Rule_words: see the header. */

static bool set_object(Query *query, RuleObject object, const char *name, Rule *rule)
{
    rule->object = object;
    rule->name = name;
    if (object == RULE_ALL || (name != NULL && *name != '\0'))
        return true;
    answer_error(query->answer, CONTROL_ERROR_USAGE, "%s: which one?", rule_object_str(object));
    return false;
}

/* A word alone is a domain, but for "all", which cannot be one. */
bool rule_words_object(Query *query, Rule *rule)
{
    const char *what = request_text(&query->request, "what");
    const char *name = request_text(&query->request, "name");
    RuleObject object;

    if (what == NULL || *what == '\0') {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "what? a domain, destination NAME, transport NAME, or all");
        return false;
    }
    if (name == NULL)
        return g_str_equal(what, "all") ? set_object(query, RULE_ALL, "", rule)
                                        : set_object(query, RULE_DOMAIN, what, rule);
    if (!rule_object_parse(what, &object) || object == RULE_ALL) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "%s is not domain, destination or transport", what);
        return false;
    }
    return set_object(query, object, name, rule);
}

/* False: an error row was put. */
static bool add_duration(Query *query, int64_t for_s, Rule *rule)
{
    if (__builtin_add_overflow(query->now->wall_s, for_s, &rule->end_s))
        rule->end_s = RULE_FOREVER;
    return true;
}

bool rule_words_end(Query *query, Rule *rule)
{
    const Request *request = &query->request;
    bool is_forever = request_text(request, "forever") != NULL;
    int64_t for_s, until_s;

    if (!request_number(request, "for", 1, INT32_MAX, 0, &for_s) ||
        !request_number(request, "until", 1, INT64_MAX - 1, 0, &until_s)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "for, until: a number of seconds");
        return false;
    }
    if ((for_s > 0) + (until_s > 0) + is_forever != 1) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "until when? one of --for TIME, --until TIME and --forever");
        return false;
    }
    if (for_s > 0)
        return add_duration(query, for_s, rule);
    rule->end_s = is_forever ? RULE_FOREVER : until_s;
    if (rule->end_s > query->now->wall_s)
        return true;
    answer_error(query->answer, CONTROL_ERROR_USAGE, "that time has passed");
    return false;
}

/* With the usual burst: who needs another one can have it in eqmgr.cf. */
static bool set_rate_limit(Query *query, const char *text, Rule *rule)
{
    MeterLimit rate;
    const char *fault =
        strchr(text, ' ') != NULL ? "N/TIME is one word" : meter_limit_parse(text, &rate);

    if (fault != NULL) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "rate: %s", fault);
        return false;
    }
    rule->measure = RULE_RATE;
    rule->most = (int)rate.count;
    rule->period_s = rate.period_s;
    return true;
}

bool rule_words_limit(Query *query, Rule *rule)
{
    const char *rate_text = request_text(&query->request, "rate");
    bool has_concurrency = request_text(&query->request, "concurrency") != NULL;
    int64_t most;

    if (rate_text != NULL && !has_concurrency)
        return set_rate_limit(query, rate_text, rule);
    if (rate_text != NULL || !has_concurrency) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "how much? concurrency N, or rate N/TIME");
        return false;
    }
    if (!request_number(&query->request, "concurrency", INT32_MIN, INT32_MAX, 0, &most)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "concurrency: a number of deliveries");
        return false;
    }
    rule->measure = RULE_CONCURRENCY;
    rule->most = (int)most;
    return true;
}

/* Such a limit would never match. A suspension may be about the domain "[192.0.2.1]". */
static bool is_no_domain_of_a_limit(const Rule *rule)
{
    g_autofree char *host = nexthop_host(rule->name);

    return rule->kind == RULE_LIMIT && rule->object == RULE_DOMAIN &&
           !g_str_equal(host, rule->name);
}

bool rule_words_check(Query *query, const Rule *rule)
{
    const char *fault = rule_fault(rule);

    if (fault != NULL)
        answer_error(query->answer, CONTROL_ERROR_USAGE, "%s", fault);
    else if (is_no_domain_of_a_limit(rule))
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "a domain has no brackets and no port; say destination %s", rule->name);
    else
        return true;
    return false;
}

/* So that a limit is not taken back by mistake, with the suspension that it was to follow. */
static void refuse_to_find(Query *query, const Rule *wanted, const char *what)
{
    Rule limit = *wanted;
    const Rule *found = NULL;

    limit.kind = RULE_LIMIT;
    for (RuleMeasure of = RULE_CONCURRENCY; of < RULE_MEASURE_COUNT && found == NULL; of++) {
        limit.measure = of;
        found = limit.name != NULL ? rules_same(steer_rules(query->subject->steer), &limit) : NULL;
    }
    if (found != NULL)
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                     "%s is not suspended; eqmgrctl resume %u ends its limit",
                     *limit.name != '\0' ? limit.name : what, found->number);
    else
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                     "no rule is about %s; eqmgrctl rules shows those in force",
                     wanted->name != NULL && *wanted->name != '\0' ? wanted->name : what);
}

const Rule *rule_words_find(Query *query)
{
    const Rules *rules = steer_rules(query->subject->steer);
    const char *what = request_text(&query->request, "what");
    const char *digits = what != NULL && *what == '#' ? what + 1 : what;
    Rule wanted = {.kind = RULE_SUSPEND};
    const Rule *rule = NULL;
    guint64 number;

    if (digits != NULL && request_text(&query->request, "name") == NULL &&
        g_ascii_string_to_unsigned(digits, 10, 1, RULE_NUMBER_LAST, &number, NULL))
        rule = rules_find(rules, (uint32_t)number);
    else if (!rule_words_object(query, &wanted))
        return NULL;
    else
        rule = rules_same(rules, &wanted);
    if (rule == NULL)
        refuse_to_find(query, &wanted, what);
    return rule;
}

static bool is_domain_of(const char *rule_name, const char *nexthop)
{
    size_t rule_length = strlen(rule_name), length = strlen(nexthop);

    if (rule_name[0] != '.')
        return g_ascii_strcasecmp(rule_name, nexthop) == 0;
    return length > rule_length &&
           g_ascii_strcasecmp(rule_name, nexthop + length - rule_length) == 0;
}

/* Of limits: a suspension is about domains of recipients, of which a relay host tells nothing. */
static bool is_host_of(const char *rule_name, const char *nexthop)
{
    g_autofree char *host = nexthop_host(nexthop);

    return is_domain_of(rule_name, host);
}

/* Of a destination "joe@a.test" the part behind the "@" is the nexthop. */
bool rule_words_is_about(const Rule *rule, const char *transport, const char *name)
{
    const char *at = strrchr(name, '@'), *nexthop = at != NULL ? at + 1 : name;

    switch (rule->object) {
    case RULE_ALL:
        return true;
    case RULE_TRANSPORT:
        return g_ascii_strcasecmp(rule->name, transport) == 0;
    case RULE_DESTINATION:
        return g_ascii_strcasecmp(rule->name, name) == 0 ||
               g_ascii_strcasecmp(rule->name, nexthop) == 0;
    case RULE_DOMAIN:
        return rule->kind == RULE_LIMIT ? is_host_of(rule->name, nexthop)
                                        : is_domain_of(rule->name, nexthop);
    case RULE_OBJECT_COUNT:
        break;
    }
    return false;
}

/* Users are not told to those who may not see them. */
void rule_words_offer(Nearest *nearest, const Rule *about, const char *transport, const char *name,
                      bool is_user)
{
    if (about->object == RULE_TRANSPORT)
        nearest_offer(nearest, transport);
    else if (!is_user)
        nearest_offer(nearest, name);
}

const char *rule_words_shown_name(const Query *query, const Rule *rule)
{
    bool is_user = rule->object == RULE_DESTINATION && strchr(rule->name, '@') != NULL;

    return is_user ? discreet_name(query, rule->name) : rule->name;
}

void row_of_rule(Query *query, const Rule *rule)
{
    Answer *answer = query->answer;
    g_autofree char *amount = rule_amount_text(rule);
    g_autofree char *reason = discreet_text(query, rule->reason);

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "rule");
    if (rule->number != 0)
        answer_int(answer, "number", rule->number);
    answer_str(answer, "kind", rule_kind_str(rule->kind));
    answer_str(answer, "about", rule_object_str(rule->object));
    answer_str(answer, "name", rule_words_shown_name(query, rule));
    if (rule->kind == RULE_LIMIT) {
        g_autofree char *limit = g_strdup_printf("%s %s", rule_measure_str(rule), amount);

        answer_str(answer, "limit", limit);
        answer_int(answer, rule->measure == RULE_RATE ? "rate_count" : "concurrency", rule->most);
        if (rule->measure == RULE_RATE)
            answer_int(answer, "rate_period", rule->period_s);
    }
    answer_time(answer, "since", rule->made_s);
    if (rule->end_s != RULE_FOREVER)
        answer_time(answer, "until", rule->end_s);
    answer_int(answer, "forever", rule->end_s == RULE_FOREVER);
    answer_int(answer, "uid", rule->uid);
    answer_int(answer, "suspended", life_suspended_count_of(query->subject->life, rule->number));
    answer_str(answer, "why", reason);
}

#include <inttypes.h>
#include <string.h>

#include "base/readable.h"
#include "codec/control.h"
#include "codec/envelope.h"
#include "life/inspect.h"
#include "policy/nexthop.h"
#include "src/control/discreet_internal.h"
#include "src/control/prospect_internal.h"
#include "src/control/slowed_list_internal.h"

/* Prospect: see the header. */

/* Of one message, so many rules are told. */
#define RULES_TOLD_MAX 20

typedef struct Holding {
    const Rule *rule;
    unsigned recipient_count; /* that are known to be held by it; 0: it is about the destination */
} Holding;

typedef struct Prospect {
    Query *query;
    const char *transport, *destination; /* which has deferred it; NULL: not known */
    const char *nexthop;
    int64_t at_s;
    Holding holdings[RULES_TOLD_MAX];
    unsigned count;
} Prospect;

static void note_holding(Prospect *prospect, const Rule *rule, unsigned recipient_count)
{
    for (unsigned i = 0; i < prospect->count; i++)
        if (prospect->holdings[i].rule == rule) {
            prospect->holdings[i].recipient_count += recipient_count;
            return;
        }
    if (prospect->count < RULES_TOLD_MAX)
        prospect->holdings[prospect->count++] = (Holding){rule, recipient_count};
}

static void note_if_found(Prospect *prospect, const Rule *rule, unsigned recipient_count)
{
    if (rule != NULL)
        note_holding(prospect, rule, recipient_count);
}

static void look_for_rules_of_destination(Prospect *prospect)
{
    const Rules *rules = steer_rules(prospect->query->subject->steer);
    g_autofree char *host = nexthop_host(prospect->nexthop);
    const RuleSubject subject = {.transport = prospect->transport,
                                 .destination = prospect->destination,
                                 .nexthop = prospect->nexthop,
                                 .domain = host};

    note_if_found(prospect, rules_suspension(rules, &subject, prospect->at_s), 0);
    for (RuleMeasure measure = RULE_CONCURRENCY; measure < RULE_MEASURE_COUNT; measure++)
        note_if_found(prospect, rules_limit(rules, &subject, measure, prospect->at_s), 0);
}

/* Another destination than that one may be its own, of which nothing is known but its domain. */
static void look_for_rule_of_recipient(Prospect *prospect, const Recipient *recipient)
{
    const char *at = strrchr(recipient_address(recipient), '@');
    const RuleSubject subject = {.transport = "", .domain = at != NULL ? at + 1 : NULL};
    const Rules *rules = steer_rules(prospect->query->subject->steer);

    note_if_found(prospect, rules_suspension(rules, &subject, prospect->at_s), 1);
}

/* ---- rows ---- */

static void begin_then(const Prospect *prospect, const char *bound_by)
{
    answer_begin(prospect->query->answer, CONTROL_ROW_DATA);
    answer_str(prospect->query->answer, "object", "then");
    answer_str(prospect->query->answer, "bound_by", bound_by);
}

static char *rule_in_words(const Rule *rule)
{
    g_autofree char *amount = rule_amount_text(rule);

    if (rule->kind == RULE_SUSPEND)
        return g_strdup_printf("suspension #%" PRIu32, rule->number);
    return g_strdup_printf("limit #%" PRIu32 " (%s %s)", rule->number, rule_measure_str(rule),
                           amount);
}

static void put_holding(const Prospect *prospect, const Holding *holding)
{
    const Rule *rule = holding->rule;
    Answer *answer = prospect->query->answer;
    g_autofree char *words = rule_in_words(rule);
    g_autofree char *reason = discreet_text(prospect->query, rule->reason);

    begin_then(prospect, words);
    answer_int(answer, "rule", rule->number);
    if (rule->end_s != RULE_FOREVER)
        answer_time(answer, "until", rule->end_s);
    if (holding->recipient_count > 0)
        answer_int(answer, "recipients", holding->recipient_count);
    answer_str(answer, "why", reason);
    answer_finish(answer);
}

static bool is_limited(const Prospect *prospect, RuleMeasure measure)
{
    for (unsigned i = 0; i < prospect->count; i++)
        if (prospect->holdings[i].rule->measure == measure)
            return true;
    return false;
}

static void put_slowed_as(const Prospect *prospect, const LifeSlowed *slowed, const char *whole_of)
{
    g_autofree char *reason = discreet_text(prospect->query, slowed->reason);
    g_autofree char *words = slowed_in_words(slowed, whole_of);

    begin_then(prospect, words);
    answer_str(prospect->query->answer, "why", reason);
    answer_finish(prospect->query->answer);
}

/* The site, and its transport as a whole. */
static void put_slowing(const Prospect *prospect)
{
    const Life *life = prospect->query->subject->life;
    LifeSlowed slowed;

    if (life_view_slowed(life, prospect->transport, prospect->destination, &slowed)) {
        put_slowed_as(prospect, &slowed, NULL);
        g_free(slowed.amount);
    }
    if (life_view_slowed_transport(life, prospect->transport, &slowed)) {
        put_slowed_as(prospect, &slowed, prospect->transport);
        g_free(slowed.amount);
    }
}

/* A rate of a rule has force in place of that of the policy. */
static void put_rate_ahead(const Prospect *prospect)
{
    g_autofree char *rate = is_limited(prospect, RULE_RATE)
                                ? NULL
                                : life_view_rate(prospect->query->subject->life,
                                                 prospect->transport, prospect->nexthop);

    if (rate == NULL)
        return;
    begin_then(prospect, rate);
    answer_finish(prospect->query->answer);
}

static void put_share(const Prospect *prospect)
{
    unsigned parked_count =
        life_parked_for(prospect->query->subject->life, prospect->transport, prospect->destination);
    g_autofree char *before = readable_counted(parked_count, "message waits", "messages wait");
    g_autofree char *words = g_strconcat("active_share: ", before, " for a place before it", NULL);

    if (parked_count == 0)
        return;
    begin_then(prospect, words);
    answer_finish(prospect->query->answer);
}

static bool prospect_find_cause(Prospect *prospect, const char *queue_id)
{
    DeferredCause cause;
    const char *at;

    if (!life_view_cause(prospect->query->subject->life, queue_id, &cause) ||
        cause.transport == NULL || cause.destination == NULL ||
        !rule_may_suspend_transport(cause.transport))
        return false;
    at = cause.is_user ? strrchr(cause.destination, '@') : NULL;
    prospect->transport = cause.transport;
    prospect->destination = cause.destination;
    prospect->nexthop = at != NULL ? at + 1 : cause.destination;
    return true;
}

void prospect_put(Query *query, const char *queue_id, int64_t at_s, const Chain *recipients)
{
    Prospect prospect = {.query = query, .at_s = MAX(at_s, query->now->wall_s)};
    bool is_known = prospect_find_cause(&prospect, queue_id);

    if (is_known)
        look_for_rules_of_destination(&prospect);
    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        look_for_rule_of_recipient(&prospect, (const Recipient *)link);
    for (unsigned i = 0; i < prospect.count; i++)
        put_holding(&prospect, &prospect.holdings[i]);
    if (!is_known)
        return;
    put_slowing(&prospect);
    put_rate_ahead(&prospect);
    put_share(&prospect);
}

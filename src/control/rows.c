/* Rows of the objects that several verbs show. */

#include "codec/control.h"
#include "policy/nexthop.h"
#include "src/control/discreet_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/slowed_list_internal.h"

int64_t rows_wall_s(const Query *query, int64_t timer_s)
{
    return timer_s == 0 ? 0 : timer_s - query->now->timer_s + query->now->wall_s;
}

const char *rows_destination_name(const Query *query, const SchedDestinationView *destination)
{
    return destination->is_user ? discreet_name(query, destination->name) : destination->name;
}

static void begin_row(Query *query, const char *object)
{
    answer_begin(query->answer, CONTROL_ROW_DATA);
    answer_str(query->answer, "object", object);
}

/* What answers have brought about, with the last one. The caller's. */
static char *slowed_and_why(const Query *query, const LifeSlowed *slowed, const char *whole_of)
{
    g_autofree char *words = slowed_in_words(slowed, whole_of);
    g_autofree char *reason = discreet_text(query, slowed->reason);

    return g_strconcat(words, ": ", reason, NULL);
}

/* Why a transport that is alive begins no delivery; NULL: that is not so, or not because of a rate
 * or limit. The caller's. */
static char *bound_of_transport(const Query *query, const char *transport, bool by_rate,
                                bool by_limit, const char *whole_of)
{
    LifeSlowed slowed;
    char *words = NULL;

    if (!by_rate && !by_limit)
        return NULL;
    if (life_view_slowed_transport(query->subject->life, transport, &slowed)) {
        if ((by_rate && slowed.has_rate) || (by_limit && slowed.concurrency > 0))
            words = slowed_and_why(query, &slowed, whole_of);
        g_free(slowed.amount);
    }
    if (words == NULL && by_rate)
        words = life_view_transport_rate(query->subject->life, transport);
    return words;
}

static void put_slowed_transport(const Query *query, const char *transport)
{
    LifeSlowed slowed;

    if (!life_view_slowed_transport(query->subject->life, transport, &slowed))
        return;
    answer_str(query->answer, "slowed", slowed.amount);
    answer_str(query->answer, "slowed_by", slowed.rule);
    g_free(slowed.amount);
}

static const char *state_of_transport(const SchedTransportView *transport)
{
    if (transport->is_dead)
        return "dead";
    if (transport->is_rate_locked || transport->is_held_by_rate)
        return "paced";
    return transport->is_held_by_limit ? "full" : "ready";
}

void row_of_transport(Query *query, const SchedTransportView *transport)
{
    Answer *answer = query->answer;
    const StatsTransport *stats = stats_transport(query->subject->stats, transport->name);
    g_autofree char *reason = discreet_text(query, transport->reason);
    g_autofree char *bound = bound_of_transport(query, transport->name, transport->is_held_by_rate,
                                                transport->is_held_by_limit, NULL);

    begin_row(query, "transport");
    answer_str(answer, "transport", transport->name);
    answer_str(answer, "state", state_of_transport(transport));
    answer_int(answer, "running", transport->running_count);
    put_slowed_transport(query, transport->name);
    answer_int(answer, "pending", transport->pending_count);
    answer_int(answer, "waiting", transport->waiting_count);
    answer_int(answer, "destinations", transport->destination_count);
    if (stats != NULL) {
        answer_int(answer, "done", (int64_t)stats->deliveries[STATS_DONE]);
        answer_int(answer, "deferred", (int64_t)stats->deliveries[STATS_DEFERRED]);
        answer_int(answer, "lost", (int64_t)stats->deliveries[STATS_LOST]);
    }
    answer_time(answer, "since", rows_wall_s(query, transport->since_s));
    answer_time(answer, "until", rows_wall_s(query, transport->until_s));
    answer_str(answer, "status", transport->status);
    answer_str(answer, "why", reason != NULL ? reason : bound);
}

static RuleSubject subject_of_rules(const SchedDestinationView *destination)
{
    return (RuleSubject){.transport = destination->transport,
                         .destination = destination->name,
                         .nexthop = destination->nexthop,
                         .domain = destination->nexthop};
}

const Rule *rows_rule(const Query *query, const SchedDestinationView *destination)
{
    const RuleSubject subject = subject_of_rules(destination);

    return rules_suspension(steer_rules(query->subject->steer), &subject, query->now->wall_s);
}

static const Rule *find_limit(const Query *query, const SchedDestinationView *destination,
                              RuleMeasure measure)
{
    g_autofree char *host = nexthop_host(destination->nexthop);
    RuleSubject subject = subject_of_rules(destination);

    subject.domain = host;
    return rules_limit(steer_rules(query->subject->steer), &subject, measure, query->now->wall_s);
}

/* With a rate delay a limit has no effect; nor has it for a moment after it was set. */
const Rule *rows_limit(const Query *query, const SchedDestinationView *destination)
{
    const Rule *rule = find_limit(query, destination, RULE_CONCURRENCY);

    return rule != NULL && rule->most == destination->limit ? rule : NULL;
}

static bool is_at_limit(const SchedDestinationView *destination)
{
    return destination->state == SCHED_STATE_FULL && destination->limit > 0 &&
           destination->window >= destination->limit;
}

/* What the scheduler says, in words that name the parameter where there is one. */
static const char *bound_without_rule(const SchedDestinationView *destination)
{
    if (destination->state == SCHED_STATE_THROTTLED)
        return "it is dead";
    if (destination->is_blocked_by_rate)
        return "the rate of its transport";
    if (destination->is_blocked_by_limit)
        return "the concurrency of its transport";
    if (destination->is_blocked)
        return "its transport is dead, or waits for its rate delay";
    if (destination->state == SCHED_STATE_PACED)
        return destination->is_held_by_rate ? "a rate" : "destination_rate_delay";
    if (destination->state != SCHED_STATE_FULL)
        return destination->waiting_count > 0 ? "its turn, or a free delivery agent" : "";
    return is_at_limit(destination) ? "destination_concurrency_limit" : "concurrency by feedback";
}

const Rule *rows_bounding_limit(const Query *query, const SchedDestinationView *destination)
{
    if (destination->is_blocked || destination->is_held_by_site)
        return NULL;
    if (destination->is_held_by_rate)
        return find_limit(query, destination, RULE_RATE);
    return is_at_limit(destination) ? rows_limit(query, destination) : NULL;
}

static char *limit_in_words(const Query *query, const Rule *limit)
{
    g_autofree char *amount = rule_amount_text(limit);
    g_autofree char *reason = discreet_text(query, limit->reason);

    return limit->measure == RULE_RATE
               ? g_strdup_printf("limit #%u (%s): %s", limit->number, amount, reason)
               : g_strdup_printf("limit #%u: %s", limit->number, reason);
}

/* What holds because of the site's answers; NULL: that bounds nothing now. The caller's. */
static char *bound_by_answers(const Query *query, const SchedDestinationView *destination)
{
    LifeSlowed slowed;
    g_autofree char *amount = NULL;
    bool is_bound;

    if (!life_view_slowed(query->subject->life, destination->transport, destination->name, &slowed))
        return NULL;
    amount = slowed.amount;
    is_bound = (destination->is_held_by_rate && slowed.has_rate) ||
               (is_at_limit(destination) && slowed.concurrency == destination->limit);
    if (!is_bound || destination->is_blocked)
        return NULL;
    return slowed_and_why(query, &slowed, NULL);
}

/* NULL: it is not the site that it shares. */
static char *bound_by_site(const Query *query, const SchedDestinationView *destination)
{
    if (!destination->is_held_by_site || destination->is_blocked)
        return NULL;
    if (destination->is_held_by_rate)
        return g_strdup_printf("%s: paced, the next begins in %" G_GINT64_FORMAT " s",
                               destination->site,
                               MAX(destination->until_s - query->now->timer_s, 0));
    return g_strdup_printf("%s: %d of %d running", destination->site, destination->site_running,
                           destination->site_limit);
}

/* A limit is told where nothing else bounds it, too: who reads LIMIT wants to know whose it is. */
char *rows_bound(const Query *query, const SchedDestinationView *destination)
{
    const char *words = bound_without_rule(destination);
    const Rule *limit = rows_bounding_limit(query, destination);
    char *held = bound_by_site(query, destination);

    if (held == NULL)
        held = bound_by_answers(query, destination);
    if (held != NULL)
        return held;
    held = bound_of_transport(query, destination->transport, destination->is_blocked_by_rate,
                              destination->is_blocked_by_limit, destination->transport);
    if (held == NULL && limit == NULL && destination->is_held_by_rate && !destination->is_blocked)
        held = life_view_rate(query->subject->life, destination->transport, destination->nexthop);
    if (held != NULL)
        return held;
    if (*words == '\0' && (limit = rows_limit(query, destination)) == NULL)
        limit = find_limit(query, destination, RULE_RATE);
    return limit != NULL ? limit_in_words(query, limit) : g_strdup(words);
}

int64_t rows_until_wall_s(const Query *query, const SchedDestinationView *destination)
{
    const Rule *rule = rows_rule(query, destination);

    if (rule == NULL)
        return rows_wall_s(query, destination->until_s);
    return rule->end_s != RULE_FOREVER ? rule->end_s : 0;
}

/* States may coincide: what holds of the transport is said beside what holds of the destination. */
static void put_states(Answer *answer, const SchedDestinationView *destination, const Rule *rule)
{
    const char *held = rule == NULL                     ? ""
                       : destination->running_count > 0 ? "suspended,draining,"
                                                        : "suspended,";
    g_autofree char *states = g_strconcat(held, sched_state_str(destination->state),
                                          destination->is_blocked ? ",blocked" : "", NULL);

    answer_str(answer, "state", states);
}

static void put_rate_of_rule(const Query *query, const SchedDestinationView *destination)
{
    const Rule *rule = find_limit(query, destination, RULE_RATE);
    g_autofree char *amount = rule != NULL ? rule_amount_text(rule) : NULL;

    if (rule == NULL)
        return;
    answer_str(query->answer, "rate", amount);
    answer_int(query->answer, "rate_rule", rule->number);
}

static void put_slowed(const Query *query, const SchedDestinationView *destination)
{
    LifeSlowed slowed;

    if (!life_view_slowed(query->subject->life, destination->transport, destination->name, &slowed))
        return;
    answer_str(query->answer, "slowed", slowed.amount);
    answer_str(query->answer, "slowed_by", slowed.rule);
    g_free(slowed.amount);
}

static void put_site(Answer *answer, const SchedDestinationView *destination)
{
    if (destination->site == NULL)
        return;
    answer_str(answer, "site", destination->site);
    answer_int(answer, "site_running", destination->site_running);
    answer_int(answer, "site_limit", destination->site_limit);
}

void row_of_destination(Query *query, const SchedDestinationView *destination)
{
    Answer *answer = query->answer;
    const Rule *rule = rows_rule(query, destination);
    const Rule *limit = rows_limit(query, destination);
    g_autofree char *suspension = rule != NULL ? rule_suspension_text(rule) : NULL;
    g_autofree char *reason = discreet_text(query, rule != NULL ? suspension : destination->reason);
    g_autofree char *bound = rows_bound(query, destination);

    begin_row(query, "destination");
    answer_str(answer, "transport", destination->transport);
    answer_str(answer, "destination", rows_destination_name(query, destination));
    put_states(answer, destination, rule);
    answer_int(answer, "running", destination->running_count);
    answer_int(answer, "window", destination->window);
    answer_int(answer, "limit", destination->limit);
    if (limit != NULL)
        answer_int(answer, "limit_rule", limit->number);
    put_rate_of_rule(query, destination);
    put_slowed(query, destination);
    put_site(answer, destination);
    answer_int(answer, "waiting", destination->waiting_count);
    answer_int(answer, "deferred",
               life_deferred_for(query->subject->life, destination->transport, destination->name));
    if (life_parked_count(query->subject->life) > 0)
        answer_int(
            answer, "parked",
            life_parked_for(query->subject->life, destination->transport, destination->name));
    answer_int(answer, "deliveries_done", (int64_t)destination->done_count);
    answer_int(answer, "deliveries_deferred", (int64_t)destination->deferred_count);
    answer_time(answer, "last_success", destination->last_success_wall_s);
    answer_time(answer, "since", rows_wall_s(query, destination->since_s));
    answer_time(answer, "until", rows_until_wall_s(query, destination));
    if (rule != NULL)
        answer_int(answer, "rule", rule->number);
    answer_str(answer, "status", destination->status);
    answer_str(answer, "why", reason != NULL ? reason : bound);
    if (query->level >= CONTROL_LEVEL_VIEW)
        answer_str(answer, "nexthop", destination->nexthop);
}

void row_of_message(Query *query, const LifeMessageView *message)
{
    Answer *answer = query->answer;

    begin_row(query, "message");
    answer_str(answer, "queue_id", message->queue_id);
    answer_str(answer, "state", life_phase_str(message->phase));
    answer_time(answer, "arrival", message->arrival_s);
    answer_int(answer, "size", message->size_bytes);
    answer_int(answer, "outstanding", sched_message_outstanding(message->sched));
    answer_str(answer, "from", spool_queue_str(message->from));
    answer_str(answer, "sender", *message->sender != '\0' ? message->sender : "<>");
}

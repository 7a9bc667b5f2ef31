/*
 * suspend, limit: look whether what the rule is to be about is known at all, since one with a slip
 * in its name would do nothing; then the rule is made, and the answer comes when it is durable.
 */

#include <string.h>

#include "base/readable.h"
#include "codec/control.h"
#include "life/inspect.h"
#include "sched/inspect.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

typedef struct Suspend {
    Rule rule; /* texts of the request */
    bool is_dry_run, is_anything_known;
    enum { SUSPEND_LOOKING, SUSPEND_LOOKING_AT_DEFERRED, SUSPEND_ASKED, SUSPEND_ANSWERED } phase;
    uint32_t slot;
    int64_t destination_count, waiting_count, deferred_count; /* that the rule is about */
    int64_t busier_count; /* of these destinations, those with more deliveries than the limit */
    Nearest nearest;
    Query *query;
} Suspend;

/* The rule as far as all kinds have the same words. */
static Suspend *new_suspend(Query *query, RuleKind kind)
{
    const char *reason = request_text(&query->request, "reason");
    Suspend *suspend = g_new0(Suspend, 1);

    query->state = suspend;
    suspend->query = query;
    suspend->is_dry_run = request_text(&query->request, "dry_run") != NULL;
    suspend->is_anything_known = request_text(&query->request, "new") != NULL;
    suspend->rule = (Rule){.kind = kind,
                           .made_s = query->now->wall_s,
                           .uid = query->uid,
                           .reason = reason != NULL ? reason : ""};
    return suspend;
}

static bool begin_looking(Suspend *suspend)
{
    Query *query = suspend->query;
    Rule *rule = &suspend->rule;

    if (!rule_words_object(query, rule) || !rule_words_end(query, rule) ||
        !rule_words_check(query, rule))
        return false;
    nearest_init(&suspend->nearest, rule->name);
    return true;
}

bool suspend_begin(Query *query)
{
    return begin_looking(new_suspend(query, RULE_SUSPEND));
}

bool limit_begin(Query *query)
{
    Suspend *suspend = new_suspend(query, RULE_LIMIT);

    return rule_words_limit(query, &suspend->rule) && begin_looking(suspend);
}

/* ---- is it known? ---- */

/* True: there are more. */
static bool look_at_destinations(Suspend *suspend, unsigned object_max)
{
    const Sched *sched = suspend->query->subject->sched;
    SchedDestinationView view;

    for (unsigned i = 0; i < object_max; i++) {
        if (!sched_view_next(sched, &suspend->slot, 1, &view))
            continue;
        if (view.is_internal)
            continue;
        if (rule_words_is_about(&suspend->rule, view.transport, view.name)) {
            suspend->destination_count++;
            suspend->waiting_count += view.waiting_count;
            suspend->busier_count += suspend->rule.measure == RULE_CONCURRENCY &&
                                     view.running_count > suspend->rule.most;
        } else {
            rule_words_offer(&suspend->nearest, &suspend->rule, view.transport, view.name,
                             view.is_user);
        }
    }
    return !sched_view_is_end(sched, suspend->slot);
}

static bool look_at_deferred(Suspend *suspend, unsigned object_max)
{
    const Life *life = suspend->query->subject->life;
    DeferredView view;

    for (unsigned i = 0; i < object_max; i++) {
        if (!life_view_next_cause(life, DEFERRED_BY_DESTINATION, &suspend->slot, 1, &view))
            continue;
        if (view.cause.transport == NULL || view.cause.destination == NULL)
            continue;
        if (rule_words_is_about(&suspend->rule, view.cause.transport, view.cause.destination))
            suspend->deferred_count += view.count;
        else
            rule_words_offer(&suspend->nearest, &suspend->rule, view.cause.transport,
                             view.cause.destination, view.cause.is_user);
    }
    return !life_view_cause_is_end(life, DEFERRED_BY_DESTINATION, suspend->slot);
}

static bool is_known(const Suspend *suspend)
{
    const Rules *rules = steer_rules(suspend->query->subject->steer);

    return suspend->is_anything_known || suspend->rule.object == RULE_ALL ||
           suspend->destination_count > 0 || suspend->deferred_count > 0 ||
           rules_same(rules, &suspend->rule) != NULL ||
           (suspend->rule.object == RULE_TRANSPORT &&
            sched_transport_find(suspend->query->subject->sched, suspend->rule.name) != NULL);
}

/* A limit is for destinations, and the domains of recipients are none behind a relayhost. */
static const char *why_unknown(const Rule *rule)
{
    if (rule->object != RULE_DOMAIN)
        return "it has no mail here and is not dead";
    return rule->kind == RULE_LIMIT
               ? "no destination has this nexthop, and a limit is for destinations, not for "
                 "domains of recipients"
               : "no next hop of this name has mail or is dead, and mail of its recipients may go "
                 "to another one";
}

static void refuse_unknown(const Suspend *suspend)
{
    g_autofree char *similar = nearest_text(&suspend->nearest);
    const Rule *rule = &suspend->rule;

    answer_error(suspend->query->answer, CONTROL_ERROR_NOT_FOUND,
                 "no %s \"%s\" is known: %s%s; add --new to %s it all the same",
                 rule_object_str(rule->object), rule->name, why_unknown(rule), similar,
                 rule_kind_str(rule->kind));
}

/* ---- the change ---- */

static char *note_of_limit(const Suspend *suspend, const char *would)
{
    g_autofree char *destinations =
        readable_counted(suspend->destination_count, "destination", "destinations");
    g_autofree char *busier = readable_counted(
        suspend->busier_count, "of them runs more deliveries now, and begins none until fewer run",
        "of them run more deliveries now, and begin none until fewer run");

    return g_strconcat(would, destinations, suspend->busier_count > 0 ? "; " : "",
                       suspend->busier_count > 0 ? busier : "", NULL);
}

/* rule: with the end that it has, or is to have. The caller frees. */
static char *lifetimes_in_words(const Suspend *suspend, const Rule *rule)
{
    const Query *query = suspend->query;
    const Rule *same = rules_same(steer_rules(query->subject->steer), rule);
    g_autofree char *outliving = NULL, *known = NULL;
    LifeOutliving held = {0};

    if (rule->end_s - query->now->wall_s >=
        life_settings(query->subject->life)->maximal_queue_lifetime_s)
        return g_strdup("; all of it passes its lifetime before the end: it is not returned before "
                        "an attempt after that");
    if (same != NULL)
        life_count_outliving(query->subject->life, same->number, rule->end_s, &held);
    outliving = readable_count(held.outliving_count);
    known = readable_counted(held.known_count, "held message", "held messages");
    return held.known_count > 0
               ? g_strdup_printf("; %s of %s %s lifetime before the end", outliving, known,
                                 held.outliving_count == 1 ? "passes its" : "pass their")
               : g_strdup("; status tells how many pass their lifetime before the end when they "
                          "are held");
}

static char *note_of_suspension(const Suspend *suspend, const Rule *rule, const char *would)
{
    g_autofree char *lifetimes = lifetimes_in_words(suspend, rule);
    g_autofree char *destinations =
        readable_counted(suspend->destination_count, "destination", "destinations");
    g_autofree char *waiting = readable_counted(suspend->waiting_count, "waiting delivery request",
                                                "waiting delivery requests");
    g_autofree char *deferred =
        readable_counted(suspend->deferred_count, "deferred message that is known",
                         "deferred messages that are known");

    return g_strdup_printf("%s%s, %s, %s%s", would, destinations, waiting, deferred, lifetimes);
}

static void put_result(Suspend *suspend, const Rule *rule, const char *would)
{
    g_autofree char *note = rule->kind == RULE_LIMIT ? note_of_limit(suspend, would)
                                                     : note_of_suspension(suspend, rule, would);

    row_of_rule(suspend->query, rule);
    answer_finish(suspend->query->answer);
    answer_end_as(suspend->query->answer, &(AnswerEnd){.matched_count = 1, .note = note});
}

static void on_suspended(const Rule *rule, const char *problem, void *ctx)
{
    Suspend *suspend = ctx;

    suspend->phase = SUSPEND_ANSWERED;
    if (rule != NULL)
        put_result(suspend, rule, "");
    else
        answer_error(suspend->query->answer, CONTROL_ERROR_FAILED, "%s", problem);
    query_wake(suspend->query);
}

/* Of the rule that it would replace; 0: of none. */
static uint32_t number_of_same(const Suspend *suspend)
{
    const Rule *same = rules_same(steer_rules(suspend->query->subject->steer), &suspend->rule);

    return same != NULL ? same->number : 0;
}

/* False: the answer is complete. */
static bool ask_or_refuse(Suspend *suspend)
{
    if (!is_known(suspend)) {
        refuse_unknown(suspend);
        return false;
    }
    if (suspend->is_dry_run) {
        suspend->rule.number = number_of_same(suspend);
        put_result(suspend, &suspend->rule, "nothing was changed; it would be about ");
        return false;
    }
    suspend->phase = SUSPEND_ASKED;
    suspend->query->is_waiting = true;
    steer_put(suspend->query->subject->steer, &suspend->rule, on_suspended, suspend);
    return true;
}

bool suspend_step(Query *query, unsigned object_max)
{
    Suspend *suspend = query->state;

    switch (suspend->phase) {
    case SUSPEND_LOOKING:
        if (look_at_destinations(suspend, object_max))
            return true;
        suspend->phase = SUSPEND_LOOKING_AT_DEFERRED;
        suspend->slot = 0;
        return true;
    case SUSPEND_LOOKING_AT_DEFERRED:
        return look_at_deferred(suspend, object_max) || ask_or_refuse(suspend);
    case SUSPEND_ASKED:
        return true;
    case SUSPEND_ANSWERED:
        break;
    }
    return false;
}

void suspend_end(Query *query)
{
    Suspend *suspend = query->state;

    if (suspend == NULL)
        return;
    steer_forget(query->subject->steer, suspend);
    nearest_clear(&suspend->nearest);
    g_clear_pointer(&query->state, g_free);
}

#include <string.h>
#include <strings.h>

#include "base/words.h"
#include "codec/delivery.h"
#include "src/life/attempt_internal.h"
#include "src/life/bind_internal.h"
#include "src/life/blame_internal.h"
#include "src/life/context_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/name_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/plans_internal.h"
#include "src/life/report_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/settle_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Bind: the resolver's answers become destinations and entries (behaviour.md 8 steps 3 to 10,
 * scheduling.md 4 and 5). A batch is bound at one instant and in sorted order, as in stock.
 */

typedef struct Binding {
    GHashTable *defer_transports; /* set of names; NULL: none */
} Binding;

#define RETURNED_ALONE "5.4.7 delivery time expired"

static char *share_text(const char *text, char *neighbours)
{
    size_t size = strlen(text) + 1;

    if (neighbours != NULL && g_str_equal(neighbours, text))
        return g_rc_box_acquire(neighbours);
    return memcpy(g_rc_box_alloc(size), text, size);
}

/* A batch is sorted by domain before it is asked about, so neighbours mostly go the same way. */
void bind_point(BatchAnswer *answer, const char *transport, const char *nexthop)
{
    const BatchAnswer *neighbour = answer > answer->batch->answers ? answer - 1 : NULL;

    bind_unpoint(answer);
    answer->transport = share_text(transport, neighbour != NULL ? neighbour->transport : NULL);
    answer->nexthop = share_text(nexthop, neighbour != NULL ? neighbour->nexthop : NULL);
    answer->flags = 0;
}

void bind_unpoint(BatchAnswer *answer)
{
    g_clear_pointer(&answer->transport, g_rc_box_release);
    g_clear_pointer(&answer->nexthop, g_rc_box_release);
}

static bool is_double_bounce(const Message *message, const BatchAnswer *answer)
{
    const char *name = message->life->settings.names.double_bounce_sender;
    const char *address = recipient_address(answer->recipient);
    const char *at = strrchr(address, '@');
    size_t local_bytes = at != NULL ? (size_t)(at - address) : strlen(address);

    return (answer->flags & RESOLVE_CLASS_LOCAL) != 0 && local_bytes == strlen(name) &&
           strncasecmp(address, name, local_bytes) == 0;
}

static bool is_deferred_transport(const Message *message, const char *transport)
{
    GHashTable *set = message->life->binding->defer_transports;

    return set != NULL && !message->lift && g_hash_table_contains(set, transport);
}

/*
 * Replaces answers that the resolver could not give, or that the message forbids (steps 3 and 4).
 */
static void apply_errors(const Message *message, BatchAnswer *answer)
{
    if ((answer->flags & RESOLVE_FAIL) != 0)
        bind_point(answer, "retry", "4.3.0 address resolver failure");
    else if ((answer->flags & RESOLVE_ERROR) != 0)
        bind_point(answer, "error", "5.1.3 bad address syntax");
    if (*recipient_address(answer->recipient) == '\0')
        bind_point(answer, "error", "5.1.3 null recipient address");
    if (message->force_expire)
        bind_point(answer, "retry", "4.7.0 message is administratively expired");
}

static void blame_answer(Message *message, const BatchAnswer *answer, const char *status,
                         const char *reason)
{
    blame_nexthop(message, answer->transport, answer->nexthop, recipient_address(answer->recipient),
                  status, reason);
}

/* Defers what the administrator holds back (steps 6 and 7). */
static void apply_limits(Message *message, BatchAnswer *answer)
{
    if (is_deferred_transport(message, answer->transport)) {
        blame_answer(message, answer, "4.3.2", SCHEDULE_HELD_TRANSPORT);
        bind_point(answer, "retry", "4.3.2 " SCHEDULE_HELD_TRANSPORT);
    }
    if (message->is_excess_probe)
        bind_point(answer, "retry", "4.3.2 Too many address verification requests");
}

static SchedTransport *get_transport(Life *life, const char *name)
{
    SchedTransport *transport = sched_transport_find(life->sched, name);
    SchedTransportParams params;

    if (transport == NULL) {
        params = life->settings.transport_params(name, life->settings.transport_params_ctx);
        transport = sched_transport_add(life->sched, name, &params);
        settle_sched(life); /* logs what it has to say about the settings */
    }
    return transport;
}

static const Rule *find_suspension(Message *message, const BatchAnswer *answer)
{
    Life *life = message->life;
    const SchedTransportParams *params =
        sched_transport_params(get_transport(life, answer->transport));
    g_autofree char *name =
        name_destination(answer->transport, params->destination_recipient_limit, answer->nexthop,
                         recipient_address(answer->recipient), &life->settings.names);

    return suspend_find(message, answer->transport, name, answer->nexthop, answer->recipient);
}

/* Defers what a rule holds back (operations.md 8), after stock's own limits. True: one does. */
static bool apply_rules(Message *message, BatchAnswer *answer)
{
    const Rule *rule = suspend_is_used(message->life) ? find_suspension(message, answer) : NULL;
    g_autofree char *text = NULL, *nexthop = NULL;

    if (rule == NULL)
        return false;
    text = rule_suspension_text(rule);
    blame_answer(message, answer, RULE_SUSPENSION_STATUS, text);
    nexthop = g_strconcat(RULE_SUSPENSION_STATUS " ", text, NULL);
    bind_point(answer, "retry", nexthop);
    return true;
}

/* False: there must not be one now. Then the recipient is left for the next attempt. */
static bool begins_attempt(Message *message)
{
    if (attempt_begin(message))
        return true;
    message->left |= LEFT_UNREAD;
    return false;
}

/* What a rule holds is deferred by the rule, even if the service that would say so is dead. */
static void give_up_recipient(Message *message, BatchAnswer *answer, const char *status,
                              const char *reason)
{
    const char *rule =
        g_str_equal(answer->transport, "retry") ? suspend_reason_at_retry(answer->nexthop) : NULL;

    if (begins_attempt(message))
        report_deferred(message, g_steal_pointer(&answer->recipient),
                        rule != NULL ? RULE_SUSPENSION_STATUS : status,
                        rule != NULL ? rule : reason);
}

/* The answer's transport, or "retry" in its place if it is dead; NULL if that is dead as well. */
static SchedTransport *live_transport(Message *message, BatchAnswer *answer)
{
    Life *life = message->life;
    SchedTransport *transport = get_transport(life, answer->transport);
    const char *status, *reason;

    if (message->flush_each)
        sched_transport_revive(life->sched, transport);
    if (!sched_transport_is_dead(transport, &status, &reason))
        return transport;
    blame_answer(message, answer, status, reason);
    if (!sched_transport_is_dead(sched_retry_transport(life->sched), NULL, NULL)) {
        g_autofree char *text = g_strconcat(status, " ", reason, NULL);

        bind_point(answer, "retry", text);
        return sched_retry_transport(life->sched);
    }
    give_up_recipient(message, answer, status, reason);
    return NULL;
}

/* The retry service's destination for a dead one, or NULL if that is dead as well. */
static SchedDestination *retry_destination(Life *life, const char *status, const char *reason)
{
    SchedTransport *retry = sched_retry_transport(life->sched);
    g_autofree char *text = g_strconcat(status, " ", reason, NULL);
    SchedDestination *destination;

    if (sched_transport_is_dead(retry, NULL, NULL))
        return NULL;
    destination = sched_destination_get(life->sched, retry, text, text);
    return sched_destination_is_dead(destination, NULL, NULL) ? NULL : destination;
}

static SchedDestination *live_destination(Message *message, BatchAnswer *answer,
                                          SchedTransport *transport)
{
    Life *life = message->life;
    const SchedTransportParams *params = sched_transport_params(transport);
    g_autofree char *name = name_destination(
        sched_transport_name(transport), params->destination_recipient_limit, answer->nexthop,
        recipient_address(answer->recipient), &life->settings.names);
    SchedDestination *destination =
        sched_destination_get(life->sched, transport, name, answer->nexthop);
    const char *status, *reason;

    if (limit_new_destination(life, destination))
        settle_sched(life);
    if (message->flush_each)
        sched_destination_revive(life->sched, destination);
    if (!sched_destination_is_dead(destination, &status, &reason))
        return destination;
    blame_destination(message, transport, name, status, reason);
    destination = retry_destination(life, status, reason);
    if (destination == NULL)
        give_up_recipient(message, answer, status, reason);
    return destination;
}

static void bind_recipient(Message *message, BatchAnswer *answer)
{
    SchedTransport *transport;
    bool is_over;

    apply_errors(message, answer);
    if (is_double_bounce(message, answer)) {
        if (begins_attempt(message))
            report_discarded(message, g_steal_pointer(&answer->recipient));
        return;
    }
    is_over = schedule_is_over(message, answer->recipient);
    apply_limits(message, answer);
    if (!apply_rules(message, answer) && is_over)
        bind_point(answer, "error", RETURNED_ALONE);
    transport = live_transport(message, answer);
    if (transport != NULL)
        answer->destination = live_destination(message, answer, transport);
}

static int bind_compare_destinations(const SchedDestination *a, const SchedDestination *b)
{
    int order;

    if (a == b)
        return 0;
    if (a == NULL || b == NULL)
        return a == NULL ? 1 : -1;
    order = strcmp(sched_transport_name(sched_destination_transport(a)),
                   sched_transport_name(sched_destination_transport(b)));
    return order != 0 ? order : strcmp(sched_destination_name(a), sched_destination_name(b));
}

static int compare_answers(gconstpointer left, gconstpointer right, gpointer data)
{
    const BatchAnswer *a = left, *b = right;
    const LifeSettings *settings = data;
    int order = bind_compare_destinations(a->destination, b->destination);

    if (order != 0)
        return order;
    if (a->recipient == NULL ||
        b->recipient == NULL) /* those disposed of: at the end, in any order */
        return (a->recipient == NULL) - (b->recipient == NULL);
    return name_compare_recipients(recipient_address(a->recipient), recipient_address(b->recipient),
                                   settings->smtputf8, settings->round_robin);
}

/* g_qsort_with_data() is stable: equal recipients keep the order of the file. */
void bind_sort(Life *life, Batch *batch)
{
    if (batch->count > 1)
        g_qsort_with_data(batch->answers, (int)batch->count, sizeof *batch->answers,
                          compare_answers, &life->settings);
}

/* Who of a message has become too old before the others is known when all have their plans. */
static void plan_batch(Message *message, Batch *batch)
{
    bool asks_rules = schedule_may_be_over(message) && suspend_is_used(message->life);

    for (unsigned i = 0; i < batch->count; i++) {
        BatchAnswer *answer = &batch->answers[i];
        bool is_resolved = (answer->flags & (RESOLVE_FAIL | RESOLVE_ERROR)) == 0;

        if (answer->transport == NULL || !is_resolved)
            continue;
        schedule_note_bound(message, answer->recipient, answer->transport, answer->nexthop,
                            asks_rules && find_suspension(message, answer) != NULL);
    }
}

/* What is bound anew has its place in the active queue. */
static bool is_left_unbound(Message *message, const Batch *batch, const BatchAnswer *answer)
{
    return answer->destination == NULL ||
           (batch->was_transport == NULL &&
            parking_holds(message, answer->destination, answer->recipient, answer->flags)) ||
           !begins_attempt(message);
}

/* Who got no recipient may be there for nothing. They are sorted, so each comes once. */
static void let_go_destinations(Batch *batch)
{
    SchedDestination *last = NULL;

    for (unsigned i = 0; i < batch->count; i++) {
        BatchAnswer *answer = &batch->answers[i];
        SchedDestination *destination = answer->destination;

        if (answer->recipient == NULL || destination == NULL)
            continue;
        answer->destination = NULL;
        if (destination != last)
            sched_destination_let_go(destination);
        last = destination;
    }
}

void bind_batch(Message *message, Batch *batch)
{
    Life *life = message->life;
    unsigned entries_before = sched_message_outstanding(message->sched);

    if (plans_are_used(life) || schedule_has_notes(message))
        plan_batch(message, batch);
    for (unsigned i = 0; i < batch->count; i++)
        if (batch->answers[i].transport != NULL)
            bind_recipient(message, &batch->answers[i]);
    bind_sort(life, batch);
    for (unsigned i = 0; i < batch->count; i++) {
        BatchAnswer *answer = &batch->answers[i];

        if (is_left_unbound(message, batch, answer)) {
            sched_batch_drop(life->sched, message->sched);
            continue;
        }
        verbose_bound(message, answer);
        sched_batch_assign(life->sched, message->sched, answer->destination,
                           &g_steal_pointer(&answer->recipient)->link, life_sched_now(life));
    }
    let_go_destinations(batch);
    parked_note_bound(message);
    message_hold(message, sched_message_outstanding(message->sched) - entries_before);
}

/* ---- start and end ---- */

/* Parses names separated by commas and white space into a set; NULL if there are none. */
static GHashTable *parse_name_set(const char *names)
{
    g_auto(GStrv) words = words_split(names, ", \t\r\n");
    GHashTable *set;

    if (*words == NULL)
        return NULL;
    set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (char **word = words; *word != NULL; word++)
        (void)g_hash_table_add(set, g_strdup(*word));
    return set;
}

void bind_init(Life *life)
{
    life->binding = g_new(Binding, 1);
    life->binding->defer_transports = parse_name_set(life->settings.defer_transports);
}

void bind_stop(Life *life)
{
    g_clear_pointer(&life->binding->defer_transports, g_hash_table_destroy);
    g_free(life->binding);
}

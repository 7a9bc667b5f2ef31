#include <inttypes.h>
#include <string.h>

#include "base/loop.h"
#include "sched/inspect.h"
#include "src/life/context_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/reresolve_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/settle_internal.h"

/*
 * Reresolve: see the header. A job passes through all destinations. A message that is being
 * resolved is left for the next pass, which begins when all answers of this one are there; the last
 * pass meets none. Recipients know whether they were asked for since the job began.
 */

/* In one turn, or one piece of a count. */
#define DESTINATIONS_PER_TURN 500
#define REQUESTS_PER_TURN     1000

/* For those whose messages are resolved by others. */
#define NEXT_PASS_S 1

typedef struct ReresolveOrder {
    uint32_t number; /* of the job */
    uint16_t change; /* recipients that were asked for before it are asked for again */
} ReresolveOrder;

typedef struct Reresolve {
    GQueue orders; /* of ReresolveOrder; the first one is worked on */
    struct event *timer;
    uint32_t slot;
    bool is_begun;                /* the first order */
    bool is_walking;              /* a pass goes on */
    bool is_full;                 /* it goes on when half of the answers are there */
    bool has_left_some, has_some; /* of the pass: messages for the next one; some were taken */
    int64_t moved_before;
    uint32_t recipient_count;
} Reresolve;

/* The requests of one message that are taken from one destination. */
typedef struct Taking {
    Message *message; /* NULL: none is */
    Chain recipients;
    unsigned count;
    const char *transport, *destination;
} Taking;

/* ---- what it is about ---- */

static const char *transport_name(const SchedDestination *destination)
{
    return sched_transport_name(sched_destination_transport(destination));
}

static bool is_about_destination(const LifeJobOrder *order, const SchedDestination *destination)
{
    return order->matches(order->about, transport_name(destination),
                          sched_destination_name(destination));
}

/* Behind a relay host the mail of all domains is for one destination. */
static bool is_about_recipient(const LifeJobOrder *order, const Recipient *recipient)
{
    const char *at = strrchr(recipient_address(recipient), '@');

    return at != NULL && order->matches(order->about, "", at + 1);
}

static bool is_about_entry(const LifeJobOrder *order, const SchedEntry *entry)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if (is_about_recipient(order, (const Recipient *)link))
            return true;
    return false;
}

static bool asks_nobody(const Message *message)
{
    const Envelope *envelope = &message->envelope;

    return envelope_has_text(envelope, ENVELOPE_CONTENT_FILTER) &&
           (envelope->trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) == 0;
}

/* NULL: it can be none of the job's; else the requests that wait for it, of which it is true. */
static GPtrArray *requests_for(const LifeJobOrder *order, const SchedDestination *destination,
                               bool *ret_is_all)
{
    *ret_is_all = is_about_destination(order, destination);
    if (!rule_may_suspend_transport(transport_name(destination)) ||
        (!*ret_is_all && order->about->object != RULE_DOMAIN))
        return NULL;
    return sched_destination_waiting(destination, G_MAXUINT);
}

static unsigned count_requests(const LifeJobOrder *order, const SchedDestination *destination,
                               LifeReresolveCount *count)
{
    bool is_all;
    g_autoptr(GPtrArray) waiting = requests_for(order, destination, &is_all);

    if (waiting == NULL)
        return 0;
    count->destination_count += is_all;
    for (guint i = 0; i < waiting->len; i++) {
        const SchedEntry *entry = waiting->pdata[i];

        if (asks_nobody(sched_message_owner(sched_entry_message(entry))) ||
            (!is_all && !is_about_entry(order, entry)))
            continue;
        count->request_count++;
        count->recipient_count += sched_entry_recipient_count(entry);
    }
    return waiting->len;
}

bool life_reresolve_count(const Life *life, const LifeJobOrder *order, uint32_t *slot,
                          unsigned destination_max, LifeReresolveCount *count)
{
    unsigned request_count = 0;

    for (unsigned i = 0; i < destination_max && request_count < REQUESTS_PER_TURN; i++) {
        const SchedDestination *destination =
            sched_destination_next(life->sched, slot, destination_max);

        if (destination == NULL)
            break;
        request_count += count_requests(order, destination, count);
    }
    return !sched_view_is_end(life->sched, *slot);
}

/* ---- one destination ---- */

/* Numbers of changes may wrap; no mail waits for as many. */
static bool was_asked_before(const SchedEntry *entry, uint16_t change)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if ((int16_t)(((const Recipient *)link)->asked_in - change) < 0)
            return true;
    return false;
}

static void end_taking(Reresolve *reresolve, ReleaseJob *job, Taking *taking)
{
    Message *message = taking->message;

    if (message == NULL)
        return;
    job->round.tried_count++;
    reresolve->recipient_count += taking->count;
    reresolve->has_some = true;
    resolve_again(message, &taking->recipients, taking->count, taking->transport,
                  taking->destination);
    message_release(message);
    taking->message = NULL;
    taking->count = 0;
}

static void take_entry(Life *life, Taking *taking, SchedEntry *entry)
{
    Chain recipients;

    taking->count += sched_entry_recipient_count(entry);
    recipients = sched_batch_withdraw(life->sched, entry, life_sched_now(life));
    chain_join(&taking->recipients, &recipients);
    message_release(taking->message); /* what goes on for it now is that it is taken */
}

/* False: not now. */
static bool begin_taking(Reresolve *reresolve, Taking *taking, Message *message)
{
    if (message->state != MESSAGE_DELIVERING) {
        reresolve->has_left_some = true;
        return false;
    }
    taking->message = message;
    message_hold(message, 1);
    sched_batch_reopen(message->sched);
    return true;
}

/* The array stays right: each of its entries is looked at once, and only this ends it. */
static void take_entries(Life *life, ReleaseJob *job, const LifeJobOrder *order,
                         const GPtrArray *waiting, Taking *taking)
{
    Reresolve *reresolve = life->reresolve;
    const ReresolveOrder *first = g_queue_peek_head(&reresolve->orders);

    for (guint i = 0; i < waiting->len && !reresolve->is_full; i++) {
        SchedEntry *entry = waiting->pdata[i];
        Message *message = sched_message_owner(sched_entry_message(entry));

        if (!was_asked_before(entry, first->change) || asks_nobody(message) ||
            (order != NULL && !is_about_entry(order, entry)))
            continue;
        if (message != taking->message) {
            end_taking(reresolve, job, taking);
            reresolve->is_full = resolve_again_count(life) >= RERESOLVE_MAX;
            if (reresolve->is_full || !begin_taking(reresolve, taking, message))
                continue;
        }
        take_entry(life, taking, entry);
    }
    end_taking(reresolve, job, taking);
}

/* How many requests were looked at. */
static unsigned take_from(Life *life, ReleaseJob *job, const SchedDestination *destination)
{
    const LifeJobOrder order = {.about = &job->about, .matches = job->matches};
    g_autofree char *transport = g_strdup(transport_name(destination));
    g_autofree char *name = g_strdup(sched_destination_name(destination));
    Taking taking = {.transport = transport, .destination = name};
    bool is_all;
    g_autoptr(GPtrArray) waiting = requests_for(&order, destination, &is_all);

    if (waiting == NULL)
        return 0;
    take_entries(life, job, is_all ? NULL : &order, waiting, &taking);
    settle_sched(life);
    return waiting->len;
}

/* ---- passes ---- */

static void pass_begin(Reresolve *reresolve)
{
    reresolve->is_walking = true;
    reresolve->has_left_some = reresolve->has_some = false;
    reresolve->slot = 0;
    (void)event_del(reresolve->timer);
}

/* True: there is more to do at once. A destination that it did not come through is met again. */
static bool pass_piece(Life *life, ReleaseJob *job)
{
    Reresolve *reresolve = life->reresolve;
    unsigned request_count = 0;

    if (reresolve->is_full && resolve_again_count(life) > RERESOLVE_MAX / 2)
        return false;
    reresolve->is_full = false;
    for (int i = 0; i < DESTINATIONS_PER_TURN && request_count < REQUESTS_PER_TURN; i++) {
        const SchedDestination *destination =
            sched_destination_next(life->sched, &reresolve->slot, DESTINATIONS_PER_TURN);

        if (destination == NULL) {
            reresolve->is_walking = !sched_view_is_end(life->sched, reresolve->slot);
            return true;
        }
        request_count += take_from(life, job, destination);
        if (reresolve->is_full) {
            reresolve->slot--;
            return false;
        }
    }
    return true;
}

static void on_next_pass(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;

    (void)fd;
    (void)what;
    pass_begin(life->reresolve);
}

/* All answers are there. */
static void end_or_pass_again(Life *life, ReleaseJob *job)
{
    static const struct timeval later = {NEXT_PASS_S, 0};
    Reresolve *reresolve = life->reresolve;

    if (!reresolve->has_left_some)
        jobs_close(job, LIFE_JOB_DONE,
                   g_strdup_printf("%" PRIu32 " recipients were asked for, %" PRId64
                                   " go elsewhere now",
                                   reresolve->recipient_count,
                                   resolve_moved_count(life) - reresolve->moved_before),
                   -1);
    else if (reresolve->has_some)
        pass_begin(reresolve);
    else if (!evtimer_pending(reresolve->timer, NULL))
        loop_add(reresolve->timer, &later);
}

static bool order_turn(Life *life, ReleaseJob *job)
{
    Reresolve *reresolve = life->reresolve;
    bool is_more = false;

    if (!reresolve->is_begun && resolve_again_count(life) > 0)
        return false; /* of a job that was cancelled */
    if (!reresolve->is_begun) {
        reresolve->is_begun = true;
        reresolve->moved_before = resolve_moved_count(life);
        reresolve->recipient_count = 0;
        pass_begin(reresolve);
    }
    if (reresolve->is_walking)
        is_more = pass_piece(life, job);
    job->asking_count = resolve_again_count(life);
    job->round.through_count = job->round.tried_count - job->asking_count;
    if (!reresolve->is_walking && resolve_again_count(life) == 0) {
        end_or_pass_again(life, job);
        is_more = !evtimer_pending(reresolve->timer, NULL);
    }
    return is_more;
}

bool reresolve_turn(Life *life)
{
    Reresolve *reresolve = life->reresolve;
    const ReresolveOrder *first = g_queue_peek_head(&reresolve->orders);
    ReleaseJob *job = first != NULL ? jobs_find(life, first->number) : NULL;

    if (first == NULL)
        return false;
    if (job != NULL && !job_has_ended(job))
        return order_turn(life, job);
    g_free(g_queue_pop_head(&reresolve->orders));
    reresolve->is_begun = reresolve->is_walking = reresolve->is_full = false;
    (void)event_del(reresolve->timer);
    return !g_queue_is_empty(&reresolve->orders);
}

uint32_t life_reresolve(Life *life, const LifeJobOrder *order, char **ret_problem)
{
    LifeJobOrder of_job = *order;
    uint32_t number;
    ReresolveOrder *mine;

    of_job.is_reresolve = true;
    number = life_job_start(life, &of_job, ret_problem);
    if (number == 0)
        return 0;
    mine = g_new(ReresolveOrder, 1);
    *mine = (ReresolveOrder){number, resolve_note_change(life)};
    g_queue_push_tail(&life->reresolve->orders, mine);
    return number;
}

void reresolve_init(Life *life)
{
    life->reresolve = g_new0(Reresolve, 1);
    g_queue_init(&life->reresolve->orders);
    life->reresolve->timer = evtimer_new(life->base, on_next_pass, life);
}

void reresolve_stop(Life *life)
{
    g_queue_clear_full(&life->reresolve->orders, g_free);
    event_free(life->reresolve->timer);
    g_free(life->reresolve);
}

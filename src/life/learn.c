#include "base/clock.h"
#include "base/loop.h"
#include "spool/defer_log.h"
#include "src/life/deferred_internal.h"
#include "src/life/ended_internal.h"
#include "src/life/learn_internal.h"
#include "src/life/name_internal.h"
#include "src/life/resolve_internal.h"

/*
 * Learn: one file is read at a time, with pauses that keep it to a small share of the time, however
 * slow the disk is. The defer log tells status and reason. For the destination trivial-rewrite(8)
 * is asked, one question at a time, and only while it has nothing else to do.
 *
 * The log also tells mail that waits for nothing but the end of a suspension, which the process
 * before this one knew (ended.c).
 *
 * What an attempt finds out meanwhile is newer than what is read; then there is nothing to add.
 */

#define PAUSE_MS       5  /* so at most 200 files in a second */
#define PAUSE_FACTOR   20 /* and at most a twentieth of the time */
#define SLOTS_PER_STEP 2000

typedef struct Learning {
    bool is_wanted;
    struct event *timer; /* pending, or a question is out, while there is something to do */
    uint32_t slot;       /* of the walk over what is not known */
    ResolverQuestion *question;
    char *queue_id, *status, *reason; /* of the message that the question is about */
} Learning;

static void wait_ms(Life *life, int64_t pause_ms)
{
    const struct timeval pause = {pause_ms / 1000, (pause_ms % 1000) * 1000};

    loop_add(life->learning->timer, &pause);
}

static void forget_message(Learning *learning)
{
    g_clear_pointer(&learning->queue_id, g_free);
    g_clear_pointer(&learning->status, g_free);
    g_clear_pointer(&learning->reason, g_free);
}

/* The limit of a transport that was not used yet is not known: its mail counts for the nexthop. */
static void learn(Life *life, const char *transport, const char *nexthop, const char *address)
{
    Learning *learning = life->learning;
    DeferredCause newer = {.transport = NULL};
    const SchedTransport *known =
        transport != NULL ? sched_transport_find(life->sched, transport) : NULL;
    int limit = known != NULL ? sched_transport_params(known)->destination_recipient_limit : 0;
    g_autofree char *name = transport != NULL ? name_destination(transport, limit, nexthop, address,
                                                                 &life->settings.names)
                                              : NULL;

    (void)deferred_index_cause(deferred_index(life), learning->queue_id, &newer);
    deferred_learn(life, learning->queue_id,
                   &(DeferredCause){.transport = transport,
                                    .destination = newer.destination == NULL ? name : NULL,
                                    .is_user = limit == 1,
                                    .status = newer.status == NULL ? learning->status : NULL,
                                    .reason = newer.status == NULL ? learning->reason : NULL});
    forget_message(learning);
}

static void on_destination(const ResolveReply *reply, void *ctx)
{
    Life *life = ctx;
    bool is_failure = (reply->flags & (RESOLVE_FAIL | RESOLVE_ERROR)) != 0;

    life->learning->question = NULL;
    learn(life, is_failure ? NULL : reply->transport, reply->nexthop, reply->recipient);
    wait_ms(life, PAUSE_MS);
}

static void learn_suspension(Life *life, const char *queue_id, const GPtrArray *records)
{
    int64_t due_s;

    if (deferred_index_lookup(deferred_index(life), queue_id, &due_s))
        (void)ended_learn(life, queue_id, due_s, records);
}

/* What the last attempt said of its first recipient; returns the address, or NULL. */
static char *read_log(Life *life)
{
    Learning *learning = life->learning;
    g_autoptr(GPtrArray) records = NULL;
    const DeferRecord *record;

    if (defer_log_read(life->spool, learning->queue_id, ENDED_RECORDS_READ, &records).status !=
            SPOOL_OK ||
        records->len == 0)
        return NULL;
    learn_suspension(life, learning->queue_id, records);
    record = records->pdata[0];
    learning->status = g_strdup(record->status);
    learning->reason = g_strdup(record->reason);
    return g_strdup(record->recipient);
}

/* The first recipient of the file, unless the log has told one. */
static char *choose_address(const Envelope *envelope, const SpoolReading *reading, char *logged)
{
    const Recipient *first = (const Recipient *)chain_first(&reading->recipients);

    if (envelope_has_text(envelope, ENVELOPE_REDIRECT)) {
        g_free(logged);
        return g_strdup(envelope_text(envelope, ENVELOPE_REDIRECT));
    }
    return logged != NULL || first == NULL ? logged : g_strdup(recipient_address(first));
}

/* As resolve.c does it for an attempt. */
static void find_destination(Life *life, const Envelope *envelope, const char *address)
{
    Learning *learning = life->learning;
    g_autofree char *transport = NULL;
    const char *nexthop;

    if (!envelope_has_text(envelope, ENVELOPE_REDIRECT) &&
        envelope_has_text(envelope, ENVELOPE_CONTENT_FILTER)) {
        transport = resolve_filter(life, envelope_text(envelope, ENVELOPE_CONTENT_FILTER), address,
                                   &nexthop);
        learn(life, transport, nexthop, address);
        return;
    }
    learning->question = resolve_ask_about(life, envelope_text(envelope, ENVELOPE_SENDER), address,
                                           on_destination, life);
}

/* Without a file, or with one that is damaged, nothing can be learned. */
static void learn_destination(Life *life, char *logged)
{
    Learning *learning = life->learning;
    SpoolMessage *file = NULL;
    Envelope envelope = {0};
    SpoolReading reading = {0};
    g_autofree char *address = NULL;

    if (spool_message_peek(life->spool, SPOOL_DEFERRED, learning->queue_id, &file).status ==
            SPOOL_OK &&
        spool_read_first(file, 1, &envelope, &reading).status == SPOOL_OK)
        address = choose_address(&envelope, &reading, g_steal_pointer(&logged));
    if (address != NULL)
        find_destination(life, &envelope, address);
    else
        learn(life, NULL, NULL, NULL);
    g_free(logged);
    spool_reading_clear(&reading);
    envelope_clear(&envelope);
    spool_message_close(file);
}

static void read_message(Life *life, const char *queue_id)
{
    Learning *learning = life->learning;
    DeferredCause cause = {.transport = NULL};
    char *logged;

    learning->queue_id = g_strdup(queue_id);
    (void)deferred_index_cause(deferred_index(life), queue_id, &cause);
    logged = read_log(life);
    if (cause.destination == NULL) {
        learn_destination(life, logged);
        return;
    }
    g_free(logged);
    learn(life, NULL, NULL, NULL);
}

static bool is_reading_wanted(const Life *life)
{
    return life->learning->is_wanted && deferred_is_known(life) &&
           deferred_index_unread_count(deferred_index(life)) > 0;
}

static void on_learn_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;
    int64_t begun_us = clock_mono_us();
    const char *queue_id;

    (void)fd;
    (void)what;
    if (!is_reading_wanted(life))
        return; /* until learn_turn() finds some */
    if (resolve_is_idle(life)) {
        queue_id = deferred_give_unread(life, &life->learning->slot, SLOTS_PER_STEP);
        if (queue_id != NULL)
            read_message(life, queue_id);
    }
    if (life->learning->question == NULL)
        wait_ms(life, MAX(PAUSE_MS, (clock_mono_us() - begun_us) * PAUSE_FACTOR / 1000));
}

void learn_turn(Life *life)
{
    Learning *learning = life->learning;

    if (learning->question == NULL && !evtimer_pending(learning->timer, NULL) &&
        is_reading_wanted(life))
        wait_ms(life, PAUSE_MS);
}

bool learn_is_asking(const Life *life)
{
    return life->learning->question != NULL;
}

void life_learn_deferred(Life *life)
{
    life->learning->is_wanted = true;
}

/* Where loops have priorities, the last: mail first. */
void learn_init(Life *life)
{
    life->learning = g_new0(Learning, 1);
    life->learning->timer = evtimer_new(life->base, on_learn_timer, life);
    (void)event_priority_set(life->learning->timer, event_base_get_npriorities(life->base) - 1);
}

void learn_stop(Life *life)
{
    resolver_cancel(life->learning->question);
    event_free(life->learning->timer);
    forget_message(life->learning);
    g_free(life->learning);
}

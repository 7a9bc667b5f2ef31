#include "sched_internal.h"

/* What is added up over all entries, to compare with what the core counts as it goes. */
typedef struct Tally {
    GHashTable *entries;    /* by message */
    GHashTable *recipients; /* by message, and by job */
} Tally;

static void add_to(GHashTable *sums, gpointer key, unsigned count)
{
    guint old = GPOINTER_TO_UINT(g_hash_table_lookup(sums, key));

    g_hash_table_insert(sums, key, GUINT_TO_POINTER(old + count));
}

static int64_t sum_of(GHashTable *sums, gconstpointer key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(sums, key));
}

static int check_entries(const SchedDestination *destination, const struct EntryList *entries,
                         EntryState state, Tally *tally)
{
    const SchedEntry *entry;
    int count = 0;

    TAILQ_FOREACH (entry, entries, in_destination) {
        g_assert(entry->state == state && entry->destination == destination);
        g_assert(entry->recipient_count > 0 && !chain_is_empty(&entry->recipients));
        add_to(tally->entries, entry->message, 1);
        add_to(tally->recipients, entry->message, entry->recipient_count);
        if (entry->peer != NULL) {
            g_assert(entry->peer->destination == destination);
            g_assert(entry->peer->job->message == entry->message);
            add_to(tally->recipients, entry->peer->job, entry->recipient_count);
        }
        count++;
    }
    return count;
}

static void check_destination(const SchedDestination *destination, Tally *tally)
{
    const SchedTransport *transport = destination->transport;
    int limit = transport->params.destination_concurrency_limit;
    int waiting_count = check_entries(destination, &destination->waiting, ENTRY_WAITING, tally);
    int running_count = check_entries(destination, &destination->running, ENTRY_RUNNING, tally);
    bool is_dead = destination->window == WINDOW_DEAD;
    bool is_suspended = destination->window == WINDOW_SUSPENDED;

    g_assert(g_hash_table_lookup(transport->destinations_by_name, destination->name) ==
             destination);
    g_assert(destination->waiting_count == waiting_count);
    g_assert(destination->running_count == running_count);
    g_assert(destination_is_ready(destination) || is_dead || is_suspended);
    g_assert((destination->cause != NULL) == is_dead);
    g_assert(heap_contains(&destination->timer.node) == !destination_is_ready(destination));
    g_assert(limit == 0 || destination->window <= limit);
    g_assert(!is_dead || destination->waiting_count == 0);
    g_assert(!is_suspended || destination->running_count == 0);
}

/* A blocked job must not be forgotten: what it waits for releases it. */
static void check_blocked(const Job *job)
{
    const Peer *peer;

    TAILQ_FOREACH (peer, &job->peers, in_job) {
        if (TAILQ_EMPTY(&peer->waiting))
            continue;
        g_assert(peer->destination->block_round == job->transport->block_round);
        g_assert(!destination_is_usable(peer->destination));
    }
}

static void check_stack(const Job *job)
{
    const Job *other;

    TAILQ_FOREACH (other, &job->children, in_parent)
        g_assert(other->parent == job);
    if (job->parent == NULL)
        return;
    g_assert(job->level >= 1 && job->parent->is_listed);
    for (other = job; other != NULL && other != job->parent;)
        other = TAILQ_NEXT(other, in_transport);
    g_assert(other == job->parent); /* children stand before their parents */
}

/* All jobs before the current one are blocked, so nothing is missed by starting there. */
static void check_jobs(const SchedTransport *transport)
{
    const Job *job;
    bool before_current = true;
    int listed = 0, timed = 0;

    TAILQ_FOREACH (job, &transport->jobs, in_transport) {
        g_assert(job->is_listed && job->transport == transport);
        before_current = before_current && job != transport->current;
        g_assert(!before_current || job_is_blocked(job));
        if (job_is_blocked(job))
            check_blocked(job);
        check_stack(job);
        listed++;
    }
    g_assert((transport->current == NULL) == before_current);
    TAILQ_FOREACH (job, &transport->jobs_by_time, in_time) {
        const Job *next = TAILQ_NEXT(job, in_time);

        timed++;
        g_assert(next == NULL || job->message->queued_steady_s <= next->message->queued_steady_s);
    }
    g_assert(listed == timed);
}

static void check_cache(const SchedTransport *transport)
{
    if (!transport->cache_valid)
        return;
    g_assert(transport->cache_job->is_listed);
    g_assert(transport->cache_candidate == NULL || transport->cache_candidate->is_listed);
}

static void check_transport(const SchedTransport *transport, Tally *tally)
{
    const SchedDestination *destination;
    guint count = 0;

    TAILQ_FOREACH (destination, &transport->destinations, in_transport) {
        check_destination(destination, tally);
        g_assert(transport->cause == NULL || destination->waiting_count == 0);
        count++;
    }
    g_assert(count == g_hash_table_size(transport->destinations_by_name));
    g_assert((transport->cause != NULL) == heap_contains(&transport->timer.node));
    g_assert(transport->pending_count >= 0);
    g_assert(transport->pool >= -(int64_t)transport->params.extra_recipient_limit);
    g_assert(transport->first_unread == NULL ||
             (transport->first_unread->is_listed && transport->pool <= 0));
    check_jobs(transport);
    check_cache(transport);
}

static guint check_peers(const Job *job)
{
    const Peer *peer;
    guint count = 0;
    int64_t waiting = 0;

    TAILQ_FOREACH (peer, &job->peers, in_job) {
        const SchedEntry *entry;

        g_assert(peer->job == job && g_hash_table_contains(job->message->sched->peers, peer));
        g_assert(peer->running_count > 0 || !TAILQ_EMPTY(&peer->waiting));
        TAILQ_FOREACH (entry, &peer->waiting, in_peer) {
            g_assert(entry->peer == peer && entry->state == ENTRY_WAITING);
            waiting++;
        }
        count++;
    }
    g_assert(waiting == job->created_count - job->selected_count);
    g_assert(waiting == 0 || job->is_listed);
    return count;
}

/* Returns the number of its peers. */
static guint check_message(const SchedMessage *message, const Tally *tally)
{
    const Job *job;
    int64_t limit = message->sched->settings.message_recipient_minimum;
    guint peers = 0;

    TAILQ_FOREACH (job, &message->jobs, in_message) {
        peers += check_peers(job);
        limit += job->recipient_limit;
        g_assert(job->message == message && job->recipient_limit >= 0);
        g_assert(job->recipient_count == sum_of(tally->recipients, job));
    }
    g_assert(message->recipient_limit == limit);
    g_assert(message->recipient_count ==
             sum_of(tally->recipients, message) + message->unassigned_count);
    g_assert(message->entry_count == sum_of(tally->entries, message));
    g_assert(!(message->fully_read && message->being_read));
    return peers;
}

/* Every recipient slot of a transport is in its pool or part of a job's limit. */
static void check_slots(const Sched *sched, const SchedTransport *transport)
{
    const SchedMessage *message;
    const Job *job;
    int64_t slots = transport->pool;

    TAILQ_FOREACH (message, &sched->messages, in_sched)
        TAILQ_FOREACH (job, &message->jobs, in_message)
            if (job->transport == transport)
                slots += job->recipient_limit;
    g_assert(slots == transport->params.recipient_limit);
}

static void check_totals(const Sched *sched)
{
    const SchedTransport *transport;
    const SchedMessage *message;
    int64_t destinations = 0, recipients = 0;
    unsigned messages = 0;

    TAILQ_FOREACH (transport, &sched->transports, in_sched) {
        destinations += g_hash_table_size(transport->destinations_by_name);
        check_slots(sched, transport);
    }
    TAILQ_FOREACH (message, &sched->messages, in_sched) {
        recipients += message->recipient_count;
        messages++;
    }
    g_assert(destinations == sched->destination_count);
    g_assert(recipients == sched->recipient_count);
    g_assert(messages == sched->message_count);
}

void sched_check(const Sched *sched)
{
    Tally tally = {.entries = g_hash_table_new(NULL, NULL),
                   .recipients = g_hash_table_new(NULL, NULL)};
    const SchedTransport *transport;
    const SchedMessage *message;
    guint peers = 0;

    TAILQ_FOREACH (transport, &sched->transports, in_sched)
        check_transport(transport, &tally);
    TAILQ_FOREACH (message, &sched->messages, in_sched)
        peers += check_message(message, &tally);
    g_assert(peers == g_hash_table_size(sched->peers));
    check_totals(sched);
    heap_check(&sched->timers);
    g_hash_table_destroy(tally.entries);
    g_hash_table_destroy(tally.recipients);
}

#include "sched_internal.h"

/* What is added up over all entries, to compare with what the core counts as it goes. */
typedef struct Tally {
    GHashTable *entries;    /* by message */
    GHashTable *recipients; /* by message, and by job */
} Tally;

void check_that(bool is_true, const char *condition, const char *function)
{
    if (!is_true)
        g_error("scheduler invariant broken (%s): %s", function, condition);
}

static GHashTable *sums_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

static void add_to(GHashTable *sums, gpointer key, unsigned count)
{
    int64_t *sum = g_hash_table_lookup(sums, key);

    if (sum == NULL) {
        sum = g_new0(int64_t, 1);
        g_hash_table_insert(sums, key, sum);
    }
    *sum += count;
}

static int64_t sum_of(GHashTable *sums, gconstpointer key)
{
    const int64_t *sum = g_hash_table_lookup(sums, key);

    return sum != NULL ? *sum : 0;
}

static int check_entries(const SchedDestination *destination, const struct EntryList *entries,
                         EntryState state, Tally *tally)
{
    const SchedEntry *entry;
    int count = 0;

    TAILQ_FOREACH (entry, entries, in_destination) {
        CHECK(entry->state == state && entry->destination == destination);
        CHECK(entry->recipient_count > 0 && !chain_is_empty(&entry->recipients));
        add_to(tally->entries, entry->message, 1);
        add_to(tally->recipients, entry->message, entry->recipient_count);
        if (entry->peer != NULL) {
            CHECK(entry->peer->destination == destination);
            CHECK(entry->peer->job->message == entry->message);
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

    CHECK(g_hash_table_lookup(transport->destinations_by_name, destination->name) == destination);
    CHECK(destination->waiting_count == waiting_count);
    CHECK(destination->running_count == running_count);
    CHECK(destination_is_ready(destination) || is_dead || is_suspended);
    CHECK((destination->cause != NULL) == is_dead);
    CHECK(heap_contains(&destination->timer.node) == !destination_is_ready(destination));
    CHECK(limit == 0 || destination->window <= limit);
    CHECK(!is_dead || destination->waiting_count == 0);
    CHECK(!is_suspended || destination->running_count == 0);
}

/* A blocked job has nothing to deliver: what it waits for releases it. */
static void check_blocked(const Job *job)
{
    for (const OrderNode *node = job->peers.order.first; node != NULL; node = node->next) {
        const Peer *peer = peer_at(node);

        CHECK(TAILQ_EMPTY(&peer->waiting) || !destination_could_deliver(peer->destination));
    }
}

static void check_stack(const Job *job)
{
    const JobSide *child;

    if (job->side == NULL)
        return;
    TAILQ_FOREACH (child, &job->side->children, in_parent)
        CHECK(child->parent == job);
    if (job->side->parent == NULL)
        return;
    CHECK(job->side->level >= 1 && job->side->parent->is_listed);
    CHECK(job_is_before(job, job->side->parent));
}

static bool needs_attention(const Job *job)
{
    const SchedMessage *message = job->message;

    return !message->being_read && (!job_has_entries(job) || message_may_refill(message));
}

/* All jobs before the current one are blocked, so nothing is missed by starting there. */
static void check_jobs(const SchedTransport *transport)
{
    bool before_current = true;

    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        CHECK(job->is_listed && job->transport == transport);
        before_current = before_current && job != transport->current;
        CHECK(!before_current || job_is_blocked(job));
        CHECK(job->needs_attention == needs_attention(job));
        if (job_is_blocked(job))
            check_blocked(job);
        check_stack(job);
    }
    CHECK((transport->current == NULL) == before_current);
}

static void check_cache(const SchedTransport *transport)
{
    if (!transport->cache_valid)
        return;
    CHECK(transport->cache_job->is_listed);
    CHECK(transport->cache_candidate == NULL || transport->cache_candidate->is_listed);
}

static void check_transport(const SchedTransport *transport, Tally *tally)
{
    guint count = 0;

    for (const OrderNode *node = ring_first(&transport->destinations); node != NULL;
         node = ring_next(&transport->destinations, node)) {
        const SchedDestination *destination = ELEMENT(node, SchedDestination, in_transport);

        check_destination(destination, tally);
        CHECK(transport->cause == NULL || destination->waiting_count == 0);
        count++;
    }
    CHECK(count == order_check(&transport->destinations.order));
    CHECK(count == g_hash_table_size(transport->destinations_by_name));
    CHECK((transport->cause != NULL) == heap_contains(&transport->timer.node));
    CHECK(transport->pending_count >= 0);
    CHECK(transport->pool >= -(int64_t)transport->params.extra_recipient_limit);
    CHECK(transport->first_unread == NULL ||
          (transport->first_unread->is_listed && transport->pool <= 0));
    check_jobs(transport);
    check_cache(transport);
    job_check_trees(transport);
    place_check(transport);
    usable_check(transport);
    candidate_check(transport);
}

static guint check_peers(const Job *job)
{
    guint count = 0;
    int64_t waiting = 0;

    CHECK(job->peer_count == order_check(&job->peers.order));
    for (const OrderNode *node = job->peers.order.first; node != NULL; node = node->next) {
        const Peer *peer = peer_at(node);
        const SchedEntry *entry;

        CHECK(peer->job == job);
        CHECK(g_hash_table_contains(job->message->sched->peers, peer) == job->has_peer_index);
        CHECK(peer->running_count > 0 || !TAILQ_EMPTY(&peer->waiting));
        TAILQ_FOREACH (entry, &peer->waiting, in_peer) {
            CHECK(entry->peer == peer && entry->state == ENTRY_WAITING);
            waiting++;
        }
        count++;
    }
    CHECK(waiting == job->created_count - job->selected_count);
    CHECK(waiting == 0 || job->is_listed);
    return job->has_peer_index ? count : 0;
}

/* Returns the number of its peers in the hash table. */
static guint check_message(const SchedMessage *message, const Tally *tally)
{
    int64_t limit = message->sched->settings.message_recipient_minimum;
    guint peers = 0;

    for (const Job *job = message->jobs; job != NULL; job = job->next_in_message) {
        peers += check_peers(job);
        limit += job->recipient_limit;
        CHECK(job->message == message && job->recipient_limit >= 0);
        CHECK(job->recipient_count == sum_of(tally->recipients, job));
    }
    CHECK(message->recipient_limit == limit);
    CHECK(message->recipient_count ==
          sum_of(tally->recipients, message) + message->unassigned_count);
    CHECK(message->entry_count == sum_of(tally->entries, message));
    CHECK(!(message->fully_read && message->being_read));
    return peers;
}

/* Every recipient slot of a transport is in its pool or part of a job's limit. */
static void check_slots(const Sched *sched, const SchedTransport *transport)
{
    const SchedMessage *message;
    int64_t slots = transport->pool;

    TAILQ_FOREACH (message, &sched->messages, in_sched)
        for (const Job *job = message->jobs; job != NULL; job = job->next_in_message)
            if (job->transport == transport)
                slots += job->recipient_limit;
    CHECK(slots == transport->params.recipient_limit);
}

static void check_totals(const Sched *sched)
{
    const SchedMessage *message;
    int64_t destinations = 0, recipients = 0;
    unsigned messages = 0;

    for (const OrderNode *node = ring_first(&sched->transports); node != NULL;
         node = ring_next(&sched->transports, node)) {
        const SchedTransport *transport = ELEMENT(node, SchedTransport, in_sched);

        destinations += g_hash_table_size(transport->destinations_by_name);
        check_slots(sched, transport);
    }
    TAILQ_FOREACH (message, &sched->messages, in_sched) {
        recipients += message->recipient_count;
        messages++;
    }
    CHECK(destinations == sched->destination_count);
    CHECK(recipients == sched->recipient_count);
    CHECK(messages == sched->message_count);
}

void sched_check(const Sched *sched)
{
    Tally tally = {.entries = sums_new(), .recipients = sums_new()};
    const SchedMessage *message;
    guint peers = 0;

    for (const OrderNode *node = ring_first(&sched->transports); node != NULL;
         node = ring_next(&sched->transports, node))
        check_transport(ELEMENT(node, SchedTransport, in_sched), &tally);
    TAILQ_FOREACH (message, &sched->messages, in_sched)
        peers += check_message(message, &tally);
    CHECK(peers == g_hash_table_size(sched->peers));
    check_totals(sched);
    heap_check(&sched->timers);
    g_hash_table_destroy(tally.entries);
    g_hash_table_destroy(tally.recipients);
}

#include "sched_internal.h"

/*
 * Asserts every invariant of the core: counts by adding up, the rules' own pointers, and with
 * index_check() that the indexes say what the objects say. Tests call it after each step.
 */

/* What is added up over all entries, to compare with what the core counts as it goes. */
typedef struct Tally {
    GHashTable *waiting, *running; /* by destination; waiting also by job */
    GHashTable *entries;           /* by message */
    GHashTable *recipients;        /* by message, and by job */
    GHashTable *slots;             /* in limits of jobs, by transport */
    int64_t recipient_count;
    unsigned message_count;
} Tally;

static GHashTable *sums_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

static void add_to(GHashTable *sums, gconstpointer key, unsigned count)
{
    int64_t *sum = g_hash_table_lookup(sums, key);

    if (sum == NULL) {
        sum = g_new0(int64_t, 1);
        g_hash_table_insert(sums, element_at(key, 0), sum);
    }
    *sum += count;
}

static int64_t sum_of(GHashTable *sums, gconstpointer key)
{
    const int64_t *sum = g_hash_table_lookup(sums, key);

    return sum != NULL ? *sum : 0;
}

static void tally_entry(void *object, void *ctx)
{
    const SchedEntry *entry = object;
    Tally *tally = ctx;
    const SchedMessage *message = entry->message;
    gpointer destination = entry->destination;

    CHECK(entry->state == ENTRY_WAITING || entry->state == ENTRY_RUNNING);
    CHECK(entry->recipient_count > 0 && !chain_is_empty(&entry->recipients));
    add_to(entry->state == ENTRY_WAITING ? tally->waiting : tally->running, destination, 1);
    add_to(tally->entries, message, 1);
    add_to(tally->recipients, message, entry->recipient_count);
    if (entry->peer == NULL)
        return;
    CHECK(entry->peer->job->message == message);
    add_to(tally->recipients, entry->peer->job, entry->recipient_count);
    if (entry->state == ENTRY_WAITING)
        add_to(tally->waiting, entry->peer->job, 1);
}

static void check_destination(const SchedDestination *destination, const Tally *tally)
{
    const SchedTransport *transport = destination->transport;
    int limit = transport->params.destination_concurrency_limit;
    bool is_dead = destination->window == WINDOW_DEAD;
    bool is_suspended = destination->window == WINDOW_SUSPENDED;

    CHECK(g_hash_table_lookup(transport->destinations_by_name, destination->name) == destination);
    CHECK(destination->waiting_count == sum_of(tally->waiting, destination));
    CHECK(destination->running_count == sum_of(tally->running, destination));
    CHECK(destination_is_ready(destination) || is_dead || is_suspended);
    CHECK((destination->cause != NULL) == is_dead);
    CHECK(heap_contains(&destination->timer.node) == !destination_is_ready(destination));
    CHECK(destination->given_back == NULL);
    CHECK(limit == 0 || destination->window <= limit);
    CHECK(!is_dead || destination->waiting_count == 0);
    CHECK(!is_suspended || destination->running_count == 0);
}

static void check_stack(const Job *job)
{
    const JobExtra *extra = job->extra, *child;

    if (extra == NULL)
        return;
    TAILQ_FOREACH (child, &extra->children, in_parent)
        CHECK(child->parent == job);
    if (extra->parent == NULL)
        return;
    CHECK(extra->level >= 1 && extra->parent->is_listed);
    CHECK(job_is_before(job, extra->parent));
}

/* All jobs before the current one are blocked, so nothing is missed by starting there. */
static void check_jobs(const SchedTransport *transport)
{
    bool before_current = true;

    for (Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        CHECK(job->is_listed && job->transport == transport);
        before_current = before_current && job != transport->current;
        CHECK(!before_current || job_is_blocked(job));
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

static void check_transport(const SchedTransport *transport, const Tally *tally)
{
    int64_t waiting_count = 0;
    guint count = 0;

    for (const OrderNode *node = ring_first(&transport->destinations); node != NULL;
         node = ring_next(&transport->destinations, node)) {
        const SchedDestination *destination = ELEMENT(node, SchedDestination, in_transport);

        check_destination(destination, tally);
        CHECK(transport->cause == NULL || destination->waiting_count == 0);
        waiting_count += destination->waiting_count;
        count++;
    }
    CHECK(waiting_count == transport->waiting_count);
    CHECK(count == order_check(&transport->destinations.order));
    CHECK(count == g_hash_table_size(transport->destinations_by_name));
    CHECK((transport->cause != NULL) == heap_contains(&transport->timer.node));
    CHECK(transport->pending_count >= 0);
    CHECK(transport->pool >= -(int64_t)transport->params.extra_recipient_limit);
    CHECK(transport->first_unread == NULL ||
          (transport->first_unread->is_listed && transport->pool <= 0));
    check_jobs(transport);
    check_cache(transport);
    index_check(transport);
}

static void check_job(Job *job, const Tally *tally)
{
    int64_t waiting = (int64_t)job->created_count - job->selected_count;

    peer_check(job);
    CHECK(waiting == sum_of(tally->waiting, job));
    CHECK(waiting == 0 || job->is_listed);
    CHECK(job->recipient_limit >= 0);
    CHECK(job->recipient_count == sum_of(tally->recipients, job));
}

static void check_message(void *object, void *ctx)
{
    SchedMessage *message = object;
    Tally *tally = ctx;

    for (Job *job = message->jobs; job != NULL; job = job->next_of_message) {
        CHECK(job->message == message);
        check_job(job, tally);
        add_to(tally->slots, job->transport, (unsigned)job->recipient_limit);
    }
    CHECK(message->recipient_count ==
          sum_of(tally->recipients, message) + message->unassigned_count);
    CHECK(message->entry_count == sum_of(tally->entries, message));
    CHECK(!(message->fully_read && message->being_read));
    tally->recipient_count += message->recipient_count;
    tally->message_count++;
}

/* Every recipient slot of a transport is in its pool or part of a job's limit. */
static void check_totals(const Sched *sched, const Tally *tally)
{
    int64_t destinations = 0;

    for (const OrderNode *node = ring_first(&sched->transports); node != NULL;
         node = ring_next(&sched->transports, node)) {
        const SchedTransport *transport = ELEMENT(node, SchedTransport, in_sched);

        destinations += g_hash_table_size(transport->destinations_by_name);
        CHECK(transport->pool + sum_of(tally->slots, transport) ==
              transport->params.recipient_limit);
    }
    CHECK(destinations == sched->destination_count);
    CHECK(tally->recipient_count == sched->recipient_count);
    CHECK(tally->message_count == sched->message_count);
}

void sched_check(const Sched *sched)
{
    Tally tally = {.waiting = sums_new(),
                   .running = sums_new(),
                   .entries = sums_new(),
                   .recipients = sums_new(),
                   .slots = sums_new()};

    slab_foreach(&sched->entries, tally_entry, &tally);
    slab_foreach(&sched->messages, check_message, &tally);
    for (const OrderNode *node = ring_first(&sched->transports); node != NULL;
         node = ring_next(&sched->transports, node))
        check_transport(ELEMENT(node, SchedTransport, in_sched), &tally);
    check_totals(sched, &tally);
    state_check(sched);
    heap_check(&sched->timers);
    g_hash_table_destroy(tally.waiting);
    g_hash_table_destroy(tally.running);
    g_hash_table_destroy(tally.entries);
    g_hash_table_destroy(tally.recipients);
    g_hash_table_destroy(tally.slots);
}

#include "sched_internal.h"

/*
 * Asserts every invariant of the core: counts by adding up, the rules' own pointers, and with
 * index_check() that the indexes say what the objects say. Tests call it after each step.
 */

/* What is added up over all entries, to compare with what the core counts as it goes. */
typedef struct Sum {
    int64_t waiting, running; /* entries, of a destination; waiting ones also of a job */
    int64_t entries;          /* of a message */
    int64_t recipients;       /* of a message, a job */
    int64_t slots;            /* in limits of jobs, of a transport */
} Sum;

typedef struct Tally {
    GHashTable *sums; /* of Sum, by object */
    int64_t recipient_count;
    unsigned message_count;
} Tally;

static Sum *sum_of(const Tally *tally, gconstpointer object)
{
    Sum *sum = g_hash_table_lookup(tally->sums, object);

    if (sum == NULL) {
        sum = g_new0(Sum, 1);
        g_hash_table_insert(tally->sums, element_at(object, 0), sum);
    }
    return sum;
}

static void tally_entry(void *object, void *ctx)
{
    const SchedEntry *entry = object;
    const Tally *tally = ctx;
    bool is_waiting = entry->state == ENTRY_WAITING;
    Sum *of_destination, *of_message;

    if (entry->state == ENTRY_UNDELIVERABLE)
        return;
    CHECK(crowd_has(entry->destination, entry->message) ||
          !crowd_counts(entry->destination->transport));
    of_destination = sum_of(tally, entry->destination);
    of_message = sum_of(tally, entry->message);
    CHECK(entry->recipient_count > 0 && !chain_is_empty(&entry->recipients));
    of_destination->waiting += is_waiting ? 1 : 0;
    of_destination->running += is_waiting ? 0 : 1;
    of_message->entries++;
    of_message->recipients += entry->recipient_count;
    if (entry->peer == NULL)
        return;
    CHECK(entry->peer->job->message == entry->message);
    sum_of(tally, entry->peer->job)->recipients += entry->recipient_count;
    sum_of(tally, entry->peer->job)->waiting += is_waiting ? 1 : 0;
}

static void check_destination(const SchedDestination *destination, const Tally *tally)
{
    const SchedTransport *transport = destination->transport;
    const Sum *sum = sum_of(tally, destination);
    bool is_dead = destination->window == WINDOW_DEAD;
    bool is_suspended = destination->window == WINDOW_SUSPENDED;

    CHECK(g_hash_table_lookup(transport->destinations_by_name, destination->name) == destination);
    CHECK(destination->waiting_count == sum->waiting);
    CHECK(destination->running_count == sum->running);
    CHECK(crowd_sum(destination->crowd) ==
          (crowd_counts(transport) ? sum->waiting + sum->running : 0));
    CHECK(destination_is_ready(destination) || is_dead || is_suspended);
    CHECK((destination->cause != NULL) == is_dead);
    CHECK(heap_contains(&destination->timer.node) == !destination_is_ready(destination));
    CHECK(destination->given_back == NULL);
    CHECK(destination->member == NULL || destination->member->destination == destination);
    pace_check(destination->pace, destination);
    CHECK(destination->limit == 0 || destination->window <= destination->limit);
    CHECK(destination->limit_is_given ||
          destination->limit == transport->params.destination_concurrency_limit);
    CHECK(transport->params.destination_rate_delay_s == 0 || destination->limit == 1);
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

static void check_transport(const SchedTransport *transport, const Tally *tally)
{
    const SchedDestination *destination = NULL;
    const Job *first_unread = transport->first_unread;
    int64_t waiting_count = 0;
    guint count = 0;

    while ((destination = destination_next(transport, destination)) != NULL) {
        check_destination(destination, tally);
        CHECK(transport->cause == NULL || destination->waiting_count == 0);
        waiting_count += destination->waiting_count;
        count++;
    }
    CHECK(waiting_count == transport->waiting_count);
    CHECK(count == order_check(&transport->destinations.order));
    CHECK(count == g_hash_table_size(transport->destinations_by_name));
    CHECK((transport->cause != NULL) == heap_contains(&transport->timer.node));
    CHECK(transport->pending_count >= 0 && transport->limit >= 0);
    pace_check(transport->pace, transport);
    CHECK(transport->pool >= -(int64_t)transport->params.extra_recipient_limit);
    /* Every recipient slot is in the pool or part of a job's limit. */
    CHECK(transport->pool + sum_of(tally, transport)->slots == transport->params.recipient_limit);
    CHECK(first_unread == NULL || (first_unread->is_listed && transport->pool <= 0));
    CHECK(!transport->cache_valid || transport->cache_job->is_listed);
    CHECK(!transport->cache_valid || transport->cache_candidate == NULL ||
          transport->cache_candidate->is_listed);
    check_jobs(transport);
    index_check(transport);
}

static void check_job(Job *job, const Tally *tally)
{
    int64_t waiting = (int64_t)job->created_count - job->selected_count;

    peer_check(job);
    CHECK(waiting == sum_of(tally, job)->waiting);
    CHECK(waiting == 0 || job->is_listed);
    CHECK(job->recipient_limit >= 0);
    CHECK(job->recipient_count == sum_of(tally, job)->recipients);
    sum_of(tally, job->transport)->slots += job->recipient_limit;
}

static void check_message(void *object, void *ctx)
{
    SchedMessage *message = object;
    Tally *tally = ctx;
    const Sum *sum = sum_of(tally, message);

    for (Job *job = message->jobs; job != NULL; job = job->next_of_message) {
        CHECK(job->message == message);
        check_job(job, tally);
    }
    CHECK(message->recipient_count == sum->recipients + message->unassigned_count);
    CHECK(message->entry_count == sum->entries);
    CHECK(!(message->fully_read && message->being_read));
    tally->recipient_count += message->recipient_count;
    tally->message_count++;
}

void sched_check(const Sched *sched)
{
    g_autoptr(GHashTable) sums = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    Tally tally = {.sums = sums};
    const SchedTransport *transport = NULL;
    int64_t destination_count = 0;

    slab_foreach(&sched->entries, tally_entry, &tally);
    slab_foreach(&sched->messages, check_message, &tally);
    while ((transport = transport_next(sched, transport)) != NULL) {
        check_transport(transport, &tally);
        destination_count += g_hash_table_size(transport->destinations_by_name);
    }
    CHECK(destination_count == sched->destination_count);
    CHECK(tally.recipient_count == sched->recipient_count);
    CHECK(tally.message_count == sched->message_count);
    transport_check_names(sched);
    state_check(sched);
    site_check_all(sched);
    heap_check(&sched->timers);
    heap_check(&sched->pace_timers);
}

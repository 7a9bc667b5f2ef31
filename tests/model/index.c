#include "src/sched/index_internal.h"
#include "src/sched/noted_internal.h"

/*
 * The second implementation of the seam of the scheduler: every answer by a plain walk over the
 * objects, nothing remembered but two facts that no object tells: which jobs were passed, and which
 * of them have their turn again. Slow and obviously right.
 *
 * Of the members of indexes only `jobs` is used as the indexes use it; two flags of a job say other
 * things here.
 */

#define was_passed   is_in_arrival_order
#define is_unblocked is_classed_as_unblocked

static Job *first_job(const SchedTransport *transport)
{
    return job_at(transport->jobs.first);
}

#define EACH_JOB(job, transport) \
    for (Job *job = first_job(transport); (job) != NULL; (job) = job_next(job))

#define EACH_DESTINATION(node, transport)                                          \
    for (OrderNode *node = ring_first(&(transport)->destinations); (node) != NULL; \
         (node) = ring_next(&(transport)->destinations, node))

static SchedDestination *destination_at(OrderNode *node)
{
    return ELEMENT(node, SchedDestination, in_transport);
}

/* ---- shared sites ---- */

#define EACH_MEMBER(node, part)                                                          \
    for (OrderNode *node = ring_first(&(part)->transport->destinations); (node) != NULL; \
         (node) = ring_next(&(part)->transport->destinations, node))                     \
        if (destination_at(node)->member != NULL && destination_at(node)->member->part == (part))

static bool comes_before(const SchedDestination *destination, const SchedDestination *other)
{
    const Job *job = first_waiting_job(destination), *other_job = first_waiting_job(other);

    return job != other_job ? job_is_before(job, other_job)
                            : destination->member->turn < other->member->turn;
}

/* What was given back waits for its redirection only. */
static bool could_begin(const SchedDestination *destination)
{
    return destination_could_deliver(destination) &&
           (!sched_is_preemptive(destination->transport->sched) ||
            first_waiting_job(destination) != NULL);
}

SchedDestination *part_first(const SitePart *part)
{
    SchedDestination *first = NULL;

    EACH_MEMBER(node, part)
    if (could_begin(destination_at(node)) &&
        (first == NULL || comes_before(destination_at(node), first)))
        first = destination_at(node);
    return first;
}

/* Of the members of a site only one, for the job that waits longest for it (NULL: any). */
static bool has_its_turn(const SchedDestination *destination, const Job *job)
{
    if (!destination_could_deliver(destination))
        return false;
    return destination->member == NULL || (part_first(destination->member->part) == destination &&
                                           (job == NULL || first_waiting_job(destination) == job));
}

void member_enter(SiteMember *member)
{
    member->turn = ++member->part->site->last_turn;
}

void member_rotate(SiteMember *member)
{
    member->turn = ++member->part->site->last_turn;
}

void member_leave(SiteMember *member)
{
    (void)member;
}

/* Of the site, what sched_check() compares. */
void site_changed(SchedSite *site)
{
    site->usable_count = 0;
    for (SitePart *part = site->parts; part != NULL; part = part->next_of_site)
        EACH_MEMBER(node, part)
    site->usable_count += destination_is_usable(destination_at(node)) ? 1 : 0;
    site->counted_room = site_room(site);
    state_update_site(site);
}

/* ---- changes in place: nothing is kept of them ---- */

void destination_changed(SchedDestination *destination)
{
    if (destination->member != NULL)
        site_changed(destination_site(destination));
    state_update(destination);
}

void job_changed(Job *job)
{
    (void)job;
}

void message_changed(const SchedMessage *message)
{
    (void)message;
}

/* ---- entries that wait: those in the state of waiting ---- */

void entry_enter(SchedEntry *entry)
{
    if (entry->peer != NULL)
        chain_append(&entry->peer->waiting, &entry->in_peer);
}

void entry_leave(SchedEntry *entry)
{
    const Link *first;

    if (entry->peer == NULL)
        return;
    first = chain_pop_first(&entry->peer->waiting);
    g_assert(first == &entry->in_peer);
}

typedef struct Search {
    const SchedDestination *destination;
    GPtrArray *entries;
} Search;

static void add_if_waiting(void *object, void *ctx)
{
    SchedEntry *entry = object;
    const Search *search = ctx;

    if (entry->state == ENTRY_WAITING && entry->destination == search->destination &&
        entry != search->destination->given_back)
        g_ptr_array_add(search->entries, entry);
}

/* A late entry raises the count, so it comes before the mail that has the same one. */
static gint compare_entries(gconstpointer a, gconstpointer b)
{
    const SchedEntry *one = *(const SchedEntry *const *)a, *other = *(const SchedEntry *const *)b;

    if (one->late_count != other->late_count)
        return one->late_count < other->late_count ? -1 : 1;
    if (one->is_late != other->is_late)
        return one->is_late ? -1 : 1;
    if (one->message != other->message)
        return one->message->serial < other->message->serial ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

GPtrArray *waiting_entries(const SchedDestination *destination)
{
    Search search = {destination, g_ptr_array_new()};

    slab_foreach(&destination->transport->sched->entries, add_if_waiting, &search);
    g_ptr_array_sort(search.entries, compare_entries);
    return search.entries;
}

SchedEntry *first_entry(const SchedDestination *destination)
{
    g_autoptr(GPtrArray) entries = waiting_entries(destination);

    return entries->pdata[0];
}

static bool waits_for(const Job *job, const SchedDestination *destination)
{
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        if (peer->destination == destination && !chain_is_empty(&peer->waiting))
            return true;
    return false;
}

Job *first_waiting_job(const SchedDestination *destination)
{
    EACH_JOB(job, destination->transport)
    if (waits_for(job, destination))
        return job;
    return NULL;
}

/* ---- the scheduler order (7.2) ---- */

static void put_before(Job *job, Job *next)
{
    (void)order_insert(&job->transport->jobs, &job->in_transport,
                       next != NULL ? &next->in_transport : NULL);
    job->is_listed = true;
    job->was_passed = next != NULL && next->was_passed;
    job->is_unblocked = job->was_passed;
}

void job_enter(Job *job)
{
    Job *next = first_job(job->transport);

    EACH_JOB(other, job->transport)
    if (job_parent(other) == NULL && job_is_earlier(other, job))
        next = job_next(other);
    put_before(job, next);
}

void job_leave(Job *job)
{
    order_remove(&job->transport->jobs, &job->in_transport);
    job->is_listed = false;
    job->was_passed = job->is_unblocked = false;
}

void job_move(Job *job, Job *before)
{
    order_remove(&job->transport->jobs, &job->in_transport);
    put_before(job, before);
}

bool job_was_passed(const Job *job)
{
    return job->was_passed;
}

bool job_is_blocked(const Job *job)
{
    return job->was_passed && !job->is_unblocked;
}

void job_pass_over(Job *job)
{
    job->was_passed = true;
    job->is_unblocked = false;
}

void job_unblock(Job *job)
{
    job->is_unblocked = job->was_passed;
}

void unblock_all(SchedTransport *transport)
{
    EACH_JOB(job, transport)
    job->was_passed = job->is_unblocked = false;
}

/* ---- questions ---- */

/* None is left out: the selection passes over those that have nothing to do. */
Job *next_job(SchedTransport *transport)
{
    EACH_JOB(job, transport)
    if (!job_is_blocked(job))
        return job;
    return NULL;
}

Peer *next_peer(const Job *job)
{
    for (OrderNode *node = ring_first(&job->peers); node != NULL;
         node = ring_next(&job->peers, node)) {
        Peer *peer = ELEMENT(node, Peer, in_job);

        if (!chain_is_empty(&peer->waiting) && has_its_turn(peer->destination, job))
            return peer;
    }
    return NULL;
}

SchedDestination *next_destination(const SchedTransport *transport)
{
    EACH_DESTINATION(node, transport)
    if (has_its_turn(destination_at(node), NULL))
        return destination_at(node);
    return NULL;
}

static int takes(const SchedDestination *destination)
{
    int room = destination->window - destination->running_count;

    if (destination->pace != NULL)
        room = MIN(room, destination->pace->free_count);
    return MAX(MIN(room, destination->waiting_count), 0);
}

/* Of all sites of the table. */
static int64_t deliverable_count_of(GHashTable *sites, const SchedTransport *transport)
{
    GHashTableIter iter;
    gpointer site;
    int64_t sum = 0;

    if (sites == NULL)
        return 0;
    g_hash_table_iter_init(&iter, sites);
    while (g_hash_table_iter_next(&iter, NULL, &site)) {
        int64_t count = 0;

        EACH_DESTINATION(node, transport)
        if (destination_site(destination_at(node)) == site)
            count += takes(destination_at(node));
        sum += MIN(count, site_room(site));
    }
    return sum;
}

int64_t deliverable_count(const SchedTransport *transport)
{
    int64_t count = 0;

    EACH_DESTINATION(node, transport)
    {
        const SchedDestination *destination = destination_at(node);

        if (destination->member == NULL)
            count += takes(destination);
    }
    return count + deliverable_count_of(transport->sites_by_name, transport) +
           deliverable_count_of(transport->sched->sites_by_name, transport);
}

static bool may_preempt(const Job *job, int64_t room)
{
    int64_t left = job_entries_left_max(job);

    return !job_is_blocked(job) && !job_has_children(job) && left >= 1 && left <= room;
}

Job *best_candidate(SchedTransport *transport, int64_t room, SchedNow now)
{
    Job *best = NULL;
    double best_score = 0;

    for (Job *job = job_next(transport->current); job != NULL; job = job_next(job)) {
        double score;

        if (!may_preempt(job, room))
            continue;
        score = (double)(now.steady_s + 1 - job->message->queued_s) / (double)job_entries_max(job);
        if (best == NULL || score > best_score) {
            best = job;
            best_score = score;
        }
    }
    return best;
}

Job *next_unread(const Job *job)
{
    Job *next = NULL;

    EACH_JOB(other, job->transport)
    if (!message_is_exhausted(other->message) && job_is_earlier(job, other) &&
        (next == NULL || job_is_earlier(other, next)))
        next = other;
    return next;
}

/* ---- lives ---- */

void index_clear(SchedTransport *transport)
{
    (void)transport;
}

/* A job that is blocked has nothing to deliver: what it waits for releases it. */
void index_check(const SchedTransport *transport)
{
    bool previous_was_passed = true;

    (void)order_check(&transport->jobs);
    EACH_JOB(job, transport)
    {
        CHECK(job->is_listed);
        CHECK(!job->was_passed || previous_was_passed);
        CHECK(!job->is_unblocked || job->was_passed);
        CHECK(!job_is_blocked(job) || next_peer(job) == NULL);
        previous_was_passed = job->was_passed;
    }
}

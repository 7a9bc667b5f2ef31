#include "index_parts_internal.h"

/*
 * The scheduler order of the jobs of a transport (7.2), and the order in which they may read on.
 *
 * A new job goes after the last one without parent that is earlier: nearly always to the end, but
 * lookups end in any order, and preemption moves jobs. Jobs that were not moved are in order of
 * arrival among themselves. Signposts are one in SIGNPOST_SHARE of these and all that are not
 * ("displaced": moved, and without parent now). They are in a tree in scheduler order that knows
 * the earliest job of each subtree, so the last earlier signpost is found by one descent, and from
 * there the place is a few steps away.
 *
 * Without signposts, a message whose lookup ended late costs a walk over all that came since. With
 * all jobs as signposts each costs a place in a tree, and would need its JobExtra: 208 bytes more
 * than the 400 that a message may have.
 */

#define SIGNPOST_SHARE 64

/* ---- signposts ---- */

static Job *earliest_of(const TreeNode *subtree)
{
    return job_at_node(subtree)->extra->earliest;
}

static Job *earlier_of(Job *job, const TreeNode *subtree)
{
    if (subtree == NULL || job_is_earlier(job, earliest_of(subtree)))
        return job;
    return earliest_of(subtree);
}

static void refresh_signpost(TreeNode *node)
{
    Job *job = job_at_node(node);

    job->extra->earliest = earlier_of(earlier_of(job, node->left), node->right);
}

static const TreeKind by_place = {.is_before = job_node_is_before, .refresh = refresh_signpost};

static bool has_earlier(const TreeNode *subtree, const Job *job)
{
    return subtree != NULL && job_is_earlier(earliest_of(subtree), job);
}

/* The last one in scheduler order that is earlier, or NULL. */
static Job *find_signpost(const Job *job)
{
    const TreeNode *node = job->transport->job_trees[JOB_TREE_SIGNPOSTS].root;

    while (has_earlier(node, job)) {
        if (has_earlier(node->right, job))
            node = node->right;
        else if (job_is_earlier(job_at_node(node), job))
            return job_at_node(node);
        else
            node = node->left;
    }
    return NULL;
}

/* Any hash of the serial does that hits one of so many, whatever pattern serials have. */
static bool is_to_be_signpost(const Job *job)
{
    uint64_t hash = (job->serial * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

    return job->is_in_arrival_order ? hash % SIGNPOST_SHARE == 0 : job_parent(job) == NULL;
}

/* ---- the place of a new job ---- */

/* Later than all that are in order of arrival. */
static bool is_latest(const Job *job)
{
    const SchedTransport *transport = job->transport;
    uint32_t queued_s = job->message->queued_s;

    return queued_s != transport->latest_queued_s ? queued_s > transport->latest_queued_s
                                                  : job->serial > transport->latest_serial;
}

/*
 * The last job without parent that is earlier, or NULL. The job is in order of arrival after one
 * that is; after a displaced one it is taken for displaced, too.
 */
static Job *find_place(const Job *job, bool *ret_in_arrival_order)
{
    const Order *jobs = &job->transport->jobs;
    Job *last = job_at(jobs->last), *found;

    if (last == NULL || job_is_earlier(last, job)) { /* the last one never has a parent */
        *ret_in_arrival_order = last == NULL || last->is_in_arrival_order || is_latest(job);
        return last;
    }
    found = find_signpost(job);
    for (Job *next = found != NULL ? job_next(found) : job_at(jobs->first); next != NULL;
         next = job_next(next)) {
        if (!next->is_in_arrival_order)
            continue;
        if (!job_is_earlier(next, job))
            break;
        found = next;
    }
    *ret_in_arrival_order = found == NULL || found->is_in_arrival_order;
    return found;
}

/* ---- jobs with recipients to be read (10.3) ---- */

static bool unread_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_earlier(job_at_node(a), job_at_node(b));
}

static const TreeKind by_arrival = {.is_before = unread_is_before};

static bool is_not_later(const TreeNode *node, const void *key)
{
    return !job_is_earlier(key, job_at_node(node));
}

Job *next_unread(const Job *job)
{
    return job_at_node(tree_find(&job->transport->job_trees[JOB_TREE_UNREAD], is_not_later, job));
}

/* ---- changes ---- */

void job_order_update(Job *job)
{
    job_tree_set(job, JOB_TREE_SIGNPOSTS, &by_place, is_to_be_signpost(job));
    job_tree_set(job, JOB_TREE_UNREAD, &by_arrival, !message_is_exhausted(job->message));
}

/* Before `next`; NULL: at the end. */
static void insert_before(Job *job, Job *next, bool in_arrival_order)
{
    SchedTransport *transport = job->transport;

    g_assert(!job->is_listed);
    if (order_insert(&transport->jobs, &job->in_transport,
                     next != NULL ? &next->in_transport : NULL))
        transport->label_spreads++;
    job->is_listed = true;
    job->is_in_arrival_order = in_arrival_order;
}

void job_order_insert(Job *job)
{
    SchedTransport *transport = job->transport;
    bool in_arrival_order;
    Job *previous = find_place(job, &in_arrival_order);
    Job *next = previous != NULL ? job_next(previous) : job_at(transport->jobs.first);

    insert_before(job, next, in_arrival_order);
    if (in_arrival_order && (next == NULL || is_latest(job))) {
        transport->latest_queued_s = job->message->queued_s;
        transport->latest_serial = job->serial;
    }
}

void job_order_insert_before(Job *job, Job *before)
{
    insert_before(job, before, false);
}

void job_order_remove(Job *job)
{
    job_tree_set(job, JOB_TREE_SIGNPOSTS, &by_place, false);
    job_tree_set(job, JOB_TREE_UNREAD, &by_arrival, false);
    order_remove(&job->transport->jobs, &job->in_transport);
    job->is_listed = false;
}

/* ---- for tests ---- */

void job_order_check(const SchedTransport *transport)
{
    const Job *previous = NULL;

    (void)order_check(&transport->jobs);
    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        if (job->is_in_arrival_order) {
            CHECK(previous == NULL || job_is_earlier(previous, job));
            previous = job;
        }
        CHECK(job_is_in(job, JOB_TREE_SIGNPOSTS) == is_to_be_signpost(job));
        CHECK(job_is_in(job, JOB_TREE_UNREAD) == !message_is_exhausted(job->message));
    }
    job_tree_check(transport, JOB_TREE_SIGNPOSTS, &by_place);
    job_tree_check(transport, JOB_TREE_UNREAD, &by_arrival);
}

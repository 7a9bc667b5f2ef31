#include "index_parts_internal.h"

/*
 * The place of a new job is found by the time of its arrival, nearly always at the end. Jobs that
 * were never moved by preemption stand in the order of arrival; one in LANDMARK_SHARE of them is
 * also in a tree, from where the place of a latecomer is a few steps away. Jobs that were moved and
 * have no parent any more ("displaced") are in a tree of their own, in scheduler order, that knows
 * the earliest job of each subtree.
 */

#define LANDMARK_SHARE 64

static JobFar *far_at(const TreeNode *node)
{
    return ELEMENT(node, JobFar, in_arrivals);
}

/* ---- landmarks ---- */

static bool landmark_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_earlier(far_at(a)->job, far_at(b)->job);
}

static const TreeKind by_arrival = {.is_before = landmark_is_before};

static bool is_earlier_than_key(const TreeNode *node, const void *key)
{
    return job_is_earlier(far_at(node)->job, key);
}

/* Any rule does that hits one of so many, whatever pattern the serials have. */
static bool is_to_be_landmark(const Job *job)
{
    return ((job->serial * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % LANDMARK_SHARE == 0;
}

static void add_landmark(Job *job)
{
    SchedTransport *transport = job->transport;

    job->is_in_arrival_order = true;
    transport->latest_queued_s = job_message(job)->queued_s;
    transport->latest_serial = job->serial;
    if (!is_to_be_landmark(job))
        return;
    side_take_far(job)->is_landmark = true;
    tree_insert(&transport->landmarks, &by_arrival, &side_far(job)->in_arrivals);
}

static void remove_landmark(Job *job)
{
    JobFar *far = side_far(job);

    job->is_in_arrival_order = false;
    if (far == NULL || !far->is_landmark)
        return;
    far->is_landmark = false;
    tree_remove(&job->transport->landmarks, &by_arrival, &far->in_arrivals);
}

/* The last one in order of arrival that is earlier, or NULL. */
static Job *find_in_arrival_order(const Job *job)
{
    const SchedTransport *transport = job->transport;
    const TreeNode *landmark = tree_find_last(&transport->landmarks, is_earlier_than_key, job);
    Job *found = NULL, *next = job_at(transport->jobs.first);

    if (landmark != NULL)
        next = far_at(landmark)->job;
    for (; next != NULL; next = job_next(next)) {
        if (!next->is_in_arrival_order)
            continue;
        if (!job_is_earlier(next, job))
            break;
        found = next;
    }
    return found;
}

/* ---- displaced ---- */

static bool displaced_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(far_at(a)->job, far_at(b)->job);
}

static Job *earlier_of(Job *job, const TreeNode *subtree)
{
    if (subtree == NULL || job_is_earlier(job, far_at(subtree)->earliest))
        return job;
    return far_at(subtree)->earliest;
}

static void refresh_displaced(TreeNode *node)
{
    JobFar *far = far_at(node);

    far->earliest = earlier_of(earlier_of(far->job, node->left), node->right);
}

static const TreeKind by_place = {.is_before = displaced_is_before, .refresh = refresh_displaced};

static bool has_earlier(const TreeNode *subtree, const Job *job)
{
    return subtree != NULL && job_is_earlier(far_at(subtree)->earliest, job);
}

/* The last one in scheduler order that is earlier, or NULL. */
static Job *find_displaced(const Job *job)
{
    const TreeNode *node = job->transport->displaced.root;

    while (has_earlier(node, job)) {
        if (has_earlier(node->right, job))
            node = node->right;
        else if (job_is_earlier(far_at(node)->job, job))
            return far_at(node)->job;
        else
            node = node->left;
    }
    return NULL;
}

static void set_displaced(Job *job, bool is_displaced)
{
    Tree *displaced = &job->transport->displaced;

    if (is_displaced == (side_far(job) != NULL && side_far(job)->is_displaced))
        return;
    side_take_far(job)->is_displaced = is_displaced;
    if (is_displaced)
        tree_insert(displaced, &by_place, &side_far(job)->in_arrivals);
    else
        tree_remove(displaced, &by_place, &side_far(job)->in_arrivals);
}

/* ---- the scheduler order ---- */

static bool is_latest(const Job *job)
{
    const SchedTransport *transport = job->transport;
    uint32_t queued_s = job_message(job)->queued_s;

    return queued_s != transport->latest_queued_s ? queued_s > transport->latest_queued_s
                                                  : job->serial > transport->latest_serial;
}

/*
 * The last job without parent that is earlier (7.2), or NULL; the job goes behind it. Whether that
 * keeps those in order of arrival in order.
 */
static Job *find_place(const Job *job, bool *ret_in_arrival_order)
{
    Job *last = job_at(job->transport->jobs.last), *in_order, *displaced;

    if (last == NULL || job_is_earlier(last, job)) { /* the last one never has a parent */
        *ret_in_arrival_order = last == NULL || last->is_in_arrival_order || is_latest(job);
        return last;
    }
    in_order = find_in_arrival_order(job);
    displaced = find_displaced(job);
    *ret_in_arrival_order =
        displaced == NULL || (in_order != NULL && job_is_before(displaced, in_order));
    return *ret_in_arrival_order ? in_order : displaced;
}

/* ---- jobs with recipients to be read (10.3) ---- */

static Job *unread_at(const TreeNode *node)
{
    return ELEMENT(node, JobFar, in_unread)->job;
}

static bool unread_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_earlier(unread_at(a), unread_at(b));
}

static const TreeKind unread_by_arrival = {.is_before = unread_is_before};

static void set_unread(Job *job, bool is_unread)
{
    Tree *unread = &job->transport->unread;

    if (is_unread == job->is_unread)
        return;
    job->is_unread = is_unread;
    if (is_unread)
        tree_insert(unread, &unread_by_arrival, &side_take_far(job)->in_unread);
    else
        tree_remove(unread, &unread_by_arrival, &side_far(job)->in_unread);
}

static bool is_not_later(const TreeNode *node, const void *key)
{
    return !job_is_earlier(key, unread_at(node));
}

Job *next_unread(const Job *job)
{
    const TreeNode *node = tree_find(&job->transport->unread, is_not_later, job);

    return node != NULL ? unread_at(node) : NULL;
}

/* ---- changes ---- */

void job_order_update(Job *job)
{
    set_displaced(job, !job->is_in_arrival_order && job_parent(job) == NULL);
    set_unread(job, !message_is_exhausted(job_message(job)));
}

void job_order_insert(Job *job)
{
    Order *jobs = &job->transport->jobs;
    bool in_arrival_order;
    Job *previous = find_place(job, &in_arrival_order);
    Job *next = previous != NULL ? job_next(previous) : job_at(jobs->first);

    g_assert(!job->is_listed);
    order_insert(jobs, &job->in_transport, next != NULL ? &next->in_transport : NULL);
    job->is_listed = true;
    if (in_arrival_order)
        add_landmark(job);
}

void job_order_insert_before(Job *job, Job *before)
{
    g_assert(!job->is_listed);
    order_insert(&job->transport->jobs, &job->in_transport, &before->in_transport);
    job->is_listed = true;
}

void job_order_remove(Job *job)
{
    remove_landmark(job);
    set_displaced(job, false);
    set_unread(job, false);
    order_remove(&job->transport->jobs, &job->in_transport);
    job->is_listed = false;
}

/* ---- for tests ---- */

void job_order_check(const SchedTransport *transport)
{
    const Job *previous = NULL;
    size_t displaced = 0, landmarks = 0, unread = 0;

    (void)order_check(&transport->jobs);
    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        if (job->is_in_arrival_order) {
            CHECK(previous == NULL || job_is_earlier(previous, job));
            previous = job;
        }
        landmarks += job->is_in_arrival_order && is_to_be_landmark(job) ? 1 : 0;
        displaced += !job->is_in_arrival_order && job_parent(job) == NULL ? 1 : 0;
        unread += message_is_exhausted(job_message(job)) ? 0 : 1;
    }
    CHECK(tree_check(&transport->displaced, &by_place) == displaced);
    CHECK(tree_check(&transport->landmarks, &by_arrival) == landmarks);
    CHECK(tree_check(&transport->unread, &unread_by_arrival) == unread);
}

#include "sched_internal.h"

/*
 * The place of a new job is found by the time of its arrival, nearly always at the end. Jobs that
 * were never moved by preemption stand in the order of arrival; one in LANDMARK_SHARE of them is
 * also in a tree, from where the place of a latecomer is a few steps away. Jobs that were moved and
 * have no parent any more ("strays") are in a tree of their own, in scheduler order, that knows the
 * earliest job of each subtree.
 */

#define LANDMARK_SHARE 64

bool place_is_earlier(const Job *job, const Job *other)
{
    uint32_t queued_s = job_message(job)->queued_s, other_s = job_message(other)->queued_s;

    return queued_s != other_s ? queued_s < other_s : job->serial < other->serial;
}

static JobFar *far_at(const TreeNode *node)
{
    return ELEMENT(node, JobFar, in_arrivals);
}

/* ---- landmarks ---- */

static bool landmark_is_before(const TreeNode *a, const TreeNode *b)
{
    return place_is_earlier(far_at(a)->job, far_at(b)->job);
}

static const TreeKind by_arrival = {.is_before = landmark_is_before};

static bool is_earlier_than_key(const TreeNode *node, const void *key)
{
    return place_is_earlier(far_at(node)->job, key);
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
        if (!place_is_earlier(next, job))
            break;
        found = next;
    }
    return found;
}

/* ---- strays ---- */

static bool stray_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(far_at(a)->job, far_at(b)->job);
}

static Job *earlier_of(Job *job, const TreeNode *subtree)
{
    if (subtree == NULL || place_is_earlier(job, far_at(subtree)->earliest))
        return job;
    return far_at(subtree)->earliest;
}

static void refresh_stray(TreeNode *node)
{
    JobFar *far = far_at(node);

    far->earliest = earlier_of(earlier_of(far->job, node->left), node->right);
}

static const TreeKind by_place = {.is_before = stray_is_before, .refresh = refresh_stray};

static bool has_earlier(const TreeNode *subtree, const Job *job)
{
    return subtree != NULL && place_is_earlier(far_at(subtree)->earliest, job);
}

/* The last one in scheduler order that is earlier, or NULL. */
static Job *find_stray(const Job *job)
{
    const TreeNode *node = job->transport->strays.root;

    while (has_earlier(node, job)) {
        if (has_earlier(node->right, job))
            node = node->right;
        else if (place_is_earlier(far_at(node)->job, job))
            return far_at(node)->job;
        else
            node = node->left;
    }
    return NULL;
}

void place_update_stray(Job *job)
{
    bool is_stray = job->is_listed && !job->is_in_arrival_order && job_parent(job) == NULL;
    Tree *strays = &job->transport->strays;

    if (is_stray == (side_far(job) != NULL && side_far(job)->is_stray))
        return;
    side_take_far(job)->is_stray = is_stray;
    if (is_stray)
        tree_insert(strays, &by_place, &side_far(job)->in_arrivals);
    else
        tree_remove(strays, &by_place, &side_far(job)->in_arrivals);
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
    Job *last = job_at(job->transport->jobs.last), *in_order, *stray;

    if (last == NULL || place_is_earlier(last, job)) { /* the last one never has a parent */
        *ret_in_arrival_order = last == NULL || last->is_in_arrival_order || is_latest(job);
        return last;
    }
    in_order = find_in_arrival_order(job);
    stray = find_stray(job);
    *ret_in_arrival_order = stray == NULL || (in_order != NULL && job_is_before(stray, in_order));
    return *ret_in_arrival_order ? in_order : stray;
}

/* The job has got a place: does a selection that went beyond it count for it? */
static void join_frontier(Job *job)
{
    SchedTransport *transport = job->transport;

    if (transport->frontier == job_next(job))
        transport->frontier = job;
}

static void leave_frontier(const Job *job)
{
    if (job->transport->frontier == job)
        job->transport->frontier = job_next(job);
}

void place_insert(Job *job)
{
    SchedTransport *transport = job->transport;
    bool in_arrival_order;
    const Job *previous = find_place(job, &in_arrival_order);
    Job *next = previous != NULL ? job_next(previous) : job_at(transport->jobs.first);

    order_insert(&transport->jobs, &job->in_transport, next != NULL ? &next->in_transport : NULL);
    job->is_listed = true;
    join_frontier(job);
    if (in_arrival_order)
        add_landmark(job);
    place_update_stray(job);
}

void place_remove(Job *job)
{
    job->is_listed = false;
    remove_landmark(job);
    place_update_stray(job);
    leave_frontier(job);
    order_remove(&job->transport->jobs, &job->in_transport);
}

/* Trees in scheduler order have to let it go meanwhile. */
static void remove_waiting_peers(Job *job)
{
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        usable_remove_peer(peer);
}

static void add_waiting_peers(Job *job)
{
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer)) {
        if (chain_is_empty(&peer->waiting))
            continue;
        usable_add_peer(peer);
        usable_update(peer->destination);
    }
}

void place_move(Job *job, Job *before)
{
    remove_waiting_peers(job);
    place_remove(job);
    order_insert(&job->transport->jobs, &job->in_transport, &before->in_transport);
    job->is_listed = true;
    join_frontier(job);
    add_waiting_peers(job);
}

/* ---- jobs with recipients to be read (10.3) ---- */

static Job *unread_at(const TreeNode *node)
{
    return ELEMENT(node, JobFar, in_unread)->job;
}

static bool unread_is_before(const TreeNode *a, const TreeNode *b)
{
    return place_is_earlier(unread_at(a), unread_at(b));
}

static const TreeKind unread_by_arrival = {.is_before = unread_is_before};

void place_update_unread(Job *job)
{
    bool is_unread = job->is_listed && !message_is_exhausted(job_message(job));
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
    return !place_is_earlier(key, unread_at(node));
}

Job *place_next_unread(const Job *job)
{
    const TreeNode *node = tree_find(&job->transport->unread, is_not_later, job);

    return node != NULL ? unread_at(node) : NULL;
}

/* ---- for tests ---- */

void place_check(const SchedTransport *transport)
{
    const Job *previous = NULL;
    size_t strays = 0, landmarks = 0, unread = 0;

    (void)order_check(&transport->jobs);
    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        if (job->is_in_arrival_order) {
            CHECK(previous == NULL || place_is_earlier(previous, job));
            previous = job;
        }
        landmarks += job->is_in_arrival_order && is_to_be_landmark(job) ? 1 : 0;
        strays += !job->is_in_arrival_order && job_parent(job) == NULL ? 1 : 0;
        unread += message_is_exhausted(job_message(job)) ? 0 : 1;
    }
    CHECK(tree_check(&transport->strays, &by_place) == strays);
    CHECK(tree_check(&transport->landmarks, &by_arrival) == landmarks);
    CHECK(tree_check(&transport->unread, &unread_by_arrival) == unread);
}

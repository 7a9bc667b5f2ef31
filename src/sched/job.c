#include "sched_internal.h"

/* The place of an unblocked job before the current one, or of the first, is where to look next. */
static void restart_at(SchedTransport *transport, Job *job)
{
    transport->current = job;
    transport->walk_job = NULL;
}

static LaterJob **end_of_list(SchedMessage *message)
{
    LaterJob **link = &side_take(&message->first_job)->later_jobs;

    while (*link != NULL)
        link = &(*link)->next;
    return link;
}

static Job *take_room(SchedMessage *message, Sched *sched)
{
    LaterJob *later;

    if (message->first_job.transport == NULL) {
        message->first_job.is_first = true;
        return &message->first_job;
    }
    later = slab_take(&sched->jobs);
    later->message = message;
    *end_of_list(message) = later;
    return &later->job;
}

static Job *job_new(SchedMessage *message, SchedTransport *transport)
{
    Job *job = take_room(message, transport->sched);

    job->transport = transport;
    job->first_peer.is_first = true;
    return job;
}

static Job *find(SchedMessage *message, const SchedTransport *transport)
{
    Job *job = job_first(message);

    while (job != NULL && job->transport != transport)
        job = job_next_of_message(job);
    return job;
}

/*
 * Equal queued times: jobs of first batches in the order in which their messages were added, even
 * if their batches are assigned in another order; jobs that come up later go behind.
 */
static uint64_t choose_serial(const Job *job)
{
    const SchedMessage *message = job_message(job);

    /* Until the first batch has ended, the first job has the serial of the message. */
    return message->was_read ? job->transport->sched->next_serial++ : message->first_job.serial;
}

/* (7.2) */
static void insert(Job *job)
{
    SchedTransport *transport = job->transport;

    g_assert(!job->is_listed && job_parent(job) == NULL);
    job->serial = choose_serial(job);
    place_insert(job);
    job_set_straggler(job, job_was_passed(job));
    job_update_attention(job);
    place_update_unread(job);
    candidate_add(job);
    if (transport->current == NULL || job_is_before(job, transport->current))
        restart_at(transport, job);
    slots_take_pool(job);
}

Job *job_take(SchedMessage *message, SchedTransport *transport)
{
    Job *job = find(message, transport);

    if (job == NULL)
        job = job_new(message, transport);
    if (!job->is_listed)
        insert(job);
    preempt_forget_candidate(transport);
    if (job_is_blocked(job))
        job_unblock(job);
    return job;
}

void job_retire(Job *job)
{
    SchedTransport *transport = job->transport;

    stack_leave(job);
    slots_return(job);
    if (transport->current == job)
        transport->current = job_next(job);
    if (transport->walk_job == job)
        transport->walk_job = NULL;
    if (transport->cache_job == job || transport->cache_candidate == job)
        preempt_forget_candidate(transport);
    job_set_straggler(job, false);
    job_set_attention(job, false);
    candidate_remove(job);
    place_remove(job);
    place_update_unread(job);
}

static void end(Job *job)
{
    if (job->is_listed)
        job_retire(job);
    else
        slots_return(job);
    g_assert(peer_first(job) == NULL && job->transport->first_unread != job);
    candidate_remove(job);
    peer_free_set(job);
}

void job_free_all(SchedMessage *message)
{
    Job *first = job_first(message), *next;

    if (first == NULL)
        return;
    for (Job *job = first; job != NULL; job = job_next_of_message(job))
        end(job);
    for (Job *job = job_next_of_message(first); job != NULL; job = next) {
        next = job_next_of_message(job);
        side_free(job);
        slab_free(&first->transport->sched->jobs, ELEMENT(job, LaterJob, job));
    }
    side_free(first);
    first->transport = NULL;
}

void job_add_slots(Job *job, int64_t count)
{
    job->slots_available = (int32_t)CLAMP(job->slots_available + count, INT32_MIN, INT32_MAX);
}

/* ---- stragglers and jobs that need attention ---- */

static Job *straggler_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobFar, in_stragglers)->job : NULL;
}

static bool straggler_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(straggler_at(a), straggler_at(b));
}

static const TreeKind stragglers_by_place = {.is_before = straggler_is_before};

void job_set_straggler(Job *job, bool is_straggler)
{
    Tree *stragglers = &job->transport->stragglers;

    if (is_straggler == job->is_straggler)
        return;
    job->is_straggler = is_straggler;
    if (is_straggler)
        tree_insert(stragglers, &stragglers_by_place, &side_take_far(job)->in_stragglers);
    else
        tree_remove(stragglers, &stragglers_by_place, &side_far(job)->in_stragglers);
    candidate_touch(job);
}

Job *job_first_straggler(const SchedTransport *transport)
{
    return straggler_at(tree_first(&transport->stragglers));
}

static Job *attention_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobFar, in_attention)->job : NULL;
}

static bool attention_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(attention_at(a), attention_at(b));
}

static const TreeKind attention_by_place = {.is_before = attention_is_before};

void job_set_attention(Job *job, bool needs_attention)
{
    Tree *attention = &job->transport->attention;

    if (needs_attention == job->needs_attention)
        return;
    job->needs_attention = needs_attention;
    if (needs_attention)
        tree_insert(attention, &attention_by_place, &side_take_far(job)->in_attention);
    else
        tree_remove(attention, &attention_by_place, &side_far(job)->in_attention);
}

/* A job that is passed over may have to read on, or to retire (7.3, 8). */
void job_update_attention(Job *job)
{
    const SchedMessage *message = job_message(job);

    job_set_attention(job, job->is_listed && !message->being_read &&
                               (!job_has_entries(job) || message_may_refill(message)));
}

void job_update_all_attention(SchedMessage *message)
{
    for (Job *job = job_first(message); job != NULL; job = job_next_of_message(job))
        job_update_attention(job);
}

static bool was_passed(const TreeNode *node, const void *key)
{
    (void)key;
    return job_was_passed(attention_at(node));
}

Job *job_first_for_attention(const SchedTransport *transport)
{
    return attention_at(tree_find(&transport->attention, was_passed, NULL));
}

void job_check_trees(const SchedTransport *transport)
{
    size_t stragglers = 0, attention = 0;

    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        stragglers += job->is_straggler ? 1 : 0;
        attention += job->needs_attention ? 1 : 0;
        CHECK(!job->is_straggler || job_was_passed(job));
    }
    CHECK(tree_check(&transport->stragglers, &stragglers_by_place) == stragglers);
    CHECK(tree_check(&transport->attention, &attention_by_place) == attention);
}

/* ---- blockers ---- */

void job_pass_over(Job *job)
{
    if (job->is_straggler)
        job_set_straggler(job, false);
    else
        job->transport->frontier = job_next(job);
}

void job_unblock(Job *job)
{
    SchedTransport *transport = job->transport;

    job_set_straggler(job, true);
    restart_at(transport, job_at(transport->jobs.first));
}

static void release_all(SchedTransport *transport)
{
    Job *straggler;

    transport->frontier = job_at(transport->jobs.first);
    while ((straggler = job_first_straggler(transport)) != NULL)
        job_set_straggler(straggler, false);
    restart_at(transport, transport->frontier);
    preempt_forget_candidate(transport);
}

/* Whether it blocks: the place of a job that waits for it was passed by. */
static bool is_passed(const Job *job)
{
    return job->is_listed && job_was_passed(job);
}

/* An entry that was given back waits, too, though it is in no tree. */
static bool is_blocking(const SchedDestination *destination)
{
    const Peer *peer;

    if (!sched_is_preemptive(destination->transport->sched))
        return false;
    peer = usable_first_peer(destination);
    if (peer != NULL && job_was_passed(peer_job(peer)))
        return true;
    return destination->given_back != NULL && is_passed(peer_job(destination->given_back->peer));
}

void job_release_blockers(SchedDestination *destination)
{
    if (destination_could_deliver(destination) && is_blocking(destination))
        release_all(destination->transport);
}

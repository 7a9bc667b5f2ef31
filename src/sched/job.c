#include "sched_internal.h"

/* The place of an unblocked job before the current one, or of the first, is where to look next. */
static void restart_at(SchedTransport *transport, Job *job)
{
    transport->current = job;
    transport->walk_job = NULL;
}

static Job *job_new(SchedMessage *message, SchedTransport *transport)
{
    Job *job = g_new0(Job, 1);
    Job **link = &message->jobs;

    job->message = message;
    job->transport = transport;
    while (*link != NULL)
        link = &(*link)->next_in_message;
    *link = job;
    return job;
}

static Job *find(SchedMessage *message, const SchedTransport *transport)
{
    Job *job = message->jobs;

    while (job != NULL && job->transport != transport)
        job = job->next_in_message;
    return job;
}

/*
 * Equal queued times: jobs of first batches in the order in which their messages were added, even
 * if their batches are assigned in another order; jobs that come up later go behind.
 */
static uint64_t choose_serial(const SchedMessage *message)
{
    return message->was_read ? message->sched->next_serial++ : message->serial;
}

/* (7.2) */
static void insert(Job *job)
{
    SchedTransport *transport = job->transport;

    g_assert(!job->is_listed && job_parent(job) == NULL);
    job->serial = choose_serial(job->message);
    place_insert(job);
    job_set_straggler(job, job_was_passed(job));
    job_update_attention(job);
    place_update_unread(job);
    candidate_touch(job);
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

void job_free(Job *job)
{
    Job **link = &job->message->jobs;

    if (job->is_listed)
        job_retire(job);
    else
        slots_return(job);
    g_assert(job->peer_count == 0 && job->transport->first_unread != job);
    while (*link != job)
        link = &(*link)->next_in_message;
    *link = job->next_in_message;
    candidate_remove(job);
    side_free(job);
    g_free(job);
}

/* ---- stragglers and jobs that need attention ---- */

static Job *straggler_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobSide, in_stragglers)->job : NULL;
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
        tree_insert(stragglers, &stragglers_by_place, &side_take(job)->in_stragglers);
    else
        tree_remove(stragglers, &stragglers_by_place, &job->side->in_stragglers);
    candidate_touch(job);
}

Job *job_first_straggler(const SchedTransport *transport)
{
    return straggler_at(tree_first(&transport->stragglers));
}

static Job *attention_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobSide, in_attention)->job : NULL;
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
        tree_insert(attention, &attention_by_place, &side_take(job)->in_attention);
    else
        tree_remove(attention, &attention_by_place, &job->side->in_attention);
}

/* A job that is passed over may have to read on, or to retire (7.3, 8). */
void job_update_attention(Job *job)
{
    const SchedMessage *message = job->message;

    job_set_attention(job, job->is_listed && !message->being_read &&
                               (!job_has_entries(job) || message_may_refill(message)));
}

void job_update_all_attention(SchedMessage *message)
{
    for (Job *job = message->jobs; job != NULL; job = job->next_in_message)
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
void job_release_blockers(SchedDestination *destination)
{
    const Peer *peer = usable_first_peer(destination);

    if (destination_could_deliver(destination) && peer != NULL && job_was_passed(peer->job))
        release_all(destination->transport);
}

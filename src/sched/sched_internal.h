#ifndef EQMGR_SCHED_SCHED_INTERNAL_H
#define EQMGR_SCHED_SCHED_INTERNAL_H

/*
 * What the files of the scheduler core offer each other, one part a file. The objects themselves
 * are in objects_internal.h; numbers in parentheses are sections of scheduling.md.
 */

#include "objects_internal.h"

/* ---- cause.c ---- */

Cause *cause_new(const char *status, const char *reason);
Cause *cause_ref(Cause *cause);
void cause_unref(Cause *cause);
void cause_clear(Cause **cause); /* to NULL, from whatever */

/* True if dead, and then the texts that are asked for. */
bool cause_report(const Cause *cause, const char **ret_status, const char **ret_reason);

/* ---- transport.c ---- */

void transport_free(SchedTransport *transport);

/* Dead of `cause`, which is borrowed; its waiting entries are redirected (6.1). */
void transport_fail(SchedTransport *transport, Cause *cause, SchedNow now);

/* What decides whether it qualifies has changed. */
void transport_update(SchedTransport *transport);

void transport_unlock_rate(SchedTransport *transport);

/* Order in which the transports are tried. */
bool transport_is_before(const SchedTransport *a, const SchedTransport *b);

/* ---- destination.c ---- */

static inline bool destination_is_ready(const SchedDestination *destination)
{
    return destination->window >= 1;
}

static inline bool destination_has_room(const SchedDestination *destination)
{
    return destination->window > destination->running_count;
}

static inline bool destination_could_deliver(const SchedDestination *destination)
{
    return destination_has_room(destination) && destination->waiting_count > 0;
}

static inline bool destination_is_empty(const SchedDestination *destination)
{
    return destination->waiting_count == 0 && destination->running_count == 0;
}

/* An empty one. */
void destination_free(SchedDestination *destination);

/* Whatever it stands in: for the end of the core. */
void destination_discard(SchedDestination *destination);

/* In the list of their transport. */
static inline bool destination_is_before(const SchedDestination *a, const SchedDestination *b)
{
    return ring_is_before(&a->transport->destinations, &a->in_transport, &b->in_transport);
}

/* Destroyed if empty and ready (2). */
void destination_free_if_unused(SchedDestination *destination);

/* An entry ended: destroyed if empty, unless it is worth remembering (12.4). */
void destination_forget_if_empty(SchedDestination *destination);

/* Dead of `cause`, which is borrowed; its waiting entries are redirected (11.4, 12.2). */
void destination_die(SchedDestination *destination, Cause *cause, SchedNow now);

/* Dead no longer: as by its timer (12.1). */
void destination_revive(SchedDestination *destination);

/* The pause after a delivery (13.1). */
void destination_suspend(SchedDestination *destination, SchedNow now);

void destination_on_timer(SchedDestination *destination);

/* ---- usable.c: where destinations stand that could deliver ---- */

/* Window or counts have changed. */
void usable_update(SchedDestination *destination);

/* It is about to be freed. */
void usable_remove(SchedDestination *destination);

/*
 * Preemptive: the peer joins or leaves those that wait for its destination. One whose job has
 * retired does not join: its entry was given back and is about to be redirected.
 */
void usable_add_peer(Peer *peer);
void usable_remove_peer(Peer *peer);

/* The first peer that waits for the destination, or NULL. */
Peer *usable_first_peer(const SchedDestination *destination);

/* The first job, in scheduler order, that has something to deliver now, or NULL. */
Job *usable_first_job(const SchedTransport *transport);

/* For that job: the peer whose turn it is. */
Peer *usable_next_peer(const Job *job);

/* Round-robin: the destination whose turn it is, or NULL. */
SchedDestination *usable_next_destination(const SchedTransport *transport);

/* Asserts trees, lists and sums of the transport; for tests. */
void usable_check(const SchedTransport *transport);

/* ---- window.c (11) ---- */

void window_feed_positive(SchedDestination *destination);
void window_feed_negative(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- entry.c ---- */

static inline SchedMessage *entry_message(const SchedEntry *entry)
{
    return entry->is_first ? ELEMENT(entry, SchedMessage, first_entry)
                           : ELEMENT(entry, LaterEntry, entry)->message;
}

static inline SchedDestination *entry_destination(const SchedEntry *entry)
{
    return entry->has_peer ? entry->peer->destination : entry->destination;
}

static inline SchedEntry *entry_at(const Link *link)
{
    return link != NULL ? ELEMENT(link, SchedEntry, in_peer) : NULL;
}

/* A new entry in the place where it has to wait; `peer` is NULL in round-robin. */
SchedEntry *entry_new(SchedMessage *message, SchedDestination *destination, Peer *peer,
                      SchedNow now);
void entry_add_recipient(SchedEntry *entry, Link *recipient);

/* Recipients may join it, as far as its size is concerned. */
bool entry_has_room(const SchedEntry *entry);

/* Makes a waiting entry the running one that is handed out. */
void entry_run(SchedEntry *entry, SchedNow now);

/* A waiting or running entry has ended: out of all lists and counts, and freed. */
void entry_end(SchedEntry *entry, SchedNow now);

/* The same, but its recipients go to the undeliverable ones. */
void entry_give_up(SchedEntry *entry, Cause *cause, SchedNow now);

/* All that wait for the destination, in the order in which they wait; g_ptr_array_unref(). */
GPtrArray *entry_all_waiting(const SchedDestination *destination);

/* Round-robin: the one that waits longest. */
SchedEntry *entry_first_waiting(const SchedDestination *destination);

void entry_free_undeliverable(struct UndeliverableList *list);
void entry_check_order(const SchedDestination *destination); /* for tests */

/* ---- redirect.c (12.2) ---- */

void redirect_waiting(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- job.c (7) ---- */

static inline SchedMessage *job_message(const Job *job)
{
    return job->is_first ? ELEMENT(job, SchedMessage, first_job)
                         : ELEMENT(job, LaterJob, job)->message;
}

/* The jobs of a message, in the order of creation; NULL at the end. */
static inline Job *job_first(const SchedMessage *message)
{
    const Job *first = &message->first_job;

    return first->transport != NULL ? ELEMENT(&first->transport, Job, transport) : NULL;
}

static inline Job *job_of(LaterJob *later)
{
    return later != NULL ? &later->job : NULL;
}

static inline Job *job_next_of_message(const Job *job)
{
    if (job->is_first)
        return job->side != NULL ? job_of(job->side->later_jobs) : NULL;
    return job_of(ELEMENT(job, LaterJob, job)->next);
}

static inline bool job_has_entries(const Job *job)
{
    return job->selected_count < job->created_count;
}

static inline bool job_is_before(const Job *job, const Job *other)
{
    return order_is_before(&job->in_transport, &other->in_transport);
}

/* A selection has gone beyond its place since the blockers were last released. */
static inline bool job_was_passed(const Job *job)
{
    const Job *frontier = job->transport->frontier;

    return frontier == NULL || job_is_before(job, frontier);
}

static inline bool job_is_blocked(const Job *job)
{
    return job->is_listed && !job->is_straggler && job_was_passed(job);
}

static inline Job *job_at(const OrderNode *node)
{
    return node != NULL ? ELEMENT(node, Job, in_transport) : NULL;
}

static inline Job *job_next(const Job *job)
{
    return job_at(job->in_transport.next);
}

/* The job of (message, transport), ready for a new entry: created, listed and unblocked (5.3). */
Job *job_take(SchedMessage *message, SchedTransport *transport);
void job_retire(Job *job);

/* Its message ends: so do all its jobs. */
void job_free_all(SchedMessage *message);

/* Adds to its slots, as far as they go: nobody can tell larger numbers apart. */
void job_add_slots(Job *job, int64_t count);

/* A selection goes beyond it: no turn until the blockers are released (7.3) or it gets recipients.
 */
void job_pass_over(Job *job);

void job_set_straggler(Job *job, bool is_straggler);
void job_set_attention(Job *job, bool needs_attention);

/* A blocked job gets its turn again. */
void job_unblock(Job *job);

/* The destination may have got room (7.4). */
void job_release_blockers(SchedDestination *destination);

/* Something changed that decides whether it must be looked at when passed over (8). */
void job_update_attention(Job *job);
void job_update_all_attention(SchedMessage *message);

/* The first one, at or behind the frontier, that must be looked at; or NULL. */
Job *job_first_for_attention(const SchedTransport *transport);
Job *job_first_straggler(const SchedTransport *transport);
void job_check_trees(const SchedTransport *transport); /* for tests */

/* ---- side.c: what few jobs have ---- */

JobSide *side_take(Job *job);
JobFar *side_take_far(Job *job);
void side_free(Job *job);

/* NULL: it has none. */
static inline JobFar *side_far(const Job *job)
{
    return job->side != NULL ? job->side->far : NULL;
}

static inline Job *job_parent(const Job *job)
{
    const JobFar *far = side_far(job);

    return far != NULL ? far->parent : NULL;
}

static inline int job_level(const Job *job)
{
    const JobFar *far = side_far(job);

    return far != NULL ? far->level : 0;
}

static inline bool job_has_children(const Job *job)
{
    const JobFar *far = side_far(job);

    return far != NULL && !TAILQ_EMPTY(&far->children);
}

/* ---- stack.c: who preempted whom (9.6, 9.7) ---- */

/* Moves the job directly before the parent, as its child that is paid for so many entries. */
void stack_push(Job *job, Job *parent, int64_t entries);

/* It retires: its children have its parent now, or none. */
void stack_leave(Job *job);

/* ---- place.c: places in the scheduler order and in the order of arrival (7.2, 10.3) ---- */

/* Puts it into the scheduler order. */
void place_insert(Job *job);
void place_remove(Job *job);

/* Out of its place, and directly before the other. */
void place_move(Job *job, Job *before);

/* It has got or lost its parent. */
void place_update_stray(Job *job);

/* By time of arrival. */
bool place_is_earlier(const Job *job, const Job *other);
void place_update_unread(Job *job);

/* The next job by arrival that has recipients to be read, or NULL. */
Job *place_next_unread(const Job *job);

void place_check(const SchedTransport *transport);

/* ---- peer.c (8) ---- */

guint peer_hash(gconstpointer key);
gboolean peer_equal(gconstpointer a, gconstpointer b);

static inline Job *peer_job(const Peer *peer)
{
    return peer->is_first ? ELEMENT(peer, Job, first_peer) : ELEMENT(peer, LaterPeer, peer)->job;
}

/* The peers of a job, in some order; NULL at the end. */
Peer *peer_first(Job *job);
Peer *peer_next(Peer *peer);

/* Of two peers of one job: which comes first in its ring. */
bool peer_is_before(Peer *peer, Peer *other);

/* It had its turn: it comes last now. */
void peer_rotate(Peer *peer);

/* Whether its turn comes after the end of the ring only. */
bool peer_had_its_turn(Peer *peer);

/* Finds or adds. */
Peer *peer_take(Job *job, SchedDestination *destination);
void peer_free_if_empty(Peer *peer);

/* Its job ends. */
void peer_free_set(Job *job);

void peer_check(Job *job); /* for tests */

/* ---- candidate.c: which job may preempt (9.1, 9.3) ---- */

/* Entries that the job has or may still get, at most. */
int64_t candidate_entries_max(const Job *job);
int64_t candidate_entries_left_max(const Job *job);

/* Its size, its children or its being a straggler have changed. */
void candidate_touch(Job *job);
void candidate_touch_all(SchedMessage *message);

/* The job has got a place. */
void candidate_add(Job *job);

/* Before the job changes its place or leaves. */
void candidate_remove(Job *job);

/* With whatever is in them: for the end of the core. */
void candidate_free_classes(SchedTransport *transport);

/* The best one behind the current job with at most `room` entries left, or NULL. */
Job *candidate_find(SchedTransport *transport, int64_t room, SchedNow now);

void candidate_check(const SchedTransport *transport);

/* ---- preempt.c (9) ---- */

/* (9.6) Afterwards the selection starts with the current job: the old one, or one that preempted
 * it. */
void preempt_current(SchedTransport *transport, SchedNow now);

static inline void preempt_forget_candidate(SchedTransport *transport)
{
    transport->cache_valid = false;
}

/* ---- slots.c (10) ---- */

void slots_take_pool(Job *job);
void slots_return(Job *job);
void slots_return_all(SchedMessage *message);
void slots_grant_extra(Job *job);

/* An entry of `job` has ended. */
void slots_return_unneeded(Job *job);

/* ---- preemptive.c, round_robin.c: the two strategies ---- */

void preemptive_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                       SchedNow now);
SchedSelection preemptive_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry,
                                 SchedMessage **ret_message);

/* `message` has ended its batch: its jobs may be selected from again. */
void preemptive_end_batch(SchedMessage *message);

void round_robin_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                        SchedNow now);
SchedSelection round_robin_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry);

/* ---- message.c ---- */

static inline bool sched_is_preemptive(const Sched *sched)
{
    return sched->settings.strategy == SCHED_PREEMPTIVE;
}

static inline bool message_may_read(const SchedMessage *message)
{
    return !message->fully_read && !message->being_read;
}

/* L(m) (10.1) */
int64_t message_recipient_limit(const Sched *sched, const SchedMessage *message);

/* Without outstanding entries the next batch is the completion pipeline's business (10.6). */
bool message_may_refill(const SchedMessage *message);

/* Nothing will be in the file after the batch that is open, if there is one. */
static inline bool message_is_exhausted(const SchedMessage *message)
{
    return message->fully_read || message->batch_is_last;
}

/* ---- notice.c (15, 16) ---- */

void notice_add_clog(Sched *sched, SchedDestination *destination, SchedNow now);
void notice_add_transport(SchedTransport *transport);
void notice_add_positive(SchedDestination *destination);
void notice_add_positive_feedback(SchedDestination *destination, double feedback);
void notice_add_negative(SchedDestination *destination);
void notice_add_negative_feedback(SchedDestination *destination, double feedback);
void notice_clear(Sched *sched);

/* ---- check.c ---- */

/* g_assert(), but as a call: dozens of its branches would hide the control flow. */
#define CHECK(condition) check_that(condition, #condition, __func__)
void check_that(bool is_true, const char *condition, const char *function);

/* ---- timer.c ---- */

void timer_set(Sched *sched, Timer *timer, int64_t due_s);
void timer_cancel(Sched *sched, Timer *timer);

#endif

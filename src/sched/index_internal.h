#ifndef EQMGR_SCHED_INDEX_INTERNAL_H
#define EQMGR_SCHED_INDEX_INTERNAL_H

/*
 * The seam between the rules and the indexes of the scheduler.
 *
 * The rules, above, decide what happens to mail: windows, slots, preemption, redirections. The
 * indexes, below, answer which job, peer or destination is first, next or best, so that no rule
 * walks over what waits. A mail person reads the rules, an algorithms person the indexes.
 *
 * Contract:
 *  - An index knows the objects (objects_internal.h) and calls no rule. It changes nothing of an
 *    object but the members that are listed there as parts of indexes.
 *  - The rules change objects first and report it then. Changes in place are reported by
 *    job_changed() and destination_changed(); whatever joins or leaves an order does so by a call
 *    named enter, leave or move. Reports may be repeated: they compare, they do not count.
 *  - Between a change and its report the answers may be those of before.
 *  - Answers depend on the order of the objects only, never on how often something was reported.
 *  - sched_check() asserts with index_check() that the answers are right.
 *
 * tests/model can be a second implementation of this header, by plain walks over the lists.
 * Numbers in parentheses are sections of scheduling.md.
 */

#include "job_objects_internal.h"

/* ---- changes in place ---- */

/*
 * The window, the death or the counts of waiting and running entries of the destination changed.
 * The report may come several changes late, but before the next question about its transport.
 */
void destination_changed(SchedDestination *destination);

/*
 * The limit, the rate or the count of running entries of a shared site changed, for all its
 * members. The change of a member reports its site, too.
 */
void site_changed(SchedSite *site);

/*
 * Something changed that decides what the job could still do: its counts of entries, its parent,
 * its children; of its message, what is read and unread, the entries, and the limit of recipients.
 * No effect on a job that is not listed.
 */
void job_changed(Job *job);

/* job_changed() for each job of the message. */
void message_changed(const SchedMessage *message);

/* ---- entries that wait ---- */

/*
 * The entry begins to wait. Preemptive: last of its peer, whose job is listed; the peer waits for
 * its destination if it did not yet. Round-robin: at its place in the destination: by late_count,
 * the late entry that raised it before the others, by the serial of the message, by creation (1).
 */
void entry_enter(SchedEntry *entry);

/* It does not wait any more. Preemptive: it is the first one of its peer. */
void entry_leave(SchedEntry *entry);

/* Round-robin: the one that waits first in its destination; there is one. */
SchedEntry *first_entry(const SchedDestination *destination);

/*
 * All that wait for the destination, in the order that entry_enter() names for round-robin, with
 * both strategies; of one peer, oldest first. To be freed with g_ptr_array_unref().
 */
GPtrArray *waiting_entries(const SchedDestination *destination);

/* So many of them, not sorted: for each peer the first ones. */
GPtrArray *waiting_entries_some(const SchedDestination *destination, unsigned max);

/* As sched_message_waiting(). */
GPtrArray *waiting_entries_of_message(const Sched *sched, const SchedMessage *message);

/* Preemptive: the first job in scheduler order that has a peer waiting for the destination, or
 * NULL. */
Job *first_waiting_job(const SchedDestination *destination);

/* ---- members of shared sites ---- */

/* The member, which is new, or was delivered to, has its turn after all others of its site. */
void member_enter(SiteMember *member);
void member_rotate(SiteMember *member);
void member_leave(SiteMember *member);

/*
 * The member that stands for all of them in its transport: of those that could deliver, one for
 * which the first job in scheduler order waits (preemptive), and of these the one whose turn was
 * longest ago. NULL: none could, or the site has no room.
 */
SchedDestination *part_first(const SitePart *part);

/* ---- the scheduler order of the jobs of a transport (7.2) ---- */

/*
 * The job, not listed and without parent, enters directly after the last job without parent that
 * is earlier (job_is_earlier()); first, if there is none. It is listed then. It was passed if the
 * job after it was; if so, it is unblocked.
 */
void job_enter(Job *job);

/* Leaves; not listed any more. None of its entries waits. */
void job_leave(Job *job);

/*
 * Moves directly before the other job; its entries wait on. Passed and unblocked as by job_enter().
 * Call it after the parent was set.
 */
void job_move(Job *job, Job *before);

/*
 * A job was passed if a selection went beyond its place since unblock_all(). The passed jobs of a
 * transport are the first ones in order, so a job that enters last was never passed. A passed job
 * is blocked unless it was unblocked; a blocked one that is listed is not selected from (7.3).
 */
bool job_was_passed(const Job *job);
bool job_is_blocked(const Job *job);

/* A selection goes beyond this job: it is passed, with all before it, and blocked. It was the
 * answer of next_job(). */
void job_pass_over(Job *job);

/* A passed job has its turn again. No effect on another one. */
void job_unblock(Job *job);

/* None was passed any more (7.4). */
void unblock_all(SchedTransport *transport);

/* ---- questions ---- */

/*
 * The next job that a selection has to look at: the first in order that is not blocked. Jobs may be
 * left out that have nothing to deliver, nothing to read on for, no reason to retire, and were not
 * unblocked: the selection would only pass over them. All before it are passed. NULL: there is
 * none, and all jobs were passed (8).
 */
Job *next_job(SchedTransport *transport);

/*
 * The peer of this job, the answer of next_job(), whose turn it is: the first one in the ring of
 * its peers that waits for a destination with room. NULL: nothing of the job can be delivered now
 * (8).
 */
Peer *next_peer(const Job *job);

/* Round-robin: the first destination in the ring with room and a waiting entry, or NULL (17). Of a
 * shared site, only part_first() counts; so it does for next_peer(). */
SchedDestination *next_destination(const SchedTransport *transport);

/* How many waiting entries of the transport could be delivered at once: the sum over its
 * destinations of the smaller of waiting entries and room, where there is room (6); of those of a
 * shared site together, not more than its room. */
int64_t deliverable_count(const SchedTransport *transport);

/*
 * The best job to preempt the current one (9.3): after it in order, not blocked, without children,
 * with at most `room` entries left but at least one; the highest score, and among equal scores the
 * first in order. NULL: there is none.
 */
Job *best_candidate(SchedTransport *transport, int64_t room, SchedNow now);

/* The next job after this one by job_is_earlier() with recipients to be read, or NULL (10.4). */
Job *next_unread(const Job *job);

/* ---- lives: that of an index begins with nothing but zeros ---- */

void index_clear(SchedTransport *transport);

/* Asserts that all members of indexes say what the objects say. Slow; for tests. */
void index_check(const SchedTransport *transport);

#endif

#ifndef EQMGR_SCHED_SCHED_INTERNAL_H
#define EQMGR_SCHED_SCHED_INTERNAL_H

/*
 * What the rules of the scheduler offer each other, one part a file, from the ground to the top.
 * The objects are in objects_internal.h, what rules may ask of indexes in index_internal.h; numbers
 * in parentheses are sections of scheduling.md.
 */

#include "index_internal.h"
#include "noted_internal.h"
#include "objects_internal.h"

/* What differs between the two strategies; one table each, in preemptive.c and round_robin.c. */
struct Strategy {
    /* Takes a recipient of a batch into an entry (5.3, 17). */
    void (*assign)(SchedMessage *message, SchedDestination *destination, Link *recipient,
                   SchedNow now);

    /* A new entry without recipients, last for the destination. */
    SchedEntry *(*entry_new)(SchedMessage *message, SchedDestination *destination, SchedNow now);

    SchedSelection (*select)(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry,
                             SchedMessage **ret_message);

    int64_t (*batch_limit)(const Sched *sched, const SchedMessage *message);

    /* Whether a message reads on after an entry ended. NULL: selections say so. */
    bool (*wants_refill)(const Sched *sched, const SchedMessage *message);

    /* A batch of the message has ended: what waited for it goes on. NULL: nothing does. */
    void (*end_batch)(SchedMessage *message);
    bool redirects_backward; /* waiting entries, last one first (12.2) */
};

extern const Strategy preemptive_strategy, round_robin_strategy;

/* ---- cause.c ---- */

Cause *cause_new(const char *status, const char *reason);

/* The same cause, of mail that waited for this nexthop of retry. */
Cause *cause_new_for_retry(const Cause *cause, const char *nexthop);
void cause_unref(Cause *cause);

/* True if dead, and then the texts that are asked for. */
bool cause_report(const Cause *cause, const char **ret_status, const char **ret_reason);

/* ---- notice.c (15, 16) ---- */

void notice_add_clog(Sched *sched, SchedDestination *destination, SchedNow now);
void notice_add_transport(SchedTransport *transport);
void notice_add_window(SchedDestination *destination, bool is_negative);
void notice_add_feedback(SchedDestination *destination, bool is_negative, double feedback);
void notice_clear(Sched *sched);

/* ---- crowd.c: who has entries for a destination, or a site that is shared (traffic.md 5) ---- */

/* Messages are counted, and this transport is not retry or error. */
bool crowd_counts(const SchedTransport *transport);

/* The entry is there, or is not any more. */
void crowd_enter(const SchedEntry *entry);
void crowd_leave(const SchedEntry *entry);

/* Entries of the destination are for the site, too, or are not any more. */
void crowd_join(const SchedDestination *destination, SchedSite *site);
void crowd_part(const SchedDestination *destination, SchedSite *site);

void crowd_free(GHashTable *crowd); /* NULL is a no-op */

/* For tests: the message is there, and how many entries all of them have. */
bool crowd_has(const SchedDestination *destination, SchedMessage *message);
int64_t crowd_sum(GHashTable *crowd);
int64_t crowd_sum_of_members(const SchedSite *site);

/* ---- pace.c: rates (traffic.md 2) ---- */

/* NULL: no such limit; without any it has no pace. Nobody is released. */
void pace_set_of_destination(SchedDestination *destination, const MeterLimit *deliveries,
                             const MeterLimit *recipients, SchedNow now);
void pace_set_of_site(SchedSite *site, const MeterLimit *deliveries, const MeterLimit *recipients,
                      SchedNow now);

void pace_set_of_transport(SchedTransport *transport, const MeterLimit *deliveries, SchedNow now);

/* Mail waits for the destination, for which none did. */
void pace_wake(const SchedDestination *destination, SchedNow now);

/* It has to be remembered. NULL: no. */
bool pace_has_debt(const SitePace *pace);

/* How many deliveries may begin now. */
void pace_look(SitePace *pace, SchedNow now);

/* A delivery begins. */
void pace_begin(SchedEntry *entry, SchedNow now);

/* It did not, or no host was talked to: what it was charged, and can be given back, is. */
void pace_refund(SchedEntry *entry, SchedNow now);

/* It was one: nothing can be given back any more. */
void pace_settle(SchedEntry *entry);

/* NULL: there is none to check. The owner: a destination, site or transport. For tests. */
void pace_check(const SitePace *pace, const void *owner);

/* ---- slots.c (10) ---- */

void slots_claim_pool(Job *job);
void slots_return(Job *job);
void slots_return_all(SchedMessage *message);
void slots_grant_extra(Job *job);

/* An entry of `job` has ended. */
void slots_return_unneeded(Job *job);

/* ---- stack.c: who preempted whom (9.6, 9.7) ---- */

/* Moves the job directly before the parent, as its child that is paid for so many entries. */
void stack_push(Job *job, Job *parent, int64_t entries);

/* The job retires: its parent adopts its children; without one they are orphans. */
void stack_leave(Job *job);

/* ---- job.c (7) ---- */

/* The job of (message, transport), ready for a new entry: created, listed and unblocked (5.3). */
Job *job_ensure(SchedMessage *message, SchedTransport *transport);
void job_retire(Job *job);

/* Its message ends: so do all its jobs. */
void job_free_all(SchedMessage *message);

/* A blocked job has its turn again, and selections begin with the first job. */
void job_resume(Job *job);

/* The destination may have got room: if a job was passed that waits for it, all jobs of its
 * transport have their turn again (7.4). */
void job_release_blockers(SchedDestination *destination);

/* The same for all members of a site. */
void job_release_blockers_of_site(const SchedSite *site);

/* ---- transport.c ---- */

void transport_free(SchedTransport *transport);

/* The first one by name after this name (NULL: of all); NULL if there is none. */
const SchedTransport *transport_after(const Sched *sched, const char *name);
void transport_check_names(const Sched *sched); /* asserts the order of names */

/* ---- destination.c ---- */

/* Whatever it is part of: for the end of the core. */
void destination_discard(SchedDestination *destination);

/* Freed if empty and ready (2). */
void destination_free_if_unused(SchedDestination *destination);

/* An entry ended: freed if empty, unless it is worth remembering (12.4). */
void destination_forget_if_empty(SchedDestination *destination);

/* Dead of `cause`, which is borrowed (11.4). */
void destination_die(SchedDestination *destination, Cause *cause, SchedNow now);

/* The pause after a delivery (13.1). */
void destination_suspend(SchedDestination *destination, SchedNow now);

/* The window is not above the limit. */
void destination_fit_window(SchedDestination *destination);

void destination_on_timer(SchedDestination *destination);

/* ---- site.c: shared sites (traffic.md 1) ---- */

/* The destination is a member of no site any more. What waited for the site that it has left, or
 * for the destination itself, may go on. */
void site_leave(SchedDestination *destination);

/* No member and no debt: it is forgotten. */
void site_free_if_unused(SchedSite *site);

/* Those of this table, or NULL: for the end of the core. */
void site_discard_all(GHashTable *sites);
void site_check_all(const Sched *sched); /* for tests */

/* ---- keep.c: meters over a restart (traffic.md 2) ---- */

/* One without a limit holds nobody. */
static inline bool pace_has_limit(const SitePace *pace, MeterKind kind)
{
    return pace->meters[kind].limit.count > 0;
}

/* The meter gets its limit, NULL for none, and goes on from what it owed. */
void keep_set(SitePace *pace, MeterKind kind, const MeterLimit *limit, SchedNow now);

/* What the disk allows, and has to learn. */
void keep_look(SitePace *pace, SchedNow now);

/* When to look again for the sake of the disk; INT64_MAX: no need. */
int64_t keep_next_us(const SitePace *pace, SchedNow now);

/* In the line of those that sched_meters_written() calls, or not. */
void keep_wait(SitePace *pace, bool waits);

/* Frees it; what it owes is remembered. NULL is a no-op. */
void keep_free(SitePace *pace, int64_t now_us);

/* ---- paced.c ---- */

void pace_run_timers(Sched *sched, SchedNow now);

/* ---- entry.c ---- */

/* A new entry in the place where it has to wait; `peer` is NULL in round-robin. */
SchedEntry *entry_new(SchedMessage *message, SchedDestination *destination, Peer *peer,
                      SchedNow now);
void entry_add_recipient(SchedEntry *entry, Link *recipient);

/* Those of marked[], which has a value for each recipient of `from` in their order. */
void entry_move_marked(SchedEntry *from, SchedEntry *to, const bool marked[]);

/* Recipients may join it, as far as its size is concerned. */
bool entry_has_room(const SchedEntry *entry);

/* Makes a waiting entry the running one that is handed out. The caller reports the change of its
 * message. */
void entry_run(SchedEntry *entry, SchedNow now);

/* A running entry waits again, to be redirected at once (6.3). */
void entry_wait_again(SchedEntry *entry, SchedNow now);

/* A waiting or running entry has ended: out of all lists and counts, and freed. */
void entry_end(SchedEntry *entry, SchedNow now);

/* The same, but its recipients go to the undeliverable ones. */
void entry_give_up(SchedEntry *entry, Cause *cause, SchedNow now);

/* Of a running entry some recipients only; one at least is left. */
void entry_give_up_marked(SchedEntry *entry, const bool marked[], Cause *cause);

/* ---- preempt.c (9) ---- */

/* Adds to the slots of a job, as far as they go: nobody can tell larger numbers apart. */
static inline void job_add_slots(Job *job, int64_t count)
{
    job->slots_available = (int32_t)CLAMP(job->slots_available + count, INT32_MIN, INT32_MAX);
}

/* The next question who may preempt the current job is answered by a search (9.5). */
static inline void preempt_forget_candidate(SchedTransport *transport)
{
    transport->cache_valid = false;
}

/* (9.6) Afterwards the selection starts with the current job: the old one, or one that preempted
 * it. */
void preempt_current(SchedTransport *transport, SchedNow now);

/* ---- redirect.c (12.2) ---- */

void redirect_waiting(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- window.c (11) ---- */

void window_feed_positive(SchedDestination *destination);
void window_feed_negative(SchedDestination *destination, Cause *cause, SchedNow now);

/* The site says that it is too much: that is no failure, so it does not die of it. */
void window_feed_slowed(SchedDestination *destination);

#endif

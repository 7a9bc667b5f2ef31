#ifndef EQMGR_SCHED_INDEX_PARTS_INTERNAL_H
#define EQMGR_SCHED_INDEX_PARTS_INTERNAL_H

/*
 * What the files of the indexes offer each other; no rule sees it. index.c puts the parts together.
 */

#include "index_internal.h"

static inline Peer *waiting_peer_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, Peer, in_destination) : NULL;
}

/* Preemptive: that of the first job that waits for it. */
static inline Peer *first_waiting_peer(const SchedDestination *destination)
{
    return waiting_peer_at(tree_first(&destination->waiting));
}

/* ---- candidate.c ---- */

/* What decides about the class of the job may have changed. */
void candidate_mark_dirty(Job *job);

/* Before the job leaves its place. */
void candidate_remove(Job *job);
void candidate_clear(SchedTransport *transport);
void candidate_check(const SchedTransport *transport);

/* ---- to_visit.c ---- */

/* The job has got a place in the order, or is about to lose it. */
void to_visit_join(Job *job);
void to_visit_leave(Job *job);
void to_visit_update(Job *job);
void to_visit_check(const SchedTransport *transport);

/* ---- usable.c ---- */

/* Preemptive: the peer joins or leaves those that wait for its destination, which has changed. */
void usable_add_peer(Peer *peer);
void usable_remove_peer(Peer *peer);
void usable_check(const SchedTransport *transport);

/* ---- member.c: those who share a site ---- */

/* A member changed: whether it could deliver if the site could, and by how much what it could take
 * at once. */
void member_update(SiteMember *member, bool is_usable, int capacity_change);

/* Before its place among the members changes; member_update() puts it back. */
void member_take_out(SiteMember *member);
void member_check(const SiteMember *member, bool is_usable);

/* Of the parts of sites in this transport; returns what they count for in its capacity. */
int64_t member_check_parts(const SchedTransport *transport);

/* ---- deliverable.c ---- */

/* Into the tree of its transport, or out of it. */
void deliverable_set(SchedDestination *destination, bool is_deliverable);

/* Preemptive: the label of the first job that waits for it, which is remembered; there is one. To
 * be copied when the first job has become another one. */
uint64_t deliverable_label(SchedDestination *destination);
void deliverable_copy_label(SchedDestination *destination);

/* The first job, in scheduler order, that has something to deliver now, or NULL. */
Job *first_deliverable_job(const SchedTransport *transport);
void deliverable_check(const SchedTransport *transport);

/* ---- waiting.c ---- */

void waiting_check(const SchedDestination *destination);

/* ---- job_order.c ---- */

/* To the place of a new job. */
void job_order_insert(Job *job);

/* To another place. */
void job_order_insert_before(Job *job, Job *before);
void job_order_remove(Job *job);

/* Whether it has a parent, is listed or has recipients to be read may have changed. */
void job_order_update(Job *job);
void job_order_check(const SchedTransport *transport);

#endif

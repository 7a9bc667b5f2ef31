#ifndef EQMGR_SCHED_INDEX_PARTS_INTERNAL_H
#define EQMGR_SCHED_INDEX_PARTS_INTERNAL_H

/*
 * What the files of the indexes offer each other; no rule sees it. index.c puts the parts together.
 */

#include "index_internal.h"

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

/* ---- deliverable.c ---- */

/* Preemptive: the peer joins or leaves those that wait for its destination, which has changed. */
void deliverable_add_peer(Peer *peer);
void deliverable_remove_peer(Peer *peer);

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

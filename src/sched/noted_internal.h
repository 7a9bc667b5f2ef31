#ifndef EQMGR_SCHED_NOTED_INTERNAL_H
#define EQMGR_SCHED_NOTED_INTERNAL_H

/* What is noted for those who only look (sched/inspect.h); no rule reads it. */

#include "objects_internal.h"

/* ---- change.c: deaths and revivals, for those who look ---- */

/* destination: NULL if it concerns the transport. cause: of a death. */
void change_add(const SchedTransport *transport, SchedChangeKind kind,
                const SchedDestination *destination, const Cause *cause);
void change_drop_all(Sched *sched);

/* ---- state.c: how many destinations are in each state, for those who look ---- */

void state_add(SchedDestination *destination);    /* it is new */
void state_remove(SchedDestination *destination); /* it is about to be freed */
void state_update(SchedDestination *destination); /* something of it changed */

/* What a site without room makes of its members, which count as ready by themselves. */
void state_update_site(SchedSite *site);
void state_forget_site(SchedSite *site); /* it is about to be freed */

/* As those who look see it. */
SchedState state_of(const SchedDestination *destination);
void state_check(const Sched *sched);

#endif

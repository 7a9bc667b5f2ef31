#ifndef EQMGR_CONTROL_VERBS_INTERNAL_H
#define EQMGR_CONTROL_VERBS_INTERNAL_H

/* verbs: the steps of each verb, for the table in verbs.c; one file verb_<name>.c each. */

#include "src/control/verb_internal.h"

/* For verbs whose state owns nothing. */
void verb_free_state(Query *query);

bool status_step(Query *query, unsigned object_max);

bool transports_step(Query *query, unsigned object_max);

bool destinations_begin(Query *query);
bool throttled_begin(Query *query);
bool throttled_step(Query *query, unsigned object_max);
bool destinations_step(Query *query, unsigned object_max);
void destinations_end(Query *query);

bool destination_begin(Query *query);
bool destination_step(Query *query, unsigned object_max);
void destination_end(Query *query);

bool due_begin(Query *query);
bool due_step(Query *query, unsigned object_max);
void due_end(Query *query);

bool deferred_begin(Query *query);
bool deferred_step(Query *query, unsigned object_max);
void deferred_end(Query *query);

bool messages_begin(Query *query);
bool messages_step(Query *query, unsigned object_max);
void messages_end(Query *query);

bool connections_begin(Query *query);
bool connections_step(Query *query, unsigned object_max);
void connections_end(Query *query);

bool events_begin(Query *query);
bool events_step(Query *query, unsigned object_max);

bool explain_begin(Query *query);
bool explain_step(Query *query, unsigned object_max);

bool flush_begin(Query *query);
bool flush_step(Query *query, unsigned object_max);

bool rules_begin(Query *query);
bool rules_step(Query *query, unsigned object_max);
void rules_end(Query *query);

bool suspend_begin(Query *query);
bool limit_begin(Query *query); /* goes on as suspend */
bool suspend_step(Query *query, unsigned object_max);
void suspend_end(Query *query);

bool resume_begin(Query *query);
bool resume_step(Query *query, unsigned object_max);
void resume_end(Query *query);

bool expedite_begin(Query *query);
bool expedite_step(Query *query, unsigned object_max);
void expedite_end(Query *query);

bool reresolve_begin(Query *query);
bool reresolve_step(Query *query, unsigned object_max);
void reresolve_end(Query *query);

bool jobs_step(Query *query, unsigned object_max);
bool cancel_step(Query *query, unsigned object_max);

bool metrics_step(Query *query, unsigned object_max);

#endif

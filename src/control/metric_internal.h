#ifndef EQMGR_CONTROL_METRIC_INTERNAL_H
#define EQMGR_CONTROL_METRIC_INTERNAL_H

/* metric: rows of metrics: a name, labels (attributes that begin with "label_") and a value. */

#include "src/control/verb_internal.h"

/* Leaves the row to be completed and ended. */
void metric_begin(Answer *answer, const char *name);

void metric_put(Answer *answer, const char *name, int64_t value);
void metric_put_labelled(Answer *answer, const char *name, const char *label,
                         const char *label_value, int64_t value);

/* The series of the destinations that are watched (stats_watch()), and those of all others. */
void metric_put_destinations(Query *query);

#endif

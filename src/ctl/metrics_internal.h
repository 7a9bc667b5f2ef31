#ifndef EQMGR_CTL_METRICS_INTERNAL_H
#define EQMGR_CTL_METRICS_INTERNAL_H

/* metrics: what the daemon counts, as the text formats that Prometheus reads. */

#include "src/ctl/command_internal.h"

typedef enum MetricsFormat {
    METRICS_PROMETHEUS,  /* text format 0.0.4 */
    METRICS_OPENMETRICS, /* 1.0.0: families of counters without _total, and an end mark */
} MetricsFormat;

/* The text of one answer. On failure *ret_problem is a text for people. Both are new strings. */
SessionStatus metrics_text(Session *session, MetricsFormat format, char **ret_text,
                           char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;

int metrics_run(const Invocation *invocation);

#endif

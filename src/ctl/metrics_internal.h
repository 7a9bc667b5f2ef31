#ifndef EQMGR_CTL_METRICS_INTERNAL_H
#define EQMGR_CTL_METRICS_INTERNAL_H

/* metrics: what the daemon counts, as the text formats that Prometheus reads. */

#include "src/ctl/command_internal.h"

typedef enum MetricsFormat {
    METRICS_PROMETHEUS,  /* text format 0.0.4 */
    METRICS_OPENMETRICS, /* 1.0.0: families of counters without _total, and an end mark */
} MetricsFormat;

/* The rows of one answer of the verb "metrics", sorted into families. */
typedef struct Metrics Metrics;

Metrics *metrics_new(void) G_GNUC_WARN_UNUSED_RESULT;
void metrics_free(Metrics *metrics);
void metrics_add(const Row *row, void *ctx); /* a SessionRowFn; ctx is a Metrics */

/* A new string. */
char *metrics_text(const Metrics *metrics, MetricsFormat format) G_GNUC_WARN_UNUSED_RESULT;

/* There is a family of this name. */
bool metrics_knows(const char *name);

/* How many families there are. */
unsigned metrics_count(void);

int metrics_run(const Invocation *invocation);

#endif

#ifndef EQMGR_TESTS_SUPPORT_METRIC_TABLE_H
#define EQMGR_TESTS_SUPPORT_METRIC_TABLE_H

/*
 * tests/support/metric_table: tests/data/metrics.txt, what metrics there are: for tests of those
 * who send them, and of those who show them.
 */

#include <glib.h>

typedef struct MetricRow {
    const char *name, *type, *help;
    GStrv labels; /* "transport", "state=waiting,stuck", "le=0.1,1"; in the order of the table */
} MetricRow;

typedef struct MetricTable MetricTable;

/* `directory` is that of the project. Fails the test if the file is not such a table. */
MetricTable *metric_table_read(const char *directory);
void metric_table_free(MetricTable *table);

/* NULL after the last one. */
const MetricRow *metric_table_at(const MetricTable *table, guint i);

/* NULL: there is none of that name. */
const MetricRow *metric_table_find(const MetricTable *table, const char *name);

/* The values of the label as the table has them, separated by commas; "": any; NULL: it has no such
 * label. */
const char *metric_row_values(const MetricRow *row, const char *label);

#endif

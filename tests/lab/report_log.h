#ifndef EQMGR_TESTS_LAB_REPORT_LOG_H
#define EQMGR_TESTS_LAB_REPORT_LOG_H

/*
 * tests/lab/report_log: the logs of the bounce family, bounce/ID, defer/ID and trace/ID.
 *
 * A line for each recipient tells where its record is, as those of bounce(8) do: after a
 * non-delivery report for deferred mail the recipients of the log are marked as done in the queue
 * file. A log that a scenario wrote by hand tells of all recipients. For a queue manager that reads
 * such logs there are records as bounce(8) writes them, too (core.h).
 */

#include "tests/lab/core.h"

typedef struct ReportLogEntry {
    const char *recipient;
    int64_t offset;
    int64_t notify_flags;
    const char *status, *reason; /* NULL: of no interest */
} ReportLogEntry;

void report_log_add(const Core *core, const char *log, const char *id, const ReportLogEntry *entry);

/* With a VERP-style report recipients that want none stay as they are (spec/ipc.md 5.2). */
void report_log_mark_returned(const Core *core, const char *log, const char *queue, const char *id,
                              bool is_verp);

#endif

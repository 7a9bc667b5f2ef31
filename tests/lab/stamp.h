#ifndef EQMGR_TESTS_LAB_STAMP_H
#define EQMGR_TESTS_LAB_STAMP_H

/*
 * tests/lab/stamp: times in a form that is the same in every run: relative to the virtual start.
 */

#include <stdint.h>
#include <time.h>

#include "tests/lab/core.h"

/* The virtual wall clock's start; 0 (the default): real time. */
void stamp_set_start(int64_t start_wall_ns);

/* "+300", or "kernel" for a stamp the kernel made during this run. */
char *stamp_describe_file_time(struct timespec stamp);

/* The same of a text that is a wall-clock second near the start; NULL: it is something else. */
char *stamp_describe_second(const char *text);

/* The `time` attribute of a delivery request (ipc.md 3.4): "arrival/active/handoff/..." */
char *stamp_describe_blob(const Core *core, const char *base64);

/* The text, if it is the current virtual time as log lines have it, else NULL. */
bool stamp_is_log_time(const char *text, int64_t wall_ns);

#endif

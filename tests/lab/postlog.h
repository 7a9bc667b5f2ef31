#ifndef EQMGR_TESTS_LAB_POSTLOG_H
#define EQMGR_TESTS_LAB_POSTLOG_H

/*
 * tests/lab/postlog: the log socket public/postlog (ipc.md 8.3).
 *
 * Lines go to the trace without time, host name and process ID, if these are what they must be.
 */

#include "tests/lab/core.h"
#include "tests/lab/daemon.h"

typedef struct Postlog Postlog;

/* `clock` may be NULL: times are not checked. */
Postlog *postlog_new(const Core *core, const Vclock *clock);
void postlog_free(Postlog *postlog);

/* Whose process ID the lines must carry from now on. */
void postlog_set_pid(Postlog *postlog, pid_t pid);

#endif

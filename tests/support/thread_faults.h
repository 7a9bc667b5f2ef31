#ifndef EQMGR_TESTS_SUPPORT_THREAD_FAULTS_H
#define EQMGR_TESTS_SUPPORT_THREAD_FAULTS_H

/*
 * tests/support/thread_faults: a disk that fails, or ends the process, at a chosen system call of
 * the thread that writes (control/data_file).
 *
 * Calls of the C library are defined anew there: openat, write, fsync, renameat, unlinkat and
 * close. Those of any thread but the one that called thread_faults_set() are counted, from 1 on.
 * Only the programs that support.mk names are linked with it.
 */

#include <stdbool.h>

typedef struct ThreadFaults {
    int fail_from, fail_to; /* these calls fail, with `error`; 0: none */
    int error;
    int short_at; /* this one, a write(), takes half of it; 0: none */
    int kill_at;  /* the process ends before this one; 0: it does not */
} ThreadFaults;

/* Counts from 1 again; NULL: nothing happens any more. While such a thread runs, nothing else may
 * be chosen. */
void thread_faults_set(const ThreadFaults *faults);

/* Whether there was a call that failed, or was short, since thread_faults_set(). */
bool thread_faults_was_hit(void);

#endif

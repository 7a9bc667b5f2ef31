#ifndef EQMGR_TESTS_SUPPORT_SPOOL_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_SPOOL_FIXTURE_H

/*
 * tests/support/spool_fixture: a queue directory of its own for each test, as the working
 * directory. All functions fail the test if the system refuses what they need.
 */

#include <sys/types.h>

#include "spool/spool.h"
#include "tests/support/runner.h"

typedef struct SpoolFixture {
    char *home, *root;
    Spool *spool;
} SpoolFixture;

extern SpoolFixture fixture;

/* A test case whose tests have `fixture`: all queues, and a spool with the defaults of Postfix
 * (deferred and defer are hashed, one level deep). */
TCase *fixture_tcase(const char *name);

/* Those of fixture_tcase(), for test cases with more to set up. */
void fixture_set_up(void);
void fixture_tear_down(void);

/* Another spool for the same directory. Free with spool_free(). */
Spool *fixture_spool(const char *hashed, unsigned depth);

void fixture_write(const char *path, const void *bytes, size_t size, mode_t mode);

/* A ready file with a byte in it. */
void fixture_touch(const char *path);

/* Whether there is anything of this name, even a symbolic link that leads nowhere. */
bool fixture_exists(const char *path);

/* Fails the test unless `result` is an error of the system, namely `error`. */
void fixture_refused(SpoolResult result, int error);

#endif

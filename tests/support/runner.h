#ifndef EQMGR_TESTS_SUPPORT_RUNNER_H
#define EQMGR_TESTS_SUPPORT_RUNNER_H

/* tests/support/runner: runs the TCases as one suite and returns main()'s exit status. */

#include <check.h>
#include <glib.h>

/* For tcase_set_timeout(): no test is failed by a busy machine. Without it Check gives
 * CK_DEFAULT_TIMEOUT, or four seconds. */
#define LONG_TEST_S 300

int run_suite(const char *name, ...) G_GNUC_NULL_TERMINATED;

#endif

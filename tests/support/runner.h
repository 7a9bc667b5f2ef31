#ifndef EQMGR_TESTS_SUPPORT_RUNNER_H
#define EQMGR_TESTS_SUPPORT_RUNNER_H

/* tests/support/runner: runs the TCases as one suite and returns main()'s exit status. */

#include <check.h>
#include <glib.h>

int run_suite(const char *name, ...) G_GNUC_NULL_TERMINATED;

#endif

#ifndef EQMGR_BASE_CHECK_H
#define EQMGR_BASE_CHECK_H

/*
 * base/check: invariants, asserted by the x_check() functions of the layers, which tests call after
 * every step.
 */

#include <stdbool.h>

/* g_assert(), but as a call: dozens of its branches would hide the control flow. Aborts. */
#define CHECK(condition) check_that(condition, #condition, __func__)
void check_that(bool is_true, const char *condition, const char *function);

#endif

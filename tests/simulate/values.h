#ifndef EQMGR_TESTS_SIMULATE_VALUES_H
#define EQMGR_TESTS_SIMULATE_VALUES_H

/*
 * tests/simulate/values: numbers, times and main.cf parameters of scenario files. All functions
 * return false and an error text without a place if the value is malformed or out of bounds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tests/simulate/scenario.h"

void value_set_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

bool value_count(const char *text, int64_t min, int64_t max, int64_t *ret_count, GError **error);
bool value_number(const char *text, double min, double max, double *ret_number, GError **error);

/* A number and one of the units ms, s, m, h, d. */
bool value_time_us(const char *text, int64_t min_us, int64_t max_us, int64_t *ret_us,
                   GError **error);

/* Sets what the parameter stands for. */
bool value_set_parameter(Scenario *scenario, const char *name, const char *text, GError **error);

/* All parameters as main.cf has them if they are not set. */
void value_set_defaults(Scenario *scenario);

#endif

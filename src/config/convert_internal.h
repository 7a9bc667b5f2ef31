#ifndef EQMGR_CONFIG_CONVERT_INTERNAL_H
#define EQMGR_CONFIG_CONVERT_INTERNAL_H

/*
 * convert: turns expanded texts into values, and refuses them with stock's texts (configuration.md
 * 6).
 *
 * A limit of 0 means no limit. Results are written only on success.
 */

#include <stdbool.h>

#include <glib.h>

typedef struct Limits {
    int min, max;
} Limits;

bool convert_int(const char *name, const char *text, Limits limits, int *ret_value,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Seconds. `unit` is the unit letter of a number without one. */
bool convert_time_s(const char *name, const char *text, char unit, Limits limits, int *ret_value_s,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool convert_bool(const char *name, const char *text, bool *ret_value,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The checks alone, for values that do not come from a text of their own. */
bool convert_check_int(const char *name, int value, Limits limits,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool convert_check_time_s(const char *name, int value_s, Limits limits,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Limits are lengths in bytes. */
bool convert_check_length(const char *name, const char *text, Limits limits,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CONFIG_COMPAT_INTERNAL_H
#define EQMGR_CONFIG_COMPAT_INTERNAL_H

/* compat: compatibility levels "major[.minor[.patch]]" (configuration.md 3.2) as one number. */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Levels compare as their numbers do. False: malformed. */
bool compat_parse(const char *text, int64_t *ret_level) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CONFIG_HOSTNAME_INTERNAL_H
#define EQMGR_CONFIG_HOSTNAME_INTERNAL_H

/* hostname: what a host name may look like (configuration.md 8.2). */

#include <glib.h>

/* NULL if `name` is a host name as stock defines it; else the text of a warning, a new string. */
char *hostname_check(const char *name) G_GNUC_WARN_UNUSED_RESULT;

#endif

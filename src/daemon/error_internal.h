#ifndef EQMGR_DAEMON_ERROR_INTERNAL_H
#define EQMGR_DAEMON_ERROR_INTERNAL_H

/* daemon/error: errors of this layer carry a text only; nobody branches on them. */

#include <stdbool.h>

#include <glib.h>

/* Sets *error to the text and returns false, so that "return daemon_fail(...)" reads well. */
bool daemon_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif

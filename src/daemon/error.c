#include <stdarg.h>

#include "error_internal.h"

/*
 * Errors of the daemon layer carry a text only, so all of them have one domain and one code.
 */

enum { DAEMON_ERROR_TEXT = 0 };

bool daemon_fail(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(g_quark_from_static_string("eqmgr-daemon"),
                                                DAEMON_ERROR_TEXT, format, arguments));
    va_end(arguments);
    return false;
}

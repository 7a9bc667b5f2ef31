#include "base/check.h"

#include <glib.h>

void check_that(bool is_true, const char *condition, const char *function)
{
    if (!is_true)
        g_error("invariant broken (%s): %s", function, condition);
}

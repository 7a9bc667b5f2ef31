#include "sched_internal.h"

/* Why something died: shared by what died and the mail that is given up for it. */

Cause *cause_new(const char *status, const char *reason)
{
    Cause *cause = g_rc_box_new0(Cause);

    cause->status = g_strdup(status);
    cause->reason = g_strdup(reason);
    return cause;
}

Cause *cause_new_for_retry(const Cause *cause, const char *nexthop)
{
    Cause *made = cause_new(cause->status, cause->reason);

    made->was_for = g_strdup(nexthop);
    return made;
}

static void cause_clear_texts(gpointer data)
{
    Cause *cause = data;

    g_free(cause->status);
    g_free(cause->reason);
    g_free(cause->was_for);
}

void cause_unref(Cause *cause)
{
    g_rc_box_release_full(cause, cause_clear_texts);
}

bool cause_report(const Cause *cause, const char **ret_status, const char **ret_reason)
{
    if (cause == NULL)
        return false;
    if (ret_status != NULL)
        *ret_status = cause->status;
    if (ret_reason != NULL)
        *ret_reason = cause->reason;
    return true;
}

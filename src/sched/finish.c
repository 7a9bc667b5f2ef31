#include "sched_internal.h"

/* The end of a delivery: what its reply says about the site (11.2), and then the entry ends. */

#define FALLBACK_REASON   "unknown error"
#define SUSPENSION_PREFIX "delivery temporarily suspended: "

/* Which replies say something about the destination (11.2). */
static void feed_back(SchedDestination *destination, const SchedResult *result, SchedNow now)
{
    if (result->deferred && result->status[0] != '\0') {
        const char *reason = result->reason[0] != '\0' ? result->reason : FALLBACK_REASON;
        g_autofree char *text = g_strconcat(SUSPENSION_PREFIX, reason, NULL);
        Cause *cause = cause_new(result->status, text);

        if (destination_is_ready(destination))
            window_feed_negative(destination, cause, now);
        cause_unref(cause);
    } else if (result->is_slowed) {
        if (destination_is_ready(destination))
            window_feed_slowed(destination);
    } else if (result->reason[0] == '\0') {
        window_feed_positive(destination);
        destination->last_success_wall_s = now.wall_s;
    }
}

/* No host was talked to: no connection, or no route (traffic.md 2). */
static bool is_unreached(const SchedResult *result)
{
    return !result->crashed && result->deferred &&
           (g_str_equal(result->status, "4.4.1") || g_str_equal(result->status, "4.4.3"));
}

Chain sched_entry_finish(Sched *sched, SchedEntry *entry, const SchedResult *result, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    Chain recipients = entry->recipients;

    g_assert(entry->state == ENTRY_RUNNING);
    if (result->deferred || result->crashed)
        destination->deferred_count++;
    else
        destination->done_count++;
    destination->transport->rate_locked = false;
    if (is_unreached(result))
        pace_refund(entry, now);
    if (!result->crashed) {
        sched_transport_revive(sched, destination->transport);
        feed_back(destination, result, now);
    }
    entry_end(entry, now);
    return recipients;
}

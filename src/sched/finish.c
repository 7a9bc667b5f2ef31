#include "sched_internal.h"

#define FALLBACK_STATUS   "4.0.0"
#define FALLBACK_REASON   "unknown error"
#define SUSPENSION_PREFIX "delivery temporarily suspended: "

/* One to three digits; returns what follows them, or NULL. */
static const char *skip_number(const char *text)
{
    int length = 0;

    while (g_ascii_isdigit(text[length]))
        length++;
    return length >= 1 && length <= 3 ? text + length : NULL;
}

/* class.subject.detail, RFC 3463; a comment may follow behind a blank. */
static bool is_enhanced_status(const char *text)
{
    const char *rest;

    if ((text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.')
        return false;
    rest = skip_number(text + 2);
    if (rest == NULL || *rest != '.')
        return false;
    rest = skip_number(rest + 1);
    return rest != NULL && (*rest == '\0' || g_ascii_isspace(*rest));
}

static void feed_negative(SchedDestination *destination, const SchedResult *result, SchedNow now)
{
    const char *status = is_enhanced_status(result->status) ? result->status : FALLBACK_STATUS;
    const char *reason = result->reason[0] != '\0' ? result->reason : FALLBACK_REASON;
    g_autofree char *text = g_strconcat(SUSPENSION_PREFIX, reason, NULL);
    Cause *cause = cause_new(status, text);

    window_feed_negative(destination, cause, now);
    cause_unref(cause);
}

/* Which replies say something about the destination (11.2). */
static void feed_back(SchedDestination *destination, const SchedResult *result, SchedNow now)
{
    if (result->deferred && result->status[0] != '\0') {
        if (destination_is_ready(destination))
            feed_negative(destination, result, now);
    } else if (result->reason[0] == '\0') {
        window_feed_positive(destination);
    }
}

Chain sched_entry_finish(Sched *sched, SchedEntry *entry, const SchedResult *result, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    Chain recipients = entry->recipients;

    g_assert(entry->state == ENTRY_RUNNING);
    transport_unlock_rate(destination->transport);
    if (!result->crashed) {
        sched_transport_revive(sched, destination->transport);
        feed_back(destination, result, now);
    }
    entry_end(entry, now);
    return recipients;
}

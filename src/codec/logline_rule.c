#include "codec/logline.h"

/* What an administrator has changed (operations.md 8), and what a site (traffic.md 6). */

static char *subject_of(const char *object, const char *name)
{
    return *name != '\0' ? g_strdup_printf("%s=%s", object, name) : g_strdup(object);
}

static char *rule_subject(const LoglineRule *rule)
{
    g_autofree char *subject = subject_of(rule->object, rule->name);

    return rule->measure != NULL ? g_strdup_printf("%s %s=%s", subject, rule->measure, rule->amount)
                                 : g_steal_pointer(&subject);
}

static char *end_of_rule(int64_t until_s)
{
    g_autoptr(GDateTime) time = until_s > 0 ? g_date_time_new_from_unix_utc(until_s) : NULL;

    if (until_s == 0)
        return g_strdup("forever");
    return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ")
                        : g_strdup_printf("%" G_GINT64_FORMAT, until_s);
}

char *logline_flush(const LoglineRule *rule, int64_t message_count, int64_t destination_count)
{
    g_autofree char *subject = rule_subject(rule);

    return g_strdup_printf("control: %s %s uid=%" G_GINT64_FORMAT ": messages=%" G_GINT64_FORMAT
                           ", revived=%" G_GINT64_FORMAT,
                           rule->verb, subject, rule->uid, message_count, destination_count);
}

char *logline_expedite(const char *queue_id, bool is_forced, int64_t uid)
{
    return g_strdup_printf("control: expedite %s%s uid=%" G_GINT64_FORMAT, queue_id,
                           is_forced ? " --force" : "", uid);
}

char *logline_rule(const LoglineRule *rule)
{
    g_autofree char *subject = rule_subject(rule), *until = end_of_rule(rule->until_s);

    if (rule->uid < 0)
        return g_strdup_printf("control: %s #%u %s: %s", rule->verb, rule->number, subject,
                               rule->reason);
    return g_strdup_printf("control: %s #%u %s until=%s uid=%" G_GINT64_FORMAT ": %s", rule->verb,
                           rule->number, subject, until, rule->uid, rule->reason);
}

char *logline_slowed(const LoglineSlowed *slowed)
{
    const char *slash = *slowed->transport != '\0' ? "/" : "";

    if (slowed->amount == NULL)
        return g_strdup_printf("%s%s%s: not slowed any more", slowed->transport, slash,
                               slowed->destination);
    return g_strdup_printf("%s%s%s: slowed to %s by [reply %s]: %s", slowed->transport, slash,
                           slowed->destination, slowed->amount, slowed->rule, slowed->reason);
}

char *logline_parked(const LoglineParked *parked)
{
    const char *slash = *parked->transport != '\0' ? "/" : "";
    g_autofree char *rate = parked->rate != NULL ? g_strdup_printf(" (%s)", parked->rate) : NULL;

    return g_strdup_printf("%s%s%s: %u %s, %u in active%s", parked->transport, slash,
                           parked->destination, parked->waiting_count,
                           parked->waiting_count == 1 ? "message waits for its turn"
                                                      : "messages wait for their turn",
                           parked->active_count, rate != NULL ? rate : "");
}

char *logline_job(const LoglineJob *job)
{
    g_autofree char *subject = subject_of(job->object, job->name);
    g_autofree char *who =
        job->uid >= 0 ? g_strdup_printf(" uid=%" G_GINT64_FORMAT, job->uid) : g_strdup("");

    if (job->state == NULL)
        return g_strdup_printf("control: %s job=%u %s%s: begun", job->verb, job->number, subject,
                               who);
    return g_strdup_printf("control: %s job=%u %s%s: %s%s%s; tried=%" G_GINT64_FORMAT
                           ", through=%" G_GINT64_FORMAT ", back=%" G_GINT64_FORMAT
                           ", left=%" G_GINT64_FORMAT,
                           job->verb, job->number, subject, who, job->state,
                           job->reason != NULL ? ": " : "", job->reason != NULL ? job->reason : "",
                           job->tried_count, job->through_count, job->back_count, job->left_count);
}

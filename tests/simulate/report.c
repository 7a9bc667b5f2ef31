#include "tests/simulate/report.h"

const char *report_strategy_str(SchedStrategy strategy)
{
    switch (strategy) {
    case SCHED_PREEMPTIVE:
        return "preemptive";
    case SCHED_ROUND_ROBIN:
        return "round-robin";
    }
    g_assert_not_reached();
}

/* Three digits are worth reading. */
static void put_seconds(GString *table, double seconds)
{
    int digits = seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0;

    g_string_append_printf(table, " %8.*f", digits, seconds);
}

static void put_delays(GString *table, const GArray *sorted_us)
{
    TallyDelays delays = tally_delays(sorted_us);

    if (sorted_us->len == 0) {
        g_string_append_printf(table, " %8s %8s %8s", "-", "-", "-");
        return;
    }
    put_seconds(table, delays.mean_s);
    put_seconds(table, delays.p99_s);
    put_seconds(table, delays.max_s);
}

static void put_mail(GString *table, const char *name, const Run *run, const TallyMail *mail)
{
    uint64_t waiting = mail->recipient_count - mail->delays_us->len - mail->deferred_count;

    g_string_append_printf(
        table, "%-10s %-11s %8" G_GUINT64_FORMAT " %9u %8" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT,
        name, report_strategy_str(run->strategy), mail->message_count, mail->delays_us->len,
        mail->deferred_count, waiting);
    put_delays(table, mail->delays_us);
    put_delays(table, mail->message_delays_us);
    g_string_append_c(table, '\n');
}

static const char *end_str(WorldState state)
{
    switch (state) {
    case WORLD_RUNNING:
    case WORLD_OVER:
        return "";
    case WORLD_IDLE:
        return "  (nothing left to do)";
    case WORLD_STUCK:
        return "  (STUCK: there is mail, but nothing will ever happen)";
    }
    g_assert_not_reached();
}

static void put_run(GString *table, const Scenario *scenario, const Run *run)
{
    uint32_t served = 0;
    double fairness = tally_fairness(run->tally, scenario, &served);
    int64_t seconds = run->time_us / US_PER_S;

    g_string_append_printf(
        table, "%-11s %4d:%02d:%02d %10" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT " %12u %9.3f%s\n",
        report_strategy_str(run->strategy), (int)(seconds / 3600), (int)(seconds / 60 % 60),
        (int)(seconds % 60), run->tally->delivery_count, run->tally->batch_count, served, fairness,
        end_str(run->state));
}

char *report_table(const Scenario *scenario, uint64_t seed, const Run *runs, unsigned count)
{
    GString *table = g_string_new(NULL);

    g_string_append_printf(table, "%s: %s (seed %" G_GUINT64_FORMAT ")\n\n", scenario->name,
                           scenario->title, seed);
    g_string_append_printf(table, "%-56s %26s %26s\n", "", "delay of a recipient, s",
                           "delay of a message, s");
    g_string_append_printf(table, "%-10s %-11s %8s %9s %8s %8s %8s %8s %8s %8s %8s %8s\n", "mail",
                           "strategy", "messages", "delivered", "deferred", "waiting", "mean",
                           "p99", "max", "mean", "p99", "max");
    for (unsigned i = 0; i < scenario->mail_class_count; i++)
        for (unsigned k = 0; k < count; k++)
            put_mail(table, k == 0 ? scenario->mails[i].name : "", &runs[k],
                     &runs[k].tally->mails[i]);
    g_string_append_printf(table, "\n%-11s %10s %10s %8s %12s %9s\n", "strategy", "until",
                           "deliveries", "batches", "destinations", "fairness");
    for (unsigned k = 0; k < count; k++)
        put_run(table, scenario, &runs[k]);
    return g_string_free(table, FALSE);
}

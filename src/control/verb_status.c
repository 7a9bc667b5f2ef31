/* status: the state of the queue in one row, and what wants attention in rows of sentences. */

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/readable.h"
#include "codec/control.h"
#include "life/inspect.h"
#include "life/jobs.h"
#include "sched/inspect.h"
#include "src/control/discreet_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

#define ACTIVE_IS_FULL_PERCENT 90
#define DEAD_NAMED_MAX         5
#define SLOTS_LOOKED_AT_MAX    2000 /* a status is made in one step */

static void put_rates(Answer *answer, const Query *query)
{
    static const struct {
        StatsRateKind kind;
        const char *minute, *hour, *minutes;
    } names[] = {
        {STATS_RATE_IN,       "in_minute",       "in_hour",       "in_minutes"      },
        {STATS_RATE_DONE,     "done_minute",     "done_hour",     "done_minutes"    },
        {STATS_RATE_DEFERRED, "deferred_minute", "deferred_hour", "deferred_minutes"},
    };
    int64_t now_s = query->now->timer_s;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const Rate *rate = stats_rate(query->subject->stats, names[i].kind);
        g_autoptr(GString) list = g_string_new(NULL);
        uint32_t minutes[RATE_SLOTS];

        answer_int(answer, names[i].minute, (int64_t)rate_last_minute(rate, now_s));
        answer_int(answer, names[i].hour, (int64_t)rate_last_hour(rate, now_s));
        rate_minutes(rate, now_s, minutes);
        for (unsigned k = 0; k < RATE_SLOTS; k++)
            g_string_append_printf(list, "%s%" PRIu32, k > 0 ? "," : "", minutes[k]);
        answer_str(answer, names[i].minutes, list->str);
    }
}

/* Counts since the start: two answers tell what happened between them. */
static void put_counts(Answer *answer, const Stats *stats)
{
    answer_int(answer, "taken_total", (int64_t)stats_counter(stats, STATS_TAKEN_INCOMING));
    answer_int(answer, "removed_total", (int64_t)stats_counter(stats, STATS_LEFT_REMOVED));
    answer_int(answer, "deferred_total", (int64_t)stats_counter(stats, STATS_LEFT_DEFERRED));
}

static void put_life(Answer *answer, const Query *query, const LifeSummary *life)
{
    const LifeSettings *settings = life_settings(query->subject->life);

    for (LifePhase phase = 0; phase < LIFE_PHASE_COUNT; phase++)
        answer_int(answer, life_phase_str(phase), life->phases[phase]);
    answer_int(answer, "active", life->active_count);
    answer_int(answer, "active_limit", settings->message_active_limit);
    answer_int(answer, "recipients_limit", settings->message_recipient_limit);
    answer_int(answer, "index_complete", life->index_complete);
    answer_int(answer, "deferred", life->deferred_count);
    answer_int(answer, "deferred_known", life->known_count);
    answer_int(answer, "overdue", life->overdue_count);
    answer_time(answer, "next_due", life->next_due_s);
    answer_time(answer, "last_run", life->last_run_wall_s);
    answer_time(answer, "oldest_active", life->oldest_arrival_s);
}

/* So long at most, as far as buckets tell. */
static void put_busy(Answer *answer, const Stats *stats)
{
    int64_t bound_us = histogram_quantile_us(stats_histogram(stats, STATS_LOOP_BUSY), 0.99);

    if (bound_us < INT64_MAX)
        answer_int(answer, "loop_busy_p99_us", bound_us);
}

static void put_names_of_dead(Answer *answer, const Query *query)
{
    g_autoptr(GString) names = g_string_new(NULL);
    SchedTransportView transport;
    int count = 0;

    for (const char *after = NULL;
         count < DEAD_NAMED_MAX && sched_view_transport(query->subject->sched, after, &transport);
         after = transport.name) {
        if (!transport.is_dead)
            continue;
        g_string_append_printf(names, "%s%s", count > 0 ? "," : "", transport.name);
        count++;
    }
    answer_str(answer, "dead_transports", names->str);
}

/* -1: there are too many destinations to look at in one step. */
static int64_t count_suspended_destinations(const Query *query)
{
    const Sched *sched = query->subject->sched;
    SchedDestinationView view;
    int64_t count = 0;
    uint32_t slot = 0;

    if (rules_count_of(steer_rules(query->subject->steer), RULE_SUSPEND) == 0)
        return 0;
    while (sched_view_next(sched, &slot, SLOTS_LOOKED_AT_MAX, &view)) {
        count += !view.is_internal && rows_rule(query, &view) != NULL;
        if (slot >= SLOTS_LOOKED_AT_MAX)
            break;
    }
    return sched_view_is_end(sched, slot) ? count : -1;
}

static void put_sched(Answer *answer, const Query *query, const SchedSummary *sched)
{
    int64_t suspended_count = count_suspended_destinations(query);

    answer_int(answer, "recipients", sched->recipient_count);
    answer_int(answer, "transports", sched->transport_count);
    answer_int(answer, "transports_dead", sched->dead_transport_count);
    put_names_of_dead(answer, query);
    answer_int(answer, "destinations", sched->destination_count);
    answer_int(answer, "destinations_full", sched->destinations[SCHED_STATE_FULL]);
    answer_int(answer, "destinations_throttled", sched->destinations[SCHED_STATE_THROTTLED]);
    answer_int(answer, "destinations_paced", sched->destinations[SCHED_STATE_PACED]);
    if (suspended_count >= 0)
        answer_int(answer, "destinations_suspended", suspended_count);
}

static void put_attention(Answer *answer, const char *kind, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void put_attention(Answer *answer, const char *kind, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "attention");
    answer_str(answer, "kind", kind);
    answer_str(answer, "text", text);
    answer_finish(answer);
}

static void warn_of_transport(Answer *answer, const Query *query,
                              const SchedTransportView *transport)
{
    g_autofree char *reason = discreet_text(query, transport->reason);
    g_autofree char *since = readable_duration(query->now->timer_s - transport->since_s);
    g_autofree char *until = readable_duration(transport->until_s - query->now->timer_s);

    put_attention(answer, "transport-dead", "%s dead %s, again in %s: %s %s", transport->name,
                  since, until, transport->status, reason);
}

static void warn_of_transports(Answer *answer, const Query *query)
{
    SchedTransportView transport;

    for (const char *after = NULL; sched_view_transport(query->subject->sched, after, &transport);
         after = transport.name)
        if (transport.is_dead)
            warn_of_transport(answer, query, &transport);
}

/* "2 suspensions and 1 limit" */
static char *count_in_words(const Rules *rules)
{
    unsigned suspensions = rules_count_of(rules, RULE_SUSPEND);
    unsigned limits = rules_count_of(rules, RULE_LIMIT);
    g_autofree char *suspended = readable_counted(suspensions, "suspension", "suspensions");
    g_autofree char *limited = readable_counted(limits, "limit", "limits");

    return g_strconcat(suspensions > 0 ? suspended : "",
                       suspensions > 0 && limits > 0 ? " and " : "", limits > 0 ? limited : "",
                       NULL);
}

static char *next_end_in_words(const Query *query, const Rule *rule)
{
    g_autofree char *end = NULL, *reason = NULL;
    const char *name;

    if (rule == NULL)
        return g_strdup(" without end");
    end = readable_duration(rule->end_s - query->now->wall_s);
    reason = discreet_text(query, rule->reason);
    name = rule_words_shown_name(query, rule);
    return g_strdup_printf("; the next ends in %s (#%u %s: %s)", end, rule->number,
                           name != NULL ? name : life_job_about_str(rule), reason);
}

/* Of all rules. */
static LifeOutliving count_outliving(const Query *query)
{
    const Rules *rules = steer_rules(query->subject->steer);
    LifeOutliving held = {0};

    if (life_suspended_count(query->subject->life) == 0)
        return held;
    for (unsigned i = 0; i < rules_count(rules); i++)
        life_count_outliving(query->subject->life, rules_at(rules, i)->number,
                             rules_at(rules, i)->end_s, &held);
    return held;
}

static char *held_in_words(const Query *query, const LifeOutliving *held)
{
    g_autofree char *all =
        readable_counted(life_suspended_count(query->subject->life), "message", "messages");
    g_autofree char *known = readable_count(held->known_count);
    g_autofree char *outliving = readable_count(held->outliving_count);
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "; %s known to be held", all);
    if (held->outliving_count > 0)
        g_string_append_printf(text, ", %s of %s %s lifetime before the end", outliving, known,
                               held->outliving_count == 1 ? "passes its" : "pass their");
    return g_string_free(text, FALSE);
}

/* What an administrator has set is easily forgotten: so it is always said, with the next end. */
static void remind_of_rules(Answer *answer, const Query *query, const LifeOutliving *outliving)
{
    const Rules *rules = steer_rules(query->subject->steer);
    bool is_suspended = rules_count_of(rules, RULE_SUSPEND) > 0;
    g_autofree char *counts = count_in_words(rules);
    g_autofree char *end = next_end_in_words(query, rules_first_to_end(rules));
    g_autofree char *held = held_in_words(query, outliving);

    if (steer_problem(query->subject->steer) != NULL)
        put_attention(answer, "rules-broken", "%s", steer_problem(query->subject->steer));
    if (rules_count(rules) > 0)
        put_attention(answer, is_suspended ? "suspended" : "limited", "%s%s%s: eqmgrctl rules",
                      counts, end, is_suspended ? held : "");
}

static void warn(Answer *answer, const Query *query, const LifeSummary *life,
                 const LifeOutliving *outliving)
{
    const LifeSettings *settings = life_settings(query->subject->life);
    int64_t active = life->active_count, limit = settings->message_active_limit;
    g_autofree char *active_text = readable_count(active), *limit_text = readable_count(limit);
    g_autofree char *stuck_text = readable_counted(life->phases[LIFE_STUCK], "message", "messages");

    warn_of_transports(answer, query);
    remind_of_rules(answer, query, outliving);
    if (active * 100 >= limit * ACTIVE_IS_FULL_PERCENT)
        put_attention(answer, "active-full",
                      "the active queue is nearly full (%s of %s): new mail has to wait; "
                      "eqmgrctl destinations shows for whom",
                      active_text, limit_text);
    if (life->phases[LIFE_STUCK] > 0)
        put_attention(answer, "stuck",
                      "%s cannot be moved or removed: eqmgrctl messages --state stuck; the "
                      "mail log says why",
                      stuck_text);
}

bool status_step(Query *query, unsigned object_max)
{
    Answer *answer = query->answer;
    LifeOutliving held;
    LifeSummary life;
    SchedSummary sched;

    (void)object_max; /* everything is counted as it changes */
    life_summarize(query->subject->life, &life);
    sched_summarize(query->subject->sched, &sched);
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "status");
    answer_int(answer, "pid", getpid());
    answer_time(answer, "started", query->settings->started_wall_s);
    answer_str(answer, "strategy", query->settings->strategy);
    put_life(answer, query, &life);
    put_sched(answer, query, &sched);
    answer_int(answer, "rules", rules_count(steer_rules(query->subject->steer)));
    answer_int(answer, "suspended", life_suspended_count(query->subject->life));
    held = count_outliving(query);
    answer_int(answer, "outliving", held.outliving_count);
    answer_int(answer, "outliving_known", held.known_count);
    answer_int(answer, "parked", life_parked_count(query->subject->life));
    put_rates(answer, query);
    put_busy(answer, query->subject->stats);
    put_counts(answer, query->subject->stats);
    answer_finish(answer);
    warn(answer, query, &life, &held);
    answer_end(answer, answer->row_count, false, NULL);
    return false;
}

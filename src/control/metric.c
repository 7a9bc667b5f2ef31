/*
 * Rows of metrics, and those of the destinations that are watched: each has its series from the
 * start, all others together are "other". For that no destination is walked: totals are counted.
 */

#include "codec/control.h"
#include "life/inspect.h"
#include "sched/inspect.h"
#include "src/control/metric_internal.h"
#include "src/control/rows_internal.h"

#define OTHER "other"

void metric_begin(Answer *answer, const char *name)
{
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "metric");
    answer_str(answer, "name", name);
}

void metric_put(Answer *answer, const char *name, int64_t value)
{
    metric_begin(answer, name);
    answer_int(answer, "value", value);
    answer_finish(answer);
}

void metric_put_labelled(Answer *answer, const char *name, const char *label,
                         const char *label_value, int64_t value)
{
    metric_begin(answer, name);
    answer_str(answer, label, label_value);
    answer_int(answer, "value", value);
    answer_finish(answer);
}

/* ---- watched destinations ---- */

/* Of one destination in all transports, or of all. */
typedef struct Watched {
    const char *name;
    int64_t waiting, running, window, throttled, suspended, deferred, deaths, debt;
} Watched;

static void add_destination(const Query *query, Watched *watched, const SchedDestinationView *view)
{
    watched->waiting += view->waiting_count;
    watched->running += view->running_count;
    watched->window += view->window;
    watched->throttled += view->state == SCHED_STATE_THROTTLED;
    watched->suspended += rows_rule(query, view) != NULL;
}

static int64_t debt_watched(const Query *query, const SchedDestinationView *view)
{
    Sched *sched = query->subject->sched;

    return sched_destination_debt(
        sched_destination_find(sched_transport_find(sched, view->transport), view->name),
        query->now->mono_us);
}

static Watched look_at_watched(const Query *query, const StatsWatched *named)
{
    const ControlSubject *subject = query->subject;
    Watched watched = {.name = named->name,
                       .deferred = life_deferred_for(subject->life, NULL, named->name),
                       .deaths = (int64_t)named->deaths};
    SchedTransportView transport;
    SchedDestinationView view;

    for (const char *after = NULL; sched_view_transport(subject->sched, after, &transport);
         after = transport.name) {
        if (transport.is_internal ||
            !sched_view_destination(subject->sched, transport.name, named->name, &view))
            continue;
        add_destination(query, &watched, &view);
        watched.debt += debt_watched(query, &view);
    }
    return watched;
}

/* Windows and debts of many destinations mean nothing, and to count those that are suspended takes
 * a walk. */
static Watched look_at_all(const Query *query)
{
    Watched all = {.name = OTHER};
    const StatsTransport *stats;
    SchedTransportView transport;
    SchedSummary sched;
    LifeSummary life;

    life_summarize(query->subject->life, &life);
    sched_summarize(query->subject->sched, &sched);
    all.throttled = sched.destinations[SCHED_STATE_THROTTLED];
    all.deferred = life.known_count;
    for (const char *after = NULL; sched_view_transport(query->subject->sched, after, &transport);
         after = transport.name) {
        all.waiting += transport.waiting_count;
        all.running += transport.running_count;
    }
    for (unsigned i = 0; (stats = stats_transport_at(query->subject->stats, i)) != NULL; i++)
        all.deaths += (int64_t)stats->destination_deaths;
    return all;
}

#define NOT_OF_OTHERS 3 /* the last rows */

static void put_watched(Answer *answer, const Watched *watched)
{
    const struct {
        const char *metric;
        int64_t value;
    } rows[] = {
        {"eqmgr_destination_waiting",              watched->waiting  },
        {"eqmgr_destination_running",              watched->running  },
        {"eqmgr_destination_throttled",            watched->throttled},
        {"eqmgr_destination_deferred_known",       watched->deferred },
        {"eqmgr_destination_watched_deaths_total", watched->deaths   },
        {"eqmgr_destination_window",               watched->window   },
        {"eqmgr_destination_suspended",            watched->suspended},
        {"eqmgr_meter_debt_units",                 watched->debt     },
    };
    size_t count = G_N_ELEMENTS(rows) - (g_str_equal(watched->name, OTHER) ? NOT_OF_OTHERS : 0);

    for (size_t i = 0; i < count; i++)
        metric_put_labelled(answer, rows[i].metric, "label_destination", watched->name,
                            rows[i].value);
}

static void subtract(Watched *others, const Watched *watched)
{
    others->waiting -= watched->waiting;
    others->running -= watched->running;
    others->throttled -= watched->throttled;
    others->deferred -= watched->deferred;
    others->deaths -= watched->deaths;
}

void metric_put_destinations(Query *query)
{
    Watched others = look_at_all(query);
    const StatsWatched *named;

    if (stats_watched_at(query->subject->stats, 0) != NULL)
        life_learn_deferred(query->subject->life); /* somebody wants to know */
    for (unsigned i = 0; (named = stats_watched_at(query->subject->stats, i)) != NULL; i++) {
        Watched watched = look_at_watched(query, named);

        put_watched(query->answer, &watched);
        subtract(&others, &watched);
    }
    put_watched(query->answer, &others);
}

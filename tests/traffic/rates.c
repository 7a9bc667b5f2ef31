#include <stdio.h>
#include <stdlib.h>

#include "tests/traffic/parts.h"
#include "tests/traffic/road.h"

/*
 * Rates of a site with mail without end: how much begins in a time, and how much in the worst
 * window of one period.
 */

typedef struct Course {
    int64_t service_us;
    GArray *begun; /* of int64_t, times in microseconds */
} Course;

static RoadAnswer note_begin(Road *road, void *ctx)
{
    Course *course = ctx;

    g_array_append_val(course->begun, road->now_us);
    return (RoadAnswer){false, course->service_us};
}

unsigned traffic_worst_window(const GArray *begun, int64_t period_us)
{
    const int64_t *at = (const int64_t *)(const void *)begun->data;
    unsigned most = 0, first = 0;

    for (unsigned last = 0; last < begun->len; last++) {
        while (at[last] - at[first] >= period_us)
            first++;
        most = MAX(most, last - first + 1);
    }
    return most;
}

/* After the first period, in which the burst is used up. */
static unsigned begun_after(const GArray *begun, int64_t from_us)
{
    unsigned count = 0;

    for (guint i = 0; i < begun->len; i++)
        count += g_array_index(begun, int64_t, i) > from_us;
    return count;
}

static void play_rate(const char *rate, int periods, int window, int64_t service_us)
{
    Course course = {service_us, g_array_new(FALSE, FALSE, sizeof(int64_t))};
    MeterLimit limit;
    int64_t period_us, from_us;
    double wanted, got;
    Road road;
    unsigned most;

    if (meter_limit_parse(rate, &limit) != NULL)
        abort();
    period_us = limit.period_s * ROAD_S;
    road_init(&road, &(RoadTerms){.window = window, .limit = window});
    road.on_begin = note_begin;
    road.ctx = &course;
    sched_destination_pace(road.destination, &limit, NULL, road_now(&road));
    from_us = road.now_us + period_us;
    road_go(&road, from_us + periods * period_us);
    wanted = MIN((double)limit.count, (double)window * (double)period_us / (double)service_us);
    got = (double)begun_after(course.begun, from_us) / periods;
    most = traffic_worst_window(course.begun, period_us);
    (void)printf("%-10s %7.2f s %6d %10.1f %10.1f %+7.2f %% %8u <= %-8" G_GINT64_FORMAT "%s\n",
                 rate, (double)service_us / ROAD_S, window, wanted, got, 100 * (got / wanted - 1),
                 most, limit.count + limit.burst - 1,
                 (int64_t)most > limit.count + limit.burst - 1 ? "  ABOVE" : "");
    road_clear(&road);
    g_array_unref(course.begun);
}

/* Deliveries of three seconds: a rate of 100 a minute, and what stock has that is nearest. */
static unsigned begun_in_an_hour(const RoadTerms *terms, const char *rate)
{
    Course course = {3 * ROAD_S, g_array_new(FALSE, FALSE, sizeof(int64_t))};
    MeterLimit limit;
    unsigned count;
    Road road;

    road_init(&road, terms);
    road.on_begin = note_begin;
    road.ctx = &course;
    if (rate != NULL && meter_limit_parse(rate, &limit) != NULL)
        abort();
    if (rate != NULL)
        sched_destination_pace(road.destination, &limit, NULL, road_now(&road));
    road_go(&road, 3660 * ROAD_S);
    count = begun_after(course.begun, 60 * ROAD_S);
    road_clear(&road);
    g_array_unref(course.begun);
    return count;
}

void traffic_concurrency(void)
{
    const RoadTerms free = {.window = 10, .limit = 20},
                    delayed = {.window = 10, .limit = 20, .rate_delay_s = 1};

    (void)printf(
        "100 a minute, deliveries of 3 s, windows of 10 to 20: what begins in a minute\n\n");
    (void)printf("%-44s %8.1f\n", "without a limit", begun_in_an_hour(&free, NULL) / 60.0);
    (void)printf("%-44s %8.1f\n", "stock: destination_rate_delay = 1s",
                 begun_in_an_hour(&delayed, NULL) / 60.0);
    (void)printf("%-44s %8.1f\n\n", "destination_rate_limit = 100/1m",
                 begun_in_an_hour(&free, "100/1m") / 60.0);
}

void traffic_rates(void)
{
    static const struct {
        const char *rate;
        int periods;
    } rates[] = {
        {"1/1h",    48 },
        {"100/1h",  10 },
        {"100/1m",  60 },
        {"10/1s",   600},
        {"1000/1s", 60 }
    };
    static const int64_t services_us[] = {ROAD_S / 100, 3 * ROAD_S, 30 * ROAD_S};
    static const int windows[] = {1, 10, 100};

    (void)printf("Rates: deliveries that begin in a period\n\n");
    (void)printf("%-10s %9s %6s %10s %10s %9s %s\n", "rate", "delivery", "window", "possible",
                 "begun", "error", "most in any period");
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(services_us); j++)
            for (size_t k = 0; k < G_N_ELEMENTS(windows); k++)
                play_rate(rates[i].rate, rates[i].periods, windows[k], services_us[j]);
    (void)printf("\n");
}

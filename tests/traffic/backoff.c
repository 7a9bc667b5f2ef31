#include <stdio.h>
#include <stdlib.h>

#include "policy/reply_rules.h"
#include "tests/traffic/parts.h"
#include "tests/traffic/road.h"

/*
 * A provider with a limit that it does not tell: more than X messages a second are refused with
 * 4.7.28 at MAIL FROM. After an hour X doubles.
 */

#define HOUR_S       3600
#define SERVICE_US   (ROAD_S / 5)
#define WINDOW_LIMIT 20
#define X_PER_S      10
#define SECOND_COUNT (2 * HOUR_S)

typedef struct Provider {
    Meter limit;
    SiteLevel level;
    LevelStep step;
    bool is_listened_to;     /* by sections [reply] */
    int64_t silent_until_us; /* "one a minute for 90 minutes"; 0: it is not */
    bool is_muted;
    unsigned begun[SECOND_COUNT], taken[SECOND_COUNT];
} Provider;

static size_t second_of(const Road *road)
{
    return (size_t)MIN(road->now_us / ROAD_S, SECOND_COUNT - 1);
}

static RoadAnswer answer_of_provider(Road *road, void *ctx)
{
    Provider *provider = ctx;
    bool is_free = meter_free_units(&provider->limit, road->now_us) > 0;

    provider->begun[second_of(road)]++;
    if (is_free) {
        (void)meter_charge(&provider->limit, 1, road->now_us);
        provider->taken[second_of(road)]++;
    }
    return (RoadAnswer){!is_free, is_free ? SERVICE_US : SERVICE_US / 10};
}

static void apply(Road *road, const Provider *provider)
{
    MeterLimit rate;

    sched_destination_pace(road->destination, level_rate(&provider->level, &rate) ? &rate : NULL,
                           NULL, road_now(road));
}

/* As the room "slowed" of the daemon does: over the last minute, or since the first delivery. */
static double measured(const Road *road, const Provider *provider)
{
    size_t now = second_of(road), from = now > 60 ? now - 60 : 0;
    double sum = 0;

    for (size_t i = from; i <= now; i++)
        sum += provider->begun[i];
    return sum / (double)(now - from + 1);
}

/* A refusal while it is muted already changes nothing. */
static void mute(Road *road, Provider *provider)
{
    if (provider->silent_until_us != 0)
        return;
    provider->silent_until_us = road->now_us + 90 * 60 * ROAD_S;
    sched_destination_pace(road->destination, &(MeterLimit){1, 60, 1}, NULL, road_now(road));
}

/* All that was lowered rises when its time has come. */
static void let_time_pass(Road *road, Provider *provider)
{
    const double seen[LEVEL_KIND_COUNT] = {[LEVEL_RATE] = measured(road, provider)};

    if (provider->is_muted && road->now_us >= provider->silent_until_us) {
        provider->silent_until_us = 0;
        sched_destination_pace(road->destination, NULL, NULL, road_now(road));
    }
    if (provider->is_listened_to && level_turn(&provider->level, seen, road->now_us) != LEVEL_SAME)
        apply(road, provider);
}

static bool listen(Road *road, bool is_refused, int64_t began_us, void *ctx)
{
    Provider *provider = ctx;

    if (!is_refused) {
        level_succeed(&provider->level, began_us);
        return false;
    }
    if (provider->is_muted)
        mute(road, provider);
    if (!provider->is_listened_to)
        return false;
    if (level_answer(&provider->level, &provider->step, measured(road, provider), began_us,
                     road->now_us) == LEVEL_STEPPED)
        apply(road, provider);
    return true;
}

static unsigned sum_of(const unsigned *counts, int from_s, int to_s)
{
    unsigned sum = 0;

    for (int i = from_s; i < to_s; i++)
        sum += counts[i];
    return sum;
}

/* From the doubling until a minute has 90 % of what may be taken. The caller's. */
static char *time_to_90_percent(const Provider *provider)
{
    for (int at = HOUR_S; at + 60 <= SECOND_COUNT; at++)
        if (sum_of(provider->taken, at, at + 60) >= 0.9 * 2 * X_PER_S * 60)
            return g_strdup_printf("%d s", at + 60 - HOUR_S);
    return g_strdup("never");
}

static void run_provider(Provider *provider, const char *name)
{
    Road road;
    MeterLimit limit = {X_PER_S, 1, X_PER_S}, doubled = {2 * X_PER_S, 1, 2 * X_PER_S};
    g_autofree char *time = NULL;
    unsigned begun, taken;

    road_init(&road, &(RoadTerms){.window = 5, .limit = WINDOW_LIMIT});
    road.on_begin = answer_of_provider;
    road.on_end = listen;
    road.ctx = provider;
    meter_init(&provider->limit, &limit, road.now_us);
    for (int second = 1; second < SECOND_COUNT; second++) {
        if (second == HOUR_S)
            meter_change(&provider->limit, &doubled, road.now_us);
        road_go(&road, second * ROAD_S);
        let_time_pass(&road, provider);
    }
    begun = sum_of(provider->begun, 0, HOUR_S);
    taken = sum_of(provider->taken, 0, HOUR_S);
    time = time_to_90_percent(provider);
    (void)printf("%-44s %6.1f %% %8.2f %% %10s\n", name, 100.0 * taken / (X_PER_S * HOUR_S),
                 100.0 * (begun - taken) / begun, time);
    road_clear(&road);
    g_free(provider);
}

static void run_action(const char *action, const char *hold)
{
    Provider *provider = g_new0(Provider, 1);
    g_autofree char *name = g_strdup_printf("%s, hold %s", action, hold);
    ReplyRule rule = {.step = {.trigger_count = 1}};

    if (reply_action_parse(action, &rule) != NULL || reply_hold_parse(hold, &rule.step) != NULL)
        abort();
    provider->step = rule.step;
    provider->is_listened_to = true;
    run_provider(provider, name);
}

void traffic_back_off(void)
{
    Provider *muted = g_new0(Provider, 1);

    muted->is_muted = true;
    (void)printf(
        "A provider that takes %d a second, and does not say so; after an hour twice that\n\n",
        X_PER_S);
    (void)printf("%-44s %8s %10s %10s\n", "", "taken", "refused", "to 90 %");
    run_provider(g_new0(Provider, 1), "stock");
    run_provider(muted, "one a minute for 90 minutes");
    run_action("slow 1/2 floor 6/1m", "30m");
    run_action("slow 3/4 floor 6/1m", "30m");
    run_action("slow 9/10 floor 6/1m", "30m");
    run_action("slow 3/4 floor 6/1m", "10m");
}

#include <inttypes.h>
#include <stdio.h>

#include "tests/traffic/lives.h"
#include "tests/traffic/parts.h"
#include "tests/traffic/road.h"

/*
 * Rates over processes that are killed at any moment, and over clocks that are set: how much begins
 * in the worst window, and what a kill costs.
 */

#define KILLS      1000
#define CHANGES    300 /* of the clock, each with a kill a little later */
#define WINDOW     10
#define SEED       20261129
#define HOUR_US    (3600 * ROAD_S)
#define SLEW_PPM   500
#define AT_LEAST_S 5 /* what is presumed of a meter that the file does not know */

/* As long as the burst lasts, and some units more. */
static int64_t some_time_us(Lives *lives)
{
    int64_t spacing_us = meter_limit_spacing_us(lives_limit(lives));

    return lives_roll(lives, 2 * (lives_limit(lives)->burst + 10) * spacing_us + 10 * ROAD_S);
}

static void play_kills(const char *rate)
{
    Lives *lives = lives_new(rate, WINDOW, ROAD_S / 10, SEED);
    const MeterLimit *limit = lives_limit(lives);
    int64_t promised = limit->count + limit->burst - 1;
    LivesSum sum;

    lives_go(lives, 2 * limit->period_s * ROAD_S);
    for (int i = 0; i < KILLS; i++) {
        lives_go(lives, some_time_us(lives));
        lives_kill(lives, lives_roll(lives, ROAD_S));
    }
    sum = lives_sum(lives);
    (void)printf("%-18s %6u %8u %10u <= %-6" PRId64 " %6.2f %8.2f <= %.2f%s\n", rate, sum.kills,
                 sum.begun, sum.most, promised, (double)sum.lost_us / sum.kills / ROAD_S,
                 (double)sum.most_lost_us / ROAD_S,
                 (double)MAX(meter_limit_lease_us(limit), AT_LEAST_S * ROAD_S) / ROAD_S,
                 sum.above > 0 || (int64_t)sum.most > promised ? "  ABOVE" : "");
    lives_free(lives);
}

/* A control panel that reloads now and then. */
static void play_reloads(const char *rate, int64_t each_s)
{
    Lives *lives = lives_new(rate, WINDOW, ROAD_S / 10, SEED);
    const MeterLimit *limit = lives_limit(lives);
    int64_t begin_us = lives_now_us(lives), spacing_us = meter_limit_spacing_us(limit);
    int64_t span_us = MAX(200 * spacing_us, 20 * each_s * ROAD_S);
    LivesSum sum;

    while (lives_now_us(lives) < begin_us + span_us) {
        lives_go(lives, each_s * ROAD_S);
        lives_kill(lives, ROAD_S / 10);
    }
    sum = lives_sum(lives);
    (void)printf("%-18s %6" PRId64 " s %8u %8u %8.1f %% %6u <= %-6" PRId64 "\n", rate, each_s,
                 sum.kills, sum.begun, 100.0 * sum.begun / ((double)span_us / (double)spacing_us),
                 sum.most, limit->count + limit->burst - 1);
    lives_free(lives);
}

static void play_all_reloads(void)
{
    static const char *const rates[] = {"1/1h", "100/1h", "100/1h burst 1", "2000/1d burst 10",
                                        "100/1m"};

    (void)printf("Rates with a new process every so often: how much of it begins\n\n");
    (void)printf("%-18s %8s %8s %8s %10s %20s\n", "rate", "each", "ended", "begun", "",
                 "most in any period");
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++)
        for (int64_t each_s = 60; each_s <= 3600; each_s *= each_s == 60 ? 5 : 12)
            play_reloads(rates[i], each_s);
    (void)printf("\n");
}

void traffic_kills(void)
{
    static const char *const rates[] = {"1/1h",           "100/1h",           "100/1h burst 1",
                                        "60/1h burst 30", "2000/1d burst 10", "100/1m",
                                        "10/1s",          "1000/1s"};

    (void)printf("Rates over %d kills at any moment\n\n", KILLS);
    (void)printf("%-18s %6s %8s %20s %29s\n", "rate", "kills", "begun", "most in any period",
                 "late by a kill, s: mean, most");
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++)
        play_kills(rates[i]);
    (void)printf("\n");
    play_all_reloads();
}

/* ---- clocks ---- */

typedef void ChangeFn(Lives *lives);

static void set_back(Lives *lives)
{
    lives_set_clock(lives, -HOUR_US);
}

static void set_forward(Lives *lives)
{
    lives_set_clock(lives, HOUR_US);
}

static void set_either_way(Lives *lives)
{
    lives_set_clock(lives, (lives_roll(lives, 2) == 0 ? 1 : -1) * lives_roll(lives, HOUR_US));
}

static void sleep_a_while(Lives *lives)
{
    lives_sleep(lives, lives_roll(lives, HOUR_US));
}

static void slew(Lives *lives)
{
    lives_slew_clock(lives, lives_roll(lives, 2) == 0 ? SLEW_PPM : -SLEW_PPM);
}

static void do_anything(Lives *lives)
{
    static ChangeFn *const changes[] = {set_either_way, sleep_a_while, slew};

    changes[lives_roll(lives, G_N_ELEMENTS(changes))](lives);
}

static void leave_it(Lives *lives)
{
    (void)lives;
}

static void play_clock(const char *name, const char *rate, ChangeFn *change, bool is_reboot)
{
    Lives *lives = lives_new(rate, WINDOW, ROAD_S / 10, SEED);
    const MeterLimit *limit = lives_limit(lives);
    int64_t promised = limit->count + limit->burst - 1;
    LivesSum sum;

    lives_go(lives, limit->period_s * ROAD_S);
    for (int i = 0; i < CHANGES; i++) {
        lives_go(lives, some_time_us(lives));
        change(lives);
        lives_go(lives, lives_roll(lives, 5 * ROAD_S));
        if (is_reboot)
            lives_reboot(lives, lives_roll(lives, 60 * ROAD_S));
        else
            lives_kill(lives, lives_roll(lives, ROAD_S));
    }
    sum = lives_sum(lives);
    (void)printf("%-40s %-18s %8u %10u <= %-6" PRId64 "%s\n", name, rate, sum.begun, sum.most,
                 promised, sum.above > 0 || (int64_t)sum.most > promised ? "  ABOVE" : "");
    lives_free(lives);
}

void traffic_clocks(void)
{
    static const char *const rates[] = {"100/1h", "2000/1d burst 10", "100/1m"};
    static const struct {
        const char *name;
        ChangeFn *change;
        bool is_reboot;
    } rows[] = {
        {"set back by an hour, then a kill",    set_back,       false},
        {"set forward by an hour, then a kill", set_forward,    false},
        {"set either way, then a kill",         set_either_way, false},
        {"the machine sleeps, then a kill",     sleep_a_while,  false},
        {"slewed by 500 ppm, then a kill",      slew,           false},
        {"any of these, then a kill",           do_anything,    false},
        {"the machine is started anew",         leave_it,       true },
        {"set back, and it is started anew",    set_back,       true },
        {"set forward, and it is started anew", set_forward,    true }
    };

    (void)printf("Rates over clocks that change, %d times each\n\n", CHANGES);
    (void)printf("%-40s %-18s %8s %20s\n", "the wall clock is", "rate", "begun",
                 "most in any period");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(rates); j++)
            play_clock(rows[i].name, rates[j], rows[i].change, rows[i].is_reboot);
    (void)printf("\n");
}

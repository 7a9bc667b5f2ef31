/*
 * Two rings of counts. A slot is found by its second or minute modulo 60, so moving on means to
 * clear the slots that were left out; after an hour that is each slot once.
 */

#include "stats/rate.h"

#include <string.h>

#include <glib.h>

#define MINUTE_S 60

/* Clears the slots of the times after `from` up to `to`. */
static void clear_slots(uint32_t slots[RATE_SLOTS], int64_t from, int64_t to)
{
    if (to - from >= RATE_SLOTS) {
        memset(slots, 0, RATE_SLOTS * sizeof(*slots));
        return;
    }
    for (int64_t at = from + 1; at <= to; at++)
        slots[at % RATE_SLOTS] = 0;
}

static void move_on(Rate *rate, int64_t now_s)
{
    if (now_s <= rate->at_s)
        return;
    clear_slots(rate->seconds, rate->at_s, now_s);
    clear_slots(rate->minutes, rate->at_s / MINUTE_S, now_s / MINUTE_S);
    rate->at_s = now_s;
}

void rate_init(Rate *rate, int64_t now_s)
{
    memset(rate, 0, sizeof(*rate));
    rate->at_s = MAX(now_s, 0);
}

void rate_count(Rate *rate, int64_t now_s)
{
    move_on(rate, now_s);
    rate->seconds[rate->at_s % RATE_SLOTS]++;
    rate->minutes[rate->at_s / MINUTE_S % RATE_SLOTS]++;
}

static uint64_t sum_slots(const uint32_t slots[RATE_SLOTS])
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < RATE_SLOTS; i++)
        sum += slots[i];
    return sum;
}

uint64_t rate_last_minute(const Rate *rate, int64_t now_s)
{
    Rate now = *rate;

    move_on(&now, now_s);
    return sum_slots(now.seconds);
}

uint64_t rate_last_hour(const Rate *rate, int64_t now_s)
{
    Rate now = *rate;

    move_on(&now, now_s);
    return sum_slots(now.minutes);
}

void rate_minutes(const Rate *rate, int64_t now_s, uint32_t ret_minutes[RATE_SLOTS])
{
    Rate now = *rate;

    move_on(&now, now_s);
    for (unsigned i = 0; i < RATE_SLOTS; i++)
        ret_minutes[i] = now.minutes[(now.at_s / MINUTE_S + 1 + i) % RATE_SLOTS];
}

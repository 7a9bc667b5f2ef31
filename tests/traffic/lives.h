#ifndef EQMGR_TESTS_TRAFFIC_LIVES_H
#define EQMGR_TESTS_TRAFFIC_LIVES_H

/*
 * tests/traffic/lives: a site with a rate, and mail without end for it, over the lives of many
 * processes (road), with the book of meters on a disk that takes its time, a machine that sleeps or
 * is started anew, and a wall clock that somebody sets.
 *
 * Time is what the machine's monotonic clock says, and goes on while it sleeps or is down.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "policy/meter.h"

typedef struct Lives Lives;

Lives *lives_new(const char *rate, int window, int64_t service_us, guint32 seed);
void lives_free(Lives *lives);

const MeterLimit *lives_limit(const Lives *lives);
int64_t lives_now_us(const Lives *lives);

/* The process works for so long. */
void lives_go(Lives *lives, int64_t us);

/* It is killed, whatever it does, and after this time the next one begins. */
void lives_kill(Lives *lives, int64_t down_us);

/* The same, and the machine is started anew meanwhile: so its monotonic clock is, too. */
void lives_reboot(Lives *lives, int64_t down_us);

/* Somebody sets the wall clock; in each second it gains so much from now on. */
void lives_set_clock(Lives *lives, int64_t by_us);
void lives_slew_clock(Lives *lives, int64_t us_per_s);

/* The machine sleeps: its monotonic clock does not go on. */
void lives_sleep(Lives *lives, int64_t us);

/* 0 .. most - 1, of the seed. */
int64_t lives_roll(Lives *lives, int64_t most);

typedef struct LivesSum {
    unsigned begun, kills;
    unsigned most;        /* that began in less than a period */
    unsigned above;       /* began when a meter that knows all would have had nothing free */
    int64_t lost_us;      /* by all kills together: the next delivery is so much later */
    int64_t most_lost_us; /* by one of them */
} LivesSum;

LivesSum lives_sum(const Lives *lives);

#endif

#ifndef EQMGR_TESTS_SIMULATE_TALLY_H
#define EQMGR_TESTS_SIMULATE_TALLY_H

/*
 * tests/simulate/tally: what became of the mail of one run, and the numbers made of that.
 */

#include <stdint.h>

#include <glib.h>

#include "tests/simulate/scenario.h"

/* Delays are from the arrival of the message to the end of the delivery, in microseconds. */
typedef struct TallyMail {
    uint64_t message_count, recipient_count; /* that have arrived */
    uint64_t deferred_count;                 /* recipients that wait for another attempt */
    uint64_t deferral_count;                 /* how often a recipient was deferred */
    GArray *delays_us;                       /* int64_t: of each delivered recipient */
    GArray *message_delays_us;               /* of each message all of whose recipients are */
} TallyMail;

typedef struct TallySite {
    uint32_t delivered_count;
    double delay_sum_s;
} TallySite;

typedef struct Tally {
    TallyMail mails[SCENARIO_CLASSES_MAX];
    TallySite *sites;        /* each destination of the scenario */
    uint64_t delivery_count; /* that ended, of either transport */
    uint64_t batch_count;    /* reads of a queue file */
} Tally;

Tally *tally_new(const Scenario *scenario);
void tally_free(Tally *tally); /* NULL is a no-op */

void tally_delivered(Tally *tally, unsigned mail_class, uint32_t site, int64_t delay_us);
void tally_message_done(Tally *tally, unsigned mail_class, int64_t delay_us);

/* Puts the delays in order, for the functions below. */
void tally_sort(Tally *tally);

typedef struct TallyDelays {
    double mean_s, p99_s, max_s; /* all 0 if there are none */
} TallyDelays;

/* Of a sorted array. The 99th percentile is the least delay that 99 of 100 do not exceed. */
TallyDelays tally_delays(const GArray *sorted_us);

/*
 * Jain's index (sum of x)^2 / (n * sum of x^2) over those n destinations that got anything, where x
 * is the mean delay of the destination's recipients in mean delivery times of that destination.
 * 1: all wait alike; 1/n: one waits for all. 0 if there are none.
 */
double tally_fairness(const Tally *tally, const Scenario *scenario, uint32_t *ret_served_count);

#endif

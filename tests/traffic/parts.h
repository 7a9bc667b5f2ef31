#ifndef EQMGR_TESTS_TRAFFIC_PARTS_H
#define EQMGR_TESTS_TRAFFIC_PARTS_H

/* The parts of bench-traffic: each prints a table. */

#include <stdint.h>

#include <glib.h>

void traffic_rates(void);
void traffic_concurrency(void);
void traffic_kills(void);
void traffic_clocks(void);
void traffic_jitter(void);
void traffic_back_off(void);
void traffic_sites(void); /* alone depends on the machine */

/* For some of them: the most that begins in less than a period; times ascend. */
unsigned traffic_worst_window(const GArray *begun, int64_t period_us);

#endif

#ifndef EQMGR_TESTS_SUPPORT_SCHED_RATES_H
#define EQMGR_TESTS_SUPPORT_SCHED_RATES_H

/*
 * tests/support/sched_rates: a world (sched_support) for rates of destinations and of what they
 * share. Times are microseconds from the begin of the test, which is long after the start of the
 * core; after each step all invariants are asserted.
 */

#include "sched/inspect.h"
#include "tests/support/sched_support.h"

#define S          INT64_C(1000000)
#define LONG_AFTER (INT64_C(1000000) * S) /* the begin of the test, in mono_us */

extern World sched_world;
extern const MeterLimit one_a_second, one_a_minute; /* on average; in a burst two, and one */

/* Even rows are preemptive, odd ones round-robin. Windows begin with this one, and end at 20. */
void begin_at(int row, int window);

void teardown(void);
int64_t now_us(void);

/* Timers run. */
void go_to(int64_t at_us);

/* So many mails of this text. */
void add_mail(const char *text, int count);

/* It must be there. */
SchedDestinationView view_in(const char *transport, const char *name);

/* Of "t1". */
SchedDestinationView view_of(const char *name);
bool is_known(const char *name);

/* A destination of "t1" that had no rates. NULL: no such limit. */
SchedDestination *paced_site(const char *name, const MeterLimit *deliveries,
                             const MeterLimit *recipients);

/* All that may begin now; each delivery ends at once. Returns how many it were. */
int deliver_now(void);

#endif

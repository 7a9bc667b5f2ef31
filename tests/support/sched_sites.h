#ifndef EQMGR_TESTS_SUPPORT_SCHED_SITES_H
#define EQMGR_TESTS_SUPPORT_SCHED_SITES_H

/* tests/support/sched_sites: sites that destinations share, and what runs at them (sched_rates). */

#include "tests/support/sched_rates.h"

#define RUN_MAX 2000

extern SchedEntry *running[RUN_MAX];
extern int running_count;

extern const SchedShared two_at_once;

/* As begin_at(), with windows of 5; nothing runs. */
void begin(int row);

/* It is made if it is not there. */
SchedDestination *destination(const char *transport, const char *name);

/* Each letter is a destination of t1. */
void share(const char *letters, const SchedShared *shared);

/* How many destinations are in this state. */
int64_t count_in(SchedState state);

/* One more delivery, the last of those that run. False: none may begin now. */
bool start_one(void);

/* All that may begin now. Returns how many they are. */
int start(void);

/* The last one takes its place among those that run. */
void finish(int place, const SchedResult *result);

/* They are delivered. */
void finish_all(void);

#endif

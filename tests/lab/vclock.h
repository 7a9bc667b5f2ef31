#ifndef EQMGR_TESTS_LAB_VCLOCK_H
#define EQMGR_TESTS_LAB_VCLOCK_H

/*
 * tests/lab/vclock: the laboratory's end of the virtual clock (clock_page.h).
 *
 * The virtual wall clock starts VCLOCK_AHEAD_S ahead of the real one, so that time stamps the
 * kernel makes (which stay real) are never in the future. It stands still until vclock_advance().
 */

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#define VCLOCK_AHEAD_S 1000

typedef struct Vclock Vclock;

/* Never returns NULL. */
Vclock *vclock_new(struct event_base *base);
void vclock_free(Vclock *clock);

/* Descriptors the daemon must inherit, and the value of CLOCK_ENVIRONMENT to name them. */
int vclock_page_fd(const Vclock *clock);
int vclock_daemon_fd(const Vclock *clock);

/* Forgets an earlier daemon: fresh control socket, deadline unknown. */
void vclock_reset(Vclock *clock);

int64_t vclock_wall_ns(const Vclock *clock);
int64_t vclock_start_wall_ns(const Vclock *clock);
int64_t vclock_since_start_ns(const Vclock *clock);

/* Asks for a report; vclock_is_answered() tells when it has come. */
void vclock_ping(Vclock *clock);
bool vclock_is_answered(const Vclock *clock);

/* How far ahead the daemon's next time limit is, by its last report; CLOCK_NEVER_NS: none. */
int64_t vclock_daemon_wait_ns(const Vclock *clock);

/* How often the daemon's loop has gone round, all its lives together. */
uint64_t vclock_turns(const Vclock *clock);

/* Only while the daemon waits. A step moves the wall clock alone. */
void vclock_advance(Vclock *clock, int64_t duration_ns);
void vclock_step_wall(Vclock *clock, int64_t step_ns);

#endif

#ifndef EQMGR_DAEMON_LAST_WORDS_H
#define EQMGR_DAEMON_LAST_WORDS_H

/*
 * daemon/last_words: the mail log has a line for each end of the process, and for each complaint of
 * a library.
 *
 *  - A failed assertion is a panic with its place. Lack of memory is "fatal: out of memory", even
 *    if there is no memory left for a message. A warning of GLib or libevent is a warning (one a
 *    second for libevent); an error after which they cannot go on is a panic.
 *  - Lines that log_transport_hold() keeps back are sent before SIGTERM, SIGHUP, abort() or a fault
 *    of memory access ends the process; the kind of its end stays the same. Only SIGKILL loses
 *    them.
 *
 * Handlers of asynchronous signals allocate nothing and take no lock.
 */

#include <event2/event.h>

/* Call it once, first thing in main(). Before log_transport_open() lines go to standard error. */
void last_words_install(void);

/*
 * From now on SIGTERM and similar signals let the turn of the loop end first, for five seconds at
 * most, so that all changes to files are in the log, too. The event has priority 0, and lives as
 * long as the process.
 */
void last_words_watch(struct event_base *base);

#endif

#ifndef EQMGR_DAEMON_LAST_WORDS_H
#define EQMGR_DAEMON_LAST_WORDS_H

/*
 * daemon/last_words: whatever ends the process, and what libraries complain of, is in the mail log.
 *
 *  - A failed assertion is a panic with its place; want of memory is "fatal: out of memory", also
 *    where not even its message can be made any more; what GLib and libevent warn of is a warning
 *    (of libevent one a second), what they cannot go on with is a panic.
 *  - Lines that log_transport_hold() keeps back are sent before SIGTERM, SIGHUP, abort() or a fault
 *    of memory access ends the process, which ends as it would have. Only SIGKILL loses them.
 *
 * Handlers of asynchronous signals allocate nothing and take no lock.
 */

#include <event2/event.h>

/* Once, first thing in main(). Nothing is logged before log_transport_open(), but to standard
 * error. */
void last_words_install(void);

/*
 * From now on SIGTERM and its like let the turn of the loop end first, so that what was done to
 * files is in the log, too; five seconds at most. The event has priority 0, and lives as long as
 * the process.
 */
void last_words_watch(struct event_base *base);

#endif

#ifndef EQMGR_DAEMON_LOG_INTERNAL_H
#define EQMGR_DAEMON_LOG_INTERNAL_H

/*
 * daemon/log_internal: the parts of log_transport for those that end the process.
 */

#include <stdbool.h>
#include <stdint.h>

/* "Nov 22 06:22:50" without NUL. */
#define LOG_STAMP_BYTES 15

/* The stamp of a local time (seconds since 1970 plus the offset of the zone). Plain arithmetic:
 * the C library's calendar functions take a lock, which a signal handler must not. */
void log_stamp_format(int64_t local_s, char ret_stamp[LOG_STAMP_BYTES]);

/*
 * For a signal handler that ends the process: sends the lines that were held back, then `text`
 * (complete: "fatal: ..."), unless it is NULL or a fatal error or panic was logged before. Before
 * log_transport_open() it writes to standard error. Waits a moment at most for the postlog
 * receiver. With syslog(3) it may hang if the process hangs because of the log, so the caller has
 * an alarm running.
 */
void log_transport_last_words(const char *text);

/* Call it in such a handler before anything that may hang: SIGALRM ends the process a little later.
 */
void last_words_arm_last_resort(void);

/* A signal ends the process after this turn of the loop, or by an alarm that must not be moved. */
bool last_words_are_due(void);

#endif

#ifndef EQMGR_DAEMON_LOG_INTERNAL_H
#define EQMGR_DAEMON_LOG_INTERNAL_H

/*
 * daemon/log_internal: the parts of log_transport for the watchdog alone.
 */

#include <stdint.h>

/* "Nov 22 06:22:50" without NUL. */
#define LOG_STAMP_BYTES 15

/* The stamp of a local time (seconds since 1970 plus the offset of the zone). Plain arithmetic:
 * the C library's calendar functions take a lock, which a signal handler must not. */
void log_stamp_format(int64_t local_s, char ret_stamp[LOG_STAMP_BYTES]);

/*
 * Logs a line (complete: "fatal: ...") from a signal handler; before log_transport_open() to
 * standard error. Never waits for the postlog
 * receiver. With syslog(3) it may hang if the log is where the process hangs, so the caller has an
 * alarm running.
 */
void log_transport_emergency(const char *text);

#endif

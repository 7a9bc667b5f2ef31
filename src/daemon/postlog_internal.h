#ifndef EQMGR_DAEMON_POSTLOG_INTERNAL_H
#define EQMGR_DAEMON_POSTLOG_INTERNAL_H

/*
 * daemon/postlog: the socket to postlogd(8), one per process, and the lines on their way to it.
 *
 * A line is one datagram. It is put into a buffer and sent from there, alone or with others; the
 * buffer is the only state, so that whatever ends the process can send what is left, even a signal
 * handler that interrupts any of these functions. (Between a send and its being noted a line is
 * sent twice then.) Nothing is allocated.
 */

#include <stdbool.h>
#include <sys/uio.h>

/* Lines that may wait in the buffer; a turn of a busy loop writes about as many. */
#define POSTLOG_LINES_MAX 32

/* Does not fail: whether there is a receiver shows when something is sent. `path` is copied. */
void postlog_open(const char *path);

/* Flushes. No effect if none is open. */
void postlog_close(void);

/* The parts, at most POSTLOG_PARTS_MAX, are one line, which waits for the next flush. */
#define POSTLOG_PARTS_MAX 3
void postlog_add(const struct iovec *parts, int part_count);

/* Waits for the receiver: in doubt mail is delayed rather than unlogged. If it is gone the socket
 * is opened anew; where that fails, too, a line is lost, as in stock. */
void postlog_flush(void);

/* In a signal handler: what waits, then this line (if part_count is not 0). A receiver that takes
 * nothing is waited for only once in the life of the process, and not for long. */
void postlog_send_last(const struct iovec *parts, int part_count);

#endif

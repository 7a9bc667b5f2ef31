#ifndef EQMGR_DAEMON_POSTLOG_INTERNAL_H
#define EQMGR_DAEMON_POSTLOG_INTERNAL_H

/*
 * daemon/postlog: the socket to postlogd(8), one per process, and the lines on their way to it.
 *
 * A line is one datagram. It is put into a buffer and sent from there, alone or with others; the
 * buffer is the only state, so that the rest can be sent whenever the process ends, even by a
 * signal handler that interrupts any of these functions. (It sends a line twice if it interrupts
 * between the send and its record.) Nothing is allocated.
 */

#include <stdbool.h>
#include <sys/uio.h>

/* Lines that may wait in the buffer; a turn of a busy loop writes about as many. */
#define POSTLOG_LINES_MAX 32

/* Cannot fail: only a send shows whether there is a receiver. `path` is copied. */
void postlog_open(const char *path);

/* Flushes. No effect if none is open. */
void postlog_close(void);

/* The parts, at most POSTLOG_PARTS_MAX, make one line, which waits for the next flush. */
#define POSTLOG_PARTS_MAX 3
void postlog_add(const struct iovec *parts, int part_count);

/* Waits for the receiver, because late mail is better than mail without a log. If the receiver is
 * gone, the socket is opened again; if that fails, too, a line is lost, as in stock. */
void postlog_flush(void);

/* For a signal handler: sends the lines that wait, then this one (if part_count is not 0). If the
 * receiver takes nothing, waits for it only once in the life of the process, and not for long. */
void postlog_send_last(const struct iovec *parts, int part_count);

#endif

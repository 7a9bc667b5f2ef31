#ifndef EQMGR_DAEMON_LOG_TRANSPORT_H
#define EQMGR_DAEMON_LOG_TRANSPORT_H

/*
 * daemon/log_transport: where log lines go: syslog(3) or the postlog socket (ipc.md 8, daemon.md
 * 13). It installs itself as the sink of base/log. Opened before chroot and privilege drop.
 *
 * A line to the postlog socket is one datagram and waits for room there: in doubt mail is delayed
 * rather than unlogged. If the receiver is gone the socket is opened anew for each line; where that
 * fails, too, the line is lost, as in stock. There is one transport per process.
 */

#include <stdbool.h>

typedef struct LogTransport {
    const char *tag;          /* "postfix/qmgr" */
    const char *postlog_path; /* absolute path of the postlog socket; NULL: syslog */
    const char *hostname;     /* for postlog lines, cut at the first dot; NULL if not known yet */
    const char *facility;     /* syslog_facility */
    bool also_stderr;         /* -V */
} LogTransport;

/* false: unknown facility (nothing is changed). May be called again to switch. Copies. */
bool log_transport_open(const LogTransport *transport);

/*
 * From now on info lines to the postlog socket may wait for log_transport_flush(), to wake its
 * reader once for many; at most a small number do. Warnings and worse never wait, and nothing waits
 * longer than to the end of the process, however it comes (daemon/last_words.h). Whoever asks for
 * this flushes before each wait for events.
 */
void log_transport_hold(void);
void log_transport_flush(void);

#endif

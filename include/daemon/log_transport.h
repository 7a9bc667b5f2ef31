#ifndef EQMGR_DAEMON_LOG_TRANSPORT_H
#define EQMGR_DAEMON_LOG_TRANSPORT_H

/*
 * daemon/log_transport: where log lines go: syslog(3) or the postlog socket (ipc.md 8, daemon.md
 * 13). It installs itself as the sink of base/log. Opened before chroot and privilege drop.
 *
 * A line to the postlog socket is one datagram and waits for room there, because late mail is
 * better than mail without a log. If the receiver is gone, the socket is opened again for each
 * line; if that fails, too, the line is lost, as in stock. There is one transport per process.
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
 * From now on a small number of info lines to the postlog socket may wait for
 * log_transport_flush(), so that its reader wakes once for several lines. Warnings and worse never
 * wait. At each kind of end of the process the waiting lines are sent (daemon/last_words.h). The
 * caller must flush before each wait for events.
 */
void log_transport_hold(void);
void log_transport_flush(void);

#endif

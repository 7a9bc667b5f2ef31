#include "daemon/log_transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "base/clock.h"
#include "base/log.h"
#include "log_internal.h"

/* Lines that may wait for log_transport_flush(); a turn of a busy loop writes about as many. */
#define HELD_LINES_MAX 32

typedef struct HeldLine {
    char stamp[LOG_STAMP_BYTES];
    char *text;
} HeldLine;

/*
 * One for the process, as syslog(3) is. What does not change from line to line is made in advance.
 */
static struct {
    char *tag;
    char *postlog_path; /* NULL: syslog */
    char *prefix;       /* " host tag[pid]: " */
    bool also_stderr;
    int fd; /* of the postlog socket, or -1 */
    int64_t stamp_wall_s;
    int64_t zone_offset_s;
    char stamp[LOG_STAMP_BYTES];
    bool holds_info; /* see log_transport_hold() */
    unsigned held_count;
    HeldLine held[HELD_LINES_MAX];
} transport = {.fd = -1};

static const struct {
    const char *name;
    int code;
} facilities[] = {
    {"auth",     LOG_AUTH    },
    {"authpriv", LOG_AUTHPRIV},
    {"cron",     LOG_CRON    },
    {"daemon",   LOG_DAEMON  },
    {"ftp",      LOG_FTP     },
    {"kern",     LOG_KERN    },
    {"lpr",      LOG_LPR     },
    {"mail",     LOG_MAIL    },
    {"news",     LOG_NEWS    },
    {"syslog",   LOG_SYSLOG  },
    {"user",     LOG_USER    },
    {"uucp",     LOG_UUCP    },
    {"local0",   LOG_LOCAL0  },
    {"local1",   LOG_LOCAL1  },
    {"local2",   LOG_LOCAL2  },
    {"local3",   LOG_LOCAL3  },
    {"local4",   LOG_LOCAL4  },
    {"local5",   LOG_LOCAL5  },
    {"local6",   LOG_LOCAL6  },
    {"local7",   LOG_LOCAL7  },
};

/* LOG_KERN is 0, so the code cannot tell "unknown". */
static bool find_facility(const char *name, int *ret_code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(facilities); i++) {
        if (g_str_equal(name, facilities[i].name)) {
            *ret_code = facilities[i].code;
            return true;
        }
    }
    return false;
}

static int syslog_level(LogSeverity severity)
{
    static const int levels[] = {
        [LOG_SEV_INFO] = LOG_INFO,  [LOG_SEV_WARNING] = LOG_WARNING, [LOG_SEV_ERROR] = LOG_ERR,
        [LOG_SEV_FATAL] = LOG_CRIT, [LOG_SEV_PANIC] = LOG_CRIT,
    };

    g_assert((guint)severity < G_N_ELEMENTS(levels));
    return levels[severity];
}

static void close_postlog(void)
{
    if (transport.fd >= 0)
        (void)close(transport.fd);
    transport.fd = -1;
}

/* Blocking on purpose: when postlogd is slow, waiting loses nothing. */
static void connect_postlog(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    close_postlog();
    if (g_strlcpy(address.sun_path, transport.postlog_path, sizeof address.sun_path) >=
        sizeof address.sun_path)
        return;
    transport.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (transport.fd >= 0 &&
        connect(transport.fd, (const struct sockaddr *)&address, sizeof address) < 0)
        close_postlog();
}

/* struct iovec has no const; sendmsg() does not write to the bytes. */
static void *unqualified(const char *bytes)
{
    const union {
        const char *in;
        void *out;
    } pointer = {.in = bytes};

    return pointer.out;
}

enum { LINE_PARTS = 3 };

static void set_parts(struct iovec parts[LINE_PARTS], const char *stamp, const char *text)
{
    parts[0] = (struct iovec){unqualified(stamp), LOG_STAMP_BYTES};
    parts[1] = (struct iovec){transport.prefix, strlen(transport.prefix)};
    parts[2] = (struct iovec){unqualified(text), strlen(text)};
}

static bool send_line(const char *stamp, const char *text, int flags)
{
    struct iovec parts[LINE_PARTS];
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = LINE_PARTS};

    set_parts(parts, stamp, text);
    return sendmsg(transport.fd, &message, flags | MSG_NOSIGNAL) >= 0;
}

/* The zone is asked for once per second that has a line. */
static void update_stamp(void)
{
    Clock clock;
    struct tm local;
    time_t wall_s;

    clock_init(&clock);
    wall_s = (time_t)clock.now.wall_s;
    if (transport.stamp_wall_s == wall_s || localtime_r(&wall_s, &local) == NULL)
        return;
    transport.zone_offset_s = local.tm_gmtoff;
    transport.stamp_wall_s = wall_s;
    log_stamp_format(wall_s + transport.zone_offset_s, transport.stamp);
}

/* The socket is master's: after a restart of master there is a new one under the old name. */
static void send_or_reconnect(const char *stamp, const char *text)
{
    if (send_line(stamp, text, 0))
        return;
    connect_postlog();
    (void)send_line(stamp, text, 0); /* no receiver: as in stock, the line is lost */
}

/* As many lines as the kernel takes in one call. */
static unsigned send_held(void)
{
    struct mmsghdr messages[HELD_LINES_MAX];
    struct iovec parts[HELD_LINES_MAX][LINE_PARTS];
    int sent;

    memset(messages, 0, sizeof messages);
    for (unsigned i = 0; i < transport.held_count; i++) {
        set_parts(parts[i], transport.held[i].stamp, transport.held[i].text);
        messages[i].msg_hdr.msg_iov = parts[i];
        messages[i].msg_hdr.msg_iovlen = LINE_PARTS;
    }
    sent = sendmmsg(transport.fd, messages, transport.held_count, MSG_NOSIGNAL);
    return sent > 0 ? (unsigned)sent : 0;
}

void log_transport_flush(void)
{
    if (transport.held_count == 0)
        return;
    for (unsigned i = send_held(); i < transport.held_count; i++)
        send_or_reconnect(transport.held[i].stamp, transport.held[i].text);
    for (unsigned i = 0; i < transport.held_count; i++)
        g_free(transport.held[i].text);
    transport.held_count = 0;
}

void log_transport_hold(void)
{
    static bool is_registered;

    transport.holds_info = transport.postlog_path != NULL;
    if (!is_registered)
        is_registered = atexit(log_transport_flush) == 0;
}

static void hold_line(const char *text)
{
    HeldLine *line = &transport.held[transport.held_count++];

    memcpy(line->stamp, transport.stamp, sizeof line->stamp);
    line->text = g_strdup(text);
    if (transport.held_count == HELD_LINES_MAX)
        log_transport_flush();
}

/* Whoever looks for the cause of trouble finds all lines before it: those do not wait. */
static void put_postlog(LogSeverity severity, const char *text)
{
    update_stamp();
    if (severity == LOG_SEV_INFO && transport.holds_info) {
        hold_line(text);
        return;
    }
    log_transport_flush();
    send_or_reconnect(transport.stamp, text);
}

static void put_line(LogSeverity severity, const char *text, void *ctx)
{
    (void)ctx;
    if (transport.postlog_path != NULL)
        put_postlog(severity, text);
    else
        syslog(syslog_level(severity), "%s", text);
    if (transport.also_stderr)
        (void)fprintf(stderr, "%s: %s\n", transport.tag, text);
}

static void put_emergency_stderr(const char *text)
{
    const struct iovec parts[] = {
        {unqualified(text), strlen(text)},
        {unqualified("\n"), 1           },
    };

    (void)!writev(STDERR_FILENO, parts, G_N_ELEMENTS(parts));
}

void log_transport_emergency(const char *text)
{
    Clock clock;

    if (transport.tag == NULL || transport.also_stderr)
        put_emergency_stderr(text);
    if (transport.tag == NULL)
        return;
    if (transport.postlog_path == NULL) {
        syslog(LOG_CRIT, "%s", text);
        return;
    }
    clock_init(&clock);
    log_stamp_format(clock.now.wall_s + transport.zone_offset_s, transport.stamp);
    (void)send_line(transport.stamp, text, MSG_DONTWAIT);
}

static char *make_prefix(const char *hostname, const char *tag)
{
    const char *name = hostname != NULL ? hostname : "unknown";
    int label_bytes = (int)strcspn(name, ".");

    return g_strdup_printf(" %.*s %s[%ld]: ", label_bytes, name, tag, (long)getpid());
}

static void replace(char **text, char *by)
{
    g_free(*text);
    *text = by;
}

bool log_transport_open(const LogTransport *wanted)
{
    char *old_tag = transport.tag;
    int facility;

    if (!find_facility(wanted->facility, &facility))
        return false;
    log_transport_flush();
    transport.holds_info = false;
    close_postlog();
    closelog();
    transport.tag = g_strdup(wanted->tag);
    transport.also_stderr = wanted->also_stderr;
    transport.stamp_wall_s = 0;
    replace(&transport.postlog_path, g_strdup(wanted->postlog_path));
    replace(&transport.prefix, make_prefix(wanted->hostname, wanted->tag));
    tzset();
    update_stamp();
    if (transport.postlog_path != NULL)
        connect_postlog();
    else
        openlog(transport.tag, LOG_PID | LOG_NDELAY, facility); /* keeps the pointer */
    g_free(old_tag);
    log_set_sink(put_line, NULL);
    return true;
}

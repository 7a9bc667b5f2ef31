#include "daemon/log_transport.h"

#include <stdio.h>
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

/*
 * One for the process, as syslog(3) is. The sink sends each line with one call; what does not
 * change from line to line is made in advance.
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

static bool send_line(const char *text, int flags)
{
    struct iovec parts[] = {
        {transport.stamp,   LOG_STAMP_BYTES         },
        {transport.prefix,  strlen(transport.prefix)},
        {unqualified(text), strlen(text)            },
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};

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
static void put_postlog(const char *text)
{
    update_stamp();
    if (send_line(text, 0))
        return;
    connect_postlog();
    (void)send_line(text, 0); /* no receiver: as in stock, the line is lost */
}

static void put_line(LogSeverity severity, const char *text, void *ctx)
{
    (void)ctx;
    if (transport.postlog_path != NULL)
        put_postlog(text);
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
    (void)send_line(text, MSG_DONTWAIT);
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

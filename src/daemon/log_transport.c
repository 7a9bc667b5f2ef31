#include "daemon/log_transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "base/clock.h"
#include "base/log.h"
#include "log_internal.h"
#include "postlog_internal.h"

/*
 * There is one transport for the process, as with syslog(3). The parts of a line that stay the same
 * are made in advance.
 */
static struct {
    char *tag;
    bool is_postlog; /* else syslog */
    char *prefix;    /* " host tag[pid]: " */
    bool also_stderr;
    bool holds_info; /* see log_transport_hold() */
    bool has_told_end;
    int64_t stamp_wall_s;
    int64_t zone_offset_s;
    char stamp[LOG_STAMP_BYTES];
} transport;

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

/* struct iovec has no const; sendmsg() does not write to the bytes. */
static void *unqualified(const char *bytes)
{
    const union {
        const char *in;
        void *out;
    } pointer = {.in = bytes};

    return pointer.out;
}

static void set_parts(struct iovec parts[POSTLOG_PARTS_MAX], const char *stamp, const char *text)
{
    parts[0] = (struct iovec){unqualified(stamp), LOG_STAMP_BYTES};
    parts[1] = (struct iovec){transport.prefix, strlen(transport.prefix)};
    parts[2] = (struct iovec){unqualified(text), strlen(text)};
}

/* The time zone is asked for at most once a second. */
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

void log_transport_hold(void)
{
    static bool is_registered;

    transport.holds_info = true;
    if (!is_registered)
        is_registered = atexit(postlog_flush) == 0;
}

void log_transport_flush(void)
{
    postlog_flush();
}

/* A warning or worse is sent at once, so that nobody who reads it misses the lines before it. */
static void put_postlog(LogSeverity severity, const char *text)
{
    struct iovec parts[POSTLOG_PARTS_MAX];

    update_stamp();
    set_parts(parts, transport.stamp, text);
    postlog_add(parts, POSTLOG_PARTS_MAX);
    if (severity != LOG_SEV_INFO || !transport.holds_info)
        postlog_flush();
}

static void put_line(LogSeverity severity, const char *text, void *ctx)
{
    (void)ctx;
    if (transport.is_postlog)
        put_postlog(severity, text);
    else
        syslog(syslog_level(severity), "%s", text);
    if (transport.also_stderr)
        (void)fprintf(stderr, "%s: %s\n", transport.tag, text);
    if (severity >= LOG_SEV_FATAL)
        transport.has_told_end = true;
}

static void put_emergency_stderr(const char *text)
{
    const struct iovec parts[] = {
        {unqualified(text), strlen(text)},
        {unqualified("\n"), 1           },
    };

    (void)!writev(STDERR_FILENO, parts, G_N_ELEMENTS(parts));
}

static void put_last_line(const char *text)
{
    struct iovec parts[POSTLOG_PARTS_MAX];
    char stamp[LOG_STAMP_BYTES];
    Clock clock;

    clock_init(&clock);
    log_stamp_format(clock.now.wall_s + transport.zone_offset_s, stamp);
    set_parts(parts, stamp, text);
    postlog_send_last(parts, POSTLOG_PARTS_MAX);
}

void log_transport_last_words(const char *text)
{
    if (transport.has_told_end)
        text = NULL;
    if (text != NULL && (transport.tag == NULL || transport.also_stderr))
        put_emergency_stderr(text);
    if (transport.is_postlog && text != NULL)
        put_last_line(text);
    else if (transport.is_postlog)
        postlog_send_last(NULL, 0);
    else if (text != NULL && transport.tag != NULL)
        syslog(LOG_CRIT, "%s", text);
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
    postlog_close();
    closelog();
    transport.tag = g_strdup(wanted->tag);
    transport.is_postlog = wanted->postlog_path != NULL;
    transport.also_stderr = wanted->also_stderr;
    transport.holds_info = transport.has_told_end = false;
    transport.stamp_wall_s = 0;
    replace(&transport.prefix, make_prefix(wanted->hostname, wanted->tag));
    tzset();
    update_stamp();
    if (transport.is_postlog)
        postlog_open(wanted->postlog_path);
    else
        openlog(transport.tag, LOG_PID | LOG_NDELAY, facility); /* keeps the pointer */
    g_free(old_tag);
    log_set_sink(put_line, NULL);
    return true;
}

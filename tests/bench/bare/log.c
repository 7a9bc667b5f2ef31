/* The log lines of the bare loop: those of a turn in one call. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/bare/bare.h"

#define STAMP_BYTES 32

static struct {
    int fd, pid;
    unsigned count;
    char host[STAMP_BYTES], stamp[STAMP_BYTES];
    time_t stamp_s;
    char lines[BARE_LINES_AT_ONCE][BARE_LOG_BYTES];
    struct iovec vectors[BARE_LINES_AT_ONCE];
    struct mmsghdr headers[BARE_LINES_AT_ONCE];
} lines;

void bare_log_open(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *service = getenv("POSTLOG_SERVICE"), *host = getenv("POSTLOG_HOSTNAME");

    lines.pid = (int)getpid();
    lines.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)g_strlcpy(address.sun_path, service != NULL ? service : "public/postlog",
                    sizeof(address.sun_path));
    if (lines.fd < 0 || connect(lines.fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        g_error("%s: %s", address.sun_path, g_strerror(errno));
    (void)g_strlcpy(lines.host, host != NULL ? host : "localhost", sizeof(lines.host));
    lines.host[strcspn(lines.host, ".")] = '\0';
}

/* "Nov 22 06:22:50", made once a second. */
static const char *stamp(void)
{
    time_t now_s = time(NULL);
    struct tm now;

    if (now_s != lines.stamp_s && localtime_r(&now_s, &now) != NULL)
        (void)strftime(lines.stamp, sizeof(lines.stamp), "%b %d %H:%M:%S", &now);
    lines.stamp_s = now_s;
    return lines.stamp;
}

void bare_log(const char *format, ...)
{
    char *line = lines.lines[lines.count];
    size_t at = (size_t)g_snprintf(line, BARE_LOG_BYTES, "%s %s postfix/qmgr[%d]: ", stamp(),
                                   lines.host, lines.pid);
    va_list values;

    va_start(values, format);
    at += (size_t)g_vsnprintf(line + at, BARE_LOG_BYTES - at, format, values);
    va_end(values);
    lines.vectors[lines.count] = (struct iovec){line, MIN(at, BARE_LOG_BYTES - 1)};
    lines.headers[lines.count].msg_hdr =
        (struct msghdr){.msg_iov = &lines.vectors[lines.count], .msg_iovlen = 1};
    if (++lines.count == BARE_LINES_AT_ONCE)
        bare_log_flush();
}

void bare_log_flush(void)
{
    unsigned sent = 0;

    while (sent < lines.count) {
        int count = sendmmsg(lines.fd, lines.headers + sent, lines.count - sent, 0);

        if (count < 0)
            g_error("log: %s", g_strerror(errno));
        sent += (unsigned)count;
    }
    lines.count = 0;
}

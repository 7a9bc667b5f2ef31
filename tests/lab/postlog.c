#include "tests/lab/postlog.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lab/peer.h"
#include "tests/lab/stamp.h"
#include "tests/lab/trace.h"
#include "tests/postfix/wire.h"

#define SOCKET_PATH    "public/postlog"
#define LINE_MAX_BYTES 4096
#define TIME_BYTES     15 /* "Nov 22 06:22:50" */
#define QUEUE_ID_MAX   255
#define UNTIL          " until="
#define DATE_BYTES     20 /* "2026-11-22T06:22:50Z" */
#define NS_PER_S       INT64_C(1000000000)
#define BUFFER_BYTES   (1024 * 1024)

struct Postlog {
    const Core *core;
    const Vclock *clock;
    pid_t pid;
    int fd;
    struct event *on_line;
};

/* The queue ID that `text` begins with, if `end` follows it. */
static char *take_queue_id(const char *text, char end)
{
    size_t len = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    if (len == 0 || len > QUEUE_ID_MAX || text[len] != end || g_ascii_islower(text[0]))
        return NULL;
    return g_strndup(text, len);
}

/* "A1: text" belongs to message A1, also after a severity; so do a few other lines. */
static char *find_queue_id(const char *text)
{
    static const char *const openings[] = {"warning: ", "error: ", "fatal: ", "panic: "};
    static const char corrupt[] = "saving corrupt file \"", active[] = "active/";

    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++)
        if (g_str_has_prefix(text, openings[i]))
            text += strlen(openings[i]);
    if (g_str_has_prefix(text, corrupt))
        return take_queue_id(text + strlen(corrupt), '"');
    if (g_str_has_prefix(text, active))
        text += strlen(active);
    return take_queue_id(text, ':');
}

/* The part after "time host ", or the whole line if it does not begin that way. */
static const char *skip_time_and_host(const Postlog *postlog, const char *line)
{
    const char *host = line + TIME_BYTES + 1;

    if (strlen(line) < TIME_BYTES + 1 || !g_str_has_prefix(host, "lab "))
        return line;
    if (postlog->clock != NULL && !stamp_is_log_time(line, vclock_wall_ns(postlog->clock)))
        return line;
    return host + strlen("lab ");
}

/* The lines that eqmgr logs at each start, and stock does not. */
static bool is_introduction(const char *text)
{
    return (g_str_has_prefix(text, "eqmgr ") && strstr(text, " for Postfix ") != NULL) ||
           g_str_has_prefix(text, "sandbox: in force: ");
}

/* The end of a rule is told as a date, which depends on when the scenario is played. */
static void make_end_relative(const Vclock *clock, GString *line)
{
    const char *at = clock != NULL ? strstr(line->str, UNTIL) : NULL;
    g_autofree char *date = at != NULL ? g_strndup(at + strlen(UNTIL), DATE_BYTES) : NULL;
    g_autoptr(GDateTime) end = date != NULL ? g_date_time_new_from_iso8601(date, NULL) : NULL;
    g_autofree char *relative = NULL;

    if (end == NULL)
        return;
    relative = g_strdup_printf("+%" G_GINT64_FORMAT,
                               g_date_time_to_unix(end) - vclock_start_wall_ns(clock) / NS_PER_S);
    (void)g_string_replace(line, date, relative, 1);
}

/* Rules that answers bring about are of the queue manager's user, who has another number elsewhere.
 */
static void name_owner(const Core *core, GString *line)
{
    g_autofree char *uid = g_strdup_printf(" uid=%u:", (unsigned)core->owner_uid);

    if (core->owner_uid != 0)
        (void)g_string_replace(line, uid, " uid=owner:", 1);
}

static void add_line(const Postlog *postlog, const char *line)
{
    g_autofree char *own_pid = g_strdup_printf("[%d]: ", (int)postlog->pid);
    g_autoptr(GString) shown = g_string_new(NULL);
    g_autofree char *id = NULL;
    const char *tag = skip_time_and_host(postlog, line);
    const char *pid_at = strstr(tag, own_pid);
    const char *text = pid_at != NULL ? pid_at + strlen(own_pid) : tag;
    g_autoptr(GString) clean = g_string_new(NULL);

    if (is_introduction(text))
        return;
    if (pid_at != NULL) {
        g_string_append_len(shown, tag, pid_at - tag);
        g_string_append(shown, ": ");
    }
    wire_describe_text(text, strlen(text), clean);
    (void)g_string_replace(clean, postlog->core->directory, "$Q", 0);
    make_end_relative(postlog->clock, clean);
    name_owner(postlog->core, clean);
    g_string_append(shown, clean->str);
    id = find_queue_id(text);
    trace_add(postlog->core->trace, TRACE_LOG, id, "%s", shown->str);
}

static void on_line(evutil_socket_t fd, short what, void *arg)
{
    const Postlog *postlog = arg;
    char line[LINE_MAX_BYTES + 1];
    ssize_t got;

    (void)what;
    while ((got = recv(fd, line, LINE_MAX_BYTES, MSG_DONTWAIT)) > 0) {
        peer_note_activity();
        line[got] = '\0';
        if (trace_is_on(postlog->core->trace))
            add_line(postlog, line);
    }
}

Postlog *postlog_new(const Core *core, const Vclock *clock)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    Postlog *postlog = g_new0(Postlog, 1);
    int buffer_bytes = BUFFER_BYTES;

    postlog->core = core;
    postlog->clock = clock;
    postlog->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (postlog->fd < 0 ||
        bind(postlog->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(SOCKET_PATH, 0666) < 0)
        g_error("%s: %s", SOCKET_PATH, g_strerror(errno));
    (void)setsockopt(postlog->fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
    postlog->on_line = event_new(core->base, postlog->fd, EV_READ | EV_PERSIST, on_line, postlog);
    (void)event_add(postlog->on_line, NULL);
    return postlog;
}

void postlog_set_pid(Postlog *postlog, pid_t pid)
{
    postlog->pid = pid;
}

void postlog_free(Postlog *postlog)
{
    if (postlog == NULL)
        return;
    event_free(postlog->on_line);
    (void)close(postlog->fd);
    g_free(postlog);
}

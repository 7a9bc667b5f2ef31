#include "tests/lab/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/clock_page.h"
#include "tests/lab/peer.h"
#include "tests/lab/trace.h"

/* The numbers of the clock's descriptors in the daemon, out of its way. */
enum { CLOCK_PAGE_AT = 100, CLOCK_CONTROL_AT = 101, SAFE_FROM = 200 };
enum { FLOW_READ = 3, FLOW_WRITE = 4, STATUS = 5, LISTEN = 6 };

#define SOCKET_PATH      "public/qmgr"
#define SANITIZER_REPORT "sanitizer/report" /* and the process ID behind it */
#define LISTEN_BACKLOG   100
#define FIRST_GENERATION 8 /* "10" in octal */

typedef struct StatusMessage {
    int32_t pid;
    uint32_t generation;
    int32_t status;
} StatusMessage;

typedef struct Trigger {
    Daemon *daemon;
    int fd;
    struct event *on_close;
    TAILQ_ENTRY(Trigger) link;
} Trigger;

struct Daemon {
    const Core *core;
    Vclock *clock;
    pid_t pid; /* 0: not running */
    uint32_t generation;
    int listen_fd, flow[2], status_fd;
    bool is_fifo;
    struct event *on_status, *on_exit;
    int pid_fd;
    unsigned open_triggers;
    TAILQ_HEAD(, Trigger) triggers;
    bool has_usage;
    struct rusage usage;
};

static int listen_for_triggers(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(SOCKET_PATH, 0666) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
        g_error("%s: %s", SOCKET_PATH, g_strerror(errno));
    return fd;
}

void daemon_use_fifo(Daemon *daemon)
{
    (void)close(daemon->listen_fd);
    if (unlink(SOCKET_PATH) < 0 || mkfifo(SOCKET_PATH, 0622) < 0)
        g_error("%s: %s", SOCKET_PATH, g_strerror(errno));
    daemon->listen_fd = open(SOCKET_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    daemon->is_fifo = true;
}

/* The daemon may have given up root when it writes there. */
static void make_report_directory(void)
{
    g_autofree char *path = g_path_get_dirname(SANITIZER_REPORT);

    if (mkdir(path, 0700) < 0 || chmod(path, 01777) < 0)
        g_error("%s: %s", path, g_strerror(errno));
}

Daemon *daemon_new(const Core *core, Vclock *clock)
{
    Daemon *daemon = g_new0(Daemon, 1);

    TAILQ_INIT(&daemon->triggers);
    daemon->core = core;
    daemon->clock = clock;
    daemon->generation = FIRST_GENERATION;
    daemon->status_fd = daemon->pid_fd = -1;
    daemon->listen_fd = listen_for_triggers();
    make_report_directory();
    if (pipe2(daemon->flow, O_NONBLOCK | O_CLOEXEC) < 0)
        g_error("pipe: %s", g_strerror(errno));
    return daemon;
}

static void note_sanitizer_report(const Daemon *daemon)
{
    g_autofree char *path = g_strdup_printf(SANITIZER_REPORT ".%d", (int)daemon->pid);
    g_autofree char *text = NULL;
    char *summary;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    summary = strstr(text, "SUMMARY: ");
    trace_add(daemon->core->trace, TRACE_NOTES, NULL, "sanitizer: %s",
              summary != NULL ? g_strchomp(summary) : text);
}

static void note_end(Daemon *daemon, int status)
{
    note_sanitizer_report(daemon);
    if (WIFSIGNALED(status))
        trace_add(daemon->core->trace, TRACE_NOTES, NULL, "killed by signal %d", WTERMSIG(status));
    else
        trace_add(daemon->core->trace, TRACE_NOTES, NULL, "exit status %d", WEXITSTATUS(status));
}

static void drop_event(struct event **event)
{
    if (*event != NULL)
        event_free(*event);
    *event = NULL;
}

static void forget_process(Daemon *daemon)
{
    drop_event(&daemon->on_status);
    drop_event(&daemon->on_exit);
    if (daemon->status_fd >= 0)
        (void)close(daemon->status_fd);
    if (daemon->pid_fd >= 0)
        (void)close(daemon->pid_fd);
    daemon->status_fd = daemon->pid_fd = -1;
    daemon->pid = 0;
}

static void read_status(Daemon *daemon)
{
    StatusMessage message;
    ssize_t got = recv(daemon->status_fd, &message, sizeof(message), MSG_DONTWAIT);

    if (got <= 0)
        return;
    peer_note_activity();
    if (got != (ssize_t)sizeof(message) || message.pid != daemon->pid ||
        message.generation != daemon->generation)
        trace_add(daemon->core->trace, TRACE_NOTES, NULL,
                  "bad status message: %zd bytes, own pid %d, generation %u", got,
                  message.pid == daemon->pid, message.generation);
    else
        trace_add(daemon->core->trace, TRACE_NOTES, NULL, "status %d", message.status);
}

static void on_exit_status(evutil_socket_t fd, short what, void *arg)
{
    Daemon *daemon = arg;
    int status = 0;

    (void)fd;
    (void)what;
    if (wait4(daemon->pid, &status, WNOHANG, &daemon->usage) != daemon->pid)
        return;
    daemon->has_usage = true;
    peer_note_activity();
    if (daemon->status_fd >= 0)
        read_status(daemon);
    note_end(daemon, status);
    forget_process(daemon);
}

static void on_status(evutil_socket_t fd, short what, void *arg)
{
    Daemon *daemon = arg;
    char byte;

    (void)what;
    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        (void)event_del(daemon->on_status);
    else
        read_status(daemon);
}

static bool is_replaced(const char *variable, const char *const *replacements)
{
    size_t name_len = strcspn(variable, "=") + 1;

    for (; replacements != NULL && *replacements != NULL; replacements++)
        if (strncmp(variable, *replacements, name_len) == 0)
            return true;
    return false;
}

/* Takes ownership of `variable`. */
static void add_variable(GPtrArray *env, const DaemonProgram *program, char *variable)
{
    if (is_replaced(variable, program->environment))
        g_free(variable);
    else
        g_ptr_array_add(env, variable);
}

/* A daemon built with the address sanitizer would refuse to run with a preload, and has no standard
 * error to complain to. Of GCC's undefined-behaviour sanitizer, beside the other one, nothing but
 * the summary gets into the file. Leaks cannot be looked for, as the process may not be traced. */
static void add_sanitizer_options(GPtrArray *env, const char *directory)
{
    g_autofree char *options = g_strdup_printf(
        "verify_asan_link_order=0:detect_leaks=0:log_path=%s/" SANITIZER_REPORT, directory);

    g_ptr_array_add(env, g_strdup_printf("ASAN_OPTIONS=%s", options));
    g_ptr_array_add(
        env, g_strdup_printf("UBSAN_OPTIONS=%s:print_summary=1:report_error_type=1", options));
}

static char **environment(const Daemon *daemon, const DaemonProgram *program)
{
    GPtrArray *env = g_ptr_array_new();
    const char *directory = daemon->core->directory;

    add_variable(env, program, g_strdup_printf("MAIL_CONFIG=%s/etc", directory));
    add_variable(env, program, g_strdup("MAIL_LOGTAG=postfix"));
    add_variable(env, program, g_strdup_printf("GENERATION=%o", daemon->generation));
    add_variable(env, program, g_strdup_printf("POSTLOG_SERVICE=%s/public/postlog", directory));
    add_variable(env, program, g_strdup("POSTLOG_HOSTNAME=lab.test"));
    add_variable(env, program, g_strdup("LANG=C"));
    for (const char *const *added = program->environment; added != NULL && *added != NULL; added++)
        g_ptr_array_add(env, g_strdup(*added));
    if (daemon->clock != NULL) {
        g_ptr_array_add(env, g_strdup_printf("LD_PRELOAD=%s", program->clock_library));
        g_ptr_array_add(
            env, g_strdup_printf(CLOCK_ENVIRONMENT "=%d,%d", CLOCK_PAGE_AT, CLOCK_CONTROL_AT));
    }
    add_sanitizer_options(env, directory);
    g_ptr_array_add(env, NULL);
    return (char **)g_ptr_array_free(env, FALSE);
}

static char **command_line(const Daemon *daemon, const DaemonProgram *program)
{
    const char *const usual[] = {"-l", "-t", daemon->is_fifo ? "fifo" : "unix", NULL};
    g_autofree char *base = g_path_get_basename(program->name);
    GPtrArray *argv = g_ptr_array_new();
    const char *const *options = program->own_arguments != NULL ? program->own_arguments : usual;

    g_ptr_array_add(argv, g_strdup(program->name));
    for (; *options != NULL; options++)
        g_ptr_array_add(argv, g_strdup(*options));
    if (program->own_arguments == NULL && strcmp(base, "qmgr") != 0) {
        g_ptr_array_insert(argv, 2, g_strdup("-n"));
        g_ptr_array_insert(argv, 3, g_strdup("qmgr"));
    }
    if (program->own_arguments == NULL && daemon->core->as_root)
        g_ptr_array_add(argv, g_strdup("-u"));
    for (options = program->arguments; options != NULL && *options != NULL; options++)
        g_ptr_array_add(argv, g_strdup(*options));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

/* All sources are first copied out of the way, so that no target overwrites one. */
static void place_descriptors(const int *sources, const int *targets, size_t count)
{
    int safe[16];

    g_assert(count <= G_N_ELEMENTS(safe));
    for (size_t i = 0; i < count; i++)
        safe[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, SAFE_FROM);
    for (size_t i = 0; i < count; i++)
        if (safe[i] < 0 || dup2(safe[i], targets[i]) < 0)
            _exit(126);
}

static G_GNUC_NORETURN void become_daemon(const Daemon *daemon, const char *path, char **argv,
                                          char **env, int status_fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int sources[9] = {null_fd,         null_fd,   null_fd,          daemon->flow[0],
                      daemon->flow[1], status_fd, daemon->listen_fd};
    static const int targets[9] = {
        0, 1, 2, FLOW_READ, FLOW_WRITE, STATUS, LISTEN, CLOCK_PAGE_AT, CLOCK_CONTROL_AT};
    size_t count = 7;

    if (daemon->clock != NULL) {
        sources[7] = vclock_page_fd(daemon->clock);
        sources[8] = vclock_daemon_fd(daemon->clock);
        count = 9;
    }
    place_descriptors(sources, targets, count);
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)execve(path, argv, env);
    _exit(127);
}

void daemon_start(Daemon *daemon, const DaemonProgram *program)
{
    g_auto(GStrv) argv = command_line(daemon, program);
    g_auto(GStrv) env = NULL;
    int pair[2];

    g_assert(daemon->pid == 0);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair: %s", g_strerror(errno));
    daemon->generation++;
    env = environment(daemon, program);
    if (daemon->clock != NULL)
        vclock_reset(daemon->clock);
    daemon->pid = fork();
    if (daemon->pid < 0)
        g_error("fork: %s", g_strerror(errno));
    if (daemon->pid == 0)
        become_daemon(daemon, program->path, argv, env, pair[1]);
    (void)close(pair[1]);
    daemon->status_fd = pair[0];
    daemon->pid_fd = (int)syscall(SYS_pidfd_open, daemon->pid, 0);
    daemon->on_status =
        event_new(daemon->core->base, daemon->status_fd, EV_READ | EV_PERSIST, on_status, daemon);
    daemon->on_exit =
        event_new(daemon->core->base, daemon->pid_fd, EV_READ | EV_PERSIST, on_exit_status, daemon);
    (void)event_add(daemon->on_status, NULL);
    (void)event_add(daemon->on_exit, NULL);
}

bool daemon_is_running(const Daemon *daemon)
{
    return daemon->pid != 0;
}

pid_t daemon_pid(const Daemon *daemon)
{
    return daemon->pid;
}

static void trigger_free(Trigger *trigger)
{
    trigger->daemon->open_triggers--;
    TAILQ_REMOVE(&trigger->daemon->triggers, trigger, link);
    event_free(trigger->on_close);
    (void)close(trigger->fd);
    g_free(trigger);
}

static void on_trigger_closed(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    peer_note_activity();
    trigger_free(arg);
}

static void connect_trigger(Daemon *daemon, const void *bytes, size_t count, bool with_nul)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    Trigger *trigger = g_new0(Trigger, 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        g_error("%s: %s", SOCKET_PATH, g_strerror(errno));
    (void)!send(fd, bytes, count, MSG_NOSIGNAL);
    if (with_nul)
        (void)!send(fd, "", 1, MSG_NOSIGNAL);
    trigger->daemon = daemon;
    trigger->fd = fd;
    TAILQ_INSERT_TAIL(&daemon->triggers, trigger, link);
    trigger->on_close = event_new(daemon->core->base, fd, EV_READ, on_trigger_closed, trigger);
    (void)event_add(trigger->on_close, NULL);
    daemon->open_triggers++;
}

void daemon_trigger(Daemon *daemon, const void *bytes, size_t count, bool with_nul)
{
    if (daemon->is_fifo)
        (void)!write(daemon->listen_fd, bytes, count);
    else
        connect_trigger(daemon, bytes, count, with_nul);
}

unsigned daemon_open_triggers(const Daemon *daemon)
{
    return daemon->open_triggers;
}

void daemon_misuse_status(Daemon *daemon, const void *bytes, size_t count)
{
    if (daemon->status_fd >= 0)
        (void)!send(daemon->status_fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void daemon_abandon(Daemon *daemon)
{
    drop_event(&daemon->on_status);
    if (daemon->status_fd >= 0)
        (void)close(daemon->status_fd);
    daemon->status_fd = -1;
}

void daemon_signal(Daemon *daemon, int signal)
{
    if (daemon->pid > 0)
        (void)kill(daemon->pid, signal);
}

int daemon_tokens(const Daemon *daemon)
{
    int count = 0;

    if (ioctl(daemon->flow[0], FIONREAD, &count) < 0)
        return -1;
    return count;
}

void daemon_change_tokens(Daemon *daemon, int by)
{
    char byte = '\0';

    for (; by > 0; by--)
        (void)!write(daemon->flow[1], &byte, 1);
    for (; by < 0; by++)
        (void)!read(daemon->flow[0], &byte, 1);
}

bool daemon_usage(const Daemon *daemon, struct rusage *ret_usage)
{
    if (!daemon->has_usage)
        return false;
    *ret_usage = daemon->usage;
    return true;
}

void daemon_free(Daemon *daemon)
{
    Trigger *next;

    if (daemon == NULL)
        return;
    if (daemon->pid > 0) {
        (void)kill(daemon->pid, SIGKILL);
        (void)waitpid(daemon->pid, NULL, 0);
    }
    forget_process(daemon);
    for (Trigger *trigger = TAILQ_FIRST(&daemon->triggers); trigger != NULL; trigger = next) {
        next = TAILQ_NEXT(trigger, link);
        trigger_free(trigger);
    }
    (void)close(daemon->listen_fd);
    (void)close(daemon->flow[0]);
    (void)close(daemon->flow[1]);
    g_free(daemon);
}

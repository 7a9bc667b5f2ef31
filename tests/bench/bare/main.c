/*
 * The bare loop of the benchmark: started as master(8) starts a queue manager, but it looks neither
 * at its options nor at main.cf.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/bare/bare.h"

enum { STATUS = 5, LISTEN = 6 };
enum { TAKEN, AVAILABLE };

#define EVENTS_AT_ONCE 64
#define NAMES_BYTES    32768
#define TRIGGER_BYTES  64
#define OCTAL          8

static int poll_fd;
static int32_t pid, generation;
static BareSource master = {STATUS, NULL}, triggers = {LISTEN, NULL};

/* A look at incoming: the names that were read last. */
static struct {
    int fd;
    bool goes_on, again; /* again: there was a trigger meanwhile */
    size_t used, at;
    char names[NAMES_BYTES] __attribute__((aligned(8)));
} scan;

void bare_watch(BareSource *source, int fd, void (*on_input)(BareSource *source))
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

    *source = (BareSource){fd, on_input};
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        g_error("epoll_ctl: %s", g_strerror(errno));
}

static void begin_scan(void)
{
    scan.again = scan.goes_on;
    if (scan.goes_on)
        return;
    if (lseek(scan.fd, 0, SEEK_SET) < 0)
        g_error("incoming: %s", g_strerror(errno));
    scan.goes_on = true;
    scan.used = scan.at = 0;
}

static void read_names(void)
{
    ssize_t got = getdents64(scan.fd, scan.names, sizeof(scan.names));

    if (got < 0)
        g_error("incoming: %s", g_strerror(errno));
    scan.used = (size_t)got;
    scan.at = 0;
    if (got > 0)
        return;
    scan.goes_on = false;
    if (scan.again)
        begin_scan();
}

/* NULL: the names that were read are used up. */
static const char *next_name(void)
{
    while (scan.at < scan.used) {
        const struct dirent64 *entry = (const struct dirent64 *)(void *)(scan.names + scan.at);

        scan.at += entry->d_reclen;
        if (entry->d_name[0] != '.')
            return entry->d_name;
    }
    return NULL;
}

/* As many as can be asked about. */
static void take_in(void)
{
    while (scan.goes_on && bare_peers_want()) {
        const char *name = next_name();
        BareLetter *letter;

        if (name == NULL) {
            read_names();
            continue;
        }
        letter = bare_letter_take(name);
        if (letter != NULL)
            bare_peers_add(letter);
    }
}

static void tell_master(int state)
{
    const int32_t message[] = {pid, generation, state};

    if (write(STATUS, message, sizeof(message)) != (ssize_t)sizeof(message))
        exit(EXIT_FAILURE);
}

static void on_trigger(BareSource *source)
{
    char bytes[TRIGGER_BYTES];
    int fd;

    tell_master(TAKEN);
    fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, bytes, sizeof(bytes)) > 0)
            begin_scan();
        (void)close(fd);
    }
    tell_master(AVAILABLE);
}

static void on_master_gone(BareSource *source)
{
    (void)source;
    exit(EXIT_SUCCESS);
}

/* mail_owner owns the queue. */
static void start(void)
{
    const char *number = getenv("GENERATION");
    struct stat st;

    pid = getpid();
    generation = number != NULL ? (int32_t)strtol(number, NULL, OCTAL) : 0;
    if (stat("active", &st) < 0)
        g_error("no queue directory: %s", g_strerror(errno));
    if (geteuid() == 0 &&
        (setgroups(0, NULL) < 0 || setgid(st.st_gid) < 0 || setuid(st.st_uid) < 0))
        g_error("mail_owner: %s", g_strerror(errno));
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    scan.fd = open("incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (poll_fd < 0 || scan.fd < 0)
        g_error("incoming: %s", g_strerror(errno));
    bare_log_open();
    bare_peers_start();
    bare_watch(&master, STATUS, on_master_gone);
    bare_watch(&triggers, LISTEN, on_trigger);
}

static void turn(void)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(poll_fd, events, EVENTS_AT_ONCE, -1);

    if (count < 0 && errno != EINTR)
        g_error("epoll_wait: %s", g_strerror(errno));
    for (int i = 0; i < count; i++) {
        BareSource *source = events[i].data.ptr;

        source->on_input(source);
    }
    take_in();
    bare_peers_connect();
    bare_log_flush();
}

int main(void)
{
    start();
    for (;;)
        turn();
}

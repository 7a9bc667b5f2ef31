/* However a process ends, the log has the lines before its end, and one that says why. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "daemon/last_words.h"
#include "daemon/log_transport.h"
#include "daemon/process.h"
#include "tests/support/daemon_child.h"
#include "tests/support/runner.h"

#define STAMP_BYTES 15

/* The receiver: a datagram socket where postlogd's would be. */
static char *directory, *path;
static int receiver_fd = -1;

static void set_up(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    directory = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    path = g_build_filename(directory, "postlog", NULL);
    ck_assert_uint_lt(g_strlcpy(address.sun_path, path, sizeof address.sun_path),
                      sizeof address.sun_path);
    receiver_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(receiver_fd, (const struct sockaddr *)&address, sizeof address), 0);
}

static void tear_down(void)
{
    (void)close(receiver_fd);
    (void)unlink(path);
    (void)rmdir(directory);
    g_free(directory);
    g_free(path);
}

/* All lines that were logged, without stamp and tag. */
static char *received(void)
{
    GString *text = g_string_new(NULL);
    char line[3000];
    ssize_t count;

    while ((count = recv(receiver_fd, line, sizeof line - 1, 0)) > 0) {
        const char *colon;

        line[count] = '\0';
        colon = strstr(line + STAMP_BYTES, "]: ");
        ck_assert_ptr_nonnull(colon);
        g_string_append_printf(text, "%s\n", colon + strlen("]: "));
    }
    return g_string_free(text, FALSE);
}

static void hold_lines(void)
{
    const struct rlimit no_core = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &no_core);
    last_words_install();
    g_assert(log_transport_open(&(LogTransport){
        .tag = "postfix/qmgr", .postlog_path = path, .hostname = "mail", .facility = "mail"}));
    log_transport_hold();
    log_info("one");
    log_info("two");
}

static void terminate(void)
{
    (void)raise(SIGTERM);
}

static void hang_up(void)
{
    (void)raise(SIGHUP);
}

static void abort_now(void)
{
    abort();
}

static void panic(void)
{
    log_panic("something is wrong");
}

static void fatal(void)
{
    log_fatal("something is missing");
}

static void leave(void)
{
    exit(0);
}

static void hang(void)
{
    watchdog_start(1000);
    for (int i = 0; i < 3; i++)
        (void)raise(SIGALRM);
}

static void fail_assertion(void)
{
    g_assert(path == NULL);
}

static void fail_comparison(void)
{
    g_assert_cmpint(receiver_fd, ==, -2);
}

static void go_on_with_glib(void)
{
    g_critical("odd");
    g_debug("odd");
    g_error("very odd");
}

static void go_on_with_libevent(void)
{
    struct event_base *base = event_base_new();
    int plain_file = open("/proc/self/exe", O_RDONLY);
    struct event *event = event_new(base, plain_file, EV_READ, (event_callback_fn)abort, NULL);

    for (int i = 0; i < 20; i++)
        g_assert(event_add(event, NULL) < 0); /* it can be watched by nobody */
    log_transport_flush();
}

typedef struct Ending {
    const char *name;
    void (*body)(void);
    int want_status, want_signal;
    const char *want_line; /* starts like this; "": no line */
} Ending;

static const Ending endings[] = {
    {"SIGTERM",     terminate,           -1,             SIGTERM, ""                                           },
    {"SIGHUP",      hang_up,             -1,             SIGHUP,  ""                                           },
    {"abort",       abort_now,           -1,             SIGABRT, "panic: aborted\n"                           },
    {"panic",       panic,               -1,             SIGABRT, "panic: something is wrong\n"                },
    {"fatal error", fatal,               1,              0,       "fatal: something is missing\n"              },
    {"exit",        leave,               0,              0,       ""                                           },
    {"watchdog",    hang,                1,              0,       "fatal: watchdog timeout\n"                  },
    {"assertion",   fail_assertion,      -1,             SIGABRT,
     "panic: tests/unit/daemon/check_daemon_last_words.c:"                                                     },
    {"comparison",  fail_comparison,     -1,             SIGABRT,
     "panic: tests/unit/daemon/check_daemon_last_words.c:"                                                     },
    {"GLib",        go_on_with_glib,     -1,             SIGABRT, "warning: GLib: odd\npanic: GLib: very odd\n"},
    {"libevent",    go_on_with_libevent, CHILD_RETURNED, 0,       "warning: libevent: Epoll ADD"               },
};

static void play_ending(void *ctx)
{
    const Ending *ending = ctx;

    hold_lines();
    ending->body();
}

static void *unqualified(const void *pointer)
{
    return (void *)(uintptr_t)pointer;
}

static void assert_ends(const Ending *ending)
{
    ChildEnd end = run_child(play_ending, unqualified(ending), STDERR_FILENO);
    g_autofree char *got = received();
    g_autofree char *want = g_strconcat("one\ntwo\n", ending->want_line, NULL);

    ck_assert_msg(end.exit_status == ending->want_status && end.signal == ending->want_signal,
                  "%s: status %d, signal %d", ending->name, end.exit_status, end.signal);
    ck_assert_msg(g_str_has_prefix(got, want), "%s: %s", ending->name, got);
    ck_assert_msg(strstr(got, "libevent") == NULL ||
                      strstr(got, "libevent") == g_strrstr(got, "libevent"),
                  "%s: %s", ending->name, got);
    ck_assert_msg(*ending->want_line != '\0' || g_str_equal(got, want), "%s: %s", ending->name,
                  got);
}

START_TEST(log_has_all_lines_and_the_reason)
{
    assert_ends(&endings[_i]);
}
END_TEST

/* ---- what a sanitizer does in its own way ---- */

#ifndef __SANITIZE_ADDRESS__

enum { LEFT_BYTES = 2 * 1024 * 1024 };

/* Address space: what there is now, and a little. */
static void limit_memory(void)
{
    g_autofree char *text = NULL;
    struct rlimit limit;

    g_assert(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    limit.rlim_cur = limit.rlim_max =
        g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + LEFT_BYTES;
    g_assert(setrlimit(RLIMIT_AS, &limit) == 0);
}

static void want_much(void)
{
    limit_memory();
    (void)g_malloc(LEFT_BYTES);
}

/* The last piece of memory is taken; none is left for a message about it. */
static void want_little_by_little(void)
{
    static void **volatile last;

    limit_memory();
    for (;;) {
        void **piece = g_malloc(3 * sizeof *piece);

        *piece = last;
        last = piece;
    }
}

static void want_a_table(void)
{
    GHashTable *table = g_hash_table_new(NULL, NULL);

    limit_memory();
    for (guint i = 1;; i++)
        (void)g_hash_table_add(table, GUINT_TO_POINTER(i));
}

static int deeper(volatile const char *above)
{
    volatile char here[1000] = "";

    here[0] = *above;
    return here[0] == 'x' ? 0 : here[0] + deeper(here) + 1;
}

static void use_up_the_stack(void)
{
    _exit(deeper(""));
}

static void read_nowhere(void)
{
    volatile const char *volatile nowhere = NULL;

    _exit(*nowhere);
}

static const Ending faults[] = {
    {"much memory",        want_much,             1,  0,       "fatal: out of memory\n"},
    {"little memory",      want_little_by_little, 1,  0,       "fatal: out of memory\n"},
    {"memory for a table", want_a_table,          1,  0,       "fatal: out of memory\n"},
    {"stack",              use_up_the_stack,      -1, SIGSEGV, "panic: memory fault\n" },
    {"null pointer",       read_nowhere,          -1, SIGSEGV, "panic: memory fault\n" },
};

START_TEST(want_of_memory_and_faults_have_a_line)
{
    assert_ends(&faults[_i]);
}
END_TEST

#endif

/* ---- with an event loop ---- */

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)raise(*(const int *)ctx);
    log_info("three"); /* what was done before the signal came */
}

static void turn_loop(int signal_number)
{
    struct event_base *base = event_base_new();
    struct event *event;

    g_assert(event_base_priority_init(base, 3) == 0);
    last_words_watch(base);
    event = event_new(base, -1, 0, on_event, &signal_number);
    event_active(event, EV_TIMEOUT, 0);
    (void)event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static void terminate_in_turn(void)
{
    turn_loop(SIGTERM);
}

static void hang_up_in_turn(void)
{
    turn_loop(SIGHUP);
}

/* One loop waits; the other does not turn any more. */
static void terminate_while_waiting(void)
{
    pid_t me = getpid();

    if (fork() == 0) {
        (void)usleep(50 * 1000);
        (void)kill(me, SIGTERM);
        _exit(0);
    }
    log_info("three");
    turn_loop(0);
}

static void terminate_twice(void)
{
    last_words_watch(event_base_new());
    (void)raise(SIGTERM);
    log_info("three");
    (void)raise(SIGTERM);
}

static void terminate_a_hanging_turn(void)
{
    last_words_watch(event_base_new());
    (void)raise(SIGTERM);
    g_assert(alarm(0) > 0);
    log_info("three");
    (void)raise(SIGALRM);
}

/* Turns of the loop postpone the alarm of the watchdog, but not this one. */
static void terminate_before_a_pat(void)
{
    last_words_watch(event_base_new());
    (void)raise(SIGTERM);
    watchdog_start(3000);
    g_assert(alarm(0) <= 5);
    log_info("three");
    (void)raise(SIGTERM);
}

static const Ending turns[] = {
    {"in the turn",    terminate_in_turn,        -1, SIGTERM, "three\n"       },
    {"SIGHUP",         hang_up_in_turn,          -1, SIGHUP,  "three\n"       },
    {"while waiting",  terminate_while_waiting,  -1, SIGTERM, "three\nthree\n"},
    {"twice",          terminate_twice,          -1, SIGTERM, "three\n"       },
    {"in a long turn", terminate_a_hanging_turn, -1, SIGTERM, "three\n"       },
    {"before a pat",   terminate_before_a_pat,   -1, SIGTERM, "three\n"       },
};

START_TEST(turn_of_the_loop_comes_to_its_end)
{
    assert_ends(&turns[_i]);
}
END_TEST

/* ---- a receiver that is no help ---- */

static void fill_receiver(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    (void)g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    while (send(fd, "x", 1, 0) == 1)
        ;
    ck_assert_int_eq(errno, EAGAIN);
    (void)close(fd);
}

START_TEST(stuck_receiver_keeps_nobody_alive)
{
    fill_receiver();
    ck_assert_int_eq(run_child(play_ending, unqualified(&endings[0]), STDERR_FILENO).signal,
                     SIGTERM);
}
END_TEST

static void lose_receiver(void)
{
    (void)unlink(path);
    (void)raise(SIGTERM);
}

START_TEST(receiver_that_is_gone_keeps_nobody_alive)
{
    const Ending ending = {.body = lose_receiver};

    (void)close(receiver_fd);
    receiver_fd = -1;
    ck_assert_int_eq(run_child(play_ending, unqualified(&ending), STDERR_FILENO).signal, SIGTERM);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table"), *receiver = tcase_create("receiver");

    tcase_set_timeout(table, LONG_TEST_S);
    tcase_add_checked_fixture(table, set_up, tear_down);
    tcase_add_loop_test(table, log_has_all_lines_and_the_reason, 0, G_N_ELEMENTS(endings));
    tcase_add_loop_test(table, turn_of_the_loop_comes_to_its_end, 0, G_N_ELEMENTS(turns));
#ifndef __SANITIZE_ADDRESS__
    tcase_add_loop_test(table, want_of_memory_and_faults_have_a_line, 0, G_N_ELEMENTS(faults));
#endif
    tcase_set_timeout(receiver, LONG_TEST_S);
    tcase_add_checked_fixture(receiver, set_up, tear_down);
    tcase_add_test(receiver, stuck_receiver_keeps_nobody_alive);
    tcase_add_test(receiver, receiver_that_is_gone_keeps_nobody_alive);
    return run_suite("daemon/last_words", table, receiver, NULL);
}

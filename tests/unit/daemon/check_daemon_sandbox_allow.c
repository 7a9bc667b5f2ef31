/* Inside the sandbox everything works that the daemon does; and what its modes are. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/last_words.h"
#include "tests/support/sandbox_fixture.h"

/* A pause before the end keeps a restart loop slow, and would keep the tests slow. */
unsigned int sleep(unsigned int seconds)
{
    (void)seconds;
    return 0;
}

/* ---- what goes on ---- */

static void work_with_files(void)
{
    char byte;
    struct stat status;
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 1000}};
    int fd = open("file", O_RDWR | O_CLOEXEC);

    g_assert(pread(fd, &byte, 1, 0) == 1 && pwrite(fd, "T", 1, 0) == 1);
    g_assert(fsync(fd) == 0 && fchmod(fd, 0600) == 0 && fstat(fd, &status) == 0 && close(fd) == 0);
    g_assert(mkdir("directory", 0700) == 0);
    g_assert(rename("file", "directory/file") == 0);
    g_assert(utimensat(AT_FDCWD, "directory/file", times, 0) == 0);
    g_assert(chown("directory", (uid_t)-1, getegid()) == 0);
    g_assert(truncate("directory/file", 0) == 0 && unlink("directory/file") == 0);
    fd = open("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    g_assert(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
}

static gpointer tell(gpointer fd)
{
    (void)eventfd_write(GPOINTER_TO_INT(fd), 1);
    return NULL;
}

static void use_thread(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    GThread *thread = g_thread_try_new("rules", tell, GINT_TO_POINTER(fd), NULL);
    eventfd_t count = 0;

    g_assert(thread != NULL);
    (void)g_thread_join(thread);
    g_assert(eventfd_read(fd, &count) == 0 && count == 1);
}

/* Also what the C library may do at the first use only. */
static void use_library(void)
{
    g_autofree char *text = g_malloc0(10 * 1024 * 1024);
    struct rusage usage;

    g_assert(g_str_equal(g_strerror(ENOTTY), "Inappropriate ioctl for device"));
    openlog("check", LOG_PID | LOG_NDELAY, LOG_MAIL);
    syslog(LOG_DEBUG, "check_daemon_sandbox");
    g_assert(getrusage(RUSAGE_SELF, &usage) == 0);
    g_usleep(1);
    text = g_realloc(text, 20 * 1024 * 1024);
    (void)g_hash_table_new(g_str_hash, g_str_equal);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    *(bool *)ctx = true;
}

static void use_loop(struct event_base *base)
{
    const struct timeval limit = {.tv_usec = 1000};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "absent"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_done = false;

    g_assert(connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno == ENOENT);
    (void)event_base_once(base, -1, EV_TIMEOUT, on_timer, &is_done, &limit);
    g_assert(event_base_loop(base, EVLOOP_ONCE) == 0 && is_done);
}

static void work(void *ctx)
{
    struct event_base *base = sandbox_fixture_enter(*(const SandboxMode *)ctx);

    work_with_files();
    use_thread();
    use_loop(base);
    use_library();
    log_info("all works");
}

START_TEST(what_the_daemon_does_is_allowed)
{
    SandboxMode mode = (SandboxMode)_i;
    ChildEnd end = run_child(work, &mode, STDERR_FILENO);

    ck_assert_msg(end.exit_status == CHILD_RETURNED, "%s", end.output);
    ck_assert_ptr_nonnull(strstr(end.output, "all works"));
    ck_assert_ptr_null(strstr(end.output, "would not be"));
}
END_TEST

static void crash(void *ctx)
{
    (void)sandbox_fixture_enter(SANDBOX_YES);
    g_assert(ctx != NULL);
}

START_TEST(other_ends_have_their_last_words)
{
    ChildEnd end = run_child(crash, NULL, STDERR_FILENO);

    ck_assert_ptr_nonnull(strstr(end.output, "assertion failed: (ctx != NULL)"));
    ck_assert_int_ne(end.signal, SIGSYS);
}
END_TEST

/* ---- modes ---- */

/* The number is 0 if the leader is in another pid name space, as in a container that was entered.
 */
static void try_in_log_mode(void *ctx)
{
    struct event_base *base = sandbox_fixture_enter(SANDBOX_LOG);

    (void)ctx;
    for (int i = 0; i < 3; i++)
        g_assert(getsid(0) >= 0 && getpgid(0) >= 0);
    (void)event_base_loop(base, EVLOOP_ONCE);
}

START_TEST(log_mode_makes_the_call_and_names_it_once)
{
    SandboxMode mode = SANDBOX_LOG;
    const char *line = "warning: sandbox: system call getsid would not be allowed\n", *first;
    ChildEnd end = run_child(sandbox_fixture_enter_only, &mode, STDERR_FILENO);

    if (strstr(end.output, "others are logged") == NULL)
        return;
    ck_assert_ptr_nonnull(strstr(end.output, "; not in force: Landlock (it can only refuse"));
    end = run_child(try_in_log_mode, NULL, STDERR_FILENO);
    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    first = strstr(end.output, line);
    ck_assert_msg(first != NULL, "%s", end.output);
    ck_assert_ptr_null(strstr(first + 1, line));
    ck_assert_ptr_nonnull(
        strstr(end.output, "warning: sandbox: system call getpgid would not be allowed\n"));
}
END_TEST

static void enter_with_core_dumps(void *ctx)
{
    struct rlimit limit;

    (void)ctx;
    sandbox_enter(&(SandboxSettings){.mode = SANDBOX_NO, .core_dump = true}, NULL);
    g_assert(prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 1);
    g_assert(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == limit.rlim_max);
    (void)execl("/bin/true", "true", NULL);
    abort();
}

START_TEST(without_sandbox_everything_is_allowed)
{
    ChildEnd end = run_child(enter_with_core_dumps, NULL, STDERR_FILENO);

    ck_assert_int_eq(end.exit_status, EXIT_SUCCESS);
    ck_assert_pstr_eq(strstr(end.output, "sandbox: in"),
                      "sandbox: in force: core dumps; not in force: all else "
                      "(eqmgr_sandbox is no)\n");
}
END_TEST

static void enter_without_queue(void *ctx)
{
    const SandboxPlace place = {"absent", -1, SANDBOX_CHANGE, SANDBOX_NEEDED};

    (void)ctx;
    last_words_install();
    sandbox_enter(&(SandboxSettings){.mode = SANDBOX_YES, .places = &place, .place_count = 1},
                  NULL);
    g_assert(open("../outside/file", O_RDONLY | O_CLOEXEC) >= 0);
}

START_TEST(step_that_fails_is_told_and_the_others_are_made)
{
    ChildEnd end;

    if (!sandbox_fixture_in_force("Landlock") || !sandbox_fixture_in_force("seccomp"))
        return;
    end = run_child(enter_without_queue, NULL, STDERR_FILENO);
    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    ck_assert_ptr_nonnull(strstr(end.output, "close on exec, seccomp with "));
    ck_assert_ptr_nonnull(
        strstr(end.output, "; not in force: Landlock (absent: No such file or directory)\n"));
}
END_TEST

int main(void)
{
    TCase *allow = tcase_create("allow"), *modes = tcase_create("modes");

    tcase_add_checked_fixture(allow, sandbox_fixture_set_up, sandbox_fixture_tear_down);
    tcase_add_checked_fixture(modes, sandbox_fixture_set_up, sandbox_fixture_tear_down);
    tcase_add_loop_test(allow, what_the_daemon_does_is_allowed, SANDBOX_NO, SANDBOX_LOG + 1);
    tcase_add_test(allow, other_ends_have_their_last_words);
    tcase_add_test(modes, log_mode_makes_the_call_and_names_it_once);
    tcase_add_test(modes, without_sandbox_everything_is_allowed);
    tcase_add_test(modes, step_that_fails_is_told_and_the_others_are_made);
    return run_suite("daemon/sandbox_allow", allow, modes, NULL);
}

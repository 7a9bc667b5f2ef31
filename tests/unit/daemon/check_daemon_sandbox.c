/* Inside the sandbox everything works that the daemon does; all else is refused, and told by name.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "daemon/last_words.h"
#include "daemon/sandbox.h"
#ifdef EQMGR_SECCOMP
#include "src/daemon/seccomp_internal.h"
#endif
#include "tests/support/daemon_child.h"
#include "tests/support/runner.h"

/* A pause before the end keeps a restart loop slow, and would keep the tests slow. */
unsigned int sleep(unsigned int seconds)
{
    (void)seconds;
    return 0;
}

/* Two places: the working directory may be changed, the one beside it read; a third is outside. */
static char *top;

static void sandbox_set_up(void)
{
    top = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    ck_assert_int_eq(chdir(top), 0);
    ck_assert(mkdir("queue", 0700) == 0 && mkdir("config", 0700) == 0 &&
              mkdir("outside", 0700) == 0);
    ck_assert(g_file_set_contents("queue/file", "text", -1, NULL));
    ck_assert(g_file_set_contents("config/file", "text", -1, NULL));
    ck_assert(g_file_set_contents("outside/file", "text", -1, NULL));
    ck_assert_int_eq(chdir("queue"), 0);
}

static void sandbox_tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", top);

    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
    g_free(top);
}

static struct event_base *base;

static void enter(SandboxMode mode)
{
    const SandboxPlace places[] = {
        {".",         -1, SANDBOX_CHANGE, false},
        {"../config", -1, SANDBOX_READ,   false},
        {"../absent", -1, SANDBOX_READ,   true },
        {NULL,        -1, SANDBOX_CHANGE, true },
    };

    last_words_install();
    base = event_base_new();
    sandbox_enter(
        &(SandboxSettings){.mode = mode, .places = places, .place_count = G_N_ELEMENTS(places)},
        base);
}

static void enter_only(void *ctx)
{
    enter(*(const SandboxMode *)ctx);
}

/* Whether a step is in force with SANDBOX_YES here: a kernel or a build may lack it. */
static bool in_force(const char *step)
{
    SandboxMode mode = SANDBOX_YES;
    ChildEnd end = run_child(enter_only, &mode, STDERR_FILENO);

    end.output[strcspn(end.output, ";\n")] = '\0';
    return strstr(end.output, step) != NULL;
}

/* ---- what ends the process ---- */

static void start_program(void)
{
    (void)execl("/bin/true", "true", NULL);
}

/* Not by fork(): it may block all signals, and the process ends without a word then. */
static void become_two(void)
{
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void trace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void use_the_net(void)
{
    (void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void make_code(void)
{
    (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void make_memory_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void kill_parent(void)
{
    (void)kill(getppid(), SIGTERM);
}

static void kill_thread_of_parent(void)
{
    (void)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static void be_dumpable(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
}

static void raise_limits(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
}

static void change_user(void)
{
    (void)!setuid(geteuid());
}

static void change_root(void)
{
    (void)!chroot(".");
}

static void make_device(void)
{
    (void)mknod("fifo", S_IFIFO | 0600, 0);
}

static void make_link(void)
{
    (void)!symlink("file", "link");
}

/* As in the thread that writes rules. */
static gpointer fork_in_thread(gpointer ctx)
{
    sigset_t set;

    (void)ctx;
    (void)sigfillset(&set);
    (void)sigdelset(&set, SIGSYS);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    become_two();
    return NULL;
}

static void leave_it_to_a_thread(void)
{
    (void)g_thread_join(g_thread_new("test", fork_in_thread, NULL));
}

static void on_user_signal(int signal_number)
{
    (void)signal_number;
    change_root();
}

static void fail_in_handler(void)
{
    (void)signal(SIGUSR1, on_user_signal);
    (void)raise(SIGUSR1);
}

typedef struct Refusal {
    void (*act)(void);
    const char *call; /* what the C library makes of it */
} Refusal;

static const Refusal refusals[] = {
    {start_program,         "execve"   },
    {become_two,            "clone"    },
    {trace,                 "ptrace"   },
    {use_the_net,           "socket"   },
    {make_code,             "mmap"     },
    {make_memory_code,      "mprotect" },
    {kill_parent,           "kill"     },
    {kill_thread_of_parent, "tgkill"   },
    {be_dumpable,           "prctl"    },
    {raise_limits,          "prlimit64"},
    {change_user,           "setuid"   },
    {change_root,           "chroot"   },
    {make_device,           "mknod"    },
    {make_link,             "symlink"  },
    {leave_it_to_a_thread,  "clone"    },
    {fail_in_handler,       "chroot"   },
};

static void enter_and_act(void *ctx)
{
    const Refusal *refusal = ctx;

    enter(SANDBOX_YES);
    refusal->act();
}

START_TEST(refused_call_ends_the_process_and_is_told_by_name)
{
    Refusal refusal = refusals[_i];
    g_autofree char *want = g_strdup_printf("fatal: sandbox: system call %s", refusal.call);
    ChildEnd end;

    if (!in_force("seccomp"))
        return;
    end = run_child(enter_and_act, &refusal, STDERR_FILENO);
    ck_assert_int_eq(end.exit_status, EXIT_FAILURE);
    ck_assert_msg(strstr(end.output, want) != NULL, "no \"%s\" in: %s", want, end.output);
    ck_assert_ptr_nonnull(
        strstr(end.output, " is not allowed (see eqmgr_sandbox in eqmgr.cf(5))\n"));
}
END_TEST

#ifdef EQMGR_SECCOMP
/* Such a name would be left out in silence. */
START_TEST(no_name_in_the_table_is_misspelt)
{
    ck_assert_pstr_eq(seccomp_unknown_call(), NULL);
}
END_TEST
#endif

static void ask_the_future(void *ctx)
{
    (void)ctx;
    enter(SANDBOX_YES);
    g_assert(syscall(599) == -1 && errno == ENOSYS);
#ifdef SYS_clone3
    g_assert(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
#endif
}

START_TEST(call_that_has_no_name_yet_does_not_exist)
{
    if (in_force("seccomp"))
        ck_assert_int_eq(run_child(ask_the_future, NULL, STDOUT_FILENO).exit_status,
                         CHILD_RETURNED);
}
END_TEST

/* ---- what is refused with an error ---- */

static int error_of(int result)
{
    return result < 0 ? errno : 0;
}

static void reach_outside(void *ctx)
{
    (void)ctx;
    enter(SANDBOX_YES);
    g_assert(error_of(open("../outside/file", O_RDONLY | O_CLOEXEC)) == EACCES);
    g_assert(error_of(open("../outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == EACCES);
    g_assert(error_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC)) == EACCES);
    g_assert(error_of(open("../outside/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == EACCES);
    g_assert(error_of(unlink("../outside/file")) == EACCES);
    g_assert(error_of(mkdir("../outside/directory", 0700)) == EACCES);
    g_assert(error_of(rename("file", "../outside/moved")) != 0);
    g_assert(error_of(rename("../outside/file", "moved")) != 0);
    g_assert(error_of(open("../config/file", O_WRONLY | O_CLOEXEC)) == EACCES);
    g_assert(error_of(unlink("../config/file")) == EACCES);
    g_assert(error_of(open("../config/file", O_RDONLY | O_CLOEXEC)) == 0);
}

START_TEST(files_elsewhere_are_out_of_reach)
{
    if (in_force("Landlock"))
        ck_assert_int_eq(run_child(reach_outside, NULL, STDOUT_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void check_process(void *ctx)
{
    const struct rlimit *hard = ctx;
    struct rlimit limit;

    g_assert(dup2(STDIN_FILENO, 100) == 100); /* without close-on-exec */
    enter(SANDBOX_YES);
    g_assert((fcntl(100, F_GETFD) & FD_CLOEXEC) != 0);
    g_assert(getrlimit(RLIMIT_CORE, &limit) == 0);
    g_assert(limit.rlim_cur == 0 && limit.rlim_max == hard->rlim_max);
}

START_TEST(descriptors_and_core_files_are_seen_to)
{
    struct rlimit limit;

    if (!in_force("close on exec"))
        return;
    ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
    ck_assert_int_eq(run_child(check_process, &limit, STDOUT_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

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

static void use_loop(void)
{
    const struct timeval limit = {.tv_usec = 1000};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "absent"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_done = false;

    g_assert(error_of(connect(fd, (struct sockaddr *)&address, sizeof address)) == ENOENT);
    (void)event_base_once(base, -1, EV_TIMEOUT, on_timer, &is_done, &limit);
    g_assert(event_base_loop(base, EVLOOP_ONCE) == 0 && is_done);
}

static void work(void *ctx)
{
    enter(*(const SandboxMode *)ctx);
    work_with_files();
    use_thread();
    use_loop();
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
    (void)ctx;
    enter(SANDBOX_YES);
    g_assert(top == NULL);
}

START_TEST(other_ends_have_their_last_words)
{
    ChildEnd end = run_child(crash, NULL, STDERR_FILENO);

    ck_assert_ptr_nonnull(strstr(end.output, "assertion failed: (top == NULL)"));
    ck_assert_int_ne(end.signal, SIGSYS);
}
END_TEST

/* ---- modes ---- */

static void try_in_log_mode(void *ctx)
{
    (void)ctx;
    enter(SANDBOX_LOG);
    for (int i = 0; i < 3; i++)
        g_assert(getsid(0) > 0 && getpgid(0) > 0);
    (void)event_base_loop(base, EVLOOP_ONCE);
}

START_TEST(log_mode_makes_the_call_and_names_it_once)
{
    SandboxMode mode = SANDBOX_LOG;
    const char *line = "warning: sandbox: system call getsid would not be allowed\n", *first;
    ChildEnd end = run_child(enter_only, &mode, STDERR_FILENO);

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
    const SandboxPlace place = {"absent", -1, SANDBOX_CHANGE, false};

    (void)ctx;
    last_words_install();
    sandbox_enter(&(SandboxSettings){.mode = SANDBOX_YES, .places = &place, .place_count = 1},
                  NULL);
    g_assert(open("../outside/file", O_RDONLY | O_CLOEXEC) >= 0);
}

START_TEST(step_that_fails_is_told_and_the_others_are_made)
{
    ChildEnd end;

    if (!in_force("Landlock") || !in_force("seccomp"))
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
    TCase *refuse = tcase_create("refuse"), *allow = tcase_create("allow"),
          *modes = tcase_create("modes");

    tcase_add_checked_fixture(refuse, sandbox_set_up, sandbox_tear_down);
    tcase_add_checked_fixture(allow, sandbox_set_up, sandbox_tear_down);
    tcase_add_checked_fixture(modes, sandbox_set_up, sandbox_tear_down);
    tcase_add_loop_test(refuse, refused_call_ends_the_process_and_is_told_by_name, 0,
                        G_N_ELEMENTS(refusals));
#ifdef EQMGR_SECCOMP
    tcase_add_test(refuse, no_name_in_the_table_is_misspelt);
#endif
    tcase_add_test(refuse, call_that_has_no_name_yet_does_not_exist);
    tcase_add_test(refuse, files_elsewhere_are_out_of_reach);
    tcase_add_test(refuse, descriptors_and_core_files_are_seen_to);
    tcase_add_loop_test(allow, what_the_daemon_does_is_allowed, SANDBOX_NO, SANDBOX_LOG + 1);
    tcase_add_test(allow, other_ends_have_their_last_words);
    tcase_add_test(modes, log_mode_makes_the_call_and_names_it_once);
    tcase_add_test(modes, without_sandbox_everything_is_allowed);
    tcase_add_test(modes, step_that_fails_is_told_and_the_others_are_made);
    return run_suite("daemon/sandbox", refuse, allow, modes, NULL);
}

/* Outside of what the daemon does, everything is refused inside the sandbox, and told by name. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef EQMGR_SECCOMP
#include "src/daemon/seccomp_internal.h"
#endif
#include "tests/support/sandbox_fixture.h"

/* A pause before the end keeps a restart loop slow, and would keep the tests slow. */
unsigned int sleep(unsigned int seconds)
{
    (void)seconds;
    return 0;
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

    (void)sandbox_fixture_enter(SANDBOX_YES);
    refusal->act();
}

START_TEST(refused_call_ends_the_process_and_is_told_by_name)
{
    Refusal refusal = refusals[_i];
    g_autofree char *want = g_strdup_printf("fatal: sandbox: system call %s", refusal.call);
    ChildEnd end;

    if (!sandbox_fixture_in_force("seccomp"))
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
    (void)sandbox_fixture_enter(SANDBOX_YES);
    g_assert(syscall(599) == -1 && errno == ENOSYS);
#ifdef SYS_clone3
    g_assert(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
#endif
}

START_TEST(call_that_has_no_name_yet_does_not_exist)
{
    if (sandbox_fixture_in_force("seccomp"))
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
    (void)sandbox_fixture_enter(SANDBOX_YES);
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
    if (sandbox_fixture_in_force("Landlock"))
        ck_assert_int_eq(run_child(reach_outside, NULL, STDOUT_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void change_queue(void *ctx)
{
    (void)ctx;
    (void)sandbox_fixture_enter(SANDBOX_YES);
    g_assert(error_of(open("plain/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == 0);
    g_assert(error_of(rename("plain/new", "link/moved")) == 0);
    g_assert(error_of(open("link/moved", O_WRONLY | O_CLOEXEC)) == 0);
    g_assert(error_of(unlink("link/moved")) == 0);
}

START_TEST(directories_of_the_queue_may_be_links)
{
    if (sandbox_fixture_in_force("Landlock"))
        ck_assert_int_eq(run_child(change_queue, NULL, STDOUT_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void check_process(void *ctx)
{
    const struct rlimit *hard = ctx;
    struct rlimit limit;

    g_assert(dup2(STDIN_FILENO, 100) == 100); /* without close-on-exec */
    (void)sandbox_fixture_enter(SANDBOX_YES);
    g_assert((fcntl(100, F_GETFD) & FD_CLOEXEC) != 0);
    g_assert(getrlimit(RLIMIT_CORE, &limit) == 0);
    g_assert(limit.rlim_cur == 0 && limit.rlim_max == hard->rlim_max);
}

START_TEST(descriptors_and_core_files_are_seen_to)
{
    struct rlimit limit;

    if (!sandbox_fixture_in_force("close on exec"))
        return;
    ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
    ck_assert_int_eq(run_child(check_process, &limit, STDOUT_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("refuse");

    tcase_add_checked_fixture(tcase, sandbox_fixture_set_up, sandbox_fixture_tear_down);
    tcase_add_loop_test(tcase, refused_call_ends_the_process_and_is_told_by_name, 0,
                        G_N_ELEMENTS(refusals));
#ifdef EQMGR_SECCOMP
    tcase_add_test(tcase, no_name_in_the_table_is_misspelt);
#endif
    tcase_add_test(tcase, call_that_has_no_name_yet_does_not_exist);
    tcase_add_test(tcase, files_elsewhere_are_out_of_reach);
    tcase_add_test(tcase, directories_of_the_queue_may_be_links);
    tcase_add_test(tcase, descriptors_and_core_files_are_seen_to);
    return run_suite("daemon/sandbox", tcase, NULL);
}

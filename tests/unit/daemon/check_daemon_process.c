#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/process.h"
#include "tests/support/daemon_child.h"
#include "tests/support/runner.h"

static const struct {
    const char *text;
    uint32_t want;
    const char *want_error;
} generation_cases[] = {
    {NULL,  0,   NULL                 },
    {"0",   0,   NULL                 },
    {"10",  8,   NULL                 },
    {"777", 511, NULL                 },
    {"09",  0,   NULL                 }, /* digits are asked for, octal ones are used */
    {"",    0,   "bad generation: "   },
    {"7x",  0,   "bad generation: 7x" },
    {" 7",  0,   "bad generation:  7" },
    {"-1",  0,   "bad generation: -1" },
    {"0x1", 0,   "bad generation: 0x1"},
};

START_TEST(generation_is_octal)
{
    g_autoptr(GError) error = NULL;
    uint32_t got = 0;

    if (generation_cases[_i].text != NULL)
        ck_assert(g_setenv("GENERATION", generation_cases[_i].text, TRUE));
    else
        g_unsetenv("GENERATION");
    ck_assert_int_eq(process_generation(&got, &error), generation_cases[_i].want_error == NULL);
    ck_assert_uint_eq(got, generation_cases[_i].want);
    ck_assert_pstr_eq(error != NULL ? error->message : NULL, generation_cases[_i].want_error);
    g_unsetenv("GENERATION");
}
END_TEST

/* How a test wants descriptors 3..6. */
typedef struct Inherited {
    const char *kinds; /* one letter each: pipe, socket, listening, datagram, - */
    ListenType type;
    const char *want; /* printed by the child */
} Inherited;

static const Inherited inherited_cases[] = {
    {"ppsl", LISTEN_UNIX, "cloexec cloexec cloexec cloexec"                                     },
    {"ppsl", LISTEN_PASS, "cloexec cloexec cloexec cloexec"                                     },
    {"ppsp", LISTEN_FIFO, "cloexec cloexec cloexec cloexec"                                     },
    {"----", LISTEN_NONE, "- - - -"                                                             },
    {"-psl", LISTEN_UNIX,
     "descriptor 3, the flow control pipe, is not open: not started by master(8)?"              },
    {"pssl", LISTEN_UNIX, "descriptor 4 is not the flow control pipe: not started by master(8)?"},
    {"pppl", LISTEN_UNIX, "descriptor 5 is not the status channel: not started by master(8)?"   },
    {"pp-l", LISTEN_UNIX,
     "descriptor 5, the status channel, is not open: not started by master(8)?"                 },
    {"ppsp", LISTEN_UNIX, "descriptor 6 is not the listen socket: not started by master(8)?"    },
    {"ppdl", LISTEN_UNIX, "descriptor 5 is not the status channel: not started by master(8)?"   },
    {"ppss", LISTEN_UNIX, "descriptor 6 is not the listen socket: not started by master(8)?"    },
    {"ppsl", LISTEN_FIFO, "descriptor 6 is not the listen socket: not started by master(8)?"    },
};

static void put_descriptor(int at, char kind)
{
    enum { OUT_OF_THE_WAY = 50 };
    const struct sockaddr any_name = {.sa_family = AF_UNIX}; /* Linux: an abstract one */
    int pair[2];

    if (kind == 'p')
        g_assert(pipe(pair) == 0);
    else
        g_assert(socketpair(AF_UNIX, kind == 'd' ? SOCK_DGRAM : SOCK_STREAM, 0, pair) == 0);
    if (kind == 'l') {
        (void)close(pair[0]);
        pair[0] = socket(AF_UNIX, SOCK_STREAM, 0);
        g_assert(bind(pair[0], &any_name, sizeof any_name.sa_family) == 0 &&
                 listen(pair[0], 1) == 0);
    }
    g_assert(dup2(pair[0], OUT_OF_THE_WAY) == OUT_OF_THE_WAY);
    (void)close(pair[0]);
    (void)close(pair[1]);
    g_assert(dup2(OUT_OF_THE_WAY, at) == at);
    (void)close(OUT_OF_THE_WAY);
}

static void check_inherited(void *ctx)
{
    const Inherited *inherited = ctx;
    g_autoptr(GError) error = NULL;
    const char *separator = "";

    for (int i = 0; i < 4; i++)
        (void)close(MASTER_FLOW_READ + i);
    for (int i = 3; i >= 0; i--) { /* from above: the lower ones are scratch until then */
        if (inherited->kinds[i] != '-')
            put_descriptor(MASTER_FLOW_READ + i, inherited->kinds[i]);
    }
    if (!process_check_descriptors(inherited->type, &error)) {
        (void)fputs(error->message, stdout);
        return;
    }
    for (int fd = MASTER_FLOW_READ; fd <= MASTER_LISTEN; fd++) {
        int flags = fcntl(fd, F_GETFD);

        (void)printf("%s%s", separator, flags > 0 && (flags & FD_CLOEXEC) != 0 ? "cloexec" : "-");
        separator = " ";
    }
}

START_TEST(descriptors_from_master_are_checked_and_kept_from_children)
{
    Inherited inherited = inherited_cases[_i];
    ChildEnd end = run_child(check_inherited, &inherited, STDOUT_FILENO);

    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    ck_assert_str_eq(end.output, inherited.want);
}
END_TEST

START_TEST(missing_directory_is_told_with_its_reason)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!process_enter_directory("/nonexistent", &error));
    ck_assert_str_eq(error->message, "chdir(\"/nonexistent\"): No such file or directory");
    ck_assert(process_enter_directory(".", NULL));
}
END_TEST

typedef struct Drop {
    const char *user;
    bool jail, change_user, as_nobody;
} Drop;

/* The test itself makes and removes it: a process inside, or one without rights, cannot. */
static char *jail;

/* Prints the error, or "uid gid groups cwd" as they are after the drop. */
static void drop(void *ctx)
{
    const Drop *wanted = ctx;
    const struct passwd *nobody = getpwnam("nobody");
    g_autoptr(GError) error = NULL;
    bool dropped;

    g_assert(nobody != NULL);
    if (wanted->as_nobody)
        g_assert(setgid(nobody->pw_gid) == 0 && setgroups(0, NULL) == 0 &&
                 setuid(nobody->pw_uid) == 0);
    dropped = process_drop_privileges(wanted->user, wanted->jail ? jail : NULL, wanted->change_user,
                                      &error);
    if (!dropped)
        (void)fputs(g_str_has_prefix(error->message, "chroot(") ? "chroot" : error->message,
                    stdout);
    else
        (void)printf("%s%s%s%s", getuid() == nobody->pw_uid ? "user " : "",
                     getgid() == nobody->pw_gid ? "group " : "",
                     access("/etc", F_OK) < 0 ? "jail " : "", setuid(0) < 0 ? "no-way-back" : "");
}

static const struct {
    Drop drop;
    const char *want;
} drop_cases[] = {
    {{"nobody", false, false, false},       ""                                  },
    {{"nobody", false, true, false},        "user group no-way-back"            },
    {{"nobody", true, false, false},        "jail "                             },
    {{"nobody", true, true, false},         "user group jail no-way-back"       },
    {{"no-such-user", false, true, false},  "unknown user: no-such-user"        },
    {{"no-such-user", false, false, false}, ""                                  },
    {{"root", false, true, true},           "setgid(0): Operation not permitted"},
    {{"root", true, true, true},            "setgid(0): Operation not permitted"},
    {{"root", true, false, true},           "chroot"                            },
};

START_TEST(privileges_go_as_asked)
{
    Drop wanted = drop_cases[_i].drop;
    ChildEnd end;

    if (geteuid() != 0) /* all of it needs root */
        return;
    jail = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    ck_assert_ptr_nonnull(jail);
    end = run_child(drop, &wanted, STDOUT_FILENO);
    ck_assert_int_eq(rmdir(jail), 0);
    g_clear_pointer(&jail, g_free);
    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    ck_assert_str_eq(end.output, drop_cases[_i].want);
}
END_TEST

static void survive_signals(void *ctx)
{
    (void)ctx;
    process_ignore_signals();
    (void)raise(SIGPIPE);
    (void)raise(SIGXFSZ);
}

START_TEST(broken_pipes_and_full_files_are_errors_not_signals)
{
    ck_assert_int_eq(run_child(survive_signals, NULL, STDERR_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void raise_limit(void *ctx)
{
    struct rlimit limit;

    (void)ctx;
    g_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = MIN(limit.rlim_max, 20);
    g_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    process_raise_file_limit();
    g_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == limit.rlim_max);
}

START_TEST(file_limit_is_raised_to_the_hard_one)
{
    ck_assert_int_eq(run_child(raise_limit, NULL, STDERR_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void run_debuggers(void *ctx)
{
    (void)ctx;
    process_run_debugger(NULL);
    process_run_debugger("");
    process_run_debugger("echo $((6 * 7)) attached");
}

START_TEST(debugger_command_is_run_by_the_shell)
{
    ck_assert_str_eq(run_child(run_debuggers, NULL, STDOUT_FILENO).output, "42 attached\n");
}
END_TEST

int main(void)
{
    TCase *start = tcase_create("start"), *rights = tcase_create("rights");

    tcase_add_loop_test(start, generation_is_octal, 0, G_N_ELEMENTS(generation_cases));
    tcase_add_loop_test(start, descriptors_from_master_are_checked_and_kept_from_children, 0,
                        G_N_ELEMENTS(inherited_cases));
    tcase_add_test(start, missing_directory_is_told_with_its_reason);
    tcase_add_test(start, broken_pipes_and_full_files_are_errors_not_signals);
    tcase_add_test(start, file_limit_is_raised_to_the_hard_one);
    tcase_add_test(start, debugger_command_is_run_by_the_shell);
    tcase_add_loop_test(rights, privileges_go_as_asked, 0, G_N_ELEMENTS(drop_cases));
    return run_suite("daemon/process", start, rights, NULL);
}

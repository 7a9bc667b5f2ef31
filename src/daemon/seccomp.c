#include "sandbox_internal.h"

#ifdef EQMGR_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "log_internal.h"
#include "seccomp_internal.h"

/*
 * The filter of system calls. The table of what is allowed is in seccomp_calls.c. All else is
 * refused, except for numbers that libseccomp cannot name: those are calls of the future, for which
 * the C library asks in the hope that the kernel is new.
 */

enum {
    BINARY_TREE = 2,     /* how the filter finds a call; the kernel skips it for most calls */
    API_OF_LOG_MODE = 6, /* Linux 5.7; it may let a held call pass since 5.5 */
    RESTART_PAUSE_S = 1, /* as after each fatal error: keeps a restart loop slow */
};

#define REFUSED_BEGIN "fatal: sandbox: system call "
#define REFUSED_END   " is not allowed (see eqmgr_sandbox in eqmgr.cf(5))"

/* Runs at any moment: only what is allowed in a signal handler. */
static void on_refused(int signal_number, siginfo_t *info, void *ctx)
{
    char room[SYSCALL_NAME_ROOM];
    char text[sizeof REFUSED_BEGIN + SYSCALL_NAME_ROOM + sizeof REFUSED_END] = REFUSED_BEGIN;

    (void)signal_number;
    (void)ctx;
    (void)g_strlcat(text, syscall_name(info->si_syscall, room), sizeof text);
    (void)g_strlcat(text, REFUSED_END, sizeof text);
    last_words_arm_last_resort();
    log_transport_last_words(text);
    (void)sleep(RESTART_PAUSE_S);
    _exit(EXIT_FAILURE);
}

static void handle_refusals(void)
{
    struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    (void)sigfillset(&action.sa_mask);
    (void)sigaction(SIGSYS, &action, NULL);
}

/* A filter cannot see the flags of clone3(); without it the C library uses clone(). */
static int be_old(scmp_filter_ctx filter)
{
    int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

    for (int number = 0; number < SYSCALL_NUMBERS && error == 0; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

        if (name != NULL)
            syscall_name_set(number, name);
        else
            error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
        free(name);
    }
    return error;
}

/* Attributes that an old libseccomp does not know make no difference but in speed. */
static void set_attributes(scmp_filter_ctx filter, bool only_logs)
{
    (void)seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
    /* No code of others runs here, so the guard against it, which slows down the whole process on
     * kernels before 5.16, would be for nothing. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    (void)seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1); /* the kernel's own errno */
    if (!only_logs)
        (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
}

static char *seccomp_reason(int error)
{
    return g_strdup(error == -EINVAL ? "not in this kernel" : g_strerror(-error));
}

static char *load(scmp_filter_ctx filter, bool only_logs, unsigned *ret_call_count)
{
    int error = seccomp_allow_calls(filter, ret_call_count);

    set_attributes(filter, only_logs);
    if (error == 0)
        error = be_old(filter);
    if (error == 0)
        error = seccomp_load(filter);
    return error == 0 ? NULL : seccomp_reason(error);
}

/* The filter closes its descriptor when it is released. */
static int keep_notify_fd(scmp_filter_ctx filter)
{
    return fcntl(seccomp_notify_fd(filter), F_DUPFD_CLOEXEC, 0);
}

static char *confine_and_log(scmp_filter_ctx filter, struct event_base *base,
                             unsigned *ret_call_count)
{
    char *why_not;

    if (seccomp_api_get() < API_OF_LOG_MODE)
        return g_strdup("this kernel cannot hold calls until they are logged");
    if (!seccomp_watch_start(base))
        return g_strdup(g_strerror(errno));
    why_not = load(filter, true, ret_call_count);
    seccomp_watch_begin(why_not == NULL ? keep_notify_fd(filter) : -1);
    return why_not;
}

char *seccomp_confine(bool only_logs, struct event_base *base, unsigned *ret_call_count)
{
    scmp_filter_ctx filter = seccomp_init(only_logs ? SCMP_ACT_NOTIFY : SCMP_ACT_TRAP);
    char *why_not;

    if (filter == NULL)
        return seccomp_reason(-ENOMEM);
    handle_refusals();
    why_not = only_logs ? confine_and_log(filter, base, ret_call_count)
                        : load(filter, false, ret_call_count);
    seccomp_release(filter);
    return why_not;
}

#else

char *seccomp_confine(bool only_logs, struct event_base *base, unsigned *ret_call_count)
{
    (void)only_logs;
    (void)base;
    (void)ret_call_count;
    return g_strdup("built without libseccomp");
}

#endif

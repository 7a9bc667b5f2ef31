#ifdef EQMGR_SECCOMP

#include <linux/prctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "seccomp_internal.h"

typedef struct ConditionalCall {
    const char *name;
    unsigned condition_count;
    struct scmp_arg_cmp conditions[2]; /* all of them have to hold */
} ConditionalCall;

/*
 * What the daemon asks the kernel for between its start and its end, through the C library, GLib
 * and libevent. A call has several names because machines and releases of the C library differ;
 * names that a machine does not have are left out. Frequent calls have no conditions: the kernel
 * then remembers that they are allowed, and does not run the filter for them.
 */

#ifdef __s390__
#define CLONE_FLAGS_AT 1
#else
#define CLONE_FLAGS_AT 0
#endif

/* clang-format off */
static const char *const names[] = {
    /* the loop, and what it waits for */
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_ctl", "poll", "ppoll", "ppoll_time64",
    "restart_syscall", "eventfd2", "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
    /* descriptors */
    "read", "readv", "pread64", "write", "writev", "pwrite64", "close", "fcntl", "fcntl64",
    "lseek", "_llseek",
    /* files */
    "open", "openat", "getdents64", "stat", "stat64", "fstat", "fstat64", "lstat", "lstat64",
    "newfstatat", "fstatat64", "statx", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "mkdir", "mkdirat", "chown", "chown32", "fchownat", "fchmod", "utimensat",
    "utimensat_time64", "flock", "truncate", "truncate64", "fsync", "fdatasync",
    /* peers: master, resolvers, agents, status services, clients of the control socket, the log */
    "connect", "accept4", "getsockopt", "setsockopt", "shutdown", "sendto", "sendmsg",
    "sendmmsg", "send", "recvfrom", "recvmsg", "recv",
    /* memory */
    "brk", "munmap", "mremap", "madvise",
    /* threads: the one that writes rules */
    "futex", "futex_time64", "set_robust_list", "rseq", "sched_getaffinity", "sched_yield",
    "gettid", "exit",
    /* signals */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack", "alarm",
    "setitimer",
    /* time, where the kernel's page for it cannot be used */
    "clock_gettime", "clock_gettime64", "gettimeofday", "time", "clock_nanosleep",
    "clock_nanosleep_time64", "nanosleep",
    /* what the process is, and uses */
    "getpid", "getppid", "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32",
    "getegid", "getegid32", "getrusage", "getrandom", "getrlimit", "ugetrlimit", "exit_group",
};

#define IS(value)     SCMP_CMP_EQ, value, 0
#define HAS(bits)     SCMP_CMP_MASKED_EQ, bits, bits
#define HAS_NOT(bits) SCMP_CMP_MASKED_EQ, bits, 0

static const ConditionalCall conditional[] = {
    {"socket",    1, {{0, IS(AF_UNIX)}}},
    {"ioctl",     1, {{1, IS(FIONREAD)}}}, /* how many tokens are in the flow control pipe */
    {"mmap",      1, {{2, HAS_NOT(PROT_EXEC)}}},
    {"mmap2",     1, {{2, HAS_NOT(PROT_EXEC)}}},
    {"mprotect",  1, {{2, HAS_NOT(PROT_EXEC)}}},
    {"clone",     1, {{CLONE_FLAGS_AT, HAS(CLONE_THREAD)}}},
    {"prctl",     1, {{0, IS(PR_SET_NAME)}}},
    {"prlimit64", 2, {{0, IS(0)}, {2, IS(0)}}}, /* its own, and only to read them */
};
/* clang-format on */

const char *seccomp_unknown_call(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (seccomp_syscall_resolve_name(names[i]) == __NR_SCMP_ERROR)
            return names[i];
    for (size_t i = 0; i < G_N_ELEMENTS(conditional); i++)
        if (seccomp_syscall_resolve_name(conditional[i].name) == __NR_SCMP_ERROR)
            return conditional[i].name;
    return NULL;
}

/* Negative numbers are for names that this machine, or an older libseccomp, does not have. */
static int seccomp_allow(scmp_filter_ctx filter, const ConditionalCall *call, unsigned *count)
{
    int number = seccomp_syscall_resolve_name(call->name);

    if (number < 0)
        return 0;
    ++*count;
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, call->condition_count,
                                  call->conditions);
}

int seccomp_allow_calls(scmp_filter_ctx filter, unsigned *ret_call_count)
{
    unsigned count = 1;
    int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));

    for (size_t i = 0; i < G_N_ELEMENTS(names) && error == 0; i++)
        error = seccomp_allow(filter, &(ConditionalCall){.name = names[i]}, &count);
    for (size_t i = 0; i < G_N_ELEMENTS(conditional) && error == 0; i++)
        error = seccomp_allow(filter, &conditional[i], &count);
    *ret_call_count = count;
    return error;
}

#endif

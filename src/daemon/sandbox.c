#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

#include "base/log.h"
#include "sandbox_internal.h"

/*
 * The sandbox: the steps, from the one that others need to the one after which nothing more can be
 * given up. Each says whether it could be made.
 */

#ifndef PR_SET_NO_NEW_PRIVS
#define PR_SET_NO_NEW_PRIVS 38
#endif

/* From <linux/close_range.h>, which is younger than the call. */
#define CLOEXEC_OF_RANGE (1U << 2)
#define FIRST_OF_OURS    (STDERR_FILENO + 1)

/* Of the log line. */
typedef struct SandboxLists {
    GString *in_force, *not_in_force;
} SandboxLists;

static GString *next_item(GString *list)
{
    return list->len > 0 ? g_string_append(list, ", ") : list;
}

/* Takes ownership of `why_not`; NULL: it is in force. */
static void account(SandboxLists *lists, const char *step, char *why_not)
{
    if (why_not == NULL)
        g_string_append(next_item(lists->in_force), step);
    else
        g_string_append_printf(next_item(lists->not_in_force), "%s (%s)", step, why_not);
    g_free(why_not);
}

static char *unless(bool ok)
{
    return ok ? NULL : g_strdup(g_strerror(errno));
}

/* The soft limit is the one that counts; the hard one stays, so that -D can still raise it. */
static bool set_core_limit(bool core_dump)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) < 0)
        return false;
    limit.rlim_cur = core_dump ? limit.rlim_max : 0;
    return setrlimit(RLIMIT_CORE, &limit) == 0;
}

/* The kernel has done the opposite when the user changed. */
static bool set_dumpable(bool core_dump)
{
    return prctl(PR_SET_DUMPABLE, core_dump ? 1L : 0L, 0L, 0L, 0L) == 0;
}

static bool close_all_on_exec(void)
{
#ifdef SYS_close_range
    return syscall(SYS_close_range, (unsigned)FIRST_OF_OURS, ~0U, CLOEXEC_OF_RANGE) == 0;
#else
    errno = ENOSYS;
    return false;
#endif
}

static void account_landlock(SandboxLists *lists, const SandboxSettings *settings)
{
    g_autofree char *step = NULL;
    int version = 0;
    char *why_not = settings->mode == SANDBOX_LOG
                        ? g_strdup("it can only refuse, not log")
                        : landlock_confine(settings->places, settings->place_count, &version);

    step = why_not == NULL ? g_strdup_printf("Landlock %d", version) : g_strdup("Landlock");
    account(lists, step, why_not);
}

static void account_seccomp(SandboxLists *lists, bool only_logs, struct event_base *base)
{
    g_autofree char *step = NULL;
    unsigned call_count = 0;
    char *why_not = seccomp_confine(only_logs, base, &call_count);

    step = why_not != NULL ? g_strdup("seccomp")
                           : g_strdup_printf("seccomp with %u calls%s", call_count,
                                             only_logs ? ", others are logged" : "");
    account(lists, step, why_not);
}

/* A sanitizer or a profiler makes calls of its own, and writes its report where it likes. */
static const char *instrument(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return "built with the address sanitizer";
#elif defined(__SANITIZE_THREAD__)
    return "built with the thread sanitizer";
#elif defined(EQMGR_INSTRUMENT)
    return "built with " EQMGR_INSTRUMENT;
#else
    return NULL;
#endif
}

static const char *why_open(const SandboxSettings *settings)
{
    return settings->mode == SANDBOX_NO ? "eqmgr_sandbox is no" : instrument();
}

static void confine(SandboxLists *lists, const SandboxSettings *settings, struct event_base *base)
{
    account(lists, "no new privileges", unless(prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0));
    account(lists, "close on exec", unless(close_all_on_exec()));
    account_landlock(lists, settings);
    account_seccomp(lists, settings->mode == SANDBOX_LOG, base);
}

void sandbox_enter(const SandboxSettings *settings, struct event_base *base)
{
    SandboxLists lists = {g_string_new(NULL), g_string_new(NULL)};
    const char *why = why_open(settings);

    account(&lists, settings->core_dump ? "core dumps" : "no core dumps",
            unless(set_core_limit(settings->core_dump) && set_dumpable(settings->core_dump)));
    if (why == NULL)
        confine(&lists, settings, base);
    else
        account(&lists, "all else", g_strdup(why));
    log_info("sandbox: in force: %s%s%s", lists.in_force->len > 0 ? lists.in_force->str : "nothing",
             lists.not_in_force->len > 0 ? "; not in force: " : "", lists.not_in_force->str);
    (void)g_string_free(lists.in_force, TRUE);
    (void)g_string_free(lists.not_in_force, TRUE);
}

#include "daemon/last_words.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <event2/event.h>
#include <glib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "log_internal.h"

/*
 * Last words: each way in which the process can end leads through here, so that the log has its
 * reason. Handlers of signals may only do what is allowed at any moment, between any two
 * instructions: no malloc(), no lock.
 */

#define OUT_OF_MEMORY "out of memory"

enum {
    LAST_WORDS_MAX_S = 5, /* if logging hangs, SIGALRM ends us then */
    LIBEVENT_PAUSE_MS = 1000,
    RESTART_PAUSE_S = 1,           /* as after each fatal error: keeps a restart loop slow */
    PROBE_BYTES = 256 * 1024,      /* more than malloc() needs to go on with small pieces */
    OTHER_STACK_BYTES = 64 * 1024, /* the usual stack may be the memory that is used up */
};

/* Used only with an event loop. There is one for the process, as signals are. */
static int wake_fd = -1;
static struct event *wake_event;
static volatile sig_atomic_t end_signal; /* 0: none so far */

/* GLib reports a failed assertion as "**\nERROR:place: text\n"; other texts pass unchanged. */
static void on_printed_error(const char *text)
{
    static const char assertion[] = "**\nERROR:";
    static bool is_panicking;

    if (!g_str_has_prefix(text, assertion)) {
        (void)fputs(text, stderr);
        return;
    }
    if (is_panicking) /* the logging itself */
        abort();
    is_panicking = true;
    text += strlen(assertion);
    log_panic("%.*s", (int)strcspn(text, "\n"), text);
}

/* GLib has no code for lack of memory, and no message if it had no memory for one. */
static bool is_want_of_memory(const char *message)
{
    return message == NULL || strstr(message, "failed to allocate") != NULL;
}

static void on_glib_message(const char *domain, GLogLevelFlags level, const char *message,
                            gpointer ctx)
{
    const char *who = domain != NULL ? domain : "GLib";
    bool is_the_end = (level & (G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL)) != 0;

    (void)ctx;
    if (is_the_end && is_want_of_memory(message))
        log_fatal(OUT_OF_MEMORY);
    if (is_the_end)
        log_panic("%s: %s", who, message);
    if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) != 0)
        log_warning("%s: %s", who, message);
}

/* A failure that lasts is retried, and reported, many times in a second: one line is enough. */
static void on_libevent_message(int severity, const char *message)
{
    static int64_t last_ms = -LIBEVENT_PAUSE_MS;
    int64_t now_ms = clock_mono_ms();

    if (severity < EVENT_LOG_WARN ||
        (severity == EVENT_LOG_WARN && now_ms - last_ms < LIBEVENT_PAUSE_MS))
        return;
    last_ms = now_ms;
    log_warning("libevent: %s", message);
}

static void on_libevent_failure(int error)
{
    log_panic("libevent: error %d", error);
}

/* Used in a signal handler, so it must not call malloc(). */
static bool memory_is_wanting(void)
{
    void *probe =
        mmap(NULL, PROBE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (probe == MAP_FAILED)
        return true;
    (void)munmap(probe, PROBE_BYTES);
    return false;
}

static void handle(int signal_number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_RESTART};

    (void)sigfillset(&action.sa_mask);
    (void)sigdelset(&action.sa_mask, SIGSYS); /* the sandbox has its own last words */
    (void)sigaction(signal_number, &action, NULL);
}

static void end_by(int signal_number)
{
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

/*
 * The turn of the loop ends first, because log lines about its changes to files are still to come.
 * Without a loop, at the second signal, or when the turn takes too long, the process ends at once.
 */
static void last_words_on_end(int signal_number)
{
    static const uint64_t one = 1;
    int saved_errno = errno;

    if (wake_fd >= 0 && end_signal == 0) {
        end_signal = signal_number;
        handle(SIGALRM, last_words_on_end);
        (void)alarm(LAST_WORDS_MAX_S);
        (void)!write(wake_fd, &one, sizeof one);
        errno = saved_errno;
        return;
    }
    log_transport_last_words(NULL);
    end_by(end_signal != 0 ? end_signal : signal_number);
}

static void last_words_on_wake(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    log_transport_last_words(NULL);
    end_by(end_signal);
}

/* Lack of memory may also show as a fault: GLib's message about it needs memory again, and so on
 * until the stack ends. */
static void on_crash(int signal_number)
{
    last_words_arm_last_resort();
    if (!memory_is_wanting()) {
        log_transport_last_words(signal_number == SIGABRT ? "panic: aborted"
                                                          : "panic: memory fault");
        end_by(signal_number);
        return;
    }
    log_transport_last_words("fatal: " OUT_OF_MEMORY);
    (void)sleep(RESTART_PAUSE_S);
    _exit(EXIT_FAILURE);
}

void last_words_arm_last_resort(void)
{
    sigset_t alarm_only;

    (void)signal(SIGALRM, SIG_DFL);
    (void)alarm(LAST_WORDS_MAX_S);
    (void)sigemptyset(&alarm_only);
    (void)sigaddset(&alarm_only, SIGALRM);
    (void)sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
}

bool last_words_are_due(void)
{
    return end_signal != 0;
}

static bool is_ignored(int signal_number)
{
    struct sigaction action;

    return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* A sanitizer has handlers of its own, which say more. */
static void handle_faults(void)
{
#ifndef __SANITIZE_ADDRESS__
    static char other_stack[OTHER_STACK_BYTES];

    (void)sigaltstack(&(stack_t){.ss_sp = other_stack, .ss_size = sizeof other_stack}, NULL);
    handle(SIGSEGV, on_crash);
    handle(SIGBUS, on_crash);
#endif
}

void last_words_install(void)
{
    static const int ends[] = {SIGTERM, SIGHUP, SIGINT};

    (void)g_set_printerr_handler(on_printed_error);
    (void)g_log_set_default_handler(on_glib_message, NULL);
    event_set_log_callback(on_libevent_message);
    event_set_fatal_callback(on_libevent_failure);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        if (!is_ignored(ends[i]))
            handle(ends[i], last_words_on_end);
    handle(SIGABRT, on_crash);
    handle(SIGTRAP, on_crash); /* how GLib ends */
    handle_faults();
}

void last_words_watch(struct event_base *base)
{
    g_assert(wake_event == NULL);
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        log_fatal("last_words: eventfd: %s", g_strerror(errno));
    wake_event = event_new(base, wake_fd, EV_READ, last_words_on_wake, NULL);
    (void)event_priority_set(wake_event, 0);
    loop_add(wake_event, NULL);
}

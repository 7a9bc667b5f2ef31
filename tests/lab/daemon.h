#ifndef EQMGR_TESTS_LAB_DAEMON_H
#define EQMGR_TESTS_LAB_DAEMON_H

/*
 * tests/lab/daemon: the queue manager under test, started and spoken to as master(8) does it
 * (daemon.md 1-9): arguments, environment, descriptors 3 to 6, umask, status messages, triggers.
 *
 * The listening socket and the flow pipe live as long as the Daemon; each start gets a new status
 * channel and the next generation. Status messages and the end of the process go to the notes.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "tests/lab/core.h"
#include "tests/lab/vclock.h"

typedef struct Daemon Daemon;

typedef struct DaemonProgram {
    const char *path;                 /* what is executed */
    const char *name;                 /* argv[0] */
    const char *clock_library;        /* of clock_preload.c; unused without a clock */
    const char *const *arguments;     /* more options, NULL-terminated */
    const char *const *own_arguments; /* not NULL: used instead of what master gives */
    const char *const *environment;   /* "NAME=VALUE", added or instead; may be NULL */
} DaemonProgram;

/* `clock` may be NULL: real time. */
Daemon *daemon_new(const Core *core, Vclock *clock);

/* Kills a process that still runs. */
void daemon_free(Daemon *daemon);

/* From now on public/qmgr is a FIFO, as a master.cf entry of type "fifo" makes it. */
void daemon_use_fifo(Daemon *daemon);

void daemon_start(Daemon *daemon, const DaemonProgram *program);
bool daemon_is_running(const Daemon *daemon);
pid_t daemon_pid(const Daemon *daemon);

/* Connects to public/qmgr and writes the bytes, then a NUL with a second write if asked to; closes
 * when the daemon does. */
void daemon_trigger(Daemon *daemon, const void *bytes, size_t count, bool with_nul);

/* How many triggers the daemon has not closed yet. */
unsigned daemon_open_triggers(const Daemon *daemon);

/* Sends bytes on the status channel, where master never sends any. */
void daemon_misuse_status(Daemon *daemon, const void *bytes, size_t count);

/* Closes master's end of the status channel. */
void daemon_abandon(Daemon *daemon);
void daemon_signal(Daemon *daemon, int signal);

/* Flow control tokens: how many there are; add (or, negative, take) some. */
int daemon_tokens(const Daemon *daemon);
void daemon_change_tokens(Daemon *daemon, int by);

/* Of the process that has ended; false while it runs. */
bool daemon_usage(const Daemon *daemon, struct rusage *ret_usage);

#endif

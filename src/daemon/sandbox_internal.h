#ifndef EQMGR_DAEMON_SANDBOX_INTERNAL_H
#define EQMGR_DAEMON_SANDBOX_INTERNAL_H

#include <glib.h>

#include "daemon/sandbox.h"

/*
 * The two steps of the sandbox that are more than a call. Both return NULL if it is in force, else
 * why not, to be freed. They need no_new_privs.
 */

/* Gives the version of the kernel's interface. */
char *landlock_confine(const SandboxPlace *places, size_t place_count,
                       int *ret_version) G_GNUC_WARN_UNUSED_RESULT;

/* Gives how many calls are allowed. With `only_logs` others are made and logged. */
char *seccomp_confine(bool only_logs, struct event_base *base,
                      unsigned *ret_call_count) G_GNUC_WARN_UNUSED_RESULT;

/* The names of system calls, for a signal handler. */

/* Numbers of system calls that may have names; those of the next years are included. */
enum { SYSCALL_NUMBERS = 600 };

/* "number N" in `room`, or a name that lives as long as the process. */
enum { SYSCALL_NAME_ROOM = 32 };
const char *syscall_name(int number, char room[SYSCALL_NAME_ROOM]);
void syscall_name_set(int number, const char *name);

#endif

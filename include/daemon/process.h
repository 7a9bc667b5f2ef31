#ifndef EQMGR_DAEMON_PROCESS_H
#define EQMGR_DAEMON_PROCESS_H

/*
 * daemon/process: what master(8) hands to a process and expects of it at start (daemon.md 3 - 7,
 * 12, 16).
 *
 * Each function is one step of the start sequence; main() calls them in the order of this header,
 * with configuration and log transport in between. Errors carry the stock fatal text where stock
 * has one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <glib.h>

#include "daemon/options.h"

/* Inherited descriptors (daemon.md 4). */
enum { MASTER_FLOW_READ = 3, MASTER_FLOW_WRITE = 4, MASTER_STATUS = 5, MASTER_LISTEN = 6 };

/* SIGPIPE, SIGXFSZ ignored. First thing in main(). */
void process_ignore_signals(void);

/* -D: runs debugger_command with the shell and waits for it. `command` may be empty or NULL. */
void process_run_debugger(const char *command);

/* GENERATION as octal; unset is 0. Error: "bad generation: TEXT". */
bool process_generation(uint32_t *ret_generation, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Checks that descriptors 3..6 are what they should be, and sets close-on-exec. Call it before any
 * other descriptor is opened, or that one could get the number of a missing one. With LISTEN_NONE
 * there are none, and nothing is checked.
 */
bool process_check_descriptors(ListenType type, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* chdir("DIR"): REASON */
bool process_enter_directory(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * setgid, initgroups, chroot, setuid in that order, as asked (daemon.md 6.10): the users change if
 * `change_user`, the root if `chroot_directory` is not NULL. Loads the time zone before.
 */
bool process_drop_privileges(const char *mail_owner, const char *chroot_directory, bool change_user,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Raises the soft limit RLIMIT_NOFILE to the hard limit. Returns how many files may be open now. */
int process_raise_file_limit(void);

/*
 * Watchdog (daemon.md 12): SIGALRM three times without watchdog_pat() in between ends the process
 * with "fatal: watchdog timeout". A period below 3 s is a panic, as in stock.
 */
void watchdog_start(int period_s);
void watchdog_pat(void);

/*
 * Lets each alarm wake an idle loop, which then pats, so that the watchdog ends only a loop that
 * does not turn any more. A busy loop should pat at each turn, to have the full period for each.
 * Call it after watchdog_start(); the event has priority 0.
 */
void watchdog_watch(struct event_base *base);

/* Ends both; before the event base is freed. No effect if nothing was started. */
void watchdog_stop(void);

#endif

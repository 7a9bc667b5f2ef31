#ifndef EQMGR_DAEMON_PROCESS_H
#define EQMGR_DAEMON_PROCESS_H

/*
 * daemon/process: what master(8) hands to a process and expects of it at start (daemon.md 3 - 7,
 * 16).
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "daemon/options.h"

/* Inherited descriptors (daemon.md 4). */
enum { MASTER_FLOW_READ = 3, MASTER_FLOW_WRITE = 4, MASTER_STATUS = 5, MASTER_LISTEN = 6 };

/* SIGPIPE, SIGXFSZ ignored. First thing in main(). */
void process_ignore_signals(void);

/* GENERATION as octal; unset is 0. Error: "bad generation: TEXT". */
bool process_generation(uint32_t *ret_generation, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* 3..6 are what they should be; sets close-on-exec. Before any other descriptor is opened. */
bool process_check_descriptors(ListenType type, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* chdir("DIR"): REASON */
bool process_enter_directory(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* setgid, initgroups, chroot, setuid in that order, as asked (daemon.md 6.10). */
bool process_drop_privileges(const char *mail_owner, const char *chroot_directory, bool change_user,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* RLIMIT_NOFILE: soft limit to the hard limit. */
void process_raise_file_limit(void);

/*
 * Watchdog (daemon.md 12): SIGALRM three times without watchdog_pat() in between ends the process
 * with "fatal: watchdog timeout". period_s >= 3.
 */
void watchdog_start(int period_s);
void watchdog_pat(void);

#endif

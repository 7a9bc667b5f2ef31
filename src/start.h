#ifndef EQMGR_START_H
#define EQMGR_START_H

/*
 * start: from the command line to the point where mail may be touched (daemon.md 6). Only main.c
 * uses it. Whatever is wrong is logged with stock's text and ends the process with status 1.
 */

#include <stdbool.h>

#include <event2/event.h>

#include "config/settings.h"
#include "control/steer.h"
#include "daemon/options.h"
#include "daemon/service.h"
#include "policy/meter_book.h"
#include "policy/site.h"
#include "src/setup.h"

/*
 * Unless `ok`: log_fatal() with the error. It is passed by address because the call that sets it is
 * an argument too, and arguments are evaluated in any order.
 */
void start_require(bool ok, GError **error);

/* Opens the log where master's environment says, before main.cf is read. */
void start_early_log(const DaemonOptions *options);

/* Reads the configuration and opens the log as it says. */
Settings *start_configure(const DaemonOptions *options);

/* Reads eqmgr_policy_file; logs all of its errors and warnings. sites_free() the result. */
Sites *start_load_policy(const Settings *settings) G_GNUC_WARN_UNUSED_RESULT;

/* --postfix-release: "3.7", to standard output; eqmgr-switch(8) compares. */
void start_print_release(const SettingsValues *values);

/* Command line, descriptors, generation, queue directory: what master(8) agreed on with us. */
ServiceSettings start_enter_service(const DaemonOptions *options, const SettingsValues *values);

/*
 * The directory in which the rules of an administrator, and the meters, are kept, to be opened
 * before the root directory changes. -1: it cannot be opened, which was logged unless it does not
 * exist.
 */
int start_open_data(const SettingsValues *values);

/*
 * Reads the rules; logs how many are in force, and what is wrong with their file. The rules and the
 * problem are the caller's.
 */
void start_load_rules(int data_fd, const SettingsValues *values, SteerSubject *ret_subject);

/*
 * What the kernel calls the time since the machine was started; before the root directory changes.
 * NULL: it cannot be read, as in some containers. The caller's.
 */
char *start_read_boot(void) G_GNUC_WARN_UNUSED_RESULT;

/* The meters of the process before; NULL: they are not kept (eqmgr_keep_state). */
MeterBook *start_load_meters(int data_fd, const Setup *setup) G_GNUC_WARN_UNUSED_RESULT;

/* Logs the first line of a process that serves: which program it is, for which release of Postfix.
 */
void start_introduce(const SettingsValues *values, int release);

/* The root directory changes, and the process becomes the mail owner's, as the options say. */
void start_drop_privileges(const DaemonOptions *options, const SettingsValues *values);

/* For those who still call it nqmgr. */
void start_warn_of_old_name(const DaemonOptions *options, const SettingsValues *values);

/*
 * The process gives up what it does not need from here on (daemon/sandbox.h), as eqmgr_sandbox and
 * eqmgr_core_dump say; logs what is in force. `data_fd`: what start_open_data() gave.
 */
void start_confine(const SettingsValues *values, int data_fd, struct event_base *base);

/* With option -v the log tells what conversations with other programs do. */
void start_trace(bool verbose);

#endif

#ifndef EQMGR_TESTS_SUPPORT_LIFE_DEEDS_H
#define EQMGR_TESTS_SUPPORT_LIFE_DEEDS_H

/*
 * tests/support/life_deeds: what services do to the queue before they answer. All of it concerns
 * the message of the request, whose file is in active, and fails the test if the system refuses it.
 */

#include "tests/support/life_services.h"

/*
 * A deed by its name in stories; fails the test if there is none.
 *
 *   marks-first-done      the first recipient of the request is done
 *   marks-undeliverable   the same, with a bounce log
 *   marks-corrupt         the file's mode says so
 *   unlinks               there is no file
 *   makes-directory       there is a directory instead
 *   truncates             the file ends before the first recipient of the request
 *   cuts-end              the file ends before its last record
 *   writes-bounce-log, removes-bounce-log, writes-defer-log
 */
ServiceEffectFn *find_deed(const char *name);

/* For effects that a test writes itself. */
void mark_first_done(const Service *service, const Request *request);
void write_bounce_log(const Service *service, const Request *request);

/* The path of the message's file. Free with g_free(). */
char *request_file(const Request *request);

#endif

#ifndef EQMGR_IPC_REPORT_CLIENT_H
#define EQMGR_IPC_REPORT_CLIENT_H

/*
 * ipc/report_client: one request, one status, one connection (ipc.md 5 and 6): bounce, defer,
 * trace, verify and flush.
 *
 * At most `concurrency` requests to one service run at a time; the others wait in order. Requests
 * that take longer than others get a client of their own, so that they do not hold up these.
 *
 * Contract: report_send() never blocks and never calls `done` before it has returned; `done` is
 * called exactly once, and may send more or free the client; every failure (no connection, wrong
 * announcement, answer before the request, EOF, time-out) ends as status -1 with a warning text as
 * stock would log it, or NULL where stock logs nothing.
 *
 * The time limit is for each silence of the service: before its announcement, before its reply, or
 * while it accepts no connections. For a waiting request it counts from report_send(), or from the
 * last answer to another request, if that is later: so if nobody answers, waiting requests end with
 * the others, and while the line moves, none is given up.
 */

#include <event2/event.h>
#include <glib.h>

#include "codec/report.h"

typedef struct ReportClient ReportClient;

/*
 * Requests that stock sends synchronously (append, verify update, flush add) fail with a warning;
 * those that it sends asynchronously (flush, warn, trace) warn of senseless answers only.
 */
typedef enum ReportVoice { REPORT_ALOUD, REPORT_QUIETLY } ReportVoice;

typedef struct ReportClientSettings {
    const char *service, *protocol; /* a path such as "private/defer"; its announcement; copied */
    int concurrency;
    int timeout_s; /* 0: no limit */
    ReportVoice voice;
} ReportClientSettings;

/* `warning` is borrowed, NULL if there is nothing to say. It may be several lines, each to be
 * logged as a warning of its own. */
typedef void ReportDoneFn(int32_t status, const char *warning, void *ctx);

ReportClient *report_client_new(struct event_base *base,
                                const ReportClientSettings *settings) G_GNUC_WARN_UNUSED_RESULT;

/* Drops requests without calling back. NULL is a no-op. */
void report_client_free(ReportClient *client);

/* Takes the bytes out of `request` (which is empty afterwards). */
void report_send(ReportClient *client, GByteArray *request, ReportDoneFn *done, void *ctx);

#endif

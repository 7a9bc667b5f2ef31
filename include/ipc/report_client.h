#ifndef EQMGR_IPC_REPORT_CLIENT_H
#define EQMGR_IPC_REPORT_CLIENT_H

/*
 * ipc/report_client: one request, one status, one connection (ipc.md 5 and 6): bounce, defer,
 * trace, verify and flush.
 *
 * Requests to one service run concurrently up to `concurrency`; the rest waits its turn in order.
 * What takes longer than other things gets a client of its own, so that it is not in their way.
 *
 * Contract: report_send() never blocks and never calls `done` before it has returned; `done` is
 * called exactly once, and may send more or free the client; every trouble (no connection, wrong
 * announcement, answer before the request, EOF, time-out) ends as status -1 with a warning text as
 * stock would log it, or NULL where stock says nothing.
 *
 * The time limit is for each silence of the service, whether it owes its announcement or its reply,
 * or does not take connections. For a request that waits its turn it counts from report_send(), or
 * from the last answer to another one, if that is later: what waits behind requests that nobody
 * answers ends with them, and what waits in a line that moves is not given up.
 */

#include <event2/event.h>
#include <glib.h>

#include "codec/report.h"

typedef struct ReportClient ReportClient;

/*
 * Requests that stock sends synchronously (append, verify update, flush add) fail with a warning;
 * those it sends asynchronously (flush, warn, trace) warn of senseless answers only.
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

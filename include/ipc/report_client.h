#ifndef EQMGR_IPC_REPORT_CLIENT_H
#define EQMGR_IPC_REPORT_CLIENT_H

/*
 * ipc/report_client: one request, one status, one connection (ipc.md 5 and 6): bounce, defer,
 * trace, verify and flush.
 *
 * Requests to one service run concurrently up to `concurrency`; the rest waits its turn in order.
 *
 * Contract: report_send() never blocks and never calls `done` before it has returned; `done` is
 * called exactly once, and may send more or free the client; every trouble (no connection, wrong
 * announcement, answer before the request, EOF, time-out) ends as status -1 with a warning text as stock would log it, or NULL
 * where stock says nothing.
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

/* `warning` is borrowed, NULL if there is nothing to say. It may be several lines, each to be
 * logged as a warning of its own. */
typedef void ReportDoneFn(int32_t status, const char *warning, void *ctx);

/* `service` is a path such as "private/defer", `protocol` its announcement; both are copied. */
ReportClient *report_client_new(struct event_base *base, const char *service, const char *protocol,
                                int concurrency) G_GNUC_WARN_UNUSED_RESULT;

/* Drops requests without calling back. NULL is a no-op. */
void report_client_free(ReportClient *client);

/*
 * Takes the bytes out of `request` (which is empty afterwards). timeout_s limits the wait for the
 * announcement and for the reply, each (each silence, to be exact).
 */
void report_send(ReportClient *client, GByteArray *request, int timeout_s, ReportVoice voice,
                 ReportDoneFn *done, void *ctx);

#endif

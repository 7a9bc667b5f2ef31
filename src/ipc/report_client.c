#include "ipc/report_client.h"

#include <errno.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/loop.h"
#include "src/ipc/talk_internal.h"

/*
 * Reports: each has a connection of its own, since a service handles one request at a time and then
 * closes. Only so many are active; the others wait in order, each with a limit to its patience.
 */

typedef struct Report {
    TAILQ_ENTRY(Report) link; /* waiting or active */
    ReportClient *client;
    GByteArray *request;
    ReportDoneFn *done;
    void *ctx;
    int64_t sent_ms; /* by the caller */
    Talk *talk;      /* while active */
    bool is_asked;
    int32_t status;
} Report;

typedef TAILQ_HEAD(ReportList, Report) ReportList;

struct ReportClient {
    struct event_base *base;
    char *service, *protocol;
    TalkRole role;
    int timeout_s;
    ReportVoice voice;
    int idle_count; /* how many more may be active */
    ReportList waiting, active;
    int64_t answered_ms;   /* when the last answer came */
    struct event too_late; /* gives up the first of `waiting`; pending while there is one */
};

static AttrStatus report_decode(Talk *talk, AttrReader *reader)
{
    Report *report = talk->owner;

    return report_reply_decode(reader, &report->status);
}

static void report_free(Report *report)
{
    if (report->talk != NULL)
        talk_end(report->talk);
    g_free(report->talk);
    g_byte_array_unref(report->request);
    g_free(report);
}

/* How much longer the request may wait its turn. */
static int64_t patience_ms(const Report *report, int64_t now_ms)
{
    const ReportClient *client = report->client;

    return client->role.patience_ms - (now_ms - MAX(report->sent_ms, client->answered_ms));
}

static void start(Report *report)
{
    ReportClient *client = report->client;

    TAILQ_REMOVE(&client->waiting, report, link);
    TAILQ_INSERT_TAIL(&client->active, report, link);
    client->idle_count--;
    report->talk = g_new(Talk, 1);
    talk_start(report->talk, client->base, &client->role, client->service, client->timeout_s,
               report);
}

/* Starting never completes at once, so this cannot recurse. */
static void start_waiting(ReportClient *client)
{
    Report *report = TAILQ_FIRST(&client->waiting);
    int64_t now_ms = clock_mono_ms(), left_ms;

    while (report != NULL && client->idle_count > 0 && patience_ms(report, now_ms) > 0) {
        start(report);
        report = TAILQ_FIRST(&client->waiting);
    }
    if (report == NULL) {
        (void)event_del(&client->too_late);
    } else if (client->timeout_s > 0 && !evtimer_pending(&client->too_late, NULL)) {
        left_ms = MAX(patience_ms(report, now_ms), 0);
        loop_add(&client->too_late, &(struct timeval){left_ms / 1000, (left_ms % 1000) * 1000});
    }
}

/* The operation during which stock notices the failure (verified with 3.7.11). It accepts EOF as an
 * announcement, but not a time-out; its request is sent when it starts to read. */
static const char *operation_of(const Report *report, TalkOutcome outcome)
{
    if (report->is_asked)
        return "write/read";
    if (report->talk != NULL && report->talk->problem != NULL)
        return "read";
    return outcome == TALK_TIMED_OUT ? "write" : "write/read";
}

/* If there is no errno, stock shows some old one; we show the one that it has most often. A report
 * that never had its turn has timed out. */
static const char *reason_of(const Report *report)
{
    int error = report->talk != NULL ? report->talk->error : ETIMEDOUT;

    return g_strerror(error != 0 ? error : EPIPE);
}

/* The parser's own warning, if any, comes on a line before the one that names the operation. */
static char *warning_text(const Report *report, TalkOutcome outcome)
{
    const char *service = report->client->service;
    const char *problem = report->talk != NULL ? report->talk->problem : NULL;

    if (outcome == TALK_OK)
        return NULL;
    if (report->client->voice == REPORT_QUIETLY)
        return g_strdup(problem);
    if (outcome == TALK_NO_CONNECTION)
        return g_strdup_printf("connect to %s: %s", service, reason_of(report));
    return g_strdup_printf("%s%s%s %s socket: %s", problem != NULL ? problem : "",
                           problem != NULL ? "\n" : "", operation_of(report, outcome), service,
                           reason_of(report));
}

/* The report is in no list any more. The client may be gone when this returns. */
static void end(Report *report, TalkOutcome outcome)
{
    ReportClient *client = report->client;
    ReportDoneFn *done = report->done;
    void *ctx = report->ctx;
    int32_t status = outcome == TALK_OK ? report->status : -1;
    g_autofree char *warning = warning_text(report, outcome);

    report_free(report);
    start_waiting(client);
    done(status, warning, ctx);
}

static void end_active(Report *report, TalkOutcome outcome)
{
    ReportClient *client = report->client;

    TAILQ_REMOVE(&client->active, report, link);
    client->idle_count++;
    if (outcome == TALK_OK)
        client->answered_ms = clock_mono_ms();
    end(report, outcome);
}

static void report_on_turn(Talk *talk, TalkOutcome outcome)
{
    Report *report = talk->owner;

    if (outcome != TALK_OK || report->is_asked) {
        end_active(report, outcome);
    } else {
        report->is_asked = true;
        talk_send(talk, report->request->data, report->request->len);
    }
}

/* Ends one report at a time, because its callback may have much to do. */
static void on_too_late(evutil_socket_t fd, short what, void *arg)
{
    ReportClient *client = arg;
    Report *first = TAILQ_FIRST(&client->waiting);

    (void)fd;
    (void)what;
    if (patience_ms(first, clock_mono_ms()) > 0) {
        start_waiting(client);
        return;
    }
    TAILQ_REMOVE(&client->waiting, first, link);
    end(first, TALK_TIMED_OUT);
}

ReportClient *report_client_new(struct event_base *base, const ReportClientSettings *settings)
{
    ReportClient *client = g_new(ReportClient, 1);
    int64_t patience = settings->timeout_s > 0 ? settings->timeout_s * INT64_C(1000) : INT64_MAX;

    g_assert(settings->concurrency > 0);
    *client = (ReportClient){.base = base,
                             .timeout_s = settings->timeout_s,
                             .voice = settings->voice,
                             .idle_count = settings->concurrency};
    client->service = g_strdup(settings->service);
    client->protocol = g_strdup(settings->protocol);
    client->role = (TalkRole){client->protocol, patience, report_decode, report_on_turn};
    TAILQ_INIT(&client->waiting);
    TAILQ_INIT(&client->active);
    (void)evtimer_assign(&client->too_late, base, on_too_late, client);
    return client;
}

void report_client_free(ReportClient *client)
{
    Report *report;

    if (client == NULL)
        return;
    while ((report = TAILQ_FIRST(&client->active)) != NULL) {
        TAILQ_REMOVE(&client->active, report, link);
        report_free(report);
    }
    while ((report = TAILQ_FIRST(&client->waiting)) != NULL) {
        TAILQ_REMOVE(&client->waiting, report, link);
        report_free(report);
    }
    (void)event_del(&client->too_late);
    g_free(client->protocol);
    g_free(client->service);
    g_free(client);
}

void report_send(ReportClient *client, GByteArray *request, ReportDoneFn *done, void *ctx)
{
    Report *report = g_new(Report, 1);

    g_assert(done != NULL);
    *report = (Report){.client = client, .done = done, .ctx = ctx, .sent_ms = clock_mono_ms()};
    report->request = g_byte_array_sized_new(request->len);
    g_byte_array_append(report->request, request->data, request->len);
    g_byte_array_set_size(request, 0);
    TAILQ_INSERT_TAIL(&client->waiting, report, link);
    start_waiting(client);
}

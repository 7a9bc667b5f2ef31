#include "ipc/report_client.h"

#include <errno.h>
#include <sys/queue.h>

#include "src/ipc/talk_internal.h"

typedef struct Report {
    TAILQ_ENTRY(Report) link; /* waiting or active */
    ReportClient *client;
    GByteArray *request;
    int timeout_s;
    ReportVoice voice;
    ReportDoneFn *done;
    void *ctx;
    Talk *talk; /* while active */
    bool is_sent;
    int32_t status;
} Report;

typedef TAILQ_HEAD(ReportList, Report) ReportList;

struct ReportClient {
    struct event_base *base;
    char *service, *protocol;
    TalkRole role;
    int idle_count; /* how many more may be active */
    ReportList waiting, active;
};

static AttrStatus decode(Talk *talk, AttrReader *reader)
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

/* Starting never completes at once, so this cannot recurse. */
static void start_waiting(ReportClient *client)
{
    Report *report;

    while (client->idle_count > 0 && (report = TAILQ_FIRST(&client->waiting)) != NULL) {
        TAILQ_REMOVE(&client->waiting, report, link);
        TAILQ_INSERT_TAIL(&client->active, report, link);
        client->idle_count--;
        report->talk = g_new(Talk, 1);
        talk_start(report->talk, client->base, &client->role, client->service, report->timeout_s,
                   report);
    }
}

/* What stock was doing when it noticed (verified with 3.7.11): it takes EOF for an announcement,
 * but not a time-out, and what it wrote goes out when it reads. */
static const char *operation_of(const Report *report, TalkOutcome outcome)
{
    if (report->is_sent)
        return "write/read";
    if (report->talk->problem != NULL)
        return "read";
    return outcome == TALK_TIMED_OUT ? "write" : "write/read";
}

/* Stock shows some old errno when there is none; ours is the one it has most often. */
static const char *reason_of(const Report *report)
{
    return g_strerror(report->talk->error != 0 ? report->talk->error : EPIPE);
}

/* The parser's own warning, if any, comes on a line before the one that names the operation. */
static char *warning_text(const Report *report, TalkOutcome outcome)
{
    const Talk *talk = report->talk;
    const char *problem = talk->problem != NULL ? talk->problem : "";
    const char *separator = talk->problem != NULL ? "\n" : "";

    if (outcome == TALK_OK)
        return NULL;
    if (report->voice == REPORT_QUIETLY)
        return g_strdup(talk->problem);
    if (outcome == TALK_NO_CONNECTION)
        return g_strdup_printf("connect to %s: %s", talk_path(talk), reason_of(report));
    return g_strdup_printf("%s%s%s %s socket: %s", problem, separator,
                           operation_of(report, outcome), talk_path(talk), reason_of(report));
}

static void finish(Report *report, TalkOutcome outcome)
{
    ReportClient *client = report->client;
    ReportDoneFn *done = report->done;
    void *ctx = report->ctx;
    int32_t status = outcome == TALK_OK ? report->status : -1;
    g_autofree char *warning = warning_text(report, outcome);

    TAILQ_REMOVE(&client->active, report, link);
    client->idle_count++;
    report_free(report);
    start_waiting(client);
    done(status, warning, ctx);
}

static void on_turn(Talk *talk, TalkOutcome outcome)
{
    Report *report = talk->owner;

    if (outcome != TALK_OK || report->is_sent) {
        finish(report, outcome);
    } else {
        report->is_sent = true;
        talk_send(talk, report->request->data, report->request->len);
    }
}

ReportClient *report_client_new(struct event_base *base, const char *service, const char *protocol,
                                int concurrency)
{
    ReportClient *client = g_new(ReportClient, 1);

    g_assert(concurrency > 0);
    *client = (ReportClient){.base = base, .idle_count = concurrency};
    client->service = g_strdup(service);
    client->protocol = g_strdup(protocol);
    client->role = (TalkRole){client->protocol, decode, on_turn};
    TAILQ_INIT(&client->waiting);
    TAILQ_INIT(&client->active);
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
    g_free(client->protocol);
    g_free(client->service);
    g_free(client);
}

void report_send(ReportClient *client, GByteArray *request, int timeout_s, ReportVoice voice,
                 ReportDoneFn *done, void *ctx)
{
    Report *report = g_new(Report, 1);

    g_assert(done != NULL);
    *report = (Report){
        .client = client, .timeout_s = timeout_s, .voice = voice, .done = done, .ctx = ctx};
    report->request = g_byte_array_sized_new(request->len);
    g_byte_array_append(report->request, request->data, request->len);
    g_byte_array_set_size(request, 0);
    TAILQ_INSERT_TAIL(&client->waiting, report, link);
    start_waiting(client);
}

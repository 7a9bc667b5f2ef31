/*
 * One connection. The callbacks of its stream only notice: input is read as a request, output that
 * has drained or an end of the connection is noted. Answers are made in client_work() alone.
 */

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/element.h"
#include "codec/control.h"
#include "src/control/client_internal.h"
#include "src/control/level_internal.h"

static void clear_query(Client *client)
{
    if (client->has_begun && client->verb->end != NULL)
        client->verb->end(&client->query);
    client->verb = NULL;
    client->has_begun = false;
    client->query.is_waiting = false;
    request_clear(&client->query.request);
}

void client_free(Client *client)
{
    if (client == NULL)
        return;
    clear_query(client);
    answer_clear(&client->answer);
    bufferevent_free(client->stream);
    g_free(client);
}

static void end_client(Client *client)
{
    client->host->ended(client, client->host->ctx);
}

static void wait_for_request(Client *client)
{
    client->phase = CLIENT_WAITING;
    bufferevent_set_timeouts(client->stream, &client->idle, &client->idle);
}

/* Nothing more is read; the last row goes out, or the client is dropped. */
static void close_after_output(Client *client)
{
    client->phase = CLIENT_CLOSING;
    (void)bufferevent_disable(client->stream, EV_READ);
    bufferevent_setwatermark(client->stream, EV_WRITE, 0, 0);
}

static void client_put_refusal(Client *client, StatsCounter counter, const char *code,
                               const char *text)
{
    stats_count(client->host->subject->stats, counter);
    answer_error(&client->answer, code, "%s", text);
}

void client_refuse(Client *client, const char *text)
{
    client_put_refusal(client, STATS_CONTROL_REFUSED_BUSY, CONTROL_ERROR_BUSY, text);
    close_after_output(client);
}

/* The level asked for, if the client has it; false: an error row was put. */
static bool set_level(Client *client)
{
    const char *wanted = request_text(&client->query.request, CONTROL_LEVEL);
    ControlLevel level = client->level;

    if (wanted != NULL && !level_parse(wanted, &level)) {
        answer_error(&client->answer, CONTROL_ERROR_USAGE, "no such level: %s", wanted);
        return false;
    }
    client->query.level = MIN(level, client->level);
    return true;
}

static bool may_ask(Client *client, const Verb *verb)
{
    if (client->query.level >= verb->level)
        return true;
    if (client->level >= verb->level) {
        answer_error(&client->answer, CONTROL_ERROR_DENIED,
                     "%s needs level %s, and less was asked for: level %s", verb->name,
                     level_str(verb->level), level_str(client->query.level));
        return false;
    }
    stats_count(client->host->subject->stats, STATS_CONTROL_REFUSED_PERMISSION);
    answer_error(&client->answer, CONTROL_ERROR_DENIED,
                 "%s needs level %s; user %ld has level %s; root can list that user in "
                 "eqmgr_%s_users of eqmgr.cf",
                 verb->name, level_str(verb->level), (long)client->uid,
                 level_str(client->query.level), level_str(verb->level));
    return false;
}

static bool check_arguments(Client *client, const Verb *verb)
{
    const char *unknown = verb_unknown_argument(verb, &client->query.request);

    if (unknown == NULL)
        return true;
    answer_error(&client->answer, CONTROL_ERROR_USAGE, "%s: no such argument: %s", verb->name,
                 unknown);
    return false;
}

static void client_put_header(Client *client)
{
    const ControlSettings *settings = client->host->settings;
    Answer *answer = &client->answer;

    answer_begin(answer, CONTROL_ROW_HEADER);
    answer_int(answer, "format", CONTROL_FORMAT);
    answer_str(answer, "verb", client->verb->name);
    answer_str(answer, "host", settings->host);
    answer_str(answer, "queue", settings->queue_directory);
    answer_int(answer, "time", client->query.now->wall_s);
    answer_str(answer, "version", EQMGR_VERSION);
    answer_str(answer, "release", settings->release);
    answer_str(answer, "level", level_str(client->query.level));
    answer_finish(answer);
    answer->row_count = 0;
}

/* The request is there: its verb is looked for, and the first step comes in client_work(). */
static void start_query(Client *client)
{
    const Verb *verb = verb_find(client->query.request.verb);

    stats_count(client->host->subject->stats, STATS_CONTROL_REQUESTS);
    if (verb == NULL) {
        answer_error(&client->answer, CONTROL_ERROR_USAGE, "no such verb: %s",
                     client->query.request.verb);
    } else if (set_level(client) && may_ask(client, verb) && check_arguments(client, verb)) {
        client->verb = verb;
        client->phase = CLIENT_WORKING;
        bufferevent_set_timeouts(client->stream, NULL, &client->idle);
        client->host->wants_turn(client->host->ctx);
        return;
    }
    request_clear(&client->query.request);
}

/* Requests that came while an answer was made are looked at after it. */
static void look_at_input(Client *client)
{
    struct evbuffer *input = bufferevent_get_input(client->stream);

    while (client->phase == CLIENT_WAITING) {
        size_t used_bytes;
        RequestStatus status = request_parse(evbuffer_pullup(input, -1), evbuffer_get_length(input),
                                             &client->query.request, &used_bytes);

        if (status == REQUEST_MORE)
            return;
        if (status == REQUEST_MALFORMED) {
            client_put_refusal(client, STATS_CONTROL_REFUSED_MALFORMED, CONTROL_ERROR_MALFORMED,
                               "not a request");
            close_after_output(client);
            return;
        }
        (void)evbuffer_drain(input, used_bytes);
        start_query(client);
    }
}

static void on_input(struct bufferevent *stream, void *ctx)
{
    (void)stream;
    look_at_input(ctx);
}

static void on_drained(struct bufferevent *stream, void *ctx)
{
    Client *client = ctx;

    if (client->phase == CLIENT_CLOSING && evbuffer_get_length(bufferevent_get_output(stream)) == 0)
        end_client(client);
    else if (client->phase == CLIENT_WORKING)
        client->host->wants_turn(client->host->ctx);
}

static void client_on_end(struct bufferevent *stream, short what, void *ctx)
{
    Client *client = ctx;

    (void)stream;
    if ((what & BEV_EVENT_TIMEOUT) != 0)
        stats_count(client->host->subject->stats, STATS_CONTROL_REFUSED_SLOW);
    end_client(client);
}

static void client_on_wake(Query *query)
{
    Client *client = ELEMENT(query, Client, query);

    client->host->wants_turn(client->host->ctx);
}

Client *client_new(const ClientHost *host, int fd, uid_t uid, gid_t gid)
{
    Client *client = g_new0(Client, 1);

    client->host = host;
    client->uid = uid;
    client->idle.tv_sec = host->settings->idle_s > 0 ? host->settings->idle_s : CLIENT_IDLE_S;
    client->level = level_of(host->settings, uid, gid);
    client->stream = bufferevent_socket_new(host->base, fd, BEV_OPT_CLOSE_ON_FREE);
    g_assert(client->stream != NULL);
    answer_init(&client->answer, bufferevent_get_output(client->stream));
    client->query = (Query){.subject = host->subject,
                            .settings = host->settings,
                            .answer = &client->answer,
                            .uid = uid,
                            .on_wake = client_on_wake};
    bufferevent_setcb(client->stream, on_input, on_drained, client_on_end, client);
    bufferevent_setwatermark(client->stream, EV_READ, 0, CONTROL_REQUEST_MAX_BYTES);
    bufferevent_setwatermark(client->stream, EV_WRITE, CLIENT_OUTPUT_MAX_BYTES - 1, 0);
    wait_for_request(client);
    if (bufferevent_enable(client->stream, EV_READ | EV_WRITE) == 0)
        return client;
    client_free(client);
    return NULL;
}

bool client_is_ready(const Client *client)
{
    return client->phase == CLIENT_WORKING && !client->query.is_waiting &&
           evbuffer_get_length(bufferevent_get_output(client->stream)) < CLIENT_OUTPUT_MAX_BYTES;
}

bool client_is_brief(const Client *client)
{
    return client_is_ready(client) && verb_is_brief(client->verb);
}

bool client_is_urgent(const Client *client)
{
    return client_is_ready(client) &&
           (!client->has_begun || client->verb->level == CONTROL_LEVEL_CONTROL);
}

void client_work(Client *client, const Now *now, unsigned object_max)
{
    const Verb *verb = client->verb;
    bool goes_on = true;

    client->query.now = now;
    if (!client->has_begun) {
        client->has_begun = true;
        client_put_header(client);
        goes_on = verb->begin == NULL || verb->begin(&client->query);
    }
    if (goes_on && verb->step(&client->query, object_max))
        return;
    clear_query(client);
    wait_for_request(client);
    look_at_input(client);
}

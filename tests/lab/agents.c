#include "tests/lab/agents.h"

#include <string.h>

#include "tests/lab/agent_effects.h"
#include "tests/lab/peer.h"
#include "tests/lab/stage.h"
#include "tests/lab/trace.h"
#include "tests/postfix/wire.h"

typedef struct Rule {
    GPatternSpec *pattern;
    Manner manner;
} Rule;

typedef enum SessionState { WAITING, ANNOUNCED, HELD, REPLYING, DONE } SessionState;

typedef struct Session Session;
TAILQ_HEAD(SessionList, Session);

typedef struct Transport {
    Agents *agents;
    char *name;
    PeerServer *server;
    AgentSettings settings;
    GPtrArray *rules; /* of Rule */
    MannerQueue next;
    StageAction announce;
    unsigned busy; /* announced sessions that the client has not closed */
    struct SessionList waiting, held;
} Transport;

struct Session {
    Transport *transport;
    Peer *peer;
    SessionState state;
    StageAction reply;
    Manner manner;
    bool answered_early; /* so nothing comes for the request */
    AgentRequest request;
    TAILQ_ENTRY(Session) link; /* in waiting or held */
};

struct Agents {
    const Core *core;
    GPtrArray *transports; /* of Transport, in the order in which they were set */
    uint64_t request_count, reply_count;
};

static Transport *find(const Agents *agents, const char *name)
{
    for (guint i = 0; i < agents->transports->len; i++) {
        Transport *transport = g_ptr_array_index(agents->transports, i);

        if (strcmp(transport->name, name) == 0)
            return transport;
    }
    return NULL;
}

static void offer_announcement(Transport *transport)
{
    if (!transport->settings.manual && !TAILQ_EMPTY(&transport->waiting) &&
        transport->busy < transport->settings.concurrency)
        stage_offer(transport->agents->core->stage, STAGE_ANNOUNCE, &transport->announce, 0);
}

static void send_list(Peer *peer, const char *name, const char *value)
{
    g_autoptr(GString) out = g_string_new(NULL);

    wire_put(out, name, value);
    wire_end(out);
    peer_send(peer, out->str, out->len);
}

static void put_reply(GString *out, const Manner *manner)
{
    static const char *const empty_fields[] = {"diag_type", "diag_text", "mta_type", "mta_mname",
                                               "action"};
    bool is_done =
        manner->kind == MANNER_OK || manner->kind == MANNER_BOUNCE || manner->kind == MANNER_FINAL;

    wire_put(out, "status", manner->dsn);
    for (size_t i = 0; i < G_N_ELEMENTS(empty_fields); i++)
        wire_put(out, empty_fields[i], "");
    wire_put(out, "reason", manner->reason);
    if (manner->kind != MANNER_SHORT)
        wire_put_number(out, "status", is_done ? 0 : -1);
    wire_end(out);
}

static void greet_and_answer(Session *session)
{
    static char empty[] = "";
    const Manner ok = {.kind = MANNER_OK, .dsn = empty, .reason = empty};
    g_autoptr(GString) out = g_string_new(NULL);

    wire_put(out, "protocol", "delivery_request_protocol");
    wire_end(out);
    put_reply(out, &ok);
    peer_send(session->peer, out->str, out->len);
    session->answered_early = true;
}

static void greet(Session *session)
{
    switch (session->transport->settings.greeting) {
    case AGENT_GREETS:
        send_list(session->peer, "protocol", "delivery_request_protocol");
        break;
    case AGENT_GREETS_WRONG:
        send_list(session->peer, "protocol", "lab_protocol");
        break;
    case AGENT_GREETS_GARBAGE:
        send_list(session->peer, "lab", "garbage");
        break;
    case AGENT_GREETS_PARTLY:
        peer_send(session->peer, "proto", strlen("proto"));
        peer_close(session->peer); /* the session is gone */
        break;
    case AGENT_HANGS_UP:
        peer_close(session->peer); /* the session is gone */
        break;
    case AGENT_ANSWERS:
        greet_and_answer(session);
        break;
    }
}

static void announce_one(Transport *transport)
{
    Session *session = TAILQ_FIRST(&transport->waiting);

    TAILQ_REMOVE(&transport->waiting, session, link);
    session->state = ANNOUNCED;
    transport->busy++;
    greet(session);
}

static void on_announce_turn(void *ctx)
{
    Transport *transport = ctx;

    if (!TAILQ_EMPTY(&transport->waiting))
        announce_one(transport);
    offer_announcement(transport);
}

static void send_reply(Session *session)
{
    g_autoptr(GString) out = g_string_new(NULL);

    put_reply(out, &session->manner);
    peer_send(session->peer, out->str, out->len);
}

static void on_reply_turn(void *ctx)
{
    Session *session = ctx;
    Agents *agents = session->transport->agents;
    bool lives = true;

    agents->reply_count++;
    session->state = DONE;
    if (!session->transport->settings.no_marks)
        lives = agent_apply_effects(agents->core, &session->request, session->manner.kind,
                                    session->transport->name);
    if (session->manner.kind == MANNER_HANGUP || !lives)
        peer_close(session->peer); /* the session is gone */
    else if (session->manner.kind == MANNER_GARBAGE)
        send_list(session->peer, "lab", "garbage");
    else
        send_reply(session);
}

static const Manner *choose_manner(Session *session)
{
    Transport *transport = session->transport;
    const Manner *manner = manner_queue_take(&transport->next);

    if (manner != NULL)
        return manner;
    for (guint i = 0; i < transport->rules->len; i++) {
        const Rule *rule = g_ptr_array_index(transport->rules, i);

        if (g_pattern_spec_match_string(rule->pattern, agent_request_recipient(&session->request)))
            return &rule->manner;
    }
    return &transport->settings.usually;
}

static void set_manner(Session *session, const Manner *manner)
{
    manner_clear(&session->manner);
    session->manner = manner_copy(manner);
}

static void start_reply(Session *session, int64_t delay_ms)
{
    session->state = REPLYING;
    stage_offer(session->transport->agents->core->stage, STAGE_REPLY, &session->reply, delay_ms);
}

static void handle_request(Session *session)
{
    Agents *agents = session->transport->agents;

    agents->request_count++;
    if (trace_is_on(agents->core->trace))
        agent_request_trace(agents->core, &session->request, session->transport->name);
    set_manner(session, choose_manner(session));
    if (session->manner.kind == MANNER_HOLD) {
        session->state = HELD;
        TAILQ_INSERT_TAIL(&session->transport->held, session, link);
    } else if (session->manner.kind != MANNER_NEVER && !session->answered_early) {
        start_reply(session, session->manner.delay_ms);
    }
}

static void note(const Session *session, const char *what)
{
    trace_add(session->transport->agents->core->trace, TRACE_NOTES, NULL, "%s: %s",
              session->transport->name, what);
}

static void on_received(Peer *peer, void *ctx)
{
    Session *session = peer->user;

    (void)ctx;
    if (session->state != ANNOUNCED) {
        note(session, "bytes from the client out of turn");
        peer_consume(peer, peer->in->len);
        return;
    }
    switch (agent_request_parse(peer->in, &session->request)) {
    case AGENT_REQUEST_PARTIAL:
        break;
    case AGENT_REQUEST_BAD:
        note(session, "not a delivery request");
        peer_close(peer);
        break;
    case AGENT_REQUEST_COMPLETE:
        handle_request(session);
        break;
    }
}

static void on_opened(Peer *peer, void *ctx)
{
    Transport *transport = ctx;
    Session *session = g_new0(Session, 1);

    session->transport = transport;
    session->peer = peer;
    session->reply.perform = on_reply_turn;
    session->reply.ctx = session;
    peer->user = session;
    TAILQ_INSERT_TAIL(&transport->waiting, session, link);
    offer_announcement(transport);
}

static void on_closed(Peer *peer, void *ctx)
{
    Transport *transport = ctx;
    Session *session = peer->user;

    stage_withdraw(transport->agents->core->stage, &session->reply);
    if (session->state == HELD || session->state == REPLYING)
        note(session, "client closed before the reply");
    if (session->state == WAITING)
        TAILQ_REMOVE(&transport->waiting, session, link);
    else
        transport->busy--;
    if (session->state == HELD)
        TAILQ_REMOVE(&transport->held, session, link);
    agent_request_clear(&session->request);
    manner_clear(&session->manner);
    g_free(session);
    if (transport->server != NULL)
        offer_announcement(transport);
}

static const PeerHandler handler = {on_opened, on_received, on_closed};

static void rule_free(void *data)
{
    Rule *rule = data;

    g_pattern_spec_free(rule->pattern);
    manner_clear(&rule->manner);
    g_free(rule);
}

static void transport_free(void *data)
{
    Transport *transport = data;

    stage_withdraw(transport->agents->core->stage, &transport->announce);
    peer_server_free(g_steal_pointer(&transport->server));
    g_ptr_array_free(transport->rules, TRUE);
    manner_queue_clear(&transport->next);
    manner_clear(&transport->settings.usually);
    g_free(transport->name);
    g_free(transport);
}

Agents *agents_new(const Core *core)
{
    Agents *agents = g_new0(Agents, 1);

    agents->core = core;
    agents->transports = g_ptr_array_new_with_free_func(transport_free);
    return agents;
}

void agents_free(Agents *agents)
{
    if (agents == NULL)
        return;
    g_ptr_array_free(agents->transports, TRUE);
    g_free(agents);
}

static Transport *add_transport(Agents *agents, const char *name)
{
    Transport *transport = g_new0(Transport, 1);
    g_autofree char *path = g_strdup_printf("private/%s", name);

    transport->agents = agents;
    transport->name = g_strdup(name);
    transport->rules = g_ptr_array_new_with_free_func(rule_free);
    manner_queue_init(&transport->next);
    TAILQ_INIT(&transport->waiting);
    TAILQ_INIT(&transport->held);
    transport->announce.perform = on_announce_turn;
    transport->announce.ctx = transport;
    transport->announce.rank = (int)agents->transports->len;
    transport->server = peer_server_new(agents->core, path, &handler, transport);
    g_ptr_array_add(agents->transports, transport);
    return transport;
}

void agents_set(Agents *agents, const char *transport_name, AgentSettings settings)
{
    Transport *transport = find(agents, transport_name);

    if (transport == NULL)
        transport = add_transport(agents, transport_name);
    if (transport->settings.usually.dsn != settings.usually.dsn)
        manner_clear(&transport->settings.usually);
    transport->settings = settings;
    if (settings.manual)
        stage_withdraw(agents->core->stage, &transport->announce);
    offer_announcement(transport);
}

void agents_set_socket(Agents *agents, const char *transport_name, bool listening, bool keep_file)
{
    Transport *transport = find(agents, transport_name);
    g_autofree char *path = g_strdup_printf("private/%s", transport_name);

    if (transport == NULL)
        return;
    if (listening) {
        peer_server_free(g_steal_pointer(&transport->server));
        transport->server = peer_server_new(agents->core, path, &handler, transport);
    } else {
        peer_server_stop(transport->server, keep_file);
    }
}

const AgentSettings *agents_get(const Agents *agents, const char *transport_name)
{
    const Transport *transport = find(agents, transport_name);

    return transport != NULL ? &transport->settings : NULL;
}

void agents_add_rule(Agents *agents, const char *transport_name, const char *pattern, Manner manner)
{
    Transport *transport = find(agents, transport_name);
    Rule *rule = g_new0(Rule, 1);

    g_assert(transport != NULL);
    rule->pattern = g_pattern_spec_new(pattern);
    rule->manner = manner;
    g_ptr_array_insert(transport->rules, 0, rule); /* a later rule wins */
}

MannerQueue *agents_next(Agents *agents, const char *transport_name)
{
    Transport *transport = find(agents, transport_name);

    return transport != NULL ? &transport->next : NULL;
}

bool agents_announce(Agents *agents, const char *transport_name)
{
    Transport *transport = find(agents, transport_name);

    if (transport == NULL || TAILQ_EMPTY(&transport->waiting))
        return false;
    announce_one(transport);
    return true;
}

bool agents_finish(Agents *agents, const char *transport_name, const char *recipient,
                   const Manner *manner)
{
    Transport *transport = find(agents, transport_name);
    Session *session;

    if (transport == NULL)
        return false;
    TAILQ_FOREACH (session, &transport->held, link) {
        if (recipient != NULL &&
            !g_pattern_match_simple(recipient, agent_request_recipient(&session->request)))
            continue;
        TAILQ_REMOVE(&transport->held, session, link);
        set_manner(session, manner);
        if (manner->delay_ms == 0)
            on_reply_turn(session);
        else
            start_reply(session, manner->delay_ms);
        return true;
    }
    return false;
}

unsigned agents_waiting_count(const Agents *agents, const char *transport_name)
{
    const Transport *transport = find(agents, transport_name);
    const Session *session;
    unsigned count = 0;

    if (transport != NULL)
        TAILQ_FOREACH (session, &transport->waiting, link)
            count++;
    return count;
}

unsigned agents_running_count(const Agents *agents, const char *transport_name)
{
    const Transport *transport = find(agents, transport_name);

    return transport != NULL ? transport->busy : 0;
}

uint64_t agents_request_count(const Agents *agents)
{
    return agents->request_count;
}

uint64_t agents_reply_count(const Agents *agents)
{
    return agents->reply_count;
}

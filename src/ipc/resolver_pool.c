#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "src/ipc/resolver_internal.h"

/*
 * The connections of the resolver: how many there are, which question each one carries, and what is
 * done when one is lost: the question is asked again, and after two failures of different questions
 * in a row nothing is asked for a while.
 */

#define TIMER_EARLY_MS   50
#define NO_ERRNO_TEXT    "Application error" /* stock's text if there is no errno */
#define CONNECT_WARNINGS 10                  /* the failure after these is fatal (ipc.md 2.2) */

static void connection_leave(ResolverConnection *connection)
{
    Resolver *resolver = connection->resolver;

    TAILQ_REMOVE(&resolver->connections[connection->state], connection, link);
    resolver->connection_counts[connection->state]--;
}

/* The most recently used connection comes first, so that superfluous ones become idle. */
static void connection_enter(ResolverConnection *connection, ResolverConnectionState state)
{
    Resolver *resolver = connection->resolver;

    connection->state = state;
    TAILQ_INSERT_HEAD(&resolver->connections[state], connection, link);
    resolver->connection_counts[state]++;
}

static void connection_move(ResolverConnection *connection, ResolverConnectionState state)
{
    connection_leave(connection);
    connection_enter(connection, state);
}

static void connection_close(ResolverConnection *connection)
{
    connection_leave(connection);
    connection->service->connection_count--;
    (void)event_del(&connection->idle_timer);
    (void)event_del(&connection->ttl_timer);
    talk_end(&connection->talk);
    if (connection->reply != NULL)
        g_bytes_unref(connection->reply);
    g_free(connection->complaint);
    g_free(connection);
}

static void on_idle(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    connection_close(arg);
}

static void on_ttl(evutil_socket_t fd, short what, void *arg)
{
    ResolverConnection *connection = arg;

    (void)fd;
    (void)what;
    connection->is_worn = true;
    if (connection->state == CONNECTION_IDLE)
        connection_close(connection);
}

static void start_timer(struct event *timer, int timeout_s)
{
    const struct timeval timeout =
        talk_common_timeout(event_get_base(timer), timeout_s * INT64_C(1000));

    if (timeout_s > 0)
        loop_add(timer, &timeout);
}

/*
 * The reason why a complete reply is useless, in stock's words (behaviour.md 8), or NULL. A failed
 * lookup is an answer, and needs no transport.
 */
static char *complaint_about(const ResolverQuery *query, const ResolveReply *reply)
{
    if (*reply->transport == '\0' && (reply->flags & RESOLVE_FAIL) == 0)
        return g_strdup_printf("resolve_clnt: null transport result for: <%s>", query->address);
    if (*reply->recipient == '\0' && *query->address != '\0')
        return g_strdup_printf("resolve_clnt: null recipient result for: <%s>", query->address);
    return NULL;
}

static AttrStatus decode_resolved(ResolverConnection *connection, AttrReader *reader)
{
    ResolveReply reply;
    AttrStatus status = resolve_reply_decode(reader, &reply);

    if (status != ATTR_OK)
        return status;
    connection->server_flags = reply.server_flags;
    connection->complaint = complaint_about(connection->query, &reply);
    return ATTR_OK;
}

static AttrStatus pool_decode(Talk *talk, AttrReader *reader)
{
    ResolverConnection *connection = talk->owner;
    const char *address;
    AttrStatus status = connection->query->is_rewrite
                            ? rewrite_reply_decode(reader, &connection->server_flags, &address)
                            : decode_resolved(connection, reader);

    if (status == ATTR_OK)
        connection->reply = g_bytes_new(reader->data, reader->pos);
    return status;
}

static bool is_paused(const Resolver *resolver)
{
    return evtimer_pending(&resolver->pause, NULL);
}

static void start_pause(Resolver *resolver, int pause_ms)
{
    const struct timeval pause_time = {pause_ms / 1000, (pause_ms % 1000) * 1000};

    loop_add(&resolver->pause, &pause_time);
}

static void on_may_ask(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    resolver_pool_dispatch(arg);
}

static void complain(const Resolver *resolver, const char *text)
{
    resolver->on_trouble(text, false, resolver->trouble_ctx);
}

/* The others go on without it. */
static void do_without(const ResolverConnection *connection, int time_ms)
{
    Resolver *resolver = connection->resolver;

    if (!spread_leave_out(resolver, connection->service, time_ms))
        start_pause(resolver, time_ms);
}

/* An overloaded service is waited for in silence, as a blocking connect() does. */
static void handle_no_connection(const ResolverConnection *connection)
{
    Resolver *resolver = connection->resolver;
    int error = connection->talk.error;
    bool is_fatal = resolver->no_connect_count >= CONNECT_WARNINGS;
    g_autofree char *text = NULL;

    if (spread_is_left_out(connection->service))
        return; /* connections that fail together are one trouble */
    if (error == EAGAIN) {
        do_without(connection, resolver->pace.retry_ms);
        return;
    }
    resolver->no_connect_count++;
    do_without(connection, resolver->pace.reconnect_ms);
    text = g_strdup_printf("connect #%d to subsystem %s: %s", resolver->no_connect_count,
                           connection->service->path, g_strerror(error));
    resolver->on_trouble(text, is_fatal, resolver->trouble_ctx);
}

/* That a server went away happens, and is worth a word when it happens to a question again. */
static bool is_silent_loss(const ResolverConnection *connection)
{
    int error = connection->talk.error;
    bool is_first = connection->query != NULL ? connection->query->loss_count == 0
                                              : connection->resolver->failure_count == 0;

    return is_first && (error == 0 || error == EPIPE || error == ENOENT);
}

static void complain_of_failure(const ResolverConnection *connection)
{
    const Resolver *resolver = connection->resolver;
    int error = connection->talk.error;
    const char *path = connection->service->path, *slash = strrchr(path, '/');
    g_autofree char *text =
        g_strdup_printf("problem talking to service %s: %s", slash != NULL ? slash + 1 : path,
                        error != 0 ? g_strerror(error) : NO_ERRNO_TEXT);

    complain(resolver, text);
}

/* A timer of the event loop counts from the beginning of a turn, and by a coarse clock. */
static int64_t earliest_ms(int wait_ms)
{
    return wait_ms - MIN(wait_ms / 2, TIMER_EARLY_MS);
}

/*
 * Connections that break together, or while others are waited for, are one trouble; what the next
 * attempt meets is another. Returns how long to wait before that.
 */
static int tell_of_failure(const ResolverConnection *connection)
{
    Resolver *resolver = connection->resolver;
    int64_t now_ms = clock_mono_ms();
    bool is_silent = is_silent_loss(connection);
    bool is_restart = is_silent && connection->talk.problem == NULL;
    int wait_ms = is_restart ? resolver->pace.first_retry_ms : resolver->pace.retry_ms;

    if (is_paused(resolver) || now_ms < resolver->hush_ms)
        return wait_ms;
    if (!is_silent)
        complain_of_failure(connection);
    resolver->hush_ms = now_ms + earliest_ms(wait_ms);
    return wait_ms;
}

/* It may be the question that ends its servers; if two in a row do, it is rather the service. */
static void handle_lost_question(ResolverConnection *connection, bool is_silence)
{
    Resolver *resolver = connection->resolver;
    ResolverQuery *query = connection->query;
    bool is_another = resolver->last_lost != NULL && resolver->last_lost != query;
    int wait_ms = tell_of_failure(connection);

    if (is_another && !is_paused(resolver))
        start_pause(resolver, wait_ms);
    resolver->last_lost = query;
    resolver_query_lost(query, wait_ms, is_silence);
}

static void handle_lost_connection(const ResolverConnection *connection, bool is_unmade)
{
    Resolver *resolver = connection->resolver;

    if (is_paused(resolver))
        return;
    if (is_unmade) {
        handle_no_connection(connection);
        return;
    }
    start_pause(resolver, tell_of_failure(connection));
    resolver->failure_count++;
}

/* A senseless answer of a server is always reported. */
static void handle_trouble(ResolverConnection *connection, TalkOutcome outcome)
{
    Resolver *resolver = connection->resolver;

    answer_cache_forget_all(&resolver->cache);
    if (connection->talk.problem != NULL)
        complain(resolver, connection->talk.problem);
    if (connection->query != NULL)
        handle_lost_question(connection, outcome == TALK_TIMED_OUT);
    else
        handle_lost_connection(connection, outcome == TALK_NO_CONNECTION);
    connection_close(connection);
    resolver_pool_dispatch(resolver);
}

static void become_idle(ResolverConnection *connection)
{
    connection_move(connection, CONNECTION_IDLE);
    start_timer(&connection->idle_timer, connection->resolver->settings.idle_s);
}

static void handle_greeting(ResolverConnection *connection)
{
    Resolver *resolver = connection->resolver;

    resolver->no_connect_count = 0;
    become_idle(connection);
    resolver_pool_dispatch(resolver);
}

/* The server works, so only the question is asked again later. */
static void handle_nonsense(Resolver *resolver, ResolverQuery *query, const char *complaint)
{
    complain(resolver, complaint);
    resolver_query_lost(query, resolver->pace.retry_ms, false);
}

static void handle_reply(ResolverConnection *connection)
{
    Resolver *resolver = connection->resolver;
    ResolverQuery *query = g_steal_pointer(&connection->query);
    g_autoptr(GBytes) reply = g_steal_pointer(&connection->reply);
    g_autofree char *complaint = g_steal_pointer(&connection->complaint);

    resolver->failure_count = 0;
    resolver->last_lost = NULL;
    if (connection->server_flags != 0 || connection->is_worn || talk_is_ahead(&connection->talk) ||
        spread_wants_another(connection, query))
        connection_close(connection);
    else
        become_idle(connection);
    if (complaint != NULL)
        handle_nonsense(resolver, query, complaint);
    else
        resolver_query_answered(query, reply);
    resolver_pool_dispatch(resolver);
    resolver_deliver(resolver);
}

static void pool_on_turn(Talk *talk, TalkOutcome outcome)
{
    ResolverConnection *connection = talk->owner;

    if (outcome == TALK_STIRRED) { /* the server went away, as it does when a table has changed */
        answer_cache_forget_all(&connection->resolver->cache);
        connection_close(connection);
    } else if (outcome != TALK_OK) {
        handle_trouble(connection, outcome);
    } else if (connection->query != NULL) {
        handle_reply(connection);
    } else {
        handle_greeting(connection);
    }
}

static void open_connection(Resolver *resolver)
{
    static const TalkRole role = {REWRITE_PROTOCOL, TALK_PATIENCE_MS, pool_decode, pool_on_turn};
    ResolverConnection *connection = g_new(ResolverConnection, 1);

    connection->resolver = resolver;
    connection->service = spread_choose(resolver);
    connection->service->connection_count++;
    connection->query = NULL;
    connection->reply = NULL;
    connection->complaint = NULL;
    connection->is_worn = false;
    connection->has_own_process = false;
    (void)evtimer_assign(&connection->idle_timer, resolver->base, on_idle, connection);
    (void)evtimer_assign(&connection->ttl_timer, resolver->base, on_ttl, connection);
    talk_start(&connection->talk, resolver->base, &role, connection->service->path,
               resolver->settings.timeout_s, connection);
    talk_want_peer(&connection->talk);
    start_timer(&connection->ttl_timer, resolver->settings.ttl_s);
    connection_enter(connection, CONNECTION_OPENING);
}

static void ask(ResolverConnection *connection, ResolverQuery *query)
{
    gsize size_bytes;
    const void *request = g_bytes_get_data(query->request, &size_bytes);

    resolver_query_taken(query);
    connection->query = query;
    (void)event_del(&connection->idle_timer);
    connection_move(connection, CONNECTION_ASKED);
    talk_send(&connection->talk, request, size_bytes);
}

static ResolverQuery *next_query(Resolver *resolver)
{
    return (ResolverQuery *)fair_line_first(&resolver->line, clock_mono_ms());
}

static bool may_open(Resolver *resolver)
{
    const int *counts = resolver->connection_counts;
    int total = counts[CONNECTION_OPENING] + counts[CONNECTION_IDLE] + counts[CONNECTION_ASKED];

    return (guint)counts[CONNECTION_OPENING] < resolver->line.count &&
           total < resolver->settings.connection_limit && next_query(resolver) != NULL;
}

void resolver_pool_dispatch(Resolver *resolver)
{
    ResolverConnectionList *idle = &resolver->connections[CONNECTION_IDLE];
    ResolverQuery *query;

    if (is_paused(resolver))
        return;
    while (!TAILQ_EMPTY(idle) && (query = next_query(resolver)) != NULL)
        ask(TAILQ_FIRST(idle), query);
    while (may_open(resolver))
        open_connection(resolver);
}

bool resolver_has_spare(Resolver *resolver)
{
    return !is_paused(resolver) &&
           resolver->connection_counts[CONNECTION_ASKED] < resolver->settings.connection_limit &&
           next_query(resolver) == NULL;
}

void resolver_pool_init(Resolver *resolver)
{
    for (int state = 0; state < CONNECTION_STATE_COUNT; state++)
        TAILQ_INIT(&resolver->connections[state]);
    (void)evtimer_assign(&resolver->pause, resolver->base, on_may_ask, resolver);
    (void)evtimer_assign(&resolver->wake, resolver->base, on_may_ask, resolver);
}

static void close_connections(ResolverConnectionList *connections)
{
    ResolverConnection *next;

    for (ResolverConnection *each = TAILQ_FIRST(connections); each != NULL; each = next) {
        next = TAILQ_NEXT(each, link);
        connection_close(each);
    }
}

void resolver_pool_clear(Resolver *resolver)
{
    for (int state = 0; state < CONNECTION_STATE_COUNT; state++)
        close_connections(&resolver->connections[state]);
    (void)event_del(&resolver->pause);
    (void)event_del(&resolver->wake);
}

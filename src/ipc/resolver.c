#include "ipc/resolver.h"

#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "src/ipc/resolver_internal.h"

#define REQUEST_USUAL_BYTES 128

static void query_release(Query *query)
{
    if (query->rest != NULL)
        event_free(query->rest);
    g_bytes_unref(query->request);
    g_free(query->address);
    g_free(query);
}

static void query_free(Query *query)
{
    Resolver *resolver = query->resolver;

    (void)g_hash_table_remove(resolver->queries, query->request);
    fair_line_leave(&resolver->line, &query->place, clock_mono_ms());
    if (resolver->last_lost == query)
        resolver->last_lost = NULL;
    query_release(query);
}

static void question_free(ResolverQuestion *question)
{
    if (question->reply != NULL)
        g_bytes_unref(question->reply);
    g_free(question);
}

static void questions_free(QuestionList *questions)
{
    ResolverQuestion *question;

    while ((question = TAILQ_FIRST(questions)) != NULL) {
        TAILQ_REMOVE(questions, question, link);
        question_free(question);
    }
}

/* Not from within the caller's call: from the next turn of the loop. */
static void deliver_soon(Resolver *resolver)
{
    static const struct timeval soon = {0, 0};

    if (!TAILQ_EMPTY(&resolver->answered))
        loop_add(&resolver->delivery, &soon);
}

static void question_answer(ResolverQuestion *question, GBytes *reply)
{
    question->query = NULL;
    question->reply = reply != NULL ? g_bytes_ref(reply) : NULL;
    TAILQ_INSERT_TAIL(&question->resolver->answered, question, link);
}

static void tell_resolved(const ResolverQuestion *question, AttrReader *reader)
{
    ResolveReply reply;
    AttrStatus status = resolve_reply_decode(reader, &reply);

    g_assert(status == ATTR_OK); /* it was, when it came */
    question->done(&reply, question->ctx);
}

static void tell_rewritten(const ResolverQuestion *question, AttrReader *reader)
{
    int32_t server_flags;
    const char *address;
    AttrStatus status = rewrite_reply_decode(reader, &server_flags, &address);

    g_assert(status == ATTR_OK);
    question->rewritten(address, question->ctx);
}

static void tell(const ResolverQuestion *question)
{
    AttrReader reader;

    if (question->reply == NULL) {
        question->rewritten(NULL, question->ctx);
        return;
    }
    attr_reader_init(&reader, g_bytes_get_data(question->reply, NULL),
                     g_bytes_get_size(question->reply));
    if (question->rewritten != NULL)
        tell_rewritten(question, &reader);
    else
        tell_resolved(question, &reader);
}

void resolver_deliver(Resolver *resolver)
{
    ResolverQuestion *question = TAILQ_FIRST(&resolver->answered);

    if (question == NULL)
        return;
    TAILQ_REMOVE(&resolver->answered, question, link);
    deliver_soon(resolver);
    tell(question);
    question_free(question);
}

static void on_delivery(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    resolver_deliver(arg);
}

void resolver_query_taken(Query *query)
{
    query->forgets_then = query->resolver->cache.forget_count;
    fair_line_take(&query->resolver->line, &query->place, clock_mono_ms());
}

/* As stock: the null address is asked each time. What was asked before all was forgotten may have
 * been looked up before, too. */
static bool is_worth_remembering(const Query *query)
{
    const Resolver *resolver = query->resolver;

    return resolver->pace.cache_ms > 0 && *query->address != '\0' &&
           query->forgets_then == resolver->cache.forget_count;
}

static void query_end(Query *query, GBytes *reply)
{
    ResolverQuestion *question;

    while ((question = TAILQ_FIRST(&query->askers)) != NULL) {
        TAILQ_REMOVE(&query->askers, question, link);
        question_answer(question, reply);
    }
    if (reply != NULL && is_worth_remembering(query))
        answer_cache_add(&query->resolver->cache, query->request, reply);
    query_free(query);
}

void resolver_query_answered(Query *query, GBytes *reply)
{
    query->resolver->answer_count++;
    fair_line_note_answer(&query->place, clock_mono_ms());
    query_end(query, reply);
}

/* Of a rewrite there is no reply that tells of a failure. */
static void query_give_up(Query *query)
{
    GByteArray *encoded = g_byte_array_sized_new(REQUEST_USUAL_BYTES);
    g_autoptr(GBytes) reply = NULL;

    resolve_failure_encode(encoded, query->address);
    reply = g_byte_array_free_to_bytes(encoded);
    query->forgets_then = query->resolver->cache.forget_count;
    query_end(query, query->is_rewrite ? NULL : reply);
}

static void give_up_lane(Query *query, bool is_silence)
{
    LaneLink *neighbour;

    while (is_silence && fair_line_is_mute(&query->place) &&
           (neighbour = fair_line_neighbour(&query->place)) != NULL)
        query_give_up((Query *)neighbour);
    query_give_up(query);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
    Query *query = arg;

    (void)fd;
    (void)what;
    fair_line_return(&query->resolver->line, &query->place, clock_mono_ms());
    resolver_pool_dispatch(query->resolver);
}

static void query_rest(Query *query, int rest_ms)
{
    const struct timeval rest_time = {rest_ms / 1000, (rest_ms % 1000) * 1000};

    fair_line_rest(&query->resolver->line, &query->place, clock_mono_ms());
    if (query->rest == NULL)
        query->rest = evtimer_new(query->resolver->base, on_rested, query);
    loop_add(query->rest, &rest_time);
}

void resolver_query_lost(Query *query, int rest_ms, bool is_silence)
{
    Resolver *resolver = query->resolver;

    if (TAILQ_EMPTY(&query->askers)) {
        query_free(query);
        return;
    }
    query->loss_count++;
    if (query->vain_count == 0 || query->answers_then != resolver->answer_count)
        query->vain_count++;
    query->answers_then = resolver->answer_count;
    if (query->vain_count < VAIN_MAX)
        query_rest(query, rest_ms);
    else
        give_up_lane(query, is_silence);
    deliver_soon(resolver);
}

static Query *query_new(Resolver *resolver, GBytes *request, const char *address, bool is_rewrite)
{
    Query *query = g_new(Query, 1);

    *query = (Query){.resolver = resolver,
                     .request = g_bytes_ref(request),
                     .address = g_strdup(address),
                     .is_rewrite = is_rewrite};
    TAILQ_INIT(&query->askers);
    (void)g_hash_table_insert(resolver->queries, query->request, query);
    fair_line_enter(&resolver->line, &query->place, address, clock_mono_ms());
    return query;
}

/* Answers `question` from memory, or adds it to those who ask `request`. */
static void place(ResolverQuestion *question, GBytes *request, const char *address)
{
    Resolver *resolver = question->resolver;
    GBytes *known = answer_cache_find(&resolver->cache, request);

    if (known != NULL) {
        question_answer(question, known);
        deliver_soon(resolver);
        return;
    }
    question->query = g_hash_table_lookup(resolver->queries, request);
    if (question->query == NULL)
        question->query = query_new(resolver, request, address, question->rewritten != NULL);
    TAILQ_INSERT_TAIL(&question->query->askers, question, link);
    resolver_pool_dispatch(resolver);
}

ResolverQuestion *resolver_ask(Resolver *resolver, const char *request, const char *sender,
                               const char *address, ResolverDoneFn *done, void *ctx)
{
    ResolverQuestion *question = g_new(ResolverQuestion, 1);
    GByteArray *encoded = g_byte_array_sized_new(REQUEST_USUAL_BYTES);
    g_autoptr(GBytes) key = NULL;

    g_assert(done != NULL);
    *question = (ResolverQuestion){.resolver = resolver, .done = done, .ctx = ctx};
    resolve_request_encode(encoded, request, sender, address);
    key = g_byte_array_free_to_bytes(encoded);
    place(question, key, address);
    return question;
}

ResolverQuestion *resolver_ask_rewrite(Resolver *resolver, const char *rule, const char *address,
                                       ResolverRewrittenFn *done, void *ctx)
{
    ResolverQuestion *question = g_new(ResolverQuestion, 1);
    GByteArray *encoded = g_byte_array_sized_new(REQUEST_USUAL_BYTES);
    g_autoptr(GBytes) key = NULL;

    g_assert(done != NULL && *address != '\0');
    *question = (ResolverQuestion){.resolver = resolver, .rewritten = done, .ctx = ctx};
    rewrite_request_encode(encoded, rule, address);
    key = g_byte_array_free_to_bytes(encoded);
    place(question, key, address);
    return question;
}

/* A query on the wire goes on without askers: its reply has to be read anyway. */
static void query_left(Query *query)
{
    if (query->place.place != LANE_OUT && TAILQ_EMPTY(&query->askers))
        query_free(query);
}

void resolver_cancel(ResolverQuestion *question)
{
    QuestionList *list;
    Query *query;

    if (question == NULL)
        return;
    query = question->query;
    list = query != NULL ? &query->askers : &question->resolver->answered;
    TAILQ_REMOVE(list, question, link);
    question_free(question);
    if (query != NULL)
        query_left(query);
}

static void copy_services(Resolver *resolver, const char *const *paths)
{
    while (paths[resolver->service_count] != NULL)
        resolver->service_count++;
    g_assert(resolver->service_count > 0);
    resolver->services = g_new0(Service, resolver->service_count);
    for (guint i = 0; i < resolver->service_count; i++)
        resolver->services[i].path = g_strdup(paths[i]);
}

static void free_services(Resolver *resolver)
{
    for (guint i = 0; i < resolver->service_count; i++)
        g_free(resolver->services[i].path);
    g_free(resolver->services);
}

Resolver *resolver_new_paced(struct event_base *base, const ResolverSettings *settings,
                             const ResolverPace *pace, ResolverTroubleFn *on_trouble, void *ctx)
{
    Resolver *resolver = g_new(Resolver, 1);

    g_assert(settings->connection_limit > 0 && on_trouble != NULL);
    *resolver = (Resolver){.base = base,
                           .settings = *settings,
                           .pace = *pace,
                           .on_trouble = on_trouble,
                           .trouble_ctx = ctx};
    resolver->settings.services = NULL; /* the caller's */
    copy_services(resolver, settings->services);
    resolver->queries = g_hash_table_new(answer_request_hash, g_bytes_equal);
    fair_line_init(&resolver->line, (guint)(settings->connection_limit + 1) / 2);
    TAILQ_INIT(&resolver->answered);
    (void)evtimer_assign(&resolver->delivery, base, on_delivery, resolver);
    answer_cache_init(&resolver->cache, base, pace->cache_ms);
    resolver_pool_init(resolver);
    return resolver;
}

Resolver *resolver_new(struct event_base *base, const ResolverSettings *settings,
                       ResolverTroubleFn *on_trouble, void *ctx)
{
    const ResolverPace stock = {.first_retry_ms = 100,
                                .retry_ms = 1000,
                                .reconnect_ms = 10 * 1000,
                                .cache_ms = settings->cache_s * INT64_C(1000)};

    return resolver_new_paced(base, settings, &stock, on_trouble, ctx);
}

void resolver_forget(Resolver *resolver)
{
    answer_cache_forget_all(&resolver->cache);
}

void resolver_free(Resolver *resolver)
{
    GHashTableIter iter;
    gpointer value;

    if (resolver == NULL)
        return;
    resolver_pool_clear(resolver);
    g_hash_table_iter_init(&iter, resolver->queries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Query *query = value;

        questions_free(&query->askers);
        query_release(query);
    }
    questions_free(&resolver->answered);
    (void)event_del(&resolver->delivery);
    answer_cache_clear(&resolver->cache);
    g_hash_table_unref(resolver->queries);
    fair_line_clear(&resolver->line);
    free_services(resolver);
    g_free(resolver);
}

/*
 * Questions on their way: who asks them, where they are in the line, what is remembered of their
 * answers. A query that may be asked (again) is reported by waking the pool, which is above.
 */

#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "src/ipc/resolver_internal.h"

static void release_query(ResolverQuery *query)
{
    if (query->rest != NULL)
        event_free(query->rest);
    g_bytes_unref(query->request);
    g_free(query->address);
    g_free(query);
}

static void query_free(ResolverQuery *query)
{
    Resolver *resolver = query->resolver;

    (void)g_hash_table_remove(resolver->queries, query->request);
    fair_line_leave(&resolver->line, &query->place, clock_mono_ms());
    if (resolver->last_lost == query)
        resolver->last_lost = NULL;
    release_query(query);
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

void resolver_query_taken(ResolverQuery *query)
{
    query->forgets_then = query->resolver->cache.forget_count;
    query->asked_after = query->resolver->wish_count;
    fair_line_take(&query->resolver->line, &query->place, clock_mono_ms());
}

/* As in stock, the null address is asked each time. If answers were forgotten while this query was
 * on the wire, its answer may come from a lookup before that. */
static bool is_worth_remembering(const ResolverQuery *query)
{
    const Resolver *resolver = query->resolver;

    return resolver->pace.cache_ms > 0 && *query->address != '\0' &&
           query->forgets_then == resolver->cache.forget_count;
}

static void query_end(ResolverQuery *query, GBytes *reply)
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

/* Its answer may be older than what the last who joined it wants to know. Counts may wrap. */
static bool is_answered_too_early(const ResolverQuery *query)
{
    return (int)(query->joined_after - query->asked_after) > 0 && !TAILQ_EMPTY(&query->askers);
}

static void query_ask_anew(ResolverQuery *query)
{
    FairLine *line = &query->resolver->line;
    int64_t now_ms = clock_mono_ms();

    fair_line_leave(line, &query->place, now_ms);
    query->place = (LaneLink){.lane = NULL};
    fair_line_enter(line, &query->place, query->address, now_ms);
}

void resolver_query_answered(ResolverQuery *query, GBytes *reply)
{
    query->resolver->answer_count++;
    fair_line_note_answer(&query->place, clock_mono_ms());
    if (is_answered_too_early(query)) {
        query_ask_anew(query);
        return;
    }
    query_end(query, reply);
}

/* A rewrite has no reply that reports a failure. */
static void query_give_up(ResolverQuery *query)
{
    GByteArray *encoded = g_byte_array_sized_new(REQUEST_USUAL_BYTES);
    g_autoptr(GBytes) reply = NULL;

    resolve_failure_encode(encoded, query->address);
    reply = g_byte_array_free_to_bytes(encoded);
    query->forgets_then = query->resolver->cache.forget_count;
    query_end(query, query->is_rewrite ? NULL : reply);
}

static void give_up_lane(ResolverQuery *query, bool is_silence)
{
    LaneLink *neighbour;

    while (is_silence && fair_line_is_mute(&query->place) &&
           (neighbour = fair_line_neighbour(&query->place)) != NULL)
        query_give_up((ResolverQuery *)neighbour);
    query_give_up(query);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
    ResolverQuery *query = arg;

    (void)fd;
    (void)what;
    fair_line_return(&query->resolver->line, &query->place, clock_mono_ms());
    event_active(&query->resolver->wake, EV_TIMEOUT, 0);
}

static void query_rest(ResolverQuery *query, int rest_ms)
{
    const struct timeval rest_time = {rest_ms / 1000, (rest_ms % 1000) * 1000};

    fair_line_rest(&query->resolver->line, &query->place, clock_mono_ms());
    if (query->rest == NULL)
        query->rest = evtimer_new(query->resolver->base, on_rested, query);
    loop_add(query->rest, &rest_time);
}

void resolver_query_lost(ResolverQuery *query, int rest_ms, bool is_silence)
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

static ResolverQuery *query_new(Resolver *resolver, GBytes *request, const char *address,
                                bool is_rewrite)
{
    ResolverQuery *query = g_new(ResolverQuery, 1);

    *query = (ResolverQuery){.resolver = resolver,
                             .request = g_bytes_ref(request),
                             .address = g_strdup(address),
                             .is_rewrite = is_rewrite};
    TAILQ_INIT(&query->askers);
    (void)g_hash_table_insert(resolver->queries, query->request, query);
    fair_line_enter(&resolver->line, &query->place, address, clock_mono_ms());
    return query;
}

void question_join(ResolverQuestion *question, GBytes *request, const char *address)
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
    question->query->joined_after = resolver->wish_count;
    TAILQ_INSERT_TAIL(&question->query->askers, question, link);
}

void question_withdraw(ResolverQuestion *question)
{
    ResolverQuery *query = question->query;
    QuestionList *list = query != NULL ? &query->askers : &question->resolver->answered;

    TAILQ_REMOVE(list, question, link);
    question_free(question);
    /* A query on the wire goes on without askers: its reply has to be read anyway. */
    if (query != NULL && query->place.place != LANE_OUT && TAILQ_EMPTY(&query->askers))
        query_free(query);
}

void resolver_query_init(Resolver *resolver)
{
    resolver->queries = g_hash_table_new(answer_request_hash, g_bytes_equal);
    fair_line_init(&resolver->line, (guint)(resolver->settings.connection_limit + 1) / 2);
    TAILQ_INIT(&resolver->answered);
    (void)evtimer_assign(&resolver->delivery, resolver->base, on_delivery, resolver);
    answer_cache_init(&resolver->cache, resolver->base, resolver->pace.cache_ms);
}

void resolver_query_clear(Resolver *resolver)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, resolver->queries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        ResolverQuery *query = value;

        questions_free(&query->askers);
        release_query(query);
    }
    questions_free(&resolver->answered);
    (void)event_del(&resolver->delivery);
    answer_cache_clear(&resolver->cache);
    g_hash_table_unref(resolver->queries);
    fair_line_clear(&resolver->line);
}

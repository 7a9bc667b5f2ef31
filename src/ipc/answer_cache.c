#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <event2/event_struct.h>

#include "base/loop.h"
#include "src/ipc/answer_cache_internal.h"
#include "src/ipc/talk_internal.h"

/*
 * The cache of answers: a hash table by request, and a list by age. All answers live equally long,
 * so the oldest is always the next to go.
 */

#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15) /* odd, its bits spread: 2^64 / golden ratio */

struct CachedAnswer {
    TAILQ_ENTRY(CachedAnswer) link;
    AnswerCache *cache;
    GBytes *request, *reply;
    struct event expiry;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t count)
{
    uint64_t word = 0;

    memcpy(&word, bytes, count);
    hash = (hash ^ word) * HASH_FACTOR;
    return hash ^ hash >> 32;
}

guint answer_request_hash(gconstpointer request)
{
    const union {
        gconstpointer in;
        GBytes *out;
    } unqualified = {.in = request}; /* GLib reads bytes through pointers without const */
    gsize left;
    const uint8_t *at = g_bytes_get_data(unqualified.out, &left);
    uint64_t hash = left;

    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), at += sizeof(uint64_t))
        hash = mix(hash, at, sizeof(uint64_t));
    return (guint)mix(hash, at, left);
}

static void answer_forget(CachedAnswer *answer)
{
    AnswerCache *cache = answer->cache;

    (void)g_hash_table_remove(cache->answers, answer->request);
    TAILQ_REMOVE(&cache->age, answer, link);
    cache->count--;
    (void)event_del(&answer->expiry);
    g_bytes_unref(answer->request);
    g_bytes_unref(answer->reply);
    g_free(answer);
}

static void on_expired(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    answer_forget(arg);
}

void answer_cache_init(AnswerCache *cache, struct event_base *base, int64_t lifetime_ms)
{
    *cache = (AnswerCache){.base = base, .lifetime = talk_common_timeout(base, lifetime_ms)};
    cache->answers = g_hash_table_new(answer_request_hash, g_bytes_equal);
    TAILQ_INIT(&cache->age);
}

void answer_cache_clear(AnswerCache *cache)
{
    answer_cache_forget_all(cache);
    g_hash_table_unref(cache->answers);
    cache->answers = NULL;
}

GBytes *answer_cache_find(const AnswerCache *cache, GBytes *request)
{
    const CachedAnswer *answer = g_hash_table_lookup(cache->answers, request);

    return answer == NULL ? NULL : answer->reply;
}

void answer_cache_add(AnswerCache *cache, GBytes *request, GBytes *reply)
{
    CachedAnswer *answer = g_new(CachedAnswer, 1);
    bool is_new;

    if (cache->count == ANSWER_CACHE_MAX)
        answer_forget(TAILQ_FIRST(&cache->age));
    answer->cache = cache;
    answer->request = g_bytes_ref(request);
    answer->reply = g_bytes_ref(reply);
    (void)evtimer_assign(&answer->expiry, cache->base, on_expired, answer);
    loop_add(&answer->expiry, &cache->lifetime);
    is_new = g_hash_table_insert(cache->answers, answer->request, answer);
    g_assert(is_new); /* or why was it asked? */
    TAILQ_INSERT_TAIL(&cache->age, answer, link);
    cache->count++;
}

void answer_cache_forget_all(AnswerCache *cache)
{
    CachedAnswer *next;

    cache->forget_count++;
    for (CachedAnswer *answer = TAILQ_FIRST(&cache->age); answer != NULL; answer = next) {
        next = TAILQ_NEXT(answer, link);
        answer_forget(answer);
    }
}

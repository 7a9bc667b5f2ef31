#ifndef EQMGR_IPC_ANSWER_CACHE_INTERNAL_H
#define EQMGR_IPC_ANSWER_CACHE_INTERNAL_H

/*
 * ipc/answer_cache: remembers the last ANSWER_CACHE_MAX replies by their requests, each for the
 * same time. Libevent's timers forget them; all have the same duration, so each costs O(1).
 */

#include <sys/queue.h>
#include <sys/time.h>

#include <event2/event.h>
#include <glib.h>

#define ANSWER_CACHE_MAX 1000

typedef struct CachedAnswer CachedAnswer;

typedef struct AnswerCache {
    struct event_base *base;
    struct timeval lifetime;
    GHashTable *answers;                      /* request -> CachedAnswer */
    TAILQ_HEAD(AnswerList, CachedAnswer) age; /* oldest first */
    guint count;
    unsigned forget_count; /* how often all were forgotten */
} AnswerCache;

void answer_cache_init(AnswerCache *cache, struct event_base *base, int64_t lifetime_ms);
void answer_cache_clear(AnswerCache *cache);

/* Borrowed until the next call; NULL if there is none. */
GBytes *answer_cache_find(const AnswerCache *cache, GBytes *request);

/* Keeps references to both. There must be no answer to this request yet. */
void answer_cache_add(AnswerCache *cache, GBytes *request, GBytes *reply);

/* Of a request, for hash tables: each is looked up several times, and g_bytes_hash() goes byte by
 * byte. */
guint answer_request_hash(gconstpointer request);

void answer_cache_forget_all(AnswerCache *cache);

#endif

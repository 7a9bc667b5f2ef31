#ifndef EQMGR_IPC_RESOLVER_INTERNAL_H
#define EQMGR_IPC_RESOLVER_INTERNAL_H

/*
 * The parts of ipc/resolver, from top to bottom: resolver.c has the functions that others call;
 * resolver_pool.c knows connections, and what to do when the service fails; resolver_spread.c knows
 * the processes at their other ends; resolver_query.c knows questions, askers and answers.
 *
 * A ResolverQuery is one question on the wire; it may have several askers, or none any more. Its
 * place in the line shows its state: it waits, is asked on exactly one connection, or rests after
 * it was asked in vain. A ResolverQuestion belongs to its query until there is a reply, then to
 * `answered` until its `done` is called.
 */

#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <glib.h>

#include "ipc/resolver.h"
#include "src/ipc/answer_cache_internal.h"
#include "src/ipc/fair_line_internal.h"
#include "src/ipc/talk_internal.h"

#define REQUEST_USUAL_BYTES 128 /* a list of attributes of usual length */

typedef struct ResolverQuery ResolverQuery;
typedef struct ResolverConnection ResolverConnection;

typedef TAILQ_HEAD(QuestionList, ResolverQuestion) QuestionList;
typedef TAILQ_HEAD(ResolverConnectionList, ResolverConnection) ResolverConnectionList;

struct ResolverQuestion {
    TAILQ_ENTRY(ResolverQuestion) link;
    Resolver *resolver;
    ResolverQuery *query; /* NULL once there is a reply */
    GBytes *reply;        /* the encoded list, known to be complete and sensible; NULL: given up */
    ResolverDoneFn *done;
    ResolverRewrittenFn *rewritten; /* instead of `done` */
    void *ctx;
};

struct ResolverQuery {
    LaneLink place; /* must be first */
    Resolver *resolver;
    QuestionList askers;
    GBytes *request;
    char *address;                      /* for its lane, and for warnings */
    unsigned loss_count;                /* how often it was asked in vain, ... */
    unsigned vain_count;                /* ... others with success in between */
    unsigned answers_then;              /* of the resolver, at the last loss */
    unsigned forgets_then;              /* of the cache, when it was last asked */
    unsigned asked_after, joined_after; /* Resolver.wish_count when it was last asked, joined */
    struct event *rest;                 /* NULL as long as it was not lost */
    bool is_rewrite;
};

typedef enum ResolverConnectionState {
    CONNECTION_OPENING,
    CONNECTION_IDLE,
    CONNECTION_ASKED,
    CONNECTION_STATE_COUNT
} ResolverConnectionState;

/* A service to ask: the rewrite service, or a clone of it. */
typedef struct RewriteService {
    char *path;
    int connection_count;
    int64_t away_until_ms; /* no connection could be made */
} RewriteService;

struct ResolverConnection {
    TAILQ_ENTRY(ResolverConnection) link;
    Resolver *resolver;
    RewriteService *service;
    ResolverConnectionState state; /* changed by connection_move() only */
    ResolverQuery *query;          /* when CONNECTION_ASKED */
    GBytes *reply;
    char *complaint; /* why the reply makes no sense, or NULL */
    int32_t server_flags;
    bool has_own_process; /* at the time of its last answer */
    bool is_worn;         /* open for longer than ttl_s */
    struct event idle_timer, ttl_timer;
    Talk talk;
};

/* A question that was asked in vain so often, while others were answered, is given up. */
#define VAIN_MAX 3

/* Waiting times: those of stock, or shorter ones in tests. */
typedef struct ResolverPace {
    int first_retry_ms; /* after a loss that deserves no warning: the server has just restarted */
    int retry_ms;       /* after other trouble */
    int reconnect_ms;   /* when there is nothing to connect to */
    int64_t cache_ms;   /* how long answers are remembered; 0: not at all */
} ResolverPace;

struct Resolver {
    struct event_base *base;
    RewriteService *services;
    guint service_count;
    ResolverSettings settings;
    ResolverPace pace;
    ResolverTroubleFn *on_trouble;
    void *trouble_ctx;

    GHashTable *queries; /* request -> ResolverQuery */
    FairLine line;
    unsigned answer_count;
    unsigned wish_count; /* how often the owner wanted all to be forgotten */
    QuestionList answered;
    struct event delivery; /* calls `done` for the first of `answered` */
    AnswerCache cache;

    ResolverConnectionList connections[CONNECTION_STATE_COUNT];
    int connection_counts[CONNECTION_STATE_COUNT];
    struct event pause;              /* pending: nothing is asked or opened */
    struct event wake;               /* activated when a query may be asked */
    const ResolverQuery *last_lost;  /* since the last reply; NULL: none, or it is gone */
    int64_t hush_ms;                 /* until then no other line about lost questions */
    int64_t moved_ms, move_pause_ms; /* of connections given up for another process */
    int failure_count;               /* in a row, by connections that were open and asked nothing */
    int no_connect_count;            /* in a row */
};

Resolver *resolver_new_paced(struct event_base *base, const ResolverSettings *settings,
                             const ResolverPace *pace, ResolverTroubleFn *on_trouble,
                             void *ctx) G_GNUC_WARN_UNUSED_RESULT;

void resolver_pool_init(Resolver *resolver);
void resolver_pool_clear(Resolver *resolver);

/*
 * Asks waiting questions, as far as connections allow, and opens connections as needed. Files below
 * the pool activate resolver->wake instead.
 */
void resolver_pool_dispatch(Resolver *resolver);

/* The service for a new connection. */
RewriteService *spread_choose(const Resolver *resolver);

bool spread_is_left_out(const RewriteService *service);

/* Leaves the service out for this time; false: there is no other. */
bool spread_leave_out(const Resolver *resolver, RewriteService *service, int time_ms);

/*
 * Whether to give up the connection, which has just had its answer to the query, for a new one that
 * may lead to a process of its own.
 */
bool spread_wants_another(ResolverConnection *connection, const ResolverQuery *query);

void resolver_query_init(Resolver *resolver);
void resolver_query_clear(Resolver *resolver);

/* Answers the question from memory, or adds it to those who ask the same. */
void question_join(ResolverQuestion *question, GBytes *request, const char *address);

/* Frees it. A query that is not on the wire and has no askers any more ends. */
void question_withdraw(ResolverQuestion *question);

/* The query is on the wire from now on. */
void resolver_query_taken(ResolverQuery *query);

/*
 * The query is asked again after rest_ms, unless it has no askers any more or is given up. If it is
 * given up because there was never an answer (`is_silence`), the queries that wait about its domain
 * are given up, too, unless there was an answer about the domain meanwhile.
 */
void resolver_query_lost(ResolverQuery *query, int rest_ms, bool is_silence);

/* Ends the query; its askers will get the result. If one of them joined it on the wire after a
 * resolver_forget(), it waits to be asked once more instead. */
void resolver_query_answered(ResolverQuery *query, GBytes *reply);

/* Tells the first of `answered`, if any. May free the resolver. */
void resolver_deliver(Resolver *resolver);

#endif

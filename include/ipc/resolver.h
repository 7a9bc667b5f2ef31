#ifndef EQMGR_IPC_RESOLVER_H
#define EQMGR_IPC_RESOLVER_H

/*
 * ipc/resolver: a pool of connections to trivial-rewrite(8) (ipc.md 4).
 *
 * There are up to connection_limit connections, opened on demand, if possible each to another
 * process. Each has one question outstanding, because the server drops pipelined input. A
 * connection is closed after idle_s without use, and ttl_s after opening. Identical questions in
 * flight are asked once. Answers are remembered for cache_s, and forgotten when the server goes
 * away.
 *
 * Several services share the connections evenly; a service to which no connection can be made is
 * left out for ten seconds.
 *
 * Contract:
 *  - resolver_ask() never blocks and never calls `done` before it has returned.
 *  - `done` is called exactly once with a complete answer, unless resolver_cancel() came first. It
 *    may ask, cancel other questions, and free the resolver.
 *  - A question without a sensible answer is asked again after a second, or after a moment if the
 *    server just went away, as it does when a table has changed. Others are asked meanwhile, unless
 *    two in a row are lost, or no connection can be made (then for ten seconds). Trouble is
 * reported as stock would log it.
 *  - The pool gives up only a question that was asked three times in vain while others were
 *    answered: its answer is RESOLVE_FAIL. If the server was silent each time, and there was no
 *    answer about the domain, the other questions that wait about this domain are given up, too.
 *  - Questions about one recipient domain are asked in the order of resolver_ask(). Domains take
 *    turns, and none has more than half of the connections unless its answers come quickly, so that
 *    slow lookups for one do not hold up mail for the others. At most half of the connections ask
 *    questions that were lost before. If a question about a domain was lost, one new question about
 *    it is asked at a time. Answers may come in another order.
 */

#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

#include "codec/resolve.h"

typedef struct Resolver Resolver;
typedef struct ResolverQuestion ResolverQuestion;

/* `text` is a complete warning, without severity. `is_fatal`: stock gives up here. Must not call
 * the resolver. */
typedef void ResolverTroubleFn(const char *text, bool is_fatal, void *ctx);

typedef struct ResolverSettings {
    const char *const *services; /* paths, NULL-terminated, e.g. "private/rewrite"; copied */
    int connection_limit;
    int cache_s;       /* 0: nothing is remembered */
    int idle_s, ttl_s; /* 0: no limit */
    int timeout_s;     /* of one question (qmgr_ipc_timeout) */
} ResolverSettings;

Resolver *resolver_new(struct event_base *base, const ResolverSettings *settings,
                       ResolverTroubleFn *on_trouble, void *ctx) G_GNUC_WARN_UNUSED_RESULT;

/* Drops outstanding questions without calling back. */
void resolver_free(Resolver *resolver);

/* `reply` is borrowed for the call. */
typedef void ResolverDoneFn(const ResolveReply *reply, void *ctx);

/* request: "resolve" or "verify". The handle is valid until `done` or cancel. */
ResolverQuestion *resolver_ask(Resolver *resolver, const char *request, const char *sender,
                               const char *address, ResolverDoneFn *done, void *ctx);

/* NULL: the question was given up. */
typedef void ResolverRewrittenFn(const char *address, void *ctx);

/* Canonical form by rule "local"; `address` and the answer in external form. */
ResolverQuestion *resolver_ask_rewrite(Resolver *resolver, const char *rule, const char *address,
                                       ResolverRewrittenFn *done, void *ctx);

/* To be called right after asking: the answer is one that is remembered, and nobody is asked. */
bool resolver_is_remembered(const ResolverQuestion *question);

void resolver_cancel(ResolverQuestion *question);

/* Forgets all answers, also those to questions that are asked now. A question that is asked from
 * now on gets an answer to what is sent from now on. */
void resolver_forget(Resolver *resolver);

/* Whether another question would be asked at once. */
bool resolver_has_spare(Resolver *resolver);

#endif

#ifndef EQMGR_TESTS_SUPPORT_RESOLVER_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_RESOLVER_FIXTURE_H

/*
 * tests/support/resolver_fixture: a resolver in a hurry and a rewrite service that answers by rule:
 * "x" becomes "x@resolve". What is asked, answered and complained of is noted in the order in which
 * it happens.
 */

#include "src/ipc/resolver_internal.h"
#include "tests/support/ipc_peer.h"
#include "tests/support/runner.h"

#define PATH   "private/rewrite"
#define SENDER "s@example.org"

#define NEVER_MOVED (INT64_MAX / 2)

extern const ResolverPace hurried;
extern const char *const only[];    /* PATH alone, as ResolverSettings.services */
extern const char *const lasting[]; /* a script for start_peer(): answers for ever */

extern Resolver *resolver;
extern Peer peer;
extern int done_count, wanted_count, fatal_count;
extern GString *got, *asked, *trouble; /* words that end with a space; `trouble`: lines */

/* A test case whose tests have an event base, a directory and empty notes. A resolver that the test
 * leaves is freed. */
TCase *resolver_tcase(const char *name);

/* Makes `resolver`, with one rewrite service, timeouts of a second and `hurried`. */
void start_resolver(int connection_limit, int idle_s, int ttl_s);

/* ---- the server ---- */

/* `peer` at PATH. The addresses "no-form", "no-transport", "failed", "no-recipient" and "last" get
 * special answers, and those that begin with "hang" none. */
void start_peer(const char *const *scripts);
void stop_peer(void);

/* The rule by which it answers: a PeerAnswerFn. */
bool answer(const GByteArray *received, GByteArray *reply);

/* ---- questions ---- */

/* Asks and returns at once; fails the test if the resolver answers before it returns. */
ResolverQuestion *ask(const char *address);

/* Asks and runs the loop until this question is done. */
void ask_and_wait(const char *address);

/* What the resolver calls. Each answer is noted in `got`, and breaks the loop if it is answer
 * number `wanted_count`; trouble is noted in `trouble`, and breaks the loop if it is fatal. */
void on_resolved(const ResolveReply *reply, void *ctx);      /* ctx: &got */
void on_rewritten(const char *address, void *ctx);           /* ctx: &got */
void on_trouble(const char *text, bool is_fatal, void *ctx); /* ctx: &trouble */
void note_done(const char *answer);

#endif

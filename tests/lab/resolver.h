#ifndef EQMGR_TESTS_LAB_RESOLVER_H
#define EQMGR_TESTS_LAB_RESOLVER_H

/*
 * tests/lab/resolver: the address resolver behind private/rewrite (ipc.md 4).
 *
 * Answers come from rules, the latest matching one first. Without a rule an address goes to
 * transport "smtp", nexthop its domain, default class. Each connection is greeted at once; each
 * answer is a turn on the stage. The rewrite request (redirect addresses) answers the address
 * itself, with "@lab.test" when it has no domain.
 */

#include "tests/lab/core.h"

typedef struct Resolver Resolver;

Resolver *resolver_new(const Core *core);
void resolver_free(Resolver *resolver);

/*
 * words: PATTERN, then any of transport=T nexthop=H recipient=R flags=N server-flags=N (in H and
 * R: %r is the address asked for, %d its domain, %l its local part), after=DURATION, times=N (the
 * rule ends after N answers), and one of hangup, never, garbage, short instead of an answer.
 */
bool resolver_add_rule(Resolver *resolver, char *const *words,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As agents_set_socket(). */
void resolver_set_socket(Resolver *resolver, bool listening, bool keep_file);

/* Hangs up on every client: a restart of the real one. */
void resolver_restart(Resolver *resolver);

uint64_t resolver_question_count(const Resolver *resolver);

#endif

#ifndef EQMGR_CONTROL_STEER_H
#define EQMGR_CONTROL_STEER_H

/*
 * control/steer: changes of the rules, one after the other (operations.md 8).
 *
 * A change is written to the file first; when it is durable it takes effect, is logged, counted and
 * kept as an event, and only then its owner is told. If it cannot be written nothing has changed. A
 * rule whose end has come is removed and logged in the same way, as soon as nothing is being
 * written; it held nothing any more from that second on, whatever the disk says.
 *
 * There is one, with or without a control socket. It is the only one who changes the Rules.
 */

#include <sys/types.h>

#include <event2/event.h>

#include "control/rule_store.h"
#include "life/life.h"
#include "policy/rules.h"
#include "stats/stats.h"

typedef struct Steer Steer;

/* Borrowed, all of it. */
typedef struct SteerSubject {
    Life *life;
    Stats *stats;
    Rules *rules;
    const char *directory; /* data_directory */
    int directory_fd;      /* -1: it could not be opened */
    RuleLoad load;         /* how the file was read at start */
    const char *problem;   /* with it, for a person; NULL: none */
} SteerSubject;

/*
 * rule: as it is now; of a removed one, as it was; NULL if nothing has changed: then the problem
 * says why.
 */
typedef void SteerDoneFn(const Rule *rule, const char *problem, void *ctx);

Steer *steer_new(struct event_base *base, const SteerSubject *subject) G_GNUC_WARN_UNUSED_RESULT;
void steer_free(Steer *steer); /* NULL is a no-op; no `done` */

/* Copies the rule, which must have no fault. `done` comes later, once. */
void steer_put(Steer *steer, const Rule *rule, SteerDoneFn *done, void *ctx);

/*
 * uid: who wants it. release: how its deferred mail comes.
 */
void steer_remove(Steer *steer, uint32_t number, uid_t uid, LifeRelease release, SteerDoneFn *done,
                  void *ctx);

/*
 * A site has answered so that a destination or a transport is to be suspended for a time
 * (traffic.md 6). A suspension that is there already is not replaced, whoever made it. life calls
 * this (life_set_suspend()).
 */
void steer_suspend_by_answer(Steer *steer, RuleObject object, const char *name, int64_t seconds,
                             const char *reason);

/* Nobody is told of the changes with this ctx any more; they go on. */
void steer_forget(Steer *steer, const void *ctx);

const Rules *steer_rules(const Steer *steer);

/* What was wrong with the file at start, or NULL. */
const char *steer_problem(const Steer *steer);

#endif

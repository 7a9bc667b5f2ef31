#ifndef EQMGR_CONTROL_VERB_INTERNAL_H
#define EQMGR_CONTROL_VERB_INTERNAL_H

/*
 * verb: what can be asked for. Each verb is a row of the table in verbs.c and a file verb_<name>.c.
 *
 * An answer is made in steps: begin() looks at the arguments and remembers what it needs in
 * query->state; step() puts rows, for at most so many objects looked at, and says whether there is
 * more; the last step has put the end row. Between steps anything may change: what a verb remembers
 * is a slot or a key, never a pointer to an object of another layer. A verb that is refused puts an
 * error row in begin().
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "control/control.h"
#include "src/control/answer_internal.h"
#include "src/control/request_internal.h"

typedef struct Query {
    const ControlSubject *subject;
    const ControlSettings *settings;
    Request request;
    ControlLevel level; /* of this request: what the client has, or less */
    const Now *now;     /* of this turn */
    Answer *answer;
    void *state;                          /* the verb's */
    uid_t uid;                            /* of the client */
    bool is_waiting;                      /* step() is called again after query_wake() only */
    void (*on_wake)(struct Query *query); /* the client's */
} Query;

typedef struct Verb {
    const char *name;
    ControlLevel level;           /* needed */
    const char *const *arguments; /* their names, NULL at the end; NULL: none */
    bool (*begin)(Query *query);  /* false: it has put an error row. NULL: nothing to do */
    bool (*step)(Query *query, unsigned object_max); /* true: there is more */
    void (*end)(Query *query); /* frees the state, however far it came; NULL: nothing to do */
} Verb;

/* What the verb waited for has come. */
static inline void query_wake(Query *query)
{
    query->is_waiting = false;
    query->on_wake(query);
}

/* NULL if there is none of that name. */
const Verb *verb_find(const char *name);

/* Its answer is one step that costs the same at any size of the queue, about a tenth of a
 * millisecond: somebody looks whether all is well, perhaps because it is not. */
bool verb_is_brief(const Verb *verb);

/* An argument that is in the request and not in the verb's list, or NULL. */
const char *verb_unknown_argument(const Verb *verb, const Request *request);

#endif

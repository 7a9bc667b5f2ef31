#ifndef EQMGR_CTL_TOP_ERRAND_INTERNAL_H
#define EQMGR_CTL_TOP_ERRAND_INTERNAL_H

/*
 * errand: a change that whoever sits before the screen wants, asked for by questions: for how long
 * to suspend a destination and why, or which rule to end. Pure: it becomes a request, which others
 * send.
 */

#include <stdbool.h>

#include <glib.h>

#include "src/ctl/reply_internal.h"
#include "src/ctl/top/typed_internal.h"

typedef enum ErrandStep {
    ERRAND_NONE,
    ERRAND_FOR_HOW_LONG,
    ERRAND_WHY,
    ERRAND_WHICH_RULE,
    ERRAND_READY /* to be sent */
} ErrandStep;

typedef struct Errand {
    ErrandStep step;
    bool resumes;             /* else it suspends */
    char name[TYPED_MAX + 1]; /* of the destination; "": none is chosen */
    char typed[TYPED_MAX + 1];
    char duration[TYPED_MAX + 1]; /* of a suspension, as it was typed */
    const char *fault;            /* what is wrong with what was typed last; NULL: nothing */
} Errand;

/*
 * Begins the questions about this row of a destination, which may be NULL. level: what the daemon
 * said that we may, or NULL. False: `*ret_refusal` says why not; free it.
 */
bool errand_begin(Errand *errand, bool resumes, const Row *destination, const char *level,
                  char **ret_refusal) G_GNUC_WARN_UNUSED_RESULT;

/* Whether keys are for errand_take_key(): a question is on the screen. */
bool errand_is_asking(const Errand *errand);
void errand_take_key(Errand *errand, int key);

/* The question, and what has been typed; free it. */
char *errand_question(const Errand *errand) G_GNUC_WARN_UNUSED_RESULT;

/* Of one that is ready: the verb, and its arguments, names and values in turn, NULL at the end. */
const char *errand_verb(const Errand *errand);
GStrv errand_arguments(const Errand *errand) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CTL_WEB_KEPT_INTERNAL_H
#define EQMGR_CTL_WEB_KEPT_INTERNAL_H

/*
 * web/kept: answers of the daemon, each kept for KEPT_MS, so that ten browsers cost one listing.
 * Who asks while the same question is out gets the same answer. Failures are kept as well: a daemon
 * that is away is not asked more often than one that is there. Nothing older is ever handed out.
 */

#include <stdbool.h>

#include "src/ctl/web/asker_internal.h"

#define KEPT_MS        1000
#define KEPT_COUNT_MAX 32 /* different questions within that time */

/* What is asked: a verb and its arguments, names and values in turn, NULL at the end. */
typedef struct WebQuestion {
    char *verb;
    GPtrArray *arguments; /* of char *, owned */
} WebQuestion;

void web_question_init(WebQuestion *question, const char *verb);
void web_question_add(WebQuestion *question, const char *name, const char *value);
void web_question_clear(WebQuestion *question);

typedef struct Kept Kept;

/* The answer is borrowed. */
typedef void KeptDoneFn(const WebQuestion *question, WebAnswer *answer, void *ctx);

/* The asker is borrowed and must outlive it. */
Kept *kept_new(Asker *asker) G_GNUC_WARN_UNUSED_RESULT;
void kept_free(Kept *kept); /* after asker_free(); NULL is a no-op */

/*
 * A new reference to the answer if it is there. Otherwise NULL, and `done` is called once, never
 * before this has returned, unless kept_forget() comes first.
 */
WebAnswer *kept_want(Kept *kept, const WebQuestion *question, KeptDoneFn *done,
                     void *ctx) G_GNUC_WARN_UNUSED_RESULT;

/* No `done` for this ctx any more. */
void kept_forget(Kept *kept, const void *ctx);

/* When the daemon gave its last good answer, or when this began to ask. */
int64_t kept_last_heard_s(const Kept *kept);

#endif

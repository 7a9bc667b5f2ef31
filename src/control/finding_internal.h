#ifndef EQMGR_CONTROL_FINDING_INTERNAL_H
#define EQMGR_CONTROL_FINDING_INTERNAL_H

/* finding: the rows of an explanation; what they say is decided in verb_explain.c. */

#include "base/chain.h"
#include "life/inspect.h"
#include "src/control/verb_internal.h"

/* What the first row says; times of 0 and texts of NULL are left out. In the advice the word
 * QUEUE-ID stands for the queue ID. */
typedef struct Finding {
    const char *place, *state, *text, *advice;
    int64_t since_s, due_s, last_attempt_s;
    int64_t prospect_s; /* when it is tried: what holds it then is told; 0: nothing is */
} Finding;

/* Begins the first row and leaves it to be ended. */
void finding_begin(Query *query, const char *queue_id, const Finding *finding);

/* More of the same row. unread_count: recipients of whom only the file knows; warn_s: when a delay
 * warning is sent, none if it is not positive. */
typedef struct FindingEnvelope {
    const char *queue_id, *sender;
    int64_t arrival_s, size_bytes, unread_count, warn_s;
} FindingEnvelope;

void finding_put_envelope(Query *query, const FindingEnvelope *envelope);

/* What is said of retries for the destination that has deferred the message, and where; nothing,
 * and NULL, if that is not known. */
RetryPlan finding_retry(const Query *query, const char *queue_id, const char **ret_origin);

/* The suspension because of which the retry service is to put aside recipients of a message in
 * active; 0: there is none. */
uint32_t finding_rule_at_retry(const Query *query, const LifeMessageView *message);

/* A row for each destination of a message in active. */
void finding_put_waits(Query *query, const LifeMessageView *message);

/*
 * A row for the destination that has deferred the message, as it is now; none if it is not known.
 * For a file in deferred.
 */
void finding_put_cause(Query *query, const char *queue_id);

/* What would help a message in deferred that is not due yet; a new string. */
char *finding_advice_on_cause(const Query *query, const char *queue_id) G_GNUC_WARN_UNUSED_RESULT;

/* A row for each of them, with what its defer log says; reads that log. */
void finding_put_recipients(Query *query, const char *queue_id, const Chain *recipients,
                            unsigned max);

#endif

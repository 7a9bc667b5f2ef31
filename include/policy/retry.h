#ifndef EQMGR_POLICY_RETRY_H
#define EQMGR_POLICY_RETRY_H

/*
 * policy/retry: when deferred mail is tried again, and how old it may become (traffic.md 4).
 *
 * A queue file has no place for a number of attempts, so a schedule is a function of the age of a
 * message: with "5m 15m 1h" the wait is 5m until the age is 5m, then 15m until it is 20m, then 1h
 * again and again. Without a schedule it is that of qmgr(8): as long as the message is old, within
 * minimal_backoff_time and maximal_backoff_time.
 *
 * Jitter spreads what was deferred together: a wait becomes up to so many percent shorter or
 * longer. By how much follows from the queue ID and the number of the wait alone: so it is the same
 * after a crash, and the ages at which one wait is followed by the next are jittered with it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#define RETRY_WAITS_MAX          32
#define RETRY_WAIT_MAX_S         (31 * INT64_C(86400))
#define RETRY_LIFETIME_MAX_S     (100 * INT64_C(86400)) /* as maximal_queue_lifetime */
#define RETRY_JITTER_MAX_PERCENT 50

typedef struct RetrySchedule {
    uint32_t count; /* 0: there is none */
    int32_t waits_s[RETRY_WAITS_MAX];
} RetrySchedule;

#define RETRY_NOT_SAID (-1)

typedef struct RetryPlan {
    RetrySchedule schedule;
    int64_t jitter_percent;    /* of these three, RETRY_NOT_SAID: somebody else decides */
    int64_t lifetime_s;        /* of mail with a sender */
    int64_t bounce_lifetime_s; /* of mail from the null sender */
} RetryPlan;

/* What a plan can say. */
typedef enum RetryPart {
    RETRY_SCHEDULE,
    RETRY_JITTER,
    RETRY_LIFETIME,
    RETRY_BOUNCE_LIFETIME,
    RETRY_PART_COUNT
} RetryPart;

/* minimal_backoff_time, maximal_backoff_time */
typedef struct RetryBackoff {
    int64_t minimal_s, maximal_s;
} RetryBackoff;

/* Nothing is said. */
RetryPlan retry_plan_none(void);
bool retry_plan_is_none(const RetryPlan *plan);

bool retry_plan_equal(const RetryPlan *a, const RetryPlan *b);

/* What `plan` does not say is what `other` says. */
void retry_plan_complete(RetryPlan *plan, const RetryPlan *other);

bool retry_plan_says(const RetryPlan *plan, RetryPart part);

/*
 * Says a part. NULL: success; else what is wrong, in words that say what would be right.
 *
 *   schedule   5m 15m 1h 4h   up to RETRY_WAITS_MAX times of 1s to 31d; the last one is repeated
 *   jitter     10             percent, 0 to RETRY_JITTER_MAX_PERCENT; '%' may follow
 *   lifetimes  2d             0 to 100d; 0: one attempt
 */
const char *retry_plan_parse(RetryPlan *plan, RetryPart part,
                             const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* A part that is said, as it is parsed. The caller's. */
char *retry_plan_format(const RetryPlan *plan, RetryPart part) G_GNUC_WARN_UNUSED_RESULT;

/*
 * How long to wait, 1 second or more, after an attempt that ended at this age. A negative age, of
 * mail from the future, is one of 0. Without a schedule and jitter it is qmgr(8)'s, to the second.
 */
int64_t retry_wait_s(const RetryPlan *plan, const RetryBackoff *backoff, const char *queue_id,
                     int64_t age_s);

#endif

#ifndef EQMGR_CTL_CHECK_RATING_INTERNAL_H
#define EQMGR_CTL_CHECK_RATING_INTERNAL_H

/* rating: the values of a status row against limits, as plugins of Nagios and its kin do. Pure. */

#include "src/ctl/reply_internal.h"

/* As exit statuses. */
typedef enum Rating {
    RATING_OK,
    RATING_WARNING,
    RATING_CRITICAL,
    RATING_UNKNOWN,
} Rating;

typedef enum RatedValue {
    RATED_ACTIVE, /* percent of the limit */
    RATED_DEAD,   /* transports */
    RATED_STUCK,  /* messages, as all that follow but the last */
    RATED_OVERDUE,
    RATED_DEFERRED,
    RATED_OLDEST, /* in active: its age in seconds */
    RATED_COUNT
} RatedValue;

/* From this value on; 0: never. */
typedef struct RatingLimit {
    int64_t warning, critical;
} RatingLimit;

typedef struct RatingLimits {
    RatingLimit of[RATED_COUNT];
} RatingLimits;

RatingLimits rating_default_limits(void);
const char *rating_option(RatedValue value); /* "active" */

/* "80,95", "80" (a warning only), ",95" (critical only), "-" (neither). Times may have units.
 * False: not that. */
bool rating_parse_limit(RatedValue value, const char *text, RatingLimit *ret_limit);

const char *rating_str(Rating rating); /* "WARNING" */

/* *ret_text: one line for people, with the values for graphs after "|"; free it. */
Rating rating_of(const Row *status, int64_t now_s, const RatingLimits *limits, char **ret_text);

#endif

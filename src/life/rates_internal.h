#ifndef EQMGR_LIFE_RATES_INTERNAL_H
#define EQMGR_LIFE_RATES_INTERNAL_H

/*
 * rates: what the policy file and eqmgr.cf say of rates (traffic.md 1): a section first, and what
 * it does not say comes from the transport. Who has to keep to that is the business of limit.
 *
 * `site` is the section of a destination, NULL for none; `day` that of ramps (policy/ramp).
 */

#include "policy/level.h"
#include "src/life/life_internal.h"

/* A count of 0: there is no such limit. */
typedef struct SaidRates {
    MeterLimit deliveries, recipients;
} SaidRates;

SaidRates rates_of_section(const Site *site, int64_t day);

/* What is not said comes from the transport. */
void rates_inherit(const Life *life, const char *transport, SaidRates *said);

/* What holds for each member beside the numbers that its section shares: of those that the
 * transport says, what the section does not say. */
SaidRates rates_beside(const Life *life, const char *transport, const Site *site, int64_t day);

/* Of all destinations of a transport together; false: there is none. */
bool rates_of_whole(const Life *life, const char *transport, MeterLimit *ret_limit);

/* The same in words, as "PARAMETER = 2000/1m"; NULL: there is none. The caller's. */
char *rates_whole_text(const Life *life, const char *transport);

/* Not above what a site has asked for; level NULL: it has not. */
void rates_lower(MeterLimit *limit, const SiteLevel *level);

/*
 * Whose rate it is, deliveries before recipients: "section [site NAME] of the policy file keeps it
 * to rate 100/1m" for the log, "rate 100/1m of [site NAME]" beside the destination. NULL: there is
 * none. The caller's.
 */
char *rates_holder_text(const Life *life, const char *transport, const Site *site, int64_t day);
char *rates_bound_text(const Life *life, const char *transport, const Site *site, int64_t day);

#endif

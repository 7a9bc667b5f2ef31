#ifndef EQMGR_CTL_DOCTOR_ADVICE_INTERNAL_H
#define EQMGR_CTL_DOCTOR_ADVICE_INTERNAL_H

/*
 * advice: sentences about a state, from a table of rules: what was seen, and what would help. A
 * rule that does not hold says nothing; none says anything about a queue that is well. Pure.
 */

#include "src/ctl/doctor/facts_internal.h"

/* As a row of the answer: kind, severity ("trouble", "attention", "hint"), text, help. */
GPtrArray *advice_of(const Facts *facts) G_GNUC_WARN_UNUSED_RESULT; /* of Row *, worst first */

#endif

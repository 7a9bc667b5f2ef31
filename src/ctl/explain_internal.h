#ifndef EQMGR_CTL_EXPLAIN_INTERNAL_H
#define EQMGR_CTL_EXPLAIN_INTERNAL_H

/* explain: why a message is where it is, in sentences. */

#include "src/ctl/command_internal.h"

int explain_run(const Invocation *invocation);

#endif

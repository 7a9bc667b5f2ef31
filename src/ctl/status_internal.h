#ifndef EQMGR_CTL_STATUS_INTERNAL_H
#define EQMGR_CTL_STATUS_INTERNAL_H

/* status: the state of the queue on one screen. */

#include "src/ctl/command_internal.h"

int status_run(const Invocation *invocation);

#endif

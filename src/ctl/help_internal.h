#ifndef EQMGR_CTL_HELP_INTERNAL_H
#define EQMGR_CTL_HELP_INTERNAL_H

/* help: the verb that prints what the table of commands says. */

#include "src/ctl/command_internal.h"

int help_run(const Invocation *invocation);

#endif

#ifndef EQMGR_CTL_CHECK_INTERNAL_H
#define EQMGR_CTL_CHECK_INTERNAL_H

#include "src/ctl/command_internal.h"

/* The verb check: a plugin for Nagios, Icinga and their kin. Exit status 0, 1, 2 or 3. */
int check_run(const Invocation *invocation);

#endif

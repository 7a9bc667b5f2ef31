#ifndef EQMGR_CTL_POLICY_INTERNAL_H
#define EQMGR_CTL_POLICY_INTERNAL_H

#include "src/ctl/command_internal.h"

/*
 * The verb policy: what a policy file says. It reads the files as the daemon does at its start, and
 * asks no daemon, but for the destinations that "diff" compares. Exit status 1: the file has
 * errors, or there is none.
 */
int policy_run(const Invocation *invocation);

#endif

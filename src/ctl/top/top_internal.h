#ifndef EQMGR_CTL_TOP_INTERNAL_H
#define EQMGR_CTL_TOP_INTERNAL_H

#include "src/ctl/command_internal.h"

#define TOP_DEFAULT_INTERVAL_S 1

/* The verb top: on a terminal until q is pressed, else (or with --batch) a line at each interval.
 */
int top_run(const Invocation *invocation);

#endif

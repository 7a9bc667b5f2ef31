#ifndef EQMGR_CTL_DOCTOR_INTERNAL_H
#define EQMGR_CTL_DOCTOR_INTERNAL_H

#include "src/ctl/command_internal.h"

/* The verb doctor: advice about the state. Exit status 0 if there is none, 1 if there is. */
int doctor_run(const Invocation *invocation);

#endif

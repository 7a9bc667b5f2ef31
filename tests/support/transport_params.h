#ifndef EQMGR_TESTS_SUPPORT_TRANSPORT_PARAMS_H
#define EQMGR_TESTS_SUPPORT_TRANSPORT_PARAMS_H

/* tests/support/transport_params: what a transport and the scheduler have without settings in
 * main.cf. */

#include "sched/sched.h"

SchedTransportParams usual_transport_params(void);
SchedSettings usual_sched_settings(void);

#endif

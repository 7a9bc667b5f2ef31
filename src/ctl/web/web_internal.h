#ifndef EQMGR_CTL_WEB_WEB_INTERNAL_H
#define EQMGR_CTL_WEB_WEB_INTERNAL_H

/* web: the status page, metrics and JSON over HTTP (operations.md 6), until a signal ends it. */

#include "src/ctl/command_internal.h"

#define WEB_DEFAULT_ADDRESS "127.0.0.1:9155"

int web_run(const Invocation *invocation);

#endif

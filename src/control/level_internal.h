#ifndef EQMGR_CONTROL_LEVEL_INTERNAL_H
#define EQMGR_CONTROL_LEVEL_INTERNAL_H

/* level: what the process at the other end of a connection may see, by what the kernel says it is.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "control/control.h"

/* Root and the owner: everything. Others: the highest level that lists them. */
ControlLevel level_of(const ControlSettings *settings, uid_t uid, gid_t gid);

/* The name used in requests and texts; and back, false if there is none of that name. */
const char *level_str(ControlLevel level);
bool level_parse(const char *name, ControlLevel *ret_level);

#endif

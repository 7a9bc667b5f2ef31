#ifndef EQMGR_CONTROL_USERS_H
#define EQMGR_CONTROL_USERS_H

/*
 * control/users: names of users and groups as numbers. The name service may be slow or behind a
 * chroot, so it is asked at start, before privileges are dropped, and never again.
 */

#include <glib.h>

#include "control/control.h"

/*
 * Names separated by commas and white space; @NAME is a group: its members, and whose primary group
 * it is. What is not known is told by a complete text in `warnings` (char *, freed by the array)
 * and left out. Clear the result.
 */
void control_members_resolve(const char *names, ControlMembers *ret_members, GPtrArray *warnings);
void control_members_clear(ControlMembers *members);

#endif

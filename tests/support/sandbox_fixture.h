#ifndef EQMGR_TESTS_SUPPORT_SANDBOX_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_SANDBOX_FIXTURE_H

/*
 * tests/support/sandbox_fixture: places for a sandbox, and children that enter it: the test itself
 * cannot leave it.
 */

#include <event2/event.h>

#include "daemon/sandbox.h"
#include "tests/support/daemon_child.h"

/* Two places: the working directory may be changed, ../config read; ../outside is out of reach. */
void sandbox_fixture_set_up(void);
void sandbox_fixture_tear_down(void);

/* In a child. A loop that the sandbox knows. */
struct event_base *sandbox_fixture_enter(SandboxMode mode);

/* A body of a child: enters the SandboxMode that is pointed at. */
void sandbox_fixture_enter_only(void *mode);

/* Whether a step is in force with SANDBOX_YES here: a kernel or a build may lack it. */
bool sandbox_fixture_in_force(const char *step);

#endif

#ifndef EQMGR_TESTS_SUPPORT_CONTROL_STEPS_H
#define EQMGR_TESTS_SUPPORT_CONTROL_STEPS_H

/* tests/support/control_steps: an answer of the control socket, made without a socket. */

#include "control/control.h"

/*
 * Makes the whole answer to `words` (names and values in turn, separated by blanks) at level
 * control, in steps that may look at so many objects each; returns how many steps it took. Fails
 * the test if the verb is refused.
 */
unsigned control_count_steps(const ControlSubject *subject, const char *words, unsigned object_max);

#endif

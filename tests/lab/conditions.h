#ifndef EQMGR_TESTS_LAB_CONDITIONS_H
#define EQMGR_TESTS_LAB_CONDITIONS_H

/*
 * tests/lab/conditions: what a scenario can wait for, or insist on.
 *
 *   deliveries N | replies N | questions N | requests N     so many so far
 *   log TEXT [N] | note TEXT [N]                            so many lines with that text (default
 * 1) file PATH | gone PATH                                   queue/ID, hashed or not waiting
 * TRANSPORT N | running TRANSPORT N               agents not yet, or already, announced tokens N |
 * exit
 */

#include "tests/lab/lab.h"

bool condition_check(const Lab *lab, char *const *words, bool *ret_holds,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_POLICY_GLOB_INTERNAL_H
#define EQMGR_POLICY_GLOB_INTERNAL_H

/*
 * glob: patterns in which '*' stands for anything. To match takes no more steps than the product of
 * both lengths.
 */

#include <stdbool.h>

bool glob_match(const char *glob, const char *text);

#endif

#ifndef EQMGR_CONFIG_POLICY_REPLY_INTERNAL_H
#define EQMGR_CONFIG_POLICY_REPLY_INTERNAL_H

/*
 * policy_reply: the sections [reply NAME] of a policy file (traffic.md 6).
 */

#include "policy_reader_internal.h"

/* NULL: a section of this name, which is a good one, can begin; else what is wrong, which the
 * caller frees. */
char *policy_reply_fault(const PolicyReader *reader, const char *name);

void policy_reply_begin(PolicyReader *reader, const char *name);
void policy_reply_take(PolicyReader *reader, const char *name, const char *value);

/* All that has to be said was said. */
void policy_reply_end(PolicyReader *reader);

/* After the last section: each site that a section names is there. */
void policy_reply_check_sites(PolicyReader *reader);

#endif

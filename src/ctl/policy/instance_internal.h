#ifndef EQMGR_CTL_POLICY_INSTANCE_INTERNAL_H
#define EQMGR_CTL_POLICY_INSTANCE_INTERNAL_H

/* instance: the settings of an instance, and its policy file, with what is wrong with them. */

#include "config/policy_file.h"
#include "config/settings.h"
#include "src/ctl/command_internal.h"

/*
 * What the queue manager would read; NULL after saying why. settings_free() it. If that cannot be
 * read, and the files of the instance are not needed: the defaults of Postfix, after a notice.
 */
Settings *instance_settings(const Invocation *invocation,
                            bool needs_files) G_GNUC_WARN_UNUSED_RESULT;

/* All that is known about a policy file. */
typedef struct PolicyFindings {
    Sites *sites;                 /* NULL: there are errors */
    GPtrArray *errors, *warnings; /* texts */
} PolicyFindings;

/* path: "" for no sections. */
void instance_find(PolicyFindings *findings, const char *path, const Settings *settings);
void instance_clear(PolicyFindings *findings);

#endif

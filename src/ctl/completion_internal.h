#ifndef EQMGR_CTL_COMPLETION_INTERNAL_H
#define EQMGR_CTL_COMPLETION_INTERNAL_H

/* completion: scripts for shells, made of the table of commands, so that they cannot differ from
 * it. */

#include "src/ctl/command_internal.h"

/* The script for "bash", "zsh" or "fish", a new string; NULL for any other shell. */
char *completion_text(const char *shell) G_GNUC_WARN_UNUSED_RESULT;

int completion_run(const Invocation *invocation);

#endif

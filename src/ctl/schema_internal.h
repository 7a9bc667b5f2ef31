#ifndef EQMGR_CTL_SCHEMA_INTERNAL_H
#define EQMGR_CTL_SCHEMA_INTERNAL_H

/* schema: what the lines of -j are, as JSON Schema, made of the table in view.c. */

#include "src/ctl/command_internal.h"

/* A new string that ends with a newline. */
char *schema_text(void) G_GNUC_WARN_UNUSED_RESULT;

int schema_run(const Invocation *invocation);

#endif

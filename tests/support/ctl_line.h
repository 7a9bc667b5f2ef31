#ifndef EQMGR_TESTS_SUPPORT_CTL_LINE_H
#define EQMGR_TESTS_SUPPORT_CTL_LINE_H

/* tests/support/ctl_line: command lines of eqmgrctl as a test writes them. */

#include "src/ctl/command_internal.h"

/* A command line as words separated by blanks; the words stay until the next one. As
 * command_parse(). */
Invocation *ctl_line_parse(const char *line, int *ret_status);

/* The request as "name=value ...". Free with g_free(). */
char *ctl_line_request(const Invocation *invocation);

#endif

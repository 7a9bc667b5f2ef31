/* The verb "help". */

#include <stdio.h>

#include "src/ctl/help_internal.h"

int help_run(const Invocation *invocation)
{
    g_autofree char *problem = NULL;
    const Command *command;

    if (invocation->operand == NULL) {
        command_print_overview();
        return 0;
    }
    command = command_find(invocation->operand, &problem);
    if (command == NULL) {
        (void)fprintf(stderr, "eqmgrctl: %s\n", problem);
        return SESSION_USAGE;
    }
    command_print_help(command);
    return 0;
}

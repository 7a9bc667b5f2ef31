/*
 * eqmgrctl(8): looks into the queue manager over its control socket. The work is in the files of
 * the verbs; commands.c lists them.
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/ctl/command_internal.h"

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;
    Invocation *invocation;

    (void)setlocale(LC_ALL, "");
    invocation = command_parse(argc, argv, &status);
    if (invocation != NULL)
        status = invocation->command->run(invocation);
    command_free(invocation);
    /* What could not be written was not shown. */
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        perror("eqmgrctl: standard output");
        status = status == 0 ? SESSION_INCOMPLETE : status;
    }
    return status;
}

#include "tests/support/daemon_child.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

ChildEnd run_child(ChildBodyFn *body, void *ctx, int captured_fd)
{
    ChildEnd end = {.exit_status = -1};
    size_t length = 0;
    ssize_t count;
    int channel[2], status;
    pid_t pid;

    (void)fflush(NULL);
    ck_assert_int_eq(pipe(channel), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        (void)dup2(channel[1], captured_fd);
        (void)close(channel[0]);
        (void)close(channel[1]);
        body(ctx);
        (void)fflush(NULL);
        _exit(CHILD_RETURNED);
    }
    (void)close(channel[1]);
    while (length < sizeof end.output - 1 &&
           (count = read(channel[0], end.output + length, sizeof end.output - 1 - length)) > 0)
        length += (size_t)count;
    (void)close(channel[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status))
        end.exit_status = WEXITSTATUS(status);
    else
        end.signal = WTERMSIG(status);
    return end;
}

#ifndef EQMGR_TESTS_DAEMON_CHILD_H
#define EQMGR_TESTS_DAEMON_CHILD_H

/* tests/daemon_child: runs code that ends its process, and tells how it ended. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/runner.h"

/* What a body that returns ends with: no status the code under test uses. */
enum { CHILD_RETURNED = 42 };

typedef void ChildBodyFn(void *ctx);

typedef struct ChildEnd {
    int exit_status; /* -1: ended by a signal */
    int signal;
    char output[1000]; /* what it wrote to its descriptor `captured_fd` */
} ChildEnd;

/* The child cannot share Check's idea of a failure: bodies use abort() or g_assert. */
static inline ChildEnd run_child(ChildBodyFn *body, void *ctx, int captured_fd)
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

#endif

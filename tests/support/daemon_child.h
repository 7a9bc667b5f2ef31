#ifndef EQMGR_TESTS_SUPPORT_DAEMON_CHILD_H
#define EQMGR_TESTS_SUPPORT_DAEMON_CHILD_H

/* tests/support/daemon_child: runs code that ends its process, and tells how it ended. */

#include "tests/support/runner.h"

/* The exit status of a child whose body returns; the code under test never uses it. */
enum { CHILD_RETURNED = 42 };

typedef void ChildBodyFn(void *ctx);

typedef struct ChildEnd {
    int exit_status; /* -1: ended by a signal */
    int signal;
    char output[1000]; /* what it wrote to its descriptor `captured_fd` */
} ChildEnd;

/* Runs `body` in a child and waits for its end. The child cannot share Check's idea of a failure:
 * bodies use abort() or g_assert. */
ChildEnd run_child(ChildBodyFn *body, void *ctx, int captured_fd);

#endif

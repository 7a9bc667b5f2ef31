#ifndef EQMGR_TESTS_KILL_REWRITER_H
#define EQMGR_TESTS_KILL_REWRITER_H

/*
 * tests/kill/rewriter: an address resolver as a process of its own (ipc.md 4), which serves several
 * connections, one question at a time, as trivial-rewrite(8) does: transport smtp, nexthop the
 * domain. Addresses at sites whose names begin with REWRITER_SLOW_WORD take their time.
 */

#include <glib.h>

#include "tests/kill/common.h"

#define REWRITER_SLOW_WORD "slow"

/* `listen_fd` is non-blocking: a process of the same kind may be faster. */
G_GNUC_NORETURN void rewriter_run(const Common *common, int listen_fd);

#endif

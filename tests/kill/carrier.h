#ifndef EQMGR_TESTS_KILL_CARRIER_H
#define EQMGR_TESTS_KILL_CARRIER_H

/*
 * tests/kill/carrier: a delivery agent as a process of its own, which can be killed at any moment
 * (ipc.md 3).
 *
 * It does what real ones do, in their order: announce, read the request, open the queue file, take
 * the shared lock, deliver, mark the recipient, reply, wait for the end of the connection, and only
 * then close the file. Each delivery and each mark is noted in the ledger.
 *
 * The recipient's number decides whether it is bounced (CARRIER_BOUNCES), chance whether it is
 * deferred. Sites whose names begin with CARRIER_DEAD_WORD are dead until they live. The transport
 * retry defers everything.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/kill/common.h"
#include "tests/lab/core.h"

#define CARRIER_DEAD_WORD "dead"

typedef struct CarrierRole {
    const Core *core;
    const Common *common;
    const char *transport;
    int listen_fd; /* blocking */
    uint32_t seed;
} CarrierRole;

G_GNUC_NORETURN void carrier_run(const CarrierRole *role);

/* Which recipients have no mailbox. */
bool carrier_bounces(uint32_t recipient);

#endif

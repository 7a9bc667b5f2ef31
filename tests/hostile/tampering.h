#ifndef EQMGR_TESTS_HOSTILE_TAMPERING_H
#define EQMGR_TESTS_HOSTILE_TAMPERING_H

/*
 * tests/hostile/tampering: makes played processes ill. Stands between them and the daemon under
 * test (the tamper of tests/lab/peer.h), and lets some connections fall ill at one of the lists
 * that the process sends: its announcement, or one of its answers.
 *
 * What an ill peer sends goes through the stage, so that the daemon uses up each piece before the
 * next one comes.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/hostile/mutate.h"
#include "tests/lab/core.h"

typedef struct TamperingPlan {
    uint32_t seed;
    double sickness; /* how many of all connections fall ill */
    /* Not NULL: of this server only, this connection (from 1) with this illness. */
    const char *path;
    unsigned connection;
    Illness illness;
    bool at_answer; /* its first one; else at its announcement */
} TamperingPlan;

/* What has become of the connections to one server. */
typedef struct Ward {
    char *path;
    unsigned opened_count;
    unsigned ill_count;
    unsigned wrong_count;   /* of these: sent what the daemon has to complain of */
    unsigned endless_count; /* of these: the daemon read on and on */
} Ward;

typedef struct Tampering Tampering;

/* Told of each list that is sent: whether the daemon gets something else. */
typedef void TamperingFn(bool is_ill, void *ctx);

/* `core` gets it as its tamper. */
Tampering *tampering_new(Core *core, const TamperingPlan *plan, TamperingFn *on_list, void *ctx);

/* No connection falls ill any more. */
void tampering_stop(Tampering *tampering);

/* After all peers are gone. */
void tampering_free(Tampering *tampering);

/* Of Ward, in the order of the first connections. */
const GPtrArray *tampering_wards(const Tampering *tampering);

#endif

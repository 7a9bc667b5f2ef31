#ifndef EQMGR_LIFE_DELIVER_INTERNAL_H
#define EQMGR_LIFE_DELIVER_INTERNAL_H

/*
 * deliver: connections to delivery agents, and the requests and replies on them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <glib.h>

#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct Deliveries {
    TAILQ_HEAD(, DeliverConnection) connections;
    GByteArray *request;    /* reused to encode requests */
    int64_t room_told_ms;   /* when a lack of descriptors was logged last; 0: never */
    bool agents_understand; /* one has shown it, or the warning that they may not was logged */
} Deliveries;

void deliver_init(Life *life);
void deliver_stop(Life *life); /* drops all connections */
void deliver_check(const Life *life);
void deliver_open_connections(Life *life);

#endif

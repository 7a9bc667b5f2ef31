#ifndef EQMGR_LIFE_DELIVER_INTERNAL_H
#define EQMGR_LIFE_DELIVER_INTERNAL_H

/*
 * deliver: connections to delivery agents, and the requests and replies on them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <glib.h>

#include "base/slot_table.h"
#include "life/inspect.h"
#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct Deliveries {
    TAILQ_HEAD(, DeliverConnection) connections;
    SlotTable slots;        /* all connections, for walks */
    GByteArray *request;    /* reused to encode requests */
    int64_t room_told_ms;   /* when a lack of descriptors was logged last; 0: never */
    bool agents_understand; /* one has shown it, or the warning that they may not was logged */
} Deliveries;

void deliver_init(Life *life);
void deliver_stop(Life *life); /* drops all connections */
void deliver_check(const Life *life);
void deliver_open_connections(Life *life);

/* A walk over all connections, for those who look. */
bool deliver_view_next(const Life *life, uint32_t *slot, unsigned patience,
                       LifeConnectionView *ret_view);
bool deliver_view_is_end(const Life *life, uint32_t slot);

#endif

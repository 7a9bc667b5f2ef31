#ifndef EQMGR_CONTROL_WALK_INTERNAL_H
#define EQMGR_CONTROL_WALK_INTERNAL_H

/*
 * walk: over the objects of another layer, by slots and in pieces: the one way in which an answer
 * looks at many things.
 */

#include "src/control/verb_internal.h"

typedef struct Walk {
    /* Looks at the object in slot *slot, if there is one, and moves *slot on by one. */
    void (*visit)(Query *query, uint32_t *slot);
    bool (*is_end)(const Query *query, uint32_t slot);
} Walk;

/* Visits so many slots at most. True: there is more to visit. */
bool walk_step(const Walk *walk, Query *query, uint32_t *slot, unsigned object_max);

/* The ends of walks that several verbs make. */
bool walk_is_end_of_messages(const Query *query, uint32_t slot);
bool walk_is_end_of_due(const Query *query, uint32_t slot);

#endif

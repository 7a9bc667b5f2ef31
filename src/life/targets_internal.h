#ifndef EQMGR_LIFE_TARGETS_INTERNAL_H
#define EQMGR_LIFE_TARGETS_INTERNAL_H

/*
 * targets: the destinations of which a job has tried mail, and what is known of that: a table by
 * transport and name.
 */

#include <stdbool.h>
#include <stdint.h>

#include "src/life/life_internal.h"

typedef struct Target {
    char *transport, *name;             /* "": not known */
    bool is_over;                       /* nothing of it is tried any more */
    uint32_t through_count, back_count; /* since the last judgement */
    uint32_t all_back_count;
    uint32_t held_count;  /* of its mail, what only another one may take: as the last walk met it */
    uint32_t later_count; /* what waits for its turn in the active queue */
} Target;

GHashTable *targets_new(void); /* free with g_hash_table_unref() */

/* Finds or adds. */
Target *targets_ensure(GHashTable *targets, const char *transport, const char *name);

bool targets_is_over(GHashTable *targets, const char *transport, const char *name);
bool targets_has_over(GHashTable *targets);

/* Whose messages came back, and none came through, is over. */
void targets_judge(GHashTable *targets);

/* A walk over the mail that may be tried begins: it counts anew what others may take only. */
void targets_begin_walk(GHashTable *targets);

/* Deferred messages that are known to wait for destinations that are over, and were not tried; but
 * not those that wait for their turn. */
uint32_t targets_left_count(GHashTable *targets, const Life *life);

#endif

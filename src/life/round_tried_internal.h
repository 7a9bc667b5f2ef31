#ifndef EQMGR_LIFE_ROUND_TRIED_INTERNAL_H
#define EQMGR_LIFE_ROUND_TRIED_INTERNAL_H

/*
 * round_tried: which messages the rounds of all jobs have, by queue ID. A message may be known to
 * several rounds, but all of them except the last one that has had it know that it came back.
 */

#include "src/life/round_internal.h"

typedef struct Tried {
    TAILQ_ENTRY(Tried) in_list; /* of its round */
    Round *round;
    Target *target;
    struct Tried *before; /* the same message, of a round that had it before */
    int64_t had_s, due_s; /* its time before, and as we set it */
    bool was_taken;       /* into active */
    bool is_later;        /* it waits for its turn, in that list */
    bool is_back;
    bool came_through;
    char queue_id[];
} Tried;

struct TriedTable {
    GHashTable *last; /* queue ID -> Tried of the round that had it last */
};

Tried *round_last_tried(const TriedTable *table, const char *queue_id); /* NULL: none has it */

/* The last one may be any that is back. The table owns nothing. */
void round_enter_table(TriedTable *table, Tried *tried);
void round_leave_table(TriedTable *table, const Tried *tried);

#endif

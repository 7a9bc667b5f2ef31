#ifndef EQMGR_LIFE_TROUBLE_INTERNAL_H
#define EQMGR_LIFE_TROUBLE_INTERNAL_H

/*
 * trouble: remembers since when something goes wrong with a message.
 */

#include <stdint.h>

#include <glib.h>

#include "src/life/life_internal.h"

typedef enum TroubleKind {
    TROUBLE_READING, /* its file can be neither opened nor read */
    TROUBLE_ENDING,  /* something cannot be done without which it must not end */
} TroubleKind;

#define TROUBLE_KIND_COUNT 2
#define TROUBLE_IS_NEW     (-1)

void trouble_init(Life *life);
void trouble_stop(Life *life);

/* Call when there is trouble. Returns for how many seconds there has been, or TROUBLE_IS_NEW. */
int64_t trouble_lasts_s(Life *life, TroubleKind kind, const char *queue_id);

/* Call when the message has ended: forgets all its trouble. */
void trouble_forget(Life *life, const char *queue_id);

/* The table of one kind, by a clock of the caller's; for tests. */
typedef struct TroubleTable {
    GHashTable *troubles;            /* by queue ID */
    int64_t forget_after_s, swept_s; /* since the last trouble of an entry; when it was done last */
} TroubleTable;

void trouble_table_init(TroubleTable *table, int64_t forget_after_s);
void trouble_table_clear(TroubleTable *table);
int64_t trouble_table_lasts_s(TroubleTable *table, const char *queue_id, int64_t now_s);

#endif

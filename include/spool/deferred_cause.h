#ifndef EQMGR_SPOOL_DEFERRED_CAUSE_H
#define EQMGR_SPOOL_DEFERRED_CAUSE_H

/*
 * spool/deferred_cause: what deferred mail waits for (operations.md 1, "Deferred by destination").
 *
 * For each file the index may know the destination that deferred it first in its last attempt, and
 * the status that was given. It is told by the caller, who has it from the attempt or reads it from
 * the file; it is forgotten with the file, and when the index is lost. So every number here is
 * about the files whose destination is known, which deferred_causes_known() tells.
 *
 * A destination is a transport and a name; the name means nothing here. Names and statuses are kept
 * once each, as long as a file has them. Memory: 12 bytes for each file and about 400 for each
 * different destination, of which there are DEFERRED_DESTINATIONS_MAX at most; files of more of
 * them count as not known.
 *
 * Walks go by slots, as in base/slot_table.
 */

#include <stdbool.h>
#include <stdint.h>

#define DEFERRED_DESTINATIONS_MAX 100000
#define DEFERRED_REASONS_MAX      200000 /* each a status at a destination */
#define DEFERRED_STATUSES_MAX     1000
#define DEFERRED_NAME_MAX_BYTES   512 /* longer names of destinations are not kept */
#define DEFERRED_REASON_BYTES     160 /* of a reason, the beginning is kept */

typedef struct DeferredIndex DeferredIndex;

typedef struct DeferredCause {
    const char *transport, *destination; /* NULL: not known */
    bool is_user;                        /* the destination is user@nexthop */
    const char *status, *reason;         /* "4.4.1" and a text; NULL: not known */
} DeferredCause;

/* What is NULL leaves what is known. No-op if the index does not know the file. */
void deferred_index_learn(DeferredIndex *index, const char *queue_id, const DeferredCause *cause);

/* False: the index does not know the file. What is not known is NULL; borrowed. */
bool deferred_index_cause(const DeferredIndex *index, const char *queue_id,
                          DeferredCause *ret_cause);

/*
 * Files of which not all is known, to be read and told to deferred_index_learn(). Each is given
 * once; the name is borrowed. NULL after looking at so many files from *slot on, or when there is
 * none; at the end *slot is 0 again.
 */
const char *deferred_index_give_unread(DeferredIndex *index, uint32_t *slot, unsigned patience);
uint32_t deferred_index_unread_count(const DeferredIndex *index);

/* Files whose destination is known. */
uint32_t deferred_index_known_count(const DeferredIndex *index);

/* Files that wait for this destination, as far as it is known; transport NULL: of any. */
uint32_t deferred_index_count_of(const DeferredIndex *index, const char *transport,
                                 const char *destination);

/* ---- what there is ---- */

typedef struct DeferredView {
    DeferredCause cause; /* without what the walk does not tell apart */
    uint32_t count;
} DeferredView;

typedef enum DeferredGrouping {
    DEFERRED_BY_DESTINATION,            /* the reason is one of several */
    DEFERRED_BY_STATUS,                 /* no destination; the reason is the last one */
    DEFERRED_BY_DESTINATION_AND_STATUS, /* what is not known is NULL */
} DeferredGrouping;

/* False after looking at so many slots, or at the end. */
bool deferred_index_view_next(const DeferredIndex *index, DeferredGrouping grouping, uint32_t *slot,
                              unsigned patience, DeferredView *ret_view);
bool deferred_index_view_is_end(const DeferredIndex *index, DeferredGrouping grouping,
                                uint32_t slot);

/* ---- the mail of some destinations ---- */

/*
 * Picks the earliest files of all destinations for which `matches` is true, `max` at most: a walk
 * in pieces over these destinations and their files, which does not touch the files of others. A
 * file that is there all the time and does not change its destination is seen. What was picked may
 * be gone by the time somebody takes it. Take the files out of the index (spool_move() to active
 * and deferred_index_forget()) before the next pick, or they come again.
 */
typedef struct DeferredPick DeferredPick;
typedef bool DeferredMatchFn(const char *transport, const char *destination, void *ctx);

DeferredPick *deferred_pick_new(DeferredIndex *index, unsigned max, DeferredMatchFn *matches,
                                void *ctx);
/* Before the first step: files for which this is true are not seen. */
typedef bool DeferredSkipFn(const char *queue_id, void *ctx);
void deferred_pick_skip(DeferredPick *pick, DeferredSkipFn *skips);

void deferred_pick_free(DeferredPick *pick); /* before its index; NULL is a no-op */

/* Looks at so many destinations and files. True: there is more to look at. */
bool deferred_pick_step(DeferredPick *pick, unsigned patience);

/* The index was lost meanwhile: nothing was picked. */
bool deferred_pick_is_lost(const DeferredPick *pick);

uint32_t deferred_pick_seen(const DeferredPick *pick); /* files of matching destinations */
unsigned deferred_pick_count(const DeferredPick *pick);

/* The earliest is 0; borrowed. */
const char *deferred_pick_name(const DeferredPick *pick, unsigned i, int64_t *ret_due_s);

#endif

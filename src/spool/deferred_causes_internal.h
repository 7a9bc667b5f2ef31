#ifndef EQMGR_SPOOL_DEFERRED_CAUSES_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_CAUSES_INTERNAL_H

/*
 * spool/deferred_causes: what the files of the deferred index wait for, by their numbers in the
 * table: the destination that deferred them, and the status that it gave.
 *
 * Each file has 12 bytes: the number of its cause, and a chain through all files of the same
 * destination. A cause is a destination and a status; it, the destination and the status live as
 * long as a file refers to them, which is what their counts say. What is asked for often costs
 * nothing then: how many files wait for a destination, or with a status.
 *
 * Memory: 12 bytes a file, and about 400 bytes for each different destination with its reason; of
 * both there is a most, beyond which new ones count as not known.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <glib.h>

#include "base/slot_table.h"
#include "base/tree.h"
#include "spool/deferred_cause.h"

/* A destination, with those of its causes that are in use. */
typedef struct DeferredTarget {
    TreeNode in_targets; /* unless it is the one of what is not known */
    LIST_HEAD(, CauseOfFiles) causes;
    uint32_t first; /* number of its first file; 0: none */
    uint32_t count;
    uint32_t slot;
    bool is_user;
    GRefString *transport;
    char name[];
} DeferredTarget;

typedef struct DeferredStatus {
    char *reason; /* the last one; "" if none was told */
    uint32_t count;
    uint32_t slot;
    char text[];
} DeferredStatus;

typedef struct CauseOfFiles {
    LIST_ENTRY(CauseOfFiles) in_target;
    DeferredTarget *target;
    DeferredStatus *status; /* NULL: not known */
    char *reason;           /* the last one, or NULL */
    uint32_t count;
    uint32_t slot; /* what a file refers to is this + 1 */
} CauseOfFiles;

/* What is known of a file. The numbers of other files are 0 at both ends of the chain. */
typedef struct DeferredLink {
    uint32_t cause : 31;    /* slot + 1; 0: nothing is known */
    uint32_t was_given : 1; /* to be read */
    uint32_t next, previous;
} DeferredLink;

/* Where somebody stands in the chain of a destination; goes on when that file leaves it. */
typedef struct DeferredCursor {
    LIST_ENTRY(DeferredCursor) in_causes;
    uint32_t number; /* of the file to look at next; 0: the chain is over */
    bool is_lost;    /* everything was forgotten */
} DeferredCursor;

typedef struct DeferredCauses {
    GPtrArray *chunks;      /* of links; NULL: nothing is known of these files */
    DeferredTarget *nobody; /* the target of causes with a status only */
    Tree targets;
    SlotTable target_slots, cause_slots, status_slots;
    GHashTable *statuses;   /* by text */
    uint32_t known_count;   /* files with a destination */
    uint32_t settled_count; /* files of which all is known, or that were given to be read */
    LIST_HEAD(, DeferredCursor) cursors;
} DeferredCauses;

void deferred_causes_init(DeferredCauses *causes);
void deferred_causes_clear(DeferredCauses *causes); /* leaves nothing known; cursors are lost */
void deferred_causes_stop(DeferredCauses *causes);  /* for good; no cursor may be left */

/* What is NULL in `cause` leaves what is known of the file; what is too long is not known. */
void deferred_causes_learn(DeferredCauses *causes, uint32_t number, const DeferredCause *cause);

/* The file of this number goes. */
void deferred_causes_forget(DeferredCauses *causes, uint32_t number);

/* The file's cause, or NULL: nothing is known. */
const CauseOfFiles *deferred_causes_of(const DeferredCauses *causes, uint32_t number);

/* True once for each file of which not all is known. */
bool deferred_causes_give(DeferredCauses *causes, uint32_t number);
bool deferred_causes_was_given(const DeferredCauses *causes, uint32_t number);

/* Files with a destination. */
uint32_t deferred_causes_known_count(const DeferredCauses *causes);

/* NULL if no file waits for it. */
const DeferredTarget *deferred_causes_find(const DeferredCauses *causes, const char *transport,
                                           const char *name);

/* The one of that name whose transport comes next in alphabetical order, or NULL. */
const DeferredTarget *deferred_causes_find_next(const DeferredCauses *causes,
                                                const char *after_transport, const char *name);

/* The file after this one in the chain of its destination; 0: none. */
uint32_t deferred_causes_next(const DeferredCauses *causes, uint32_t number);

/* Asserts that all parts agree. For tests. */
void deferred_causes_check(const DeferredCauses *causes);

#endif

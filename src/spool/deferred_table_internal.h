#ifndef EQMGR_SPOOL_DEFERRED_TABLE_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_TABLE_INTERNAL_H

/*
 * spool/deferred_table: the messages of the deferred index, found by name and by time.
 *
 * It is made for very many small elements: a file is 40 bytes in a chunk of memory, named by a
 * 32-bit number; hash chains and the heap consist of such numbers. Every file has its place in the
 * heap, earliest first, equally early ones by name. Pointers to a file stay valid until it is
 * removed. No call takes long because the table is large: it grows by one bucket with each file
 * (linear hashing), so there is never a moment at which all have to be hashed anew.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/number_heap.h"
#include "base/second_counts.h"

/* Queue IDs of Postfix are shorter; longer names are kept outside. */
#define DEFERRED_NAME_ROOM 24

typedef struct DeferredFile {
    int64_t due_s;
    uint32_t place : 31;  /* in the heap, counted from 1; 0: not in use */
    uint32_t is_long : 1; /* the name is outside */
    uint32_t next;        /* in the hash chain, or in the list of free ones; 0: the last */
    union {
        char text[DEFERRED_NAME_ROOM];
        char *outside;
    } name;
} DeferredFile;

typedef struct DeferredTable {
    GPtrArray *chunks;
    uint32_t used;       /* the highest number that has ever been in use */
    uint32_t first_free; /* of the numbers up to that which are free now; 0: none */
    uint32_t *buckets;   /* first numbers of chains */
    uint32_t bucket_count, bucket_room;
    uint32_t bucket_mask; /* one less than the power of two that holds all buckets */
    uint32_t long_count;  /* of names outside */
    Slab seconds_memory;
    SecondCounts seconds; /* how many files are due when */
    NumberHeap due;       /* of all files, earliest first */
} DeferredTable;

/* The table must stay where it is. */
void deferred_table_init(DeferredTable *table);
void deferred_table_clear(DeferredTable *table); /* leaves an empty table */

static inline uint32_t deferred_table_count(const DeferredTable *table)
{
    return table->due.count;
}

/* Files that are due at until_s or earlier. */
static inline uint32_t deferred_table_count_until(const DeferredTable *table, int64_t until_s)
{
    return second_counts_until(&table->seconds, until_s);
}

/* NULL if there is no such name. */
DeferredFile *deferred_table_find(const DeferredTable *table, const char *name);

/* The name must not be in the table, and the table must have fewer than 2^31 - 1 files. */
void deferred_table_add(DeferredTable *table, const char *name, int64_t due_s);
void deferred_table_move(DeferredTable *table, DeferredFile *file, int64_t due_s);
void deferred_table_remove(DeferredTable *table, DeferredFile *file);

/* The earliest, or NULL. */
DeferredFile *deferred_table_first(const DeferredTable *table);

/*
 * A walk in pieces: the first file from *slot on, which is set to the one after it; NULL after
 * looking at so many, or at the end, which is where *slot is at `used`. A file keeps its slot.
 */
const DeferredFile *deferred_table_next(const DeferredTable *table, uint32_t *slot,
                                        unsigned patience);

const char *deferred_file_name(const DeferredFile *file);

/* A file by its number, which it keeps as long as it is in the table. */
uint32_t deferred_table_number(const DeferredTable *table, const DeferredFile *file);
const DeferredFile *deferred_table_at(const DeferredTable *table, uint32_t number);

/* Asserts that all parts agree. For tests. */
void deferred_table_check(const DeferredTable *table);

#endif

#ifndef EQMGR_BASE_SLAB_H
#define EQMGR_BASE_SLAB_H

/*
 * base/slab: memory for many objects of one size, close together and without overhead for each.
 *
 * Objects come from chunks of 64 KiB, cleared to zero. Chunks are mapped, outside of the heap of
 * malloc(); one goes back to the system when its last object is freed, except one that is kept.
 * Allocating and freeing are O(1). All live objects can be visited, so owners need no list of them.
 * With AddressSanitizer, freed objects must not be touched.
 */

#include <stddef.h>

typedef struct SlabChunk SlabChunk;

typedef struct Slab {
    size_t object_bytes, objects_per_chunk, first_bytes; /* where objects begin in a chunk */
    SlabChunk *with_room, *full;                         /* doubly linked */
    SlabChunk *spare;                                    /* an empty one, or NULL */
} Slab;

void slab_init(Slab *slab, size_t object_bytes);

/* Frees all objects. */
void slab_clear(Slab *slab);

void *slab_alloc(Slab *slab);
void slab_free(Slab *slab, void *object);

/* Visits every live object, in no order. None may be allocated or freed meanwhile. */
void slab_foreach(const Slab *slab, void (*visit)(void *object, void *ctx), void *ctx);

#endif

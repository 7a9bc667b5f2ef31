#include "base/slab.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <glib.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

/*
 * Slab: chunks of 64 KiB, each with a bit for each of its objects that is in use. The chunk of an
 * object is found from its address, so an object carries nothing.
 */
#define POISON(object, bytes)   ASAN_POISON_MEMORY_REGION(object, bytes)
#define UNPOISON(object, bytes) ASAN_UNPOISON_MEMORY_REGION(object, bytes)
#else
#define POISON(object, bytes)   ((void)(object), (void)(bytes))
#define UNPOISON(object, bytes) ((void)(object), (void)(bytes))
#endif

/* Chunks begin at multiples of their size, so the chunk of an object is found from its address. */
#define CHUNK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT   8
#define WORD_BITS   64

struct SlabChunk {
    SlabChunk *previous, *next;
    size_t live_count;
    size_t first_word_with_room; /* none before it has */
    uint64_t live[];             /* a bit for each object */
};

static size_t words(const Slab *slab)
{
    return (slab->objects_per_chunk + WORD_BITS - 1) / WORD_BITS;
}

void slab_init(Slab *slab, size_t object_bytes)
{
    *slab = (Slab){.object_bytes = (object_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT};
    /* The objects, a bit for each, and up to a word of bits without an object. */
    slab->objects_per_chunk =
        (CHUNK_BYTES - sizeof(SlabChunk) - sizeof(uint64_t)) * 8 / (slab->object_bytes * 8 + 1);
    slab->first_bytes = sizeof(SlabChunk) + words(slab) * sizeof(uint64_t);
    g_assert(slab->objects_per_chunk > 0);
}

static char *object_at(const Slab *slab, SlabChunk *chunk, size_t index)
{
    return (char *)chunk + slab->first_bytes + index * slab->object_bytes;
}

static void list_add(SlabChunk **list, SlabChunk *chunk)
{
    chunk->previous = NULL;
    chunk->next = *list;
    if (*list != NULL)
        (*list)->previous = chunk;
    *list = chunk;
}

static void list_remove(SlabChunk **list, SlabChunk *chunk)
{
    if (chunk->previous != NULL)
        chunk->previous->next = chunk->next;
    else
        *list = chunk->next;
    if (chunk->next != NULL)
        chunk->next->previous = chunk->previous;
}

/*
 * ---- memory of chunks ----
 *
 * Not from malloc(): a chunk would leave a hole there when it is freed, small blocks would settle
 * in it, and the next chunk would find no room at a multiple of its size: memory would grow with
 * each burst of mail. The system mostly gives the place before the last one, which fits, too.
 */

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        g_error("out of memory");
    return memory;
}

static size_t bytes_to_boundary(const void *memory)
{
    return -(uintptr_t)memory % CHUNK_BYTES;
}

static void *map_chunk(void)
{
    char *memory = map(CHUNK_BYTES);
    size_t before;

    if (bytes_to_boundary(memory) == 0)
        return memory;
    (void)munmap(memory, CHUNK_BYTES);
    memory = map(2 * CHUNK_BYTES);
    before = bytes_to_boundary(memory);
    if (before > 0)
        (void)munmap(memory, before);
    (void)munmap(memory + before + CHUNK_BYTES, CHUNK_BYTES - before);
    return memory + before;
}

/* ---- chunks ---- */

static SlabChunk *chunk_new(const Slab *slab)
{
    SlabChunk *chunk = map_chunk();

    POISON(object_at(slab, chunk, 0), slab->objects_per_chunk * slab->object_bytes);
    return chunk;
}

static void chunk_free(const Slab *slab, SlabChunk *chunk)
{
    UNPOISON(object_at(slab, chunk, 0), slab->objects_per_chunk * slab->object_bytes);
    (void)munmap(chunk, CHUNK_BYTES);
}

static void free_all(const Slab *slab, SlabChunk *chunk)
{
    for (SlabChunk *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        chunk_free(slab, chunk);
    }
}

void slab_clear(Slab *slab)
{
    free_all(slab, slab->with_room);
    free_all(slab, slab->full);
    if (slab->spare != NULL)
        chunk_free(slab, slab->spare);
    slab_init(slab, slab->object_bytes);
}

static SlabChunk *chunk_with_room(Slab *slab)
{
    if (slab->with_room == NULL) {
        SlabChunk *chunk = slab->spare != NULL ? slab->spare : chunk_new(slab);

        slab->spare = NULL;
        list_add(&slab->with_room, chunk);
    }
    return slab->with_room;
}

void *slab_alloc(Slab *slab)
{
    SlabChunk *chunk = chunk_with_room(slab);
    size_t word = chunk->first_word_with_room, index;
    void *object;

    while (chunk->live[word] == UINT64_MAX)
        word++;
    chunk->first_word_with_room = word;
    index = word * WORD_BITS + (size_t)__builtin_ctzll(~chunk->live[word]);
    g_assert(index < slab->objects_per_chunk);
    chunk->live[word] |= UINT64_C(1) << index % WORD_BITS;
    if (++chunk->live_count == slab->objects_per_chunk) {
        list_remove(&slab->with_room, chunk);
        list_add(&slab->full, chunk);
    }
    object = object_at(slab, chunk, index);
    UNPOISON(object, slab->object_bytes);
    return memset(object, 0, slab->object_bytes);
}

static SlabChunk *chunk_of(const void *object)
{
    size_t offset = (uintptr_t)object % CHUNK_BYTES;
    const char *begin = (const char *)object - offset;
    SlabChunk *chunk;

    memcpy(&chunk, &begin, sizeof(chunk));
    return chunk;
}

static void retire_chunk(Slab *slab, SlabChunk *chunk)
{
    list_remove(&slab->with_room, chunk);
    if (slab->spare == NULL)
        slab->spare = chunk;
    else
        chunk_free(slab, chunk);
}

void slab_free(Slab *slab, void *object)
{
    SlabChunk *chunk = chunk_of(object);
    size_t index = (size_t)((char *)object - object_at(slab, chunk, 0)) / slab->object_bytes;
    size_t word = index / WORD_BITS;
    uint64_t bit = UINT64_C(1) << index % WORD_BITS;

    g_assert(index < slab->objects_per_chunk && (chunk->live[word] & bit) != 0);
    POISON(object, slab->object_bytes);
    chunk->live[word] &= ~bit;
    chunk->first_word_with_room = MIN(chunk->first_word_with_room, word);
    if (chunk->live_count-- == slab->objects_per_chunk) {
        list_remove(&slab->full, chunk);
        list_add(&slab->with_room, chunk);
    }
    if (chunk->live_count == 0)
        retire_chunk(slab, chunk);
}

static void visit_chunk(const Slab *slab, SlabChunk *chunk, void (*visit)(void *, void *),
                        void *ctx)
{
    for (size_t index = 0; index < slab->objects_per_chunk; index++)
        if ((chunk->live[index / WORD_BITS] >> index % WORD_BITS & 1) != 0)
            visit(object_at(slab, chunk, index), ctx);
}

void slab_foreach(const Slab *slab, void (*visit)(void *, void *), void *ctx)
{
    for (SlabChunk *chunk = slab->with_room; chunk != NULL; chunk = chunk->next)
        visit_chunk(slab, chunk, visit, ctx);
    for (SlabChunk *chunk = slab->full; chunk != NULL; chunk = chunk->next)
        visit_chunk(slab, chunk, visit, ctx);
}

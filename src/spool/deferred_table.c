#include <string.h>

#include "base/check.h"
#include "src/spool/deferred_table_internal.h"

/*
 * The table of the index: files in chunks of memory, found by name through a hash table that grows
 * by one bucket at a time, and by time through a heap. Both consist of 32-bit numbers of files.
 */

#define CHUNK_FILES   4096
#define FIRST_BUCKETS 1024                 /* a power of two */
#define FILES_MAX     UINT32_C(0x7fffffff) /* the most that `place` can count */

G_STATIC_ASSERT(sizeof(DeferredFile) == 40);

/* ---- memory ---- */

static DeferredFile *file_at(const DeferredTable *table, uint32_t number)
{
    DeferredFile *chunk;

    g_assert(number > 0 && number <= table->used);
    chunk = g_ptr_array_index(table->chunks, (number - 1) / CHUNK_FILES);
    return &chunk[(number - 1) % CHUNK_FILES];
}

static uint32_t alloc_number(DeferredTable *table)
{
    uint32_t number = table->first_free;

    if (number != 0) {
        table->first_free = file_at(table, number)->next;
        return number;
    }
    g_assert(table->used < FILES_MAX);
    if (table->used == table->chunks->len * CHUNK_FILES)
        g_ptr_array_add(table->chunks, g_new0(DeferredFile, CHUNK_FILES));
    return ++table->used;
}

static void drop_name(DeferredTable *table, DeferredFile *file)
{
    if (!file->is_long)
        return;
    g_free(file->name.outside);
    file->is_long = false;
    table->long_count--;
}

static void give_number(DeferredTable *table, uint32_t number)
{
    DeferredFile *file = file_at(table, number);

    drop_name(table, file);
    file->next = table->first_free;
    table->first_free = number;
}

/* ---- names ---- */

const DeferredFile *deferred_table_next(const DeferredTable *table, uint32_t *slot,
                                        unsigned patience)
{
    for (; *slot < table->used && patience > 0; patience--) {
        const DeferredFile *file = file_at(table, ++*slot);

        if (file->place != 0)
            return file;
    }
    return NULL;
}

const char *deferred_file_name(const DeferredFile *file)
{
    return file->is_long ? file->name.outside : file->name.text;
}

static void set_name(DeferredTable *table, DeferredFile *file, const char *name)
{
    size_t size = strlen(name) + 1;

    file->is_long = size > sizeof(file->name.text);
    table->long_count += file->is_long;
    if (file->is_long)
        file->name.outside = g_strdup(name);
    else
        memcpy(file->name.text, name, size);
}

/* The files of a bucket that does not exist yet are in the one from which it will be split. */
static uint32_t *bucket_of(const DeferredTable *table, const char *name)
{
    uint32_t number = g_str_hash(name) & table->bucket_mask;

    return &table->buckets[number < table->bucket_count ? number
                                                        : number & (table->bucket_mask >> 1)];
}

static void link_name(DeferredTable *table, uint32_t number)
{
    DeferredFile *file = file_at(table, number);
    uint32_t *bucket = bucket_of(table, deferred_file_name(file));

    file->next = *bucket;
    *bucket = number;
}

static void unlink_name(DeferredTable *table, uint32_t number)
{
    DeferredFile *file = file_at(table, number);
    uint32_t *link = bucket_of(table, deferred_file_name(file));

    while (*link != number)
        link = &file_at(table, *link)->next;
    *link = file->next;
}

/* The room doubles; the system moves a large block by its page tables, without copying. */
static void add_bucket(DeferredTable *table)
{
    if (table->bucket_count == table->bucket_room) {
        table->bucket_room *= 2;
        table->buckets = g_renew(uint32_t, table->buckets, table->bucket_room);
    }
    table->buckets[table->bucket_count++] = 0;
    if (table->bucket_count > table->bucket_mask + 1)
        table->bucket_mask = table->bucket_mask * 2 + 1;
}

/* The files of the new, last bucket are still in the one from which it is split. */
static void fill_last_bucket(DeferredTable *table)
{
    uint32_t *from = &table->buckets[(table->bucket_count - 1) & (table->bucket_mask >> 1)];
    uint32_t number = *from;

    *from = 0;
    while (number != 0) {
        uint32_t next = file_at(table, number)->next;

        link_name(table, number);
        number = next;
    }
}

/* One more bucket for each file: so chains have at most one file on average. */
static void make_buckets(DeferredTable *table)
{
    if (table->bucket_count == 0) {
        table->bucket_count = table->bucket_room = FIRST_BUCKETS;
        table->bucket_mask = FIRST_BUCKETS - 1;
        table->buckets = g_new0(uint32_t, FIRST_BUCKETS);
    } else if (deferred_table_count(table) >= table->bucket_count) {
        add_bucket(table);
        fill_last_bucket(table);
    }
}

DeferredFile *deferred_table_find(const DeferredTable *table, const char *name)
{
    if (table->bucket_count == 0)
        return NULL;
    for (uint32_t number = *bucket_of(table, name); number != 0;) {
        DeferredFile *file = file_at(table, number);

        if (strcmp(deferred_file_name(file), name) == 0)
            return file;
        number = file->next;
    }
    return NULL;
}

/* ---- times ---- */

static bool is_due_before(const void *owner, uint32_t a, uint32_t b)
{
    const DeferredFile *first = file_at(owner, a), *second = file_at(owner, b);

    return first->due_s != second->due_s
               ? first->due_s < second->due_s
               : strcmp(deferred_file_name(first), deferred_file_name(second)) < 0;
}

static uint32_t due_place(const void *owner, uint32_t number)
{
    return file_at(owner, number)->place;
}

static void set_due_place(void *owner, uint32_t number, uint32_t place)
{
    file_at(owner, number)->place = place & FILES_MAX;
}

DeferredFile *deferred_table_first(const DeferredTable *table)
{
    return number_heap_is_empty(&table->due) ? NULL
                                             : file_at(table, number_heap_first(&table->due));
}

/* ---- both ---- */

void deferred_table_init(DeferredTable *table)
{
    static const NumberHeapKind by_time = {is_due_before, due_place, set_due_place};

    *table = (DeferredTable){.chunks = g_ptr_array_new_with_free_func(g_free)};
    number_heap_init(&table->due, &by_time, table);
    second_counts_init_memory(&table->seconds_memory);
    second_counts_init(&table->seconds, &table->seconds_memory);
}

void deferred_table_clear(DeferredTable *table)
{
    for (uint32_t number = 1; table->long_count > 0; number++)
        drop_name(table, file_at(table, number));
    g_ptr_array_unref(table->chunks);
    g_free(table->buckets);
    number_heap_clear(&table->due);
    slab_clear(&table->seconds_memory);
    deferred_table_init(table);
}

uint32_t deferred_table_number(const DeferredTable *table, const DeferredFile *file)
{
    return table->due.numbers[file->place - 1];
}

const DeferredFile *deferred_table_at(const DeferredTable *table, uint32_t number)
{
    return file_at(table, number);
}

void deferred_table_add(DeferredTable *table, const char *name, int64_t due_s)
{
    uint32_t number = alloc_number(table);
    DeferredFile *file = file_at(table, number);

    set_name(table, file, name);
    file->due_s = due_s;
    make_buckets(table);
    link_name(table, number);
    number_heap_add(&table->due, number);
    second_counts_add(&table->seconds, due_s);
}

void deferred_table_move(DeferredTable *table, DeferredFile *file, int64_t due_s)
{
    second_counts_remove(&table->seconds, file->due_s);
    second_counts_add(&table->seconds, due_s);
    file->due_s = due_s;
    number_heap_move(&table->due, deferred_table_number(table, file));
}

void deferred_table_remove(DeferredTable *table, DeferredFile *file)
{
    uint32_t number = deferred_table_number(table, file);

    unlink_name(table, number);
    second_counts_remove(&table->seconds, file->due_s);
    number_heap_remove(&table->due, number);
    give_number(table, number);
}

static uint32_t count_free(const DeferredTable *table)
{
    uint32_t count = 0;

    for (uint32_t number = table->first_free; number != 0; number = file_at(table, number)->next) {
        g_assert(file_at(table, number)->place == 0);
        count++;
    }
    return count;
}

void deferred_table_check(const DeferredTable *table)
{
    CHECK(deferred_table_count(table) + count_free(table) == table->used);
    number_heap_check(&table->due);
    (void)second_counts_check(&table->seconds);
    CHECK(deferred_table_count_until(table, INT64_MAX) == deferred_table_count(table));
    for (uint32_t number = 1; number <= table->used; number++) {
        const DeferredFile *file = file_at(table, number);

        CHECK(file->place == 0 || deferred_table_find(table, deferred_file_name(file)) == file);
    }
}

#include "spool/deferred_index.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "src/spool/deferred_candidate_internal.h"
#include "src/spool/deferred_index_internal.h"
#include "src/spool/deferred_watch_internal.h"
#include "src/spool/spool_internal.h"

/*
 * The index as its callers see it: it joins the table (deferred_table.c) and the events
 * (deferred_watch.c), and knows whether both together can be trusted.
 */

/* What cannot be examined, or is not a file, is due at once: then the next run says why. */
#define DUE_AT_ONCE_S 0

/* A new hash directory is nearly empty. One with more names than these is left to a walk. */
#define LISTED_NAMES_MAX 1000

/* An eighth of files_max has to be free before a full index is filled again. */
#define SPARE_SHARE 8

typedef enum State { LOST, FILLING, COMPLETE } State;

struct DeferredIndex {
    const Spool *spool;
    uint32_t files_max;
    State state;
    DeferredLoss loss;
    bool is_full;        /* the last walk that was counted had more files than files_max */
    uint32_t told_count; /* names in the present walk, if is_full */
    DeferredWatch *watch;
    DeferredTable table;
    DeferredCauses causes; /* of the files in the table */
    uint64_t vanished_count;
    bool is_running;
    int64_t run_limit_s; /* of the present run, or of the last one */
    bool has_postponed;  /* something waits for the next run, right after that limit */
    DeferredCandidate candidate;
};

const char *deferred_loss_str(DeferredLoss loss)
{
    static const char *const texts[] = {
        [DEFERRED_NOT_LOST] = "in order",
        [DEFERRED_LOST_EVENTS] = "too many changes at a time",
        [DEFERRED_LOST_DIRECTORY] = "a directory moved or cannot be read",
        [DEFERRED_LOST_ROOM] = "too many files",
        [DEFERRED_LOST_WATCHES] = "directories cannot be watched",
    };

    g_assert(loss < G_N_ELEMENTS(texts));
    return texts[loss];
}

DeferredIndex *deferred_index_new(const Spool *spool, uint32_t files_max)
{
    DeferredIndex *index = g_new0(DeferredIndex, 1);

    index->spool = spool;
    index->files_max = files_max;
    index->loss = DEFERRED_LOST_WATCHES;
    index->watch = deferred_watch_new(spool->depth[SPOOL_DEFERRED]);
    index->run_limit_s = INT64_MIN;
    deferred_candidate_init(&index->candidate);
    deferred_table_init(&index->table);
    deferred_causes_init(&index->causes);
    return index;
}

void deferred_index_free(DeferredIndex *index)
{
    if (index == NULL)
        return;
    deferred_watch_free(index->watch);
    deferred_table_clear(&index->table);
    g_ptr_array_unref(index->table.chunks);
    deferred_causes_stop(&index->causes);
    deferred_candidate_stop(&index->candidate);
    g_free(index);
}

bool deferred_index_is_complete(const DeferredIndex *index)
{
    return index->state == COMPLETE;
}

DeferredLoss deferred_index_loss(const DeferredIndex *index)
{
    return index->loss;
}

uint32_t deferred_index_count(const DeferredIndex *index)
{
    return deferred_table_count(&index->table);
}

uint32_t deferred_index_count_until(const DeferredIndex *index, int64_t until_s)
{
    return deferred_table_count_until(&index->table, until_s);
}

bool deferred_index_lookup(const DeferredIndex *index, const char *queue_id, int64_t *ret_due_s)
{
    const DeferredFile *file = deferred_table_find(&index->table, queue_id);

    if (file != NULL)
        *ret_due_s = file->due_s;
    return file != NULL;
}

bool deferred_index_walk(const DeferredIndex *index, uint32_t *slot, unsigned patience,
                         const char **ret_queue_id, int64_t *ret_due_s)
{
    const DeferredFile *file = deferred_table_next(&index->table, slot, patience);

    if (file == NULL)
        return false;
    *ret_queue_id = deferred_file_name(file);
    *ret_due_s = file->due_s;
    return true;
}

bool deferred_index_walk_is_over(const DeferredIndex *index, uint32_t slot)
{
    return slot >= index->table.used;
}

const DeferredTable *deferred_index_table(const DeferredIndex *index)
{
    return &index->table;
}

DeferredCauses *deferred_index_causes(DeferredIndex *index)
{
    return &index->causes;
}

const DeferredCauses *deferred_index_causes_seen(const DeferredIndex *index)
{
    return &index->causes;
}

/* ---- keeping it up to date ---- */

static void lose(DeferredIndex *index, DeferredLoss loss)
{
    index->state = LOST;
    index->loss = loss;
    deferred_watch_stop(index->watch);
    deferred_table_clear(&index->table);
    deferred_causes_clear(&index->causes);
    deferred_candidate_clear(&index->candidate);
}

static void take_out(DeferredIndex *index, DeferredFile *file)
{
    deferred_causes_forget(&index->causes, deferred_table_number(&index->table, file));
    deferred_table_remove(&index->table, file);
}

/*
 * What the run has passed waits for the next one, due or not: a message that is deferred for less
 * than a second must not be tried again and again.
 */
static int64_t time_for(DeferredIndex *index, const DeferredFile *file, int64_t due_s)
{
    bool is_ahead = file != NULL && file->due_s <= index->run_limit_s;

    if (!index->is_running || is_ahead || due_s > index->run_limit_s)
        return due_s;
    index->has_postponed = true;
    return index->run_limit_s + 1;
}

void deferred_index_note(DeferredIndex *index, const char *queue_id, int64_t due_s)
{
    DeferredFile *file;

    if (index->state == LOST) {
        index->told_count++;
        return;
    }
    file = deferred_table_find(&index->table, queue_id);
    due_s = time_for(index, file, due_s);
    if (file != NULL) {
        deferred_table_move(&index->table, file, due_s);
    } else if (deferred_table_count(&index->table) < index->files_max) {
        deferred_table_add(&index->table, queue_id, due_s);
        deferred_candidate_stays(&index->candidate, queue_id, &index->table, &index->causes);
    } else { /* from now on walks only count, until there are fewer files */
        lose(index, DEFERRED_LOST_ROOM);
        index->is_full = true;
        index->told_count = index->files_max;
    }
}

void deferred_index_forget(DeferredIndex *index, const char *queue_id)
{
    DeferredFile *file = deferred_table_find(&index->table, queue_id);

    if (file != NULL)
        take_out(index, file);
    deferred_candidate_forget(&index->candidate, queue_id);
}

/* Our own moves were reported before their events are read, and are not in the index any more. */
static void note_vanished(DeferredIndex *index, const char *name)
{
    index->vanished_count += deferred_table_find(&index->table, name) != NULL;
    deferred_index_forget(index, name);
}

/* What happened to the file, and in which order, does not matter: what is there now counts. */
static void look_at(DeferredIndex *index, const char *name)
{
    SpoolFile file;
    SpoolResult result = spool_check(index->spool, SPOOL_DEFERRED, name, INT64_MAX, &file);

    /* Without its hash directory the file cannot exist, even if something else has that name. */
    switch (result.error == ENOTDIR ? SPOOL_GONE : result.status) {
    case SPOOL_OK:
        deferred_index_note(index, name, file.mtime_s);
        break;
    case SPOOL_NOT_REGULAR:
    case SPOOL_IO_ERROR:
        deferred_index_note(index, name, DUE_AT_ONCE_S);
        break;
    case SPOOL_GONE:
    case SPOOL_NOT_READY:
        note_vanished(index, name);
        break;
    case SPOOL_BAD_NAME:
        break;
    case SPOOL_END:
    case SPOOL_BUSY:
    case SPOOL_DAMAGED:
    case SPOOL_NOT_DUE:
        g_assert_not_reached();
    }
}

/* NULL at the end, or with errno set. */
static const struct dirent *next_entry(DIR *directory)
{
    errno = 0;
    return readdir(directory);
}

/* False if it cannot be read, or has too many names. */
static bool list_tree(DeferredIndex *index, const char *path, unsigned levels_below,
                      unsigned *names_left)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    bool is_listed = true;

    if (directory == NULL)
        return errno == ENOENT || errno == ENOTDIR;
    while (is_listed && (entry = next_entry(directory)) != NULL) {
        const char *name = entry->d_name;

        if (name[1] != '\0') {
            look_at(index, name);
            is_listed = (*names_left)-- > 0;
        } else if (name[0] != '.' && levels_below > 0) {
            g_autofree char *below = g_strdup_printf("%s/%s", path, name);

            is_listed = list_tree(index, below, levels_below - 1, names_left);
        }
    }
    is_listed = is_listed && errno == 0;
    (void)closedir(directory);
    return is_listed;
}

static void list_new_directory(DeferredIndex *index, const char *path)
{
    unsigned names_left = LISTED_NAMES_MAX;

    if (!list_tree(index, path, index->spool->depth[SPOOL_DEFERRED], &names_left))
        lose(index, DEFERRED_LOST_DIRECTORY);
}

static void apply_event(DeferredIndex *index, DeferredEvent event, const char *text)
{
    switch (event) {
    case DEFERRED_NAME:
        look_at(index, text);
        break;
    case DEFERRED_DIRECTORY:
        list_new_directory(index, text);
        break;
    case DEFERRED_OVERFLOW:
        lose(index, DEFERRED_LOST_EVENTS);
        break;
    case DEFERRED_UNKNOWN:
        lose(index, DEFERRED_LOST_DIRECTORY);
        break;
    case DEFERRED_NOTHING:
        g_assert_not_reached();
    }
}

int deferred_index_fd(const DeferredIndex *index)
{
    return deferred_watch_fd(index->watch);
}

/* When the index is lost, the rest of the events means nothing, but still has to be read. */
SpoolResult deferred_index_read(DeferredIndex *index)
{
    const char *text = NULL;
    DeferredEvent event;
    SpoolResult result = deferred_watch_read(index->watch);

    if (result.status == SPOOL_IO_ERROR)
        lose(index, DEFERRED_LOST_WATCHES);
    while (index->state != LOST &&
           (event = deferred_watch_next(index->watch, &text)) != DEFERRED_NOTHING)
        apply_event(index, event, text);
    return result;
}

uint64_t deferred_index_vanished_count(const DeferredIndex *index)
{
    return index->vanished_count;
}

/* Watches stay; new directories are added when the walk comes to them. */
bool deferred_index_begin_walk(DeferredIndex *index)
{
    index->told_count = 0;
    if (index->is_full)
        return false;
    if (!deferred_watch_start(index->watch)) {
        lose(index, DEFERRED_LOST_WATCHES);
        return false;
    }
    if (index->state == LOST)
        index->state = FILLING;
    index->loss = DEFERRED_NOT_LOST;
    index->is_running = false;
    return true;
}

void deferred_index_enter(DeferredIndex *index, const char *path, unsigned level)
{
    if (index->state != LOST && !deferred_watch_enter(index->watch, path, level))
        lose(index, DEFERRED_LOST_WATCHES);
}

void deferred_index_end_walk(DeferredIndex *index, bool saw_all)
{
    bool has_room = index->told_count <= index->files_max - index->files_max / SPARE_SHARE;

    if (index->state == LOST && saw_all && has_room)
        index->is_full = false;
    if (index->state != FILLING)
        return;
    if (saw_all)
        index->state = COMPLETE;
    else
        lose(index, DEFERRED_LOST_DIRECTORY);
}

/* ---- taking what is due ---- */

static int64_t next_limit_s(const DeferredIndex *index, int64_t now_s)
{
    return MAX(now_s + 1, index->run_limit_s + (index->has_postponed ? 1 : 0));
}

bool deferred_index_is_due(const DeferredIndex *index, const char *queue_id, int64_t now_s)
{
    const DeferredFile *file = deferred_table_find(&index->table, queue_id);

    return file != NULL && file->due_s <= next_limit_s(index, now_s);
}

/*
 * A later run in the same second also takes what had to wait for the end of the run before. After a
 * step back of the clock the limit stays: candidates that are not due yet do no harm.
 */
void deferred_index_begin_run(DeferredIndex *index, int64_t now_s)
{
    index->run_limit_s = next_limit_s(index, now_s);
    index->has_postponed = false;
    index->is_running = true;
}

const char *deferred_index_next(DeferredIndex *index)
{
    DeferredFile *file = deferred_table_first(&index->table);

    g_assert(index->is_running || index->state == LOST);
    if (file == NULL || file->due_s > index->run_limit_s) {
        index->is_running = false;
        deferred_candidate_clear(&index->candidate);
        return NULL;
    }
    deferred_candidate_set(&index->candidate, file, &index->table, &index->causes);
    take_out(index, file);
    return index->candidate.name->str;
}

int64_t deferred_index_earliest_s(const DeferredIndex *index)
{
    const DeferredFile *file = deferred_table_first(&index->table);

    return file != NULL ? file->due_s : INT64_MAX;
}

void deferred_index_check(const DeferredIndex *index)
{
    g_assert(index->state != LOST || deferred_table_count(&index->table) == 0);
    g_assert((index->loss == DEFERRED_NOT_LOST) == (index->state != LOST));
    g_assert(deferred_table_count(&index->table) <= index->files_max);
    deferred_table_check(&index->table);
    deferred_causes_check(&index->causes);
}

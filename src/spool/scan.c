#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "spool_internal.h"

/*
 * Scanning: a walk through a queue directory and its hash directories that returns after each
 * name, so that the caller may stop at any time.
 */

/*
 * A message deeper than the configured hashing cannot be delivered, since its path is computed from
 * its name. The scan goes a little deeper all the same, for the warnings; the bound ends a circle
 * of links.
 */
#define LEVELS_BEYOND_HASHING 2

typedef struct Level {
    DIR *dir;
    size_t path_length; /* of scan->path while the level's names are read */
} Level;

struct SpoolScan {
    GArray *levels; /* of Level, the innermost last */
    guint levels_max;
    size_t root_length; /* of the queue's name and the slash */
    GString *path;      /* of the innermost directory; lent to the caller if that cannot be read */
    char *name;         /* lent to the caller */
    SpoolEnterFn *on_enter; /* or NULL */
    void *enter_ctx;
};

static SpoolResult push_level(SpoolScan *scan)
{
    Level level = {.dir = opendir(scan->path->str), .path_length = scan->path->len};

    if (level.dir == NULL)
        return spool_failure();
    g_array_append_val(scan->levels, level);
    return spool_plain(SPOOL_OK);
}

static Level *innermost(SpoolScan *scan)
{
    return scan->levels->len == 0 ? NULL
                                  : &g_array_index(scan->levels, Level, scan->levels->len - 1);
}

static void pop_level(SpoolScan *scan)
{
    (void)closedir(innermost(scan)->dir);
    g_array_set_size(scan->levels, scan->levels->len - 1);
}

SpoolResult spool_scan_open(Spool *spool, SpoolQueue queue, SpoolScan **ret_scan)
{
    SpoolScan *scan = g_new0(SpoolScan, 1);
    SpoolResult result;

    scan->levels = g_array_new(FALSE, FALSE, sizeof(Level));
    scan->levels_max = 1 + spool->depth[queue] + LEVELS_BEYOND_HASHING;
    scan->path = g_string_new(spool_queue_str(queue));
    scan->root_length = scan->path->len + 1;
    result = push_level(scan);
    if (result.status == SPOOL_OK)
        *ret_scan = scan;
    else
        spool_scan_close(scan);
    return result;
}

void spool_scan_on_enter(SpoolScan *scan, SpoolEnterFn *on_enter, void *ctx)
{
    scan->on_enter = on_enter;
    scan->enter_ctx = ctx;
}

void spool_scan_close(SpoolScan *scan)
{
    if (scan == NULL)
        return;
    while (scan->levels->len > 0)
        pop_level(scan);
    g_array_free(scan->levels, TRUE);
    g_string_free(scan->path, TRUE);
    g_free(scan->name);
    g_free(scan);
}

static SpoolResult lend(SpoolScan *scan, const char *name, SpoolResult result,
                        const char **ret_name)
{
    g_free(scan->name);
    scan->name = g_strdup(name);
    *ret_name = scan->name;
    return result;
}

/* SPOOL_OK: go on. Other results are about scan->path. */
static SpoolResult enter(SpoolScan *scan, const char *name)
{
    if (scan->levels->len == scan->levels_max)
        return spool_plain(SPOOL_OK);
    g_string_append_c(scan->path, '/');
    g_string_append(scan->path, name);
    if (scan->on_enter != NULL)
        scan->on_enter(scan->path->str, scan->levels->len, scan->enter_ctx);
    return push_level(scan);
}

SpoolResult spool_scan_next(SpoolScan *scan, const char **ret_name)
{
    Level *level;

    while ((level = innermost(scan)) != NULL) {
        struct dirent *entry;
        SpoolResult result;

        g_string_truncate(scan->path, level->path_length);
        errno = 0;
        entry = readdir(level->dir);
        if (entry == NULL) {
            int error = errno;

            pop_level(scan);
            if (error != 0)
                return lend(scan, scan->path->str, spool_io_error(error), ret_name);
            continue;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (entry->d_name[1] != '\0')
            return lend(scan, entry->d_name, spool_plain(SPOOL_OK), ret_name);
        result = enter(scan, entry->d_name);
        if (result.error == ENOTDIR)
            return lend(scan, scan->path->str + scan->root_length, spool_plain(SPOOL_NOT_REGULAR),
                        ret_name);
        if (result.status != SPOOL_OK)
            return lend(scan, scan->path->str, result, ret_name);
    }
    return spool_plain(SPOOL_END);
}

#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_internal.h"

/* The queue directories: paths of messages, and what one call of the system does to one file. */

/* Each hash directory is "d/" in a path. */
#define BYTES_PER_LEVEL 2

static const char *const queue_names[SPOOL_QUEUE_COUNT] = {
    [SPOOL_INCOMING] = "incoming", [SPOOL_ACTIVE] = "active", [SPOOL_DEFERRED] = "deferred",
    [SPOOL_CORRUPT] = "corrupt",   [SPOOL_BOUNCE] = "bounce", [SPOOL_DEFER] = "defer",
    [SPOOL_TRACE] = "trace",       [SPOOL_SAVED] = "saved",   [SPOOL_HOLD] = "hold",
    [SPOOL_MAILDROP] = "maildrop",
};

const char *spool_queue_str(SpoolQueue queue)
{
    g_assert(queue < SPOOL_QUEUE_COUNT);
    return queue_names[queue];
}

const char *spool_status_str(SpoolStatus status)
{
    static const char *const names[] = {
        [SPOOL_OK] = "ok",
        [SPOOL_END] = "end",
        [SPOOL_GONE] = "gone",
        [SPOOL_BUSY] = "busy",
        [SPOOL_DAMAGED] = "damaged",
        [SPOOL_BAD_NAME] = "bad name",
        [SPOOL_NOT_REGULAR] = "not a regular file",
        [SPOOL_NOT_READY] = "not ready",
        [SPOOL_NOT_DUE] = "not due",
        [SPOOL_IO_ERROR] = "input/output error",
    };

    g_assert(status < G_N_ELEMENTS(names));
    return names[status];
}

const char *spool_result_str(SpoolResult result)
{
    return result.error != 0 ? g_strerror(result.error) : spool_status_str(result.status);
}

SpoolResult spool_plain(SpoolStatus status)
{
    return (SpoolResult){.status = status};
}

SpoolResult spool_failure(void)
{
    return (SpoolResult){errno == ENOENT ? SPOOL_GONE : SPOOL_IO_ERROR, errno};
}

SpoolResult spool_io_error(int error)
{
    return (SpoolResult){SPOOL_IO_ERROR, error};
}

static bool names_queue(char *const *names, const char *queue)
{
    for (; *names != NULL; names++)
        if (g_ascii_strcasecmp(*names, queue) == 0)
            return true;
    return false;
}

Spool *spool_new(const SpoolSettings *settings)
{
    Spool *spool = g_new0(Spool, 1);
    g_auto(GStrv) names = g_strsplit_set(settings->hash_queue_names, ", \t\r\n\v\f", -1);

    for (int queue = 0; queue < SPOOL_QUEUE_COUNT; queue++)
        if (names_queue(names, queue_names[queue]))
            spool->depth[queue] = settings->hash_queue_depth;
    spool->release = settings->release;
    spool->round_robin = settings->round_robin;
    spool->verp_delimiter_filter = g_strdup(settings->verp_delimiter_filter);
    spool->reader = envelope_reader_new();
    return spool;
}

void spool_free(Spool *spool)
{
    if (spool == NULL)
        return;
    envelope_reader_free(spool->reader);
    g_free(spool->verp_delimiter_filter);
    g_free(spool);
}

char *spool_path(const Spool *spool, SpoolQueue queue, const char *queue_id)
{
    const char *name = spool_queue_str(queue);
    size_t dirs_length = BYTES_PER_LEVEL * (size_t)spool->depth[queue];
    char *path = g_malloc(strlen(name) + 1 + dirs_length + strlen(queue_id) + 1);
    char *at = stpcpy(path, name);

    *at++ = '/';
    queue_id_hash_dirs(queue_id, spool->depth[queue], at);
    (void)stpcpy(at + dirs_length, queue_id);
    return path;
}

static void copy_facts(const struct stat *st, SpoolFile *ret_file)
{
    ret_file->mode = st->st_mode;
    ret_file->uid = st->st_uid;
    ret_file->link_count = st->st_nlink;
    ret_file->mtime_s = st->st_mtime;
    ret_file->ctime_s = st->st_ctime;
}

SpoolResult spool_check(const Spool *spool, SpoolQueue queue, const char *queue_id,
                        int64_t due_by_s, SpoolFile *ret_file)
{
    g_autofree char *path = NULL;
    struct stat st;

    if (!queue_id_is_valid(queue_id))
        return spool_plain(SPOOL_BAD_NAME);
    path = spool_path(spool, queue, queue_id);
    if (AGAIN(lstat(path, &st)) < 0)
        return spool_failure();
    copy_facts(&st, ret_file);
    if (!S_ISREG(st.st_mode))
        return spool_plain(SPOOL_NOT_REGULAR);
    if ((st.st_mode & S_IRWXU) != S_IRWXU)
        return spool_plain(SPOOL_NOT_READY);
    if (due_by_s != INT64_MAX && st.st_mtime > due_by_s + 1)
        return spool_plain(SPOOL_NOT_DUE);
    return spool_plain(SPOOL_OK);
}

SpoolResult spool_set_time(const Spool *spool, SpoolQueue from, const char *queue_id,
                           int64_t when_s)
{
    g_autofree char *path = spool_path(spool, from, queue_id);
    const struct timespec times[2] = {{.tv_sec = when_s}, {.tv_sec = when_s}};

    return AGAIN(utimensat(AT_FDCWD, path, times, 0)) == 0 ? spool_plain(SPOOL_OK)
                                                           : spool_failure();
}

SpoolResult spool_remove(const Spool *spool, SpoolQueue queue, const char *queue_id)
{
    g_autofree char *path = spool_path(spool, queue, queue_id);

    return AGAIN(unlink(path)) == 0 ? spool_plain(SPOOL_OK) : spool_failure();
}

SpoolResult spool_empty_log(const Spool *spool, SpoolQueue log, const char *queue_id)
{
    g_autofree char *path = spool_path(spool, log, queue_id);

    if (AGAIN(truncate(path, 0)) == 0 || errno == EISDIR)
        return spool_plain(SPOOL_OK);
    return spool_failure();
}

SpoolResult spool_birth_s(const Spool *spool, SpoolQueue queue, const char *queue_id,
                          int64_t *ret_birth_s)
{
    g_autofree char *path = spool_path(spool, queue, queue_id);
    struct statx stx;

    if (AGAIN(statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &stx)) < 0)
        return spool_failure();
    *ret_birth_s = (stx.stx_mask & STATX_BTIME) != 0 ? stx.stx_btime.tv_sec : 0;
    return spool_plain(SPOOL_OK);
}

SpoolResult spool_log_size(const Spool *spool, SpoolQueue log, const char *queue_id,
                           int64_t *ret_size_bytes)
{
    g_autofree char *path = spool_path(spool, log, queue_id);
    struct stat st;

    if (AGAIN(stat(path, &st)) < 0)
        return spool_failure();
    *ret_size_bytes = st.st_size;
    return spool_plain(SPOOL_OK);
}

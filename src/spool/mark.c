#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "codec/record.h"
#include "spool_internal.h"

/*
 * Marks: what an attempt has done is written over the record that asked for it, in place, so that
 * a crash never leaves half a file. The record is read first: the file may be another one by now,
 * and a wrong byte would destroy a recipient.
 */

/* The bytes to write over a record, and the types of record they may replace. */
typedef struct Mark {
    const char *bytes;
    size_t size_bytes;
    uint8_t before, after; /* types of the record */
} Mark;

static const Mark done = {"D", 1, RECORD_RECIPIENT, RECORD_DONE};
static const Mark traced = {"K", 1, RECORD_ATTRIBUTE, RECORD_KILLED};
static const Mark warned = {RECORD_WARN_SENT, RECORD_WARN_SENT_BYTES, RECORD_WARN, RECORD_WARN};

static SpoolResult write_at(int fd, const char *bytes, size_t size_bytes, int64_t offset)
{
    ssize_t written = AGAIN(pwrite(fd, bytes, size_bytes, offset));

    if (written < 0)
        return spool_io_error(errno);
    return (size_t)written < size_bytes ? spool_io_error(EIO) : spool_plain(SPOOL_OK);
}

static SpoolResult write_mark(int fd, const Mark *mark, int64_t offset)
{
    char now[RECORD_WARN_SENT_BYTES];
    ssize_t got = AGAIN(pread(fd, now, mark->size_bytes, offset));

    if (got < 0)
        return spool_io_error(errno);
    if ((size_t)got < mark->size_bytes ||
        ((uint8_t)now[0] != mark->before && (uint8_t)now[0] != mark->after))
        return spool_plain(SPOOL_DAMAGED);
    /* A shorter W record would lose the one after it. */
    if (mark->size_bytes > 1 && now[1] != mark->bytes[1])
        return spool_plain(SPOOL_DAMAGED);
    if (memcmp(now, mark->bytes, mark->size_bytes) == 0)
        return spool_plain(SPOOL_OK);
    return write_at(fd, mark->bytes, mark->size_bytes, offset);
}

static SpoolResult mark_at(const Spool *spool, const char *queue_id, const Mark *mark,
                           int64_t offset)
{
    g_autofree char *path = spool_path(spool, SPOOL_ACTIVE, queue_id);
    int fd = AGAIN(open(path, O_RDWR | O_CLOEXEC));
    SpoolResult result;

    if (fd < 0)
        return spool_failure();
    result = write_mark(fd, mark, offset);
    /* Some file systems report a full disk as late as here. */
    if (close(fd) < 0 && result.status == SPOOL_OK)
        return spool_io_error(errno);
    return result;
}

SpoolResult spool_mark_done(const Spool *spool, const char *queue_id, int64_t recipient_offset)
{
    return mark_at(spool, queue_id, &done, recipient_offset);
}

SpoolResult spool_mark_warned(const Spool *spool, const char *queue_id, int64_t warn_offset)
{
    return mark_at(spool, queue_id, &warned, warn_offset);
}

SpoolResult spool_mark_traced(const Spool *spool, const char *queue_id, int64_t trace_offset)
{
    return mark_at(spool, queue_id, &traced, trace_offset);
}

bool spool_is_done(const Spool *spool, const char *queue_id, int64_t recipient_offset)
{
    g_autofree char *path = spool_path(spool, SPOOL_ACTIVE, queue_id);
    int fd = AGAIN(open(path, O_RDONLY | O_CLOEXEC));
    uint8_t type = RECORD_RECIPIENT;

    if (fd < 0)
        return errno == ENOENT;
    if (AGAIN(pread(fd, &type, 1, recipient_offset)) != 1)
        type = RECORD_RECIPIENT;
    (void)close(fd);
    return type == RECORD_DONE;
}

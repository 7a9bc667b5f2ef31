#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "codec/record.h"
#include "spool_internal.h"

/* What to write over a record, and where that is right. */
typedef struct Mark {
    const char *bytes;
    size_t size_bytes;
    uint8_t before, after; /* type of the record */
} Mark;

static const Mark done = {"D", 1, RECORD_RECIPIENT, RECORD_DONE};
static const Mark traced = {"K", 1, RECORD_ATTRIBUTE, RECORD_KILLED};
static const Mark warned = {RECORD_WARN_SENT, RECORD_WARN_SENT_BYTES, RECORD_WARN, RECORD_WARN};

static SpoolStatus status_of_transfer(ssize_t transferred, size_t wanted)
{
    if (transferred >= 0 && (size_t)transferred < wanted)
        errno = EIO;
    return transferred == (ssize_t)wanted ? SPOOL_OK : SPOOL_IO_ERROR;
}

static SpoolStatus write_mark(int fd, const Mark *mark, int64_t offset)
{
    char now[RECORD_WARN_SENT_BYTES];
    ssize_t got = AGAIN(pread(fd, now, mark->size_bytes, offset));

    if (got < 0)
        return SPOOL_IO_ERROR;
    if ((size_t)got < mark->size_bytes ||
        ((uint8_t)now[0] != mark->before && (uint8_t)now[0] != mark->after))
        return SPOOL_DAMAGED;
    /* A shorter W record would lose the one after it. */
    if (mark->size_bytes > 1 && now[1] != mark->bytes[1])
        return SPOOL_DAMAGED;
    if (memcmp(now, mark->bytes, mark->size_bytes) == 0)
        return SPOOL_OK;
    return status_of_transfer(AGAIN(pwrite(fd, mark->bytes, mark->size_bytes, offset)),
                              mark->size_bytes);
}

static SpoolStatus mark_at(const Spool *spool, const char *queue_id, const Mark *mark,
                           int64_t offset)
{
    g_autofree char *path = spool_path(spool, SPOOL_ACTIVE, queue_id);
    int fd = AGAIN(open(path, O_RDWR | O_CLOEXEC));
    SpoolStatus status;
    int saved_errno;

    if (fd < 0)
        return spool_status_of_errno();
    status = write_mark(fd, mark, offset);
    saved_errno = errno;
    /* A full disk may be told as late as here. */
    if (close(fd) < 0 && status == SPOOL_OK)
        return SPOOL_IO_ERROR;
    errno = saved_errno;
    return status;
}

SpoolStatus spool_mark_done(const Spool *spool, const char *queue_id, int64_t recipient_offset)
{
    return mark_at(spool, queue_id, &done, recipient_offset);
}

SpoolStatus spool_mark_warned(const Spool *spool, const char *queue_id, int64_t warn_offset)
{
    return mark_at(spool, queue_id, &warned, warn_offset);
}

SpoolStatus spool_mark_traced(const Spool *spool, const char *queue_id, int64_t trace_offset)
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

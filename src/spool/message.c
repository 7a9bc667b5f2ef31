#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_internal.h"

/*
 * One message in active: opening, locking, and feeding its file to the envelope reader of codec,
 * which says what it wants to see next.
 */

/*
 * The envelope of a usual message fits into the first window, and a small message altogether.
 * What is read after that are lists of recipients, where fewer calls count.
 */
#define FIRST_WINDOW_BYTES ((size_t)8192)
#define NEXT_WINDOW_BYTES  ((size_t)65536)

struct SpoolMessage {
    const Spool *spool;
    int fd;
    char *queue_id, *path;
};

/* After any failure this is not the time to deliver, so it counts as "locked" (spool.md 4.2). */
static bool lock_now(int fd)
{
    return AGAIN(flock(fd, LOCK_EX | LOCK_NB)) == 0;
}

SpoolResult spool_message_open(const Spool *spool, const char *queue_id, bool lock,
                               SpoolMessage **ret_message)
{
    g_autofree char *path = spool_path(spool, SPOOL_ACTIVE, queue_id);
    SpoolMessage *message;
    int fd = AGAIN(open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));

    if (fd < 0)
        return spool_failure();
    if (lock && !lock_now(fd)) {
        (void)close(fd);
        return spool_plain(SPOOL_BUSY);
    }
    message = g_new(SpoolMessage, 1);
    *message = (SpoolMessage){
        .spool = spool, .fd = fd, .queue_id = g_strdup(queue_id), .path = g_steal_pointer(&path)};
    *ret_message = message;
    return spool_plain(SPOOL_OK);
}

SpoolResult spool_message_peek(const Spool *spool, SpoolQueue queue, const char *queue_id,
                               SpoolMessage **ret_message)
{
    g_autofree char *path = spool_path(spool, queue, queue_id);
    int fd = AGAIN(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));

    if (fd < 0)
        return spool_failure();
    *ret_message = g_new(SpoolMessage, 1);
    **ret_message = (SpoolMessage){
        .spool = spool, .fd = fd, .queue_id = g_strdup(queue_id), .path = g_steal_pointer(&path)};
    return spool_plain(SPOOL_OK);
}

bool spool_is_locked(const Spool *spool, SpoolQueue queue, const char *queue_id)
{
    g_autofree char *path = spool_path(spool, queue, queue_id);
    int fd = AGAIN(open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    bool is_locked;

    if (fd < 0)
        return false;
    is_locked = !lock_now(fd);
    (void)close(fd);
    return is_locked;
}

void spool_message_close(SpoolMessage *message)
{
    if (message == NULL)
        return;
    (void)close(message->fd);
    g_free(message->queue_id);
    g_free(message->path);
    g_free(message);
}

SpoolResult spool_message_chmod(SpoolMessage *message, mode_t mode)
{
    return AGAIN(fchmod(message->fd, mode)) == 0 ? spool_plain(SPOOL_OK) : spool_io_error(errno);
}

/* ---- reading ---- */

typedef struct Buffer {
    uint8_t first[FIRST_WINDOW_BYTES];
    uint8_t *next; /* owned; NULL as long as `first` is large enough */
    size_t next_bytes;
} Buffer;

/* Makes room for at least `least_bytes`; returns how much there is, and where. */
static size_t buffer_make_room(Buffer *buffer, size_t least_bytes, uint8_t **ret_room)
{
    bool is_first = buffer->next == NULL && buffer->next_bytes == 0;

    buffer->next_bytes = MAX(buffer->next_bytes, 1);
    if (is_first && least_bytes <= sizeof buffer->first) {
        *ret_room = buffer->first;
        return sizeof buffer->first;
    }
    if (buffer->next == NULL || buffer->next_bytes < least_bytes) {
        g_free(buffer->next);
        buffer->next_bytes = MAX(NEXT_WINDOW_BYTES, least_bytes);
        buffer->next = g_malloc(buffer->next_bytes);
    }
    *ret_room = buffer->next;
    return buffer->next_bytes;
}

/* Reads into the empty window until there are least_bytes or the file ends. */
static bool fill_window(const SpoolMessage *message, uint8_t *room, size_t room_bytes,
                        size_t least_bytes, EnvelopeWindow *window)
{
    window->bytes = room;
    while (window->size_bytes < least_bytes && !window->ends_file) {
        ssize_t got =
            AGAIN(pread(message->fd, room + window->size_bytes, room_bytes - window->size_bytes,
                        window->offset + (int64_t)window->size_bytes));

        if (got < 0)
            return false;
        if (got == 0)
            window->ends_file = true;
        window->size_bytes += (size_t)got;
    }
    return true;
}

/* SPOOL_OK: the reader came to an end, good or bad. */
static SpoolResult feed(const SpoolMessage *message, int64_t file_size, EnvelopeReader *reader,
                        EnvelopeProgress *ret_progress)
{
    Buffer buffer;
    SpoolResult result = spool_plain(SPOOL_OK);

    buffer.next = NULL;
    buffer.next_bytes = 0;
    *ret_progress = ENVELOPE_WANTS_BYTES;
    while (result.status == SPOOL_OK && *ret_progress == ENVELOPE_WANTS_BYTES) {
        size_t least_bytes, room_bytes;
        uint8_t *room;
        EnvelopeWindow window = {.offset = envelope_reader_wanted(reader, &least_bytes)};

        /* Without this, reading a directory, say, would be an error instead of the end. */
        window.ends_file = window.offset >= file_size;
        room_bytes = buffer_make_room(&buffer, least_bytes, &room);
        if (fill_window(message, room, room_bytes, least_bytes, &window))
            *ret_progress = envelope_reader_feed(reader, &window);
        else
            result = spool_io_error(errno);
    }
    g_free(buffer.next);
    return result;
}

/* Only a plain file has something to read, whatever size the others say. */
static SpoolResult get_file_size(const SpoolMessage *message, int64_t *ret_file_size)
{
    struct stat st;

    if (fstat(message->fd, &st) < 0)
        return spool_io_error(errno);
    *ret_file_size = S_ISREG(st.st_mode) ? st.st_size : 0;
    return spool_plain(SPOOL_OK);
}

static SpoolResult read_batch(SpoolMessage *message, int recipient_limit, const Envelope *known,
                              Envelope *envelope, SpoolReading *ret_reading)
{
    EnvelopeRules rules = {
        .queue_id = message->queue_id,
        .path = message->path,
        .verp_delimiter_filter = message->spool->verp_delimiter_filter,
        .release = message->spool->release,
        .round_robin = message->spool->round_robin,
        .recipient_limit = recipient_limit,
    };
    SpoolResult result = get_file_size(message, &rules.file_size);
    EnvelopeReader *reader = message->spool->reader;
    EnvelopeProgress progress = ENVELOPE_DAMAGED;

    envelope_reader_begin(reader, &rules, known);
    if (result.status == SPOOL_OK)
        result = feed(message, rules.file_size, reader, &progress);
    envelope_reader_finish(reader, envelope, ret_reading);
    if (result.status == SPOOL_OK && progress != ENVELOPE_READ)
        return spool_plain(SPOOL_DAMAGED);
    return result;
}

SpoolResult spool_read_first(SpoolMessage *message, int recipient_limit, Envelope *envelope,
                             SpoolReading *ret_reading)
{
    return read_batch(message, recipient_limit, NULL, envelope, ret_reading);
}

SpoolResult spool_read_more(SpoolMessage *message, int recipient_limit, Envelope *envelope,
                            SpoolReading *ret_reading)
{
    return read_batch(message, recipient_limit, envelope, envelope, ret_reading);
}

void spool_reading_clear(SpoolReading *reading)
{
    envelope_batch_clear(reading);
}

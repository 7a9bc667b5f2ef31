/*
 * Records are paragraphs of lines name=value. A line that is not of that shape is for people and
 * without interest; names that are not known are those of a later release.
 */

#include "spool/defer_log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_internal.h"

static void free_record(gpointer data)
{
    DeferRecord *record = data;

    g_free(record->recipient);
    g_free(record->status);
    g_free(record->reason);
    g_free(record);
}

static DeferRecord *new_record(void)
{
    DeferRecord *record = g_new0(DeferRecord, 1);

    record->offset = -1;
    return record;
}

static void set_text(char **text, const char *value)
{
    g_free(*text);
    *text = g_strdup(value);
}

static void defer_log_read_line(DeferRecord *record, const char *line)
{
    const char *value = strchr(line, '=');
    size_t length = value != NULL ? (size_t)(value - line) : 0;
    g_autofree char *name = g_strndup(line, length);

    if (value == NULL)
        return;
    value++;
    if (g_str_equal(name, "recipient"))
        set_text(&record->recipient, value);
    else if (g_str_equal(name, "status"))
        set_text(&record->status, value);
    else if (g_str_equal(name, "reason"))
        set_text(&record->reason, value);
    else if (g_str_equal(name, "offset") &&
             !g_ascii_string_to_signed(value, 10, 0, INT64_MAX, &record->offset, NULL))
        record->offset = -1;
}

/* The paragraph has ended: a whole record is kept, and the next one begins. */
static void end_record(GPtrArray *records, DeferRecord **record)
{
    if ((*record)->recipient != NULL && (*record)->reason != NULL) {
        if ((*record)->status == NULL)
            (*record)->status = g_strdup("");
        g_ptr_array_add(records, *record);
    } else {
        free_record(*record);
    }
    *record = new_record();
}

GPtrArray *defer_log_parse(const char *text, gsize size_bytes, unsigned max)
{
    GPtrArray *records = g_ptr_array_new_with_free_func(free_record);
    g_autofree char *copy = g_strndup(text, size_bytes); /* up to the first NUL, if there is one */
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    DeferRecord *record = new_record();

    for (char **line = lines; *line != NULL && records->len < max; line++) {
        if (**line == '\0')
            end_record(records, &record);
        else
            defer_log_read_line(record, *line);
    }
    free_record(record);
    return records;
}

/* At most so many bytes, from offset_bytes on; a negative one counts from the end of the file. */
static SpoolResult read_part(const Spool *spool, SpoolQueue log, const char *queue_id,
                             off_t offset_bytes, GByteArray *ret_text, bool *ret_is_whole)
{
    g_autofree char *path = spool_path(spool, log, queue_id);
    int fd = AGAIN(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    off_t end = 0, start = offset_bytes;
    SpoolResult result = spool_plain(SPOOL_OK);
    ssize_t count = -1;

    if (fd < 0)
        return spool_failure();
    if (offset_bytes < 0) {
        end = lseek(fd, 0, SEEK_END);
        start = MAX(end + offset_bytes, 0);
    }
    if (end >= 0)
        count = AGAIN(pread(fd, ret_text->data, ret_text->len, start));
    if (count < 0)
        result = spool_failure();
    g_byte_array_set_size(ret_text, (guint)MAX(count, 0));
    *ret_is_whole = start == 0;
    (void)close(fd);
    return result;
}

SpoolResult defer_log_read(const Spool *spool, const char *queue_id, unsigned max,
                           GPtrArray **ret_records)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    SpoolResult result;
    bool is_whole;

    g_byte_array_set_size(text, DEFER_LOG_READ_MAX_BYTES);
    result = read_part(spool, SPOOL_DEFER, queue_id, 0, text, &is_whole);
    if (result.status == SPOOL_OK)
        *ret_records = defer_log_parse((const char *)text->data, text->len, max);
    return result;
}

/* Where the first record begins if the bytes are the end of a file. */
static size_t first_record(const GByteArray *text)
{
    const char *bytes = (const char *)text->data, *gap = g_strstr_len(bytes, text->len, "\n\n");

    return gap != NULL ? (size_t)(gap - bytes) + 2 : text->len;
}

SpoolResult defer_log_read_tail(const Spool *spool, SpoolQueue log, const char *queue_id,
                                unsigned max, GPtrArray **ret_records)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    SpoolResult result;
    bool is_whole = false;
    size_t start;

    g_byte_array_set_size(text, DEFER_LOG_TAIL_BYTES);
    result = read_part(spool, log, queue_id, -DEFER_LOG_TAIL_BYTES, text, &is_whole);
    if (result.status != SPOOL_OK)
        return result;
    start = is_whole ? 0 : first_record(text);
    *ret_records = defer_log_parse((const char *)text->data + start, text->len - start, max);
    return result;
}

int64_t defer_log_time(const Spool *spool, const char *queue_id)
{
    g_autofree char *path = spool_path(spool, SPOOL_DEFER, queue_id);
    struct stat file;

    return stat(path, &file) == 0 ? file.st_mtime : 0;
}

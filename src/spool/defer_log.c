/*
 * Records are paragraphs of lines name=value. A line that is not of that shape is for people and
 * without interest; names that are not known are those of a later release.
 */

#include "spool/defer_log.h"

#include <fcntl.h>
#include <string.h>
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

SpoolResult defer_log_read(const Spool *spool, const char *queue_id, unsigned max,
                           GPtrArray **ret_records)
{
    g_autofree char *path = spool_path(spool, SPOOL_DEFER, queue_id);
    g_autoptr(GByteArray) text = g_byte_array_new();
    int fd = AGAIN(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    ssize_t count;
    SpoolResult result;

    if (fd < 0)
        return spool_failure();
    g_byte_array_set_size(text, DEFER_LOG_READ_MAX_BYTES);
    count = AGAIN(pread(fd, text->data, DEFER_LOG_READ_MAX_BYTES, 0));
    result = count < 0 ? spool_failure() : spool_plain(SPOOL_OK);
    (void)close(fd);
    if (count >= 0)
        *ret_records = defer_log_parse((const char *)text->data, (gsize)count, max);
    return result;
}

/*
 * Rows are put together in one array that is used again, and go to the client's buffer as a whole.
 */

#include <inttypes.h>

#include "codec/attr.h"
#include "codec/control.h"
#include "src/control/answer_internal.h"

void answer_init(Answer *answer, struct evbuffer *out)
{
    *answer = (Answer){.out = out, .row = g_byte_array_new()};
}

void answer_clear(Answer *answer)
{
    g_clear_pointer(&answer->row, g_byte_array_unref);
}

void answer_begin(Answer *answer, const char *kind)
{
    g_byte_array_set_size(answer->row, 0);
    attr_put_str(answer->row, CONTROL_ROW, kind);
}

void answer_str(Answer *answer, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        attr_put_str(answer->row, name, value);
}

void answer_int(Answer *answer, const char *name, int64_t value)
{
    char digits[32];

    (void)g_snprintf(digits, sizeof(digits), "%" PRId64, value);
    attr_put_str(answer->row, name, digits);
}

void answer_time(Answer *answer, const char *name, int64_t wall_s)
{
    if (wall_s != 0)
        answer_int(answer, name, wall_s);
}

static void send_row(Answer *answer)
{
    attr_put_end(answer->row);
    (void)evbuffer_add(answer->out, answer->row->data, answer->row->len);
}

void answer_finish(Answer *answer)
{
    send_row(answer);
    answer->row_count++;
}

GBytes *answer_take_row(Answer *answer)
{
    attr_put_end(answer->row);
    return g_bytes_new(answer->row->data, answer->row->len);
}

void answer_put_row(Answer *answer, GBytes *row)
{
    gsize size_bytes;
    const void *data = g_bytes_get_data(row, &size_bytes);

    (void)evbuffer_add(answer->out, data, size_bytes);
    answer->row_count++;
}

void answer_end(Answer *answer, uint64_t matched_count, bool is_truncated, const char *cursor)
{
    answer_end_as(answer, &(AnswerEnd){.matched_count = matched_count,
                                       .is_truncated = is_truncated,
                                       .cursor = cursor});
}

void answer_end_as(Answer *answer, const AnswerEnd *end)
{
    answer_begin(answer, CONTROL_ROW_END);
    answer_int(answer, "rows", (int64_t)answer->row_count);
    answer_int(answer, "matched", (int64_t)end->matched_count);
    answer_int(answer, "truncated", end->is_truncated);
    answer_str(answer, "cursor", end->cursor);
    answer_str(answer, "note", end->note);
    if (end->has_coverage) {
        answer_int(answer, "deferred_known", end->known_count);
        answer_int(answer, "deferred", end->deferred_count);
        answer_int(answer, "index_complete", end->index_complete);
    }
    send_row(answer);
    answer->row_count = 0;
}

void answer_error(Answer *answer, const char *code, const char *format, ...)
{
    va_list arguments;
    g_autofree char *text = NULL;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    answer_begin(answer, CONTROL_ROW_ERROR);
    answer_str(answer, "code", code);
    answer_str(answer, "text", text);
    send_row(answer);
    answer->row_count = 0;
}

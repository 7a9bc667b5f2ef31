/* Attribute lists become rows; the first and the last of them say what the others are worth. */

#include <inttypes.h>
#include <string.h>

#include "codec/attr.h"
#include "codec/control.h"
#include "src/ctl/reply_internal.h"

#define ROW_MAX_BYTES (256 * 1024)

const char *row_text(const Row *row, const char *name)
{
    return row->values != NULL ? g_hash_table_lookup(row->values, name) : NULL;
}

int64_t row_number(const Row *row, const char *name, int64_t otherwise)
{
    const char *text = row_text(row, name);
    gint64 value = otherwise;

    if (text != NULL && !g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &value, NULL))
        return otherwise;
    return value;
}

Row row_empty(void)
{
    return (Row){g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
}

static void row_add_value(gpointer name, gpointer text, gpointer values)
{
    (void)g_hash_table_insert(values, g_strdup(name), g_strdup(text));
}

void row_add(Row *row, const Row *more)
{
    g_hash_table_foreach(more->values, row_add_value, row->values);
}

Row *row_copy(const Row *row)
{
    Row *copy = g_new(Row, 1);

    *copy = row_empty();
    row_add(copy, row);
    return copy;
}

void row_free(gpointer row)
{
    g_hash_table_destroy(((Row *)row)->values);
    g_free(row);
}

static void clear_row(Row *row)
{
    g_clear_pointer(&row->values, g_hash_table_destroy);
}

void session_answer_clear(SessionAnswer *answer)
{
    clear_row(&answer->header);
    clear_row(&answer->end);
    g_clear_pointer(&answer->problem, g_free);
}

GByteArray *reply_request(const char *verb, const char *const *arguments, char **ret_problem)
{
    g_autoptr(GByteArray) request = g_byte_array_new();

    attr_put_str(request, CONTROL_VERB, verb);
    for (; arguments != NULL && arguments[0] != NULL; arguments += 2)
        if (arguments[1] != NULL)
            attr_put_str(request, arguments[0], arguments[1]);
    attr_put_end(request);
    if (request->len <= CONTROL_REQUEST_MAX_BYTES)
        return g_steal_pointer(&request);
    *ret_problem =
        g_strdup_printf("the request is longer than %d bytes", CONTROL_REQUEST_MAX_BYTES);
    return NULL;
}

void reply_init(Reply *reply, SessionRowFn *on_row, void *ctx)
{
    *reply = (Reply){.on_row = on_row, .ctx = ctx, .input = g_byte_array_new()};
}

void reply_clear(Reply *reply)
{
    session_answer_clear(&reply->answer);
    g_clear_pointer(&reply->input, g_byte_array_unref);
}

/* The next row of the input, if it is whole: ATTR_OK and *ret_row. */
static AttrStatus parse_row(Reply *reply, Row *ret_row)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    AttrReader reader;
    const char *name, *value;
    AttrStatus status;

    if (reply->pos == reply->input->len)
        return ATTR_MORE;
    attr_reader_init(&reader, reply->input->data + reply->pos, reply->input->len - reply->pos);
    while ((status = attr_get_any(&reader, &name, &value)) == ATTR_OK && name != NULL)
        (void)g_hash_table_insert(values, g_strdup(name), g_strdup(value));
    if (status == ATTR_MORE && reader.size_bytes >= ROW_MAX_BYTES)
        return ATTR_BAD;
    if (status != ATTR_OK)
        return status;
    reply->pos += reader.pos;
    ret_row->values = g_steal_pointer(&values);
    return ATTR_OK;
}

static SessionStatus status_of_error_row(const Row *row, char **ret_problem)
{
    static const struct {
        const char *code;
        SessionStatus status;
    } codes[] = {
        {CONTROL_ERROR_USAGE,     SESSION_USAGE     },
        {CONTROL_ERROR_NOT_FOUND, SESSION_NOT_FOUND },
        {CONTROL_ERROR_DENIED,    SESSION_DENIED    },
        {CONTROL_ERROR_BUSY,      SESSION_INCOMPLETE},
        {CONTROL_ERROR_FAILED,    SESSION_INCOMPLETE},
        {CONTROL_ERROR_MALFORMED, SESSION_PROTOCOL  },
    };
    const char *code = row_text(row, "code"), *text = row_text(row, "text");

    *ret_problem = g_strdup(text != NULL ? text : "the daemon does not say why");
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_strcmp0(code, codes[i].code) == 0)
            return codes[i].status;
    return SESSION_PROTOCOL;
}

static bool is_row(const Row *row, const char *kind)
{
    return g_strcmp0(row_text(row, CONTROL_ROW), kind) == 0;
}

/* An answer of another format, or no header at all. */
static SessionStatus check_header(SessionAnswer *answer)
{
    int64_t format = row_number(&answer->header, "format", 0);

    if (format == CONTROL_FORMAT)
        return SESSION_OK;
    answer->problem =
        format == 0 ? g_strdup("what came is not an answer")
                    : g_strdup_printf("the daemon answers in format %" PRId64 ", this program "
                                      "understands format %d: install the same version of both",
                                      format, CONTROL_FORMAT);
    return SESSION_PROTOCOL;
}

/* What a row means for the answer, which takes it. */
static SessionStatus handle_row(Reply *reply, Row *row)
{
    SessionAnswer *answer = &reply->answer;
    SessionStatus status = SESSION_OK;

    reply->is_over = is_row(row, CONTROL_ROW_END) || is_row(row, CONTROL_ROW_ERROR);
    if (is_row(row, CONTROL_ROW_HEADER) && answer->header.values == NULL) {
        answer->header = *row;
        return check_header(answer);
    }
    if (is_row(row, CONTROL_ROW_END) && answer->header.values != NULL) {
        answer->end = *row;
        return SESSION_OK;
    }
    if (is_row(row, CONTROL_ROW_ERROR))
        status = status_of_error_row(row, &answer->problem);
    else if (answer->header.values == NULL)
        status = check_header(answer);
    else
        reply->on_row(row, reply->ctx);
    clear_row(row);
    return status;
}

SessionStatus reply_add(Reply *reply, const void *bytes, size_t size_bytes)
{
    SessionStatus status = SESSION_OK;

    g_byte_array_append(reply->input, bytes, (guint)size_bytes);
    while (status == SESSION_OK && !reply->is_over) {
        Row row;
        AttrStatus found = parse_row(reply, &row);

        if (found == ATTR_MORE)
            break;
        if (found == ATTR_OK) {
            status = handle_row(reply, &row);
            continue;
        }
        reply->answer.problem = g_strdup("what came is not an answer");
        status = SESSION_PROTOCOL;
    }
    g_byte_array_remove_range(reply->input, 0, (guint)reply->pos);
    reply->pos = 0;
    return status;
}

#include "tests/postfix/record_writer.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS             15
#define SIZE_DATA_BYTES     95
#define OLD_SIZE_DATA_BYTES COLUMNS
#define HEADER_BYTES        2 /* type and one length byte */

typedef struct Label {
    const char *name;
    size_t offset;
    bool is_pointer; /* a pointer record that leads to the label of that name */
} Label;

void record_append(GByteArray *bytes, char type, const void *data, size_t count)
{
    size_t rest = count;

    g_byte_array_append(bytes, (const guint8 *)&type, 1);
    do {
        guint8 group = (guint8)(rest & 0x7f);

        rest >>= 7;
        if (rest != 0)
            group |= 0x80;
        g_byte_array_append(bytes, &group, 1);
    } while (rest != 0);
    g_byte_array_append(bytes, data, (guint)count);
}

void record_put(RecordWriter *writer, char type, const char *text)
{
    record_append(writer->bytes, type, text, strlen(text));
}

void record_put_number(RecordWriter *writer, char type, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%*" PRId64, COLUMNS, number);

    record_put(writer, type, text);
}

void record_put_attribute(RecordWriter *writer, const char *name, const char *value)
{
    g_autofree char *text = g_strdup_printf("%s=%s", name, value);

    record_put(writer, 'A', text);
}

void record_writer_init(RecordWriter *writer, bool old_style, bool raw)
{
    char blanks[SIZE_DATA_BYTES];

    *writer = (RecordWriter){.old_style = old_style};
    writer->bytes = g_byte_array_new();
    writer->labels = g_array_new(FALSE, FALSE, sizeof(Label));
    memset(blanks, ' ', sizeof(blanks));
    if (!raw)
        record_append(writer->bytes, 'C', blanks,
                      old_style ? OLD_SIZE_DATA_BYTES : SIZE_DATA_BYTES);
}

void record_writer_clear(RecordWriter *writer)
{
    if (writer->bytes != NULL)
        g_byte_array_unref(writer->bytes);
    if (writer->labels != NULL)
        g_array_unref(writer->labels);
    *writer = (RecordWriter){0};
}

static void overwrite_number(RecordWriter *writer, size_t record_at, size_t number)
{
    g_autofree char *text = g_strdup_printf("%*zu", COLUMNS, number);

    memcpy(writer->bytes->data + record_at + HEADER_BYTES, text, COLUMNS);
}

void record_put_content(RecordWriter *writer, int line_count)
{
    size_t mark_at = writer->bytes->len;

    if (writer->old_style)
        record_put_number(writer, 'M', 0);
    else
        record_put(writer, 'M', "");
    writer->data_offset = writer->bytes->len;
    for (int i = 0; i < line_count; i++)
        record_put(writer, 'N', i == 0 ? "Subject: lab" : "");
    writer->extracted_offset = writer->bytes->len;
    record_put(writer, 'X', "");
    if (writer->old_style)
        overwrite_number(writer, mark_at, writer->extracted_offset);
    writer->content_written = true;
}

static void add_label(RecordWriter *writer, const char *name, bool is_pointer)
{
    const Label label = {name, writer->bytes->len, is_pointer};

    g_array_append_val(writer->labels, label);
}

void record_put_label(RecordWriter *writer, const char *name)
{
    add_label(writer, name, false);
}

void record_put_pointer(RecordWriter *writer, const char *name)
{
    add_label(writer, name, true);
    record_put_number(writer, 'p', 0);
}

static void resolve_pointers(RecordWriter *writer)
{
    for (guint i = 0; i < writer->labels->len; i++) {
        const Label *pointer = &g_array_index(writer->labels, Label, i);

        for (guint j = 0; pointer->is_pointer && j < writer->labels->len; j++) {
            const Label *target = &g_array_index(writer->labels, Label, j);

            if (!target->is_pointer && strcmp(target->name, pointer->name) == 0)
                overwrite_number(writer, pointer->offset, target->offset);
        }
    }
}

static char *size_fields(const RecordWriter *writer)
{
    size_t data_size = writer->extracted_offset - writer->data_offset;

    if (writer->old_style)
        return g_strdup_printf("%*zu", COLUMNS, data_size);
    return g_strdup_printf("%*zu %*zu %*" PRId64 " %*" PRId64 " %*zu %*" PRId64, COLUMNS, data_size,
                           COLUMNS, writer->data_offset, COLUMNS, writer->recipient_count, COLUMNS,
                           writer->flags, COLUMNS, data_size, COLUMNS, writer->smtputf8);
}

void record_writer_finish(RecordWriter *writer, const char *size_text)
{
    g_autofree char *computed = size_fields(writer);
    const char *text = size_text != NULL ? size_text : computed;
    size_t room = writer->old_style ? OLD_SIZE_DATA_BYTES : SIZE_DATA_BYTES;

    resolve_pointers(writer);
    if (writer->bytes->len >= HEADER_BYTES + room && writer->bytes->data[0] == 'C')
        memcpy(writer->bytes->data + HEADER_BYTES, text, MIN(strlen(text), room));
}

#include "tests/postfix/queue_file.h"

#include <string.h>

#include "tests/postfix/record_writer.h"

#define CONTENT "NSubject: test|N|Nbody"

void queue_file_put_all(GByteArray *file, const char *records)
{
    g_auto(GStrv) each = g_strsplit(records, "|", -1);

    for (char **record = each; *record != NULL; record++)
        if (**record != '\0')
            record_append(file, **record, *record + 1, strlen(*record + 1));
}

GByteArray *queue_file_make(const QueueFileParts *parts)
{
    RecordWriter writer;
    GByteArray *file;
    g_autofree char *size = NULL;

    record_writer_init(&writer, false, false);
    g_assert(writer.bytes->len == QUEUE_FILE_SIZE_BYTES);
    queue_file_put_all(writer.bytes, parts->envelope);
    queue_file_put_all(writer.bytes, "M");
    writer.data_offset = writer.bytes->len;
    queue_file_put_all(writer.bytes, CONTENT);
    writer.extracted_offset = writer.bytes->len;
    queue_file_put_all(writer.bytes, "X");
    queue_file_put_all(writer.bytes, parts->extracted != NULL ? parts->extracted : "");
    queue_file_put_all(writer.bytes, "E");
    queue_file_put_all(writer.bytes, parts->heap != NULL ? parts->heap : "");
    size = g_strdup_printf("%15zu %15zu %s", writer.extracted_offset - writer.data_offset,
                           writer.data_offset, parts->size_tail != NULL ? parts->size_tail : "1 0");
    record_writer_finish(&writer, size);
    file = g_steal_pointer(&writer.bytes);
    record_writer_clear(&writer);
    return file;
}

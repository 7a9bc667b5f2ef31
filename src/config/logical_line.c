#include <string.h>

#include "lexicon_internal.h"
#include "logical_line_internal.h"

/* Physical lines are joined to logical ones. */

static const char *line_end(const LogicalReader *reader)
{
    const char *lf = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));

    return lf != NULL ? lf : reader->end;
}

/* Comments and blank lines are skipped, even inside a logical line. */
static bool next_is_ignored(const LogicalReader *reader)
{
    const char *p = reader->next, *end = line_end(reader);

    while (p < end && is_blank(*p))
        p++;
    return p == end || *p == '#';
}

static void read_physical_line(LogicalReader *reader, GString *append_to)
{
    const char *end = line_end(reader);

    if (append_to != NULL)
        g_string_append_len(append_to, reader->next, end - reader->next);
    reader->next = end < reader->end ? end + 1 : end;
    reader->line++;
}

static void skip_ignored(LogicalReader *reader)
{
    while (reader->next < reader->end && next_is_ignored(reader))
        read_physical_line(reader, NULL);
}

int logical_line_read(LogicalReader *reader, GString *logical)
{
    int first;

    g_string_truncate(logical, 0);
    skip_ignored(reader);
    if (reader->next == reader->end)
        return 0;
    read_physical_line(reader, logical);
    first = reader->line;
    skip_ignored(reader);
    while (reader->next < reader->end && is_blank(*reader->next)) {
        read_physical_line(reader, logical);
        skip_ignored(reader);
    }
    return first;
}

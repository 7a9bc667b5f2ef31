#include <string.h>

#include "maincf_internal.h"

/*
 * The text of main.cf: physical lines are joined to logical ones, and each of those is a name and
 * its text.
 */

#define SHOWN_BYTES 30 /* of a line that is refused for its leading white space */

/* Walks through the physical lines of a file. */
typedef struct Reader {
    const char *next, *end;
    int line; /* number of the last line read */
} Reader;

static const char *line_end(const Reader *reader)
{
    const char *lf = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));

    return lf != NULL ? lf : reader->end;
}

/* Comments and blank lines are skipped, even inside a logical line. */
static bool next_is_ignored(const Reader *reader)
{
    const char *p = reader->next, *end = line_end(reader);

    while (p < end && is_blank(*p))
        p++;
    return p == end || *p == '#';
}

static void maincf_read_line(Reader *reader, GString *append_to)
{
    const char *end = line_end(reader);

    if (append_to != NULL)
        g_string_append_len(append_to, reader->next, end - reader->next);
    reader->next = end < reader->end ? end + 1 : end;
    reader->line++;
}

static void skip_ignored(Reader *reader)
{
    while (reader->next < reader->end && next_is_ignored(reader))
        maincf_read_line(reader, NULL);
}

/* Puts the next logical line into `logical`; returns the number of its first line, or 0 at the end.
 */
static int read_logical_line(Reader *reader, GString *logical)
{
    int first;

    g_string_truncate(logical, 0);
    skip_ignored(reader);
    if (reader->next == reader->end)
        return 0;
    maincf_read_line(reader, logical);
    first = reader->line;
    skip_ignored(reader);
    while (reader->next < reader->end && is_blank(*reader->next)) {
        maincf_read_line(reader, logical);
        skip_ignored(reader);
    }
    return first;
}

/* `text` ends at a NUL byte of the file, if there is one: so does stock's. */
static bool enter_line(Lexicon *lexicon, const char *path, int line, const char *text,
                       GError **error)
{
    g_autofree char *name = NULL;
    g_autofree char *value = NULL;
    const char *trouble = lexicon_split(text, &name, &value);
    const char *old;

    if (trouble != NULL)
        return config_fail(error, "%s, line %d: %s: \"%s\"", path, line, trouble, text);
    old = lexicon_get(lexicon, name);
    if (old != NULL && strcmp(old, value) != 0)
        lexicon_warn(lexicon, "%s, line %d: overriding earlier entry: %s=%s", path, line, name,
                     old);
    lexicon_set(lexicon, name, value);
    return true;
}

bool maincf_parse(Lexicon *lexicon, const char *path, GBytes *bytes, GError **error)
{
    size_t length;
    const char *start = g_bytes_get_data(bytes, &length);
    Reader reader = {.next = start};
    g_autoptr(GString) logical = g_string_new(NULL);
    int line;

    if (length == 0)
        return true;
    reader.end = start + length;
    while ((line = read_logical_line(&reader, logical)) > 0) {
        if (is_blank(logical->str[0]))
            lexicon_warn(lexicon, "%s: logical line must not start with whitespace: \"%.*s%s\"",
                         path, SHOWN_BYTES, logical->str,
                         strlen(logical->str) > SHOWN_BYTES ? "..." : "");
        else if (!enter_line(lexicon, path, line, logical->str, error))
            return false;
    }
    return true;
}

#include <string.h>

#include "logical_line_internal.h"
#include "maincf_internal.h"

/* The text of main.cf: each logical line is a name and its text. */

#define SHOWN_BYTES 30 /* of a line that is refused for its leading white space */

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
    lexicon_set_line(lexicon, name, line);
    return true;
}

bool maincf_parse(Lexicon *lexicon, const char *path, GBytes *bytes, GError **error)
{
    size_t length;
    const char *start = g_bytes_get_data(bytes, &length);
    LogicalReader reader = {.next = start};
    g_autoptr(GString) logical = g_string_new(NULL);
    int line;

    if (length == 0)
        return true;
    reader.end = start + length;
    while ((line = logical_line_read(&reader, logical)) > 0) {
        if (is_blank(logical->str[0]))
            lexicon_warn(lexicon, "%s: logical line must not start with whitespace: \"%.*s%s\"",
                         path, SHOWN_BYTES, logical->str,
                         strlen(logical->str) > SHOWN_BYTES ? "..." : "");
        else if (!enter_line(lexicon, path, line, logical->str, error))
            return false;
    }
    return true;
}

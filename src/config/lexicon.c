#include <stdarg.h>
#include <string.h>

#include "lexicon_internal.h"

/* Names and their raw texts, in a hash table; the last text of a name counts. */

G_DEFINE_QUARK(eqmgr - config - error, config_error)

void lexicon_init(Lexicon *lexicon, GPtrArray *warnings)
{
    lexicon->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    lexicon->defaults = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    lexicon->lines = NULL;
    lexicon->warnings = warnings;
    lexicon->functions = false;
}

void lexicon_clear(Lexicon *lexicon)
{
    if (lexicon->values != NULL)
        g_hash_table_unref(lexicon->values);
    lexicon->values = NULL;
    g_clear_pointer(&lexicon->defaults, g_hash_table_unref);
    g_clear_pointer(&lexicon->lines, g_hash_table_unref);
}

const char *lexicon_get(const Lexicon *lexicon, const char *name)
{
    return g_hash_table_lookup(lexicon->values, name);
}

void lexicon_set(Lexicon *lexicon, const char *name, const char *text)
{
    (void)g_hash_table_replace(lexicon->values, g_strdup(name), g_strdup(text));
    (void)g_hash_table_remove(lexicon->defaults, name);
}

void lexicon_set_line(Lexicon *lexicon, const char *name, int line)
{
    if (lexicon->lines == NULL)
        lexicon->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    (void)g_hash_table_replace(lexicon->lines, g_strdup(name),
                               GINT_TO_POINTER(line)); // NOLINT(performance-no-int-to-ptr)
}

int lexicon_line(const Lexicon *lexicon, const char *name)
{
    return lexicon->lines != NULL ? GPOINTER_TO_INT(g_hash_table_lookup(lexicon->lines, name)) : 0;
}

void lexicon_set_default(Lexicon *lexicon, const char *name, const char *text)
{
    if (lexicon_get(lexicon, name) != NULL)
        return;
    lexicon_set(lexicon, name, text);
    (void)g_hash_table_add(lexicon->defaults, g_strdup(name));
}

bool lexicon_is_set(const Lexicon *lexicon, const char *name)
{
    return lexicon_get(lexicon, name) != NULL && !g_hash_table_contains(lexicon->defaults, name);
}

void lexicon_warn(const Lexicon *lexicon, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(lexicon->warnings, g_strdup_vprintf(format, args));
    va_end(args);
}

bool config_fail(GError **error, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, config_error_quark(), CONFIG_INVALID, text);
    return false;
}

char *lexicon_trim(const char *text)
{
    const char *start = skip_blanks(text);
    size_t length = strlen(start);

    while (length > 0 && is_blank(start[length - 1]))
        length--;
    return g_strndup(start, length);
}

const char *lexicon_split(const char *text, char **ret_name, char **ret_value)
{
    const char *name = skip_blanks(text);
    const char *end = name;
    const char *equals;

    while (*end != '\0' && *end != '=' && !is_blank(*end))
        end++;
    if (end == name)
        return "missing attribute name";
    equals = skip_blanks(end);
    if (*equals != '=')
        return "missing '=' after attribute name";
    *ret_name = g_strndup(name, (size_t)(end - name));
    *ret_value = lexicon_trim(equals + 1);
    return NULL;
}

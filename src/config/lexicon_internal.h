#ifndef EQMGR_CONFIG_LEXICON_INTERNAL_H
#define EQMGR_CONFIG_LEXICON_INTERNAL_H

/*
 * lexicon: parameter names and their raw texts, and where warnings about them go.
 *
 * Warnings are complete texts (char *, g_free) appended to an array that the owner of the lexicon
 * provides; fatal texts travel as GError. Values hold no NUL byte.
 */

#include <stdbool.h>

#include <glib.h>

typedef enum ConfigError {
    CONFIG_INVALID,
    CONFIG_NO_FILE, /* the file does not exist; some need not */
} ConfigError;

typedef struct Lexicon {
    GHashTable *values;   /* name -> raw text, both owned */
    GHashTable *defaults; /* set of the names, owned, whose text is a default */
    GHashTable *lines; /* name, owned -> line of the file that was read last; NULL: none is known */
    GPtrArray *warnings; /* borrowed */
    bool functions; /* texts may call functions: Postfix 3.11 and later (configuration.md 3.1) */
} Lexicon;

void lexicon_init(Lexicon *lexicon, GPtrArray *warnings);
void lexicon_clear(Lexicon *lexicon);

/* The raw text, or NULL; valid until the name is set again. */
const char *lexicon_get(const Lexicon *lexicon, const char *name);
void lexicon_set(Lexicon *lexicon, const char *name, const char *text);

/* Where it stands in the file that is read; lexicon_line() of a name that no file has is 0. */
void lexicon_set_line(Lexicon *lexicon, const char *name, int line);
int lexicon_line(const Lexicon *lexicon, const char *name);

/* Enters a default: no effect if the name has a text already. */
void lexicon_set_default(Lexicon *lexicon, const char *name, const char *text);

/* Somebody has set it: its text is no default. */
bool lexicon_is_set(const Lexicon *lexicon, const char *name);

void lexicon_warn(const Lexicon *lexicon, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Sets a CONFIG_INVALID error; returns false, so that the caller can return it. */
bool config_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

GQuark config_error_quark(void);

/*
 * Splits "name = value" (configuration.md 2.2) into two new strings. Returns NULL, or why that
 * cannot be done.
 */
const char *lexicon_split(const char *text, char **ret_name, char **ret_value);

/* Without white space at its ends, a new string. */
char *lexicon_trim(const char *text);

/* White space of the C locale: g_ascii_isspace() lacks VT. */
static inline bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline const char *skip_blanks(const char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

#endif

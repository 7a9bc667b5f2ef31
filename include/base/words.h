#ifndef EQMGR_BASE_WORDS_H
#define EQMGR_BASE_WORDS_H

/* base/words: the words of a text. */

#include <glib.h>

/* Those between any of these bytes; empty ones are left out. A new vector, for g_strfreev(). */
char **words_split(const char *text, const char *separators) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_POLICY_SITE_WORDS_INTERNAL_H
#define EQMGR_POLICY_SITE_WORDS_INTERNAL_H

/* site_words: the words of one condition of a section. All names are in lower case. */

#include <stdbool.h>

#include <glib.h>

typedef struct WordSet {
    GHashTable *names; /* exact names, and those that begin with a dot; NULL: none */
    GPtrArray *globs;  /* NULL: none */
} WordSet;

typedef struct SiteWords {
    WordSet with, without; /* without: those that began with '!' */
} SiteWords;

void site_words_clear(SiteWords *words);

/* The words are borrowed. */
void site_words_add(SiteWords *words, char *word);
bool site_words_is_empty(const SiteWords *words);

/* An empty condition is met by all names. */
bool site_words_match(const SiteWords *words, const char *name);

/* Each name that meets this word (NULL: each name at all) meets the condition; or it is not known.
 */
bool site_words_cover(const SiteWords *words, const char *word);

/* Whatever meets the other condition meets this one; or it is not known. */
bool site_words_cover_all(const SiteWords *words, const SiteWords *other);

/* Words that the other condition has not, sorted, with '!'; the caller's, with the words. */
GPtrArray *site_words_only_in(const SiteWords *words,
                              const SiteWords *other) G_GNUC_WARN_UNUSED_RESULT;

/* The next key under which a name may stand in a table of words: itself, then ".b.c", ".c"; NULL:
 * no more. Begin with the name. */
const char *site_words_next_key(const char *key);

#endif

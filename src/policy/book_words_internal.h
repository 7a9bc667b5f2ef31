#ifndef EQMGR_POLICY_BOOK_WORDS_INTERNAL_H
#define EQMGR_POLICY_BOOK_WORDS_INTERNAL_H

/* book_words: texts and numbers in lines of the file of meters and levels. */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* A blank, and the text as one word: '%' if it is empty. */
void book_put_word(GString *out, const char *text);

/* It is as book_put_word() writes it, so that nothing can be read twice. */
bool book_is_word(const char *word);

/* The text of such a word. The caller's. */
char *book_word_text(const char *word) G_GNUC_WARN_UNUSED_RESULT;

/* 0 to `most`. */
bool book_take_whole(const char *text, int64_t most, int64_t *ret_value);

#endif

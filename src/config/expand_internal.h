#ifndef EQMGR_CONFIG_EXPAND_INTERNAL_H
#define EQMGR_CONFIG_EXPAND_INTERNAL_H

/*
 * expand: `$name` in all its forms (configuration.md 3).
 *
 * Names are looked up in the lexicon and their texts are expanded in turn. What is wrong is said by
 * warnings in the lexicon; the error then is stock's fatal text. Expansion always ends: depth and
 * the amount of text that is looked at are bounded.
 */

#include "lexicon_internal.h"

/* The expanded text, or NULL with an error. */
char *expand_text(const Lexicon *lexicon, const char *text,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same with the text of `name`, which counts as empty if it is unknown. */
char *expand_name(const Lexicon *lexicon, const char *name,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CONFIG_POLICY_READER_INTERNAL_H
#define EQMGR_CONFIG_POLICY_READER_INTERNAL_H

/*
 * policy_reader: where a policy file is being read, and what is said about it; files that only root
 * may write; the words of a condition.
 */

#include <stddef.h>

#include "config/policy_file.h"
#include "lexicon_internal.h"
#include "policy/reply_rules.h"

#define POLICY_SEPARATORS ", \t\r\n\v\f" /* between words */
#define POLICY_NOT_YET    "not yet: this release of eqmgr does not know it"

typedef struct PolicyReader {
    const char *path;
    const Lexicon *lexicon; /* for $names */
    const SettingsValues *values;
    Sites *sites;
    GPtrArray *errors, *warnings; /* borrowed */
    int line;
    Site *site; /* the section being read; NULL: none, or one that is refused */
    bool is_refused;
    ReplyRule *reply;  /* the section being read, if it is [reply] */
    GHashTable *lists; /* files of words that were read: path -> GBytes */
    size_t lists_bytes;
    GArray *site_mentions; /* of SiteMention: sites that replies name */
} PolicyReader;

/* "PATH, line N: [site NAME]: ..." */
void policy_fail(PolicyReader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);
void policy_warn(PolicyReader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The name stands in the line that is read; it is an error if it stood in another one before. */
void policy_note_line(PolicyReader *reader, const char *name, unsigned *line);

/* The content, or NULL with a text that says why, which the caller frees. */
GBytes *policy_read_protected(const char *path, size_t most_bytes,
                              char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;

/* Adds the words of a condition to the section; "file:NAME" stands for those of a file. */
void policy_take_words(PolicyReader *reader, SiteCondition condition, const char *text);

#endif

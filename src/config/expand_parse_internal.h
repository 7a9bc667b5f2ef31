#ifndef EQMGR_CONFIG_EXPAND_PARSE_INTERNAL_H
#define EQMGR_CONFIG_EXPAND_PARSE_INTERNAL_H

/*
 * expand_parse: the state of an expansion, its complaints, and the pieces of a text that are found
 * before anything is expanded: names, text in braces, comparisons.
 */

#include "compare_internal.h"
#include "lexicon_internal.h"

#define EXPAND_ERROR_TEXT "dictionary mail_dict: macro processing error"

/* Shared by all runs of one expansion. */
typedef struct Expander {
    const Lexicon *lexicon;
    unsigned frames, texts, complaints;
    size_t work_bytes;
    char *fatal; /* end at once with this text */
} Expander;

/* The expansion of one text with all that it refers to. The operands of a comparison are runs of
 * their own, since stock looks at the right one even if the left one has an error. */
typedef struct Run {
    Expander *expander;
    bool failed; /* it goes on, but only to find more errors */
    GString *out;
} Run;

/* Ends all runs with this fatal text, unless there is one already. */
void expand_end_at_once(Expander *expander, const char *fatal);

/* The run has failed; ends the expansion if there were too many complaints. */
void expand_fail(Run *run);

/* Warnings, each of which fails the run. */
void expand_complain(Run *run, const char *what, const char *text);

/* The error is between `before` and `at`. */
void expand_complain_at(Run *run, const char *what, const char *before, const char *at);
void expand_complain_after(Run *run, const char *what, const char *operand, const char *at);

/* The byte after the name at `p`, which may be empty. */
const char *expand_skip_name(const char *p);

/* The byte after the one that closes the bracket at `open`, or NULL. */
const char *expand_find_close(const char *open);

/* Parses "{text}", whose brace is at *p; NULL if it is not closed. */
char *expand_parse_braced(Run *run, const char **p) G_GNUC_WARN_UNUSED_RESULT;

typedef struct Comparison {
    char *left, *right;
    CompareOp op;
    bool levels;
} Comparison;

void comparison_clear(Comparison *comparison);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comparison, comparison_clear)

/* Parses the comparison at *p; sets run->failed if that does not work. */
void expand_parse_comparison(Run *run, const char **p, Comparison *comparison);

#endif

#include <string.h>

#include "expand_parse_internal.h"

/*
 * Parsing for expansion: what can be found in a text without expanding it, and the complaints if it
 * is not there. All complaints of one expansion are counted here.
 */

#define MAX_COMPLAINTS 100 /* more would not help anybody */
#define SHOWN_BYTES    20  /* after ">>>" */

void expand_end_at_once(Expander *expander, const char *fatal)
{
    if (expander->fatal == NULL)
        expander->fatal = g_strdup(fatal);
}

void expand_fail(Run *run)
{
    run->failed = true;
    if (++run->expander->complaints == MAX_COMPLAINTS)
        expand_end_at_once(run->expander, EXPAND_ERROR_TEXT);
}

void expand_complain(Run *run, const char *what, const char *text)
{
    lexicon_warn(run->expander->lexicon, "%s: \"%s\"", what, text);
    expand_fail(run);
}

void expand_complain_at(Run *run, const char *what, const char *before, const char *at)
{
    lexicon_warn(run->expander->lexicon, "%s at: \"...%s>>>%.*s\"", what, before, SHOWN_BYTES, at);
    expand_fail(run);
}

void expand_complain_after(Run *run, const char *what, const char *operand, const char *at)
{
    g_autofree char *before = g_strconcat(operand, "}", NULL);

    expand_complain_at(run, what, before, at);
}

const char *expand_skip_name(const char *p)
{
    while (g_ascii_isalnum(*p) || *p == '_')
        p++;
    return p;
}

const char *expand_find_close(const char *open)
{
    char close_byte = *open == '{' ? '}' : ')';
    size_t level = 0;

    for (const char *p = open; *p != '\0'; p++) {
        if (*p == *open)
            level++;
        else if (*p == close_byte && --level == 0)
            return p + 1;
    }
    return NULL;
}

char *expand_parse_braced(Run *run, const char **p)
{
    const char *open = *p;
    const char *end = expand_find_close(open);

    if (end == NULL) {
        expand_complain(run, "unbalanced {} in attribute expression", open);
        return NULL;
    }
    *p = end;
    return g_strndup(open + 1, (size_t)(end - open - 2));
}

/* ---- comparisons ---- */

void comparison_clear(Comparison *comparison)
{
    g_free(comparison->left);
    g_free(comparison->right);
}

/* Parses "==level" or the like at *p. */
static void parse_operator(Run *run, const char **p, Comparison *comparison)
{
    size_t length = compare_op_span(*p);
    const char *suffix = *p + length;
    size_t suffix_length = 0;
    g_autofree char *suffix_text = NULL;

    comparison->op = compare_op_parse(*p, length);
    if (comparison->op == COMPARE_UNKNOWN) {
        expand_complain_after(
            run, "\"==\" or \"!=\"\" or \"<\"\" or \"<=\"\" or \">=\"\" or \">\" expected",
            comparison->left, *p);
        return;
    }
    while (g_ascii_isalnum(suffix[suffix_length]))
        suffix_length++;
    suffix_text = g_strndup(suffix, suffix_length);
    *p = suffix + suffix_length;
    comparison->levels = strcmp(suffix_text, "level") == 0;
    if (suffix_length > 0 && !comparison->levels) {
        lexicon_warn(run->expander->lexicon, "bad operator suffix at: \"...%s>>>%s\"",
                     compare_op_str(comparison->op), suffix_text);
        expand_fail(run);
    }
}

static void parse_right(Run *run, const char **p, Comparison *comparison)
{
    const char *brace = skip_blanks(*p);
    g_autofree char *before = NULL;

    if (*brace == '{') {
        comparison->right = expand_parse_braced(run, &brace);
        *p = brace;
        return;
    }
    before = g_strdup_printf("{%s} %s", comparison->left, compare_op_str(comparison->op));
    expand_complain_at(run, "\"{expression}\" expected", before, *p);
}

void expand_parse_comparison(Run *run, const char **p, Comparison *comparison)
{
    comparison->left = expand_parse_braced(run, p);
    if (run->failed)
        return;
    *p = skip_blanks(*p);
    parse_operator(run, p, comparison);
    if (!run->failed)
        parse_right(run, p, comparison);
}

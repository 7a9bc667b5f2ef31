#include <string.h>

#include "compare_internal.h"
#include "domain_internal.h"
#include "expand_internal.h"

/*
 * Expansion of `$name`: one pass over the text, with a call for each reference in it. Errors are
 * found in the order in which stock finds them, and all of those that stock would report, which is
 * why a run goes on after it has failed.
 */

#define MAX_DEPTH  100  /* of names within names, as stock */
#define MAX_FRAMES 1000 /* of nested texts in all: comparisons begin at depth 0 again */
/* Without these, $a$a of $b$b of ... would never end. Far more than any main.cf needs, and reached
 * in about a second. */
#define MAX_TEXTS      1000000
#define MAX_WORK_BYTES (256 * 1024 * 1024)

#define MAX_COMPLAINTS 100 /* more would not help anybody */
#define SHOWN_BYTES    20  /* after ">>>" */
#define ERROR_TEXT     "dictionary mail_dict: macro processing error"

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

static void run_text(Run *run, const char *text, unsigned depth);

static void end_at_once(Expander *expander, const char *fatal)
{
    if (expander->fatal == NULL)
        expander->fatal = g_strdup(fatal);
}

static void fail_run(Run *run)
{
    run->failed = true;
    if (++run->expander->complaints == MAX_COMPLAINTS)
        end_at_once(run->expander, ERROR_TEXT);
}

static void expand_complain(Run *run, const char *what, const char *text)
{
    lexicon_warn(run->expander->lexicon, "%s: \"%s\"", what, text);
    fail_run(run);
}

/* The error is between `before` and `at`. */
static void complain_at(Run *run, const char *what, const char *before, const char *at)
{
    lexicon_warn(run->expander->lexicon, "%s at: \"...%s>>>%.*s\"", what, before, SHOWN_BYTES, at);
    fail_run(run);
}

static void complain_after_operand(Run *run, const char *what, const char *operand, const char *at)
{
    g_autofree char *before = g_strconcat(operand, "}", NULL);

    complain_at(run, what, before, at);
}

static bool is_name_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

static const char *skip_name(const char *p)
{
    while (is_name_byte(*p))
        p++;
    return p;
}

/* The byte after the one that closes the bracket at `open`, or NULL. */
static const char *find_close(const char *open)
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

/* Parses "{text}", whose brace is at *p; NULL if it is not closed. */
static char *parse_braced(Run *run, const char **p)
{
    const char *open = *p;
    const char *end = find_close(open);

    if (end == NULL) {
        expand_complain(run, "unbalanced {} in attribute expression", open);
        return NULL;
    }
    *p = end;
    return g_strndup(open + 1, (size_t)(end - open - 2));
}

/* ---- conditionals: what follows a name or a comparison ---- */

/* The last operand: in braces with nothing after them, or all of the rest. */
static void run_last_operand(Run *run, const char *p, bool selected, unsigned depth)
{
    const char *rest = skip_blanks(p);
    bool braced = *rest == '{';
    g_autofree char *operand = braced ? parse_braced(run, &rest) : g_strdup(p);

    if (operand == NULL)
        return;
    if (selected)
        run_text(run, operand, depth + 1);
    rest = skip_blanks(rest);
    if (braced && *rest != '\0')
        complain_after_operand(run, "unexpected input", operand, rest);
}

/* What follows "?". Stock expands the first operand before it looks at the second. */
static void run_operands(Run *run, const char *p, bool truth, unsigned depth)
{
    const char *rest = skip_blanks(p);
    g_autofree char *operand = NULL;

    if (*rest != '{') { /* the old form has no ":" of its own */
        run_last_operand(run, p, truth, depth);
        return;
    }
    operand = parse_braced(run, &rest);
    if (operand == NULL)
        return;
    if (truth)
        run_text(run, operand, depth + 1);
    rest = skip_blanks(rest);
    if (*rest == ':')
        run_last_operand(run, rest + 1, !truth, depth);
    else if (*rest != '\0')
        complain_after_operand(run, "\":\" expected", operand, rest);
}

static void run_choice(Run *run, const char *conditional, bool truth, unsigned depth)
{
    if (*conditional == '?')
        run_operands(run, conditional + 1, truth, depth);
    else
        run_last_operand(run, conditional + 1, !truth, depth);
}

/* ---- comparisons ---- */

/* Expands an operand by itself. */
static char *run_operand(Run *run, const char *text)
{
    Run inner = {.expander = run->expander, .out = g_string_new(NULL)};

    run_text(&inner, text, 0);
    run->failed |= inner.failed;
    return g_string_free(inner.out, FALSE);
}

typedef struct Comparison {
    char *left, *right;
    CompareOp op;
    bool levels;
} Comparison;

static void comparison_clear(Comparison *comparison)
{
    g_free(comparison->left);
    g_free(comparison->right);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comparison, comparison_clear)

/* Parses "==level" or the like at *p. */
static void parse_operator(Run *run, const char **p, Comparison *comparison)
{
    size_t length = compare_op_span(*p);
    const char *suffix = *p + length;
    size_t suffix_length = 0;
    g_autofree char *suffix_text = NULL;

    comparison->op = compare_op_parse(*p, length);
    if (comparison->op == COMPARE_UNKNOWN) {
        complain_after_operand(
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
        fail_run(run);
    }
}

static void parse_right(Run *run, const char **p, Comparison *comparison)
{
    const char *brace = skip_blanks(*p);
    g_autofree char *before = NULL;

    if (*brace == '{') {
        comparison->right = parse_braced(run, &brace);
        *p = brace;
        return;
    }
    before = g_strdup_printf("{%s} %s", comparison->left, compare_op_str(comparison->op));
    complain_at(run, "\"{expression}\" expected", before, *p);
}

/* Parses the comparison at *p; sets run->failed if that does not work. */
static void parse_comparison(Run *run, const char **p, Comparison *comparison)
{
    comparison->left = parse_braced(run, p);
    if (run->failed)
        return;
    *p = skip_blanks(*p);
    parse_operator(run, p, comparison);
    if (!run->failed)
        parse_right(run, p, comparison);
}

static bool expand_decide(Run *run, const Comparison *comparison)
{
    g_autofree char *left = run_operand(run, comparison->left);
    g_autofree char *right = run_operand(run, comparison->right);
    const char *bad = NULL;
    CompareResult result =
        (comparison->levels ? compare_levels : compare_texts)(comparison->op, left, right, &bad);

    if (result == COMPARE_BAD_LEVEL)
        expand_complain(run, "malformed compatibility level syntax", bad);
    if (result == COMPARE_BAD_NUMBER) {
        g_autofree char *fatal = g_strdup_printf("mac_exp_eval: bad conversion: %s", bad);

        end_at_once(run->expander, fatal);
    }
    return result == COMPARE_TRUE;
}

static void run_comparison(Run *run, const char *p, unsigned depth)
{
    g_auto(Comparison) comparison = {0};
    bool truth;

    parse_comparison(run, &p, &comparison);
    if (run->failed)
        return;
    truth = expand_decide(run, &comparison);
    if (run->failed)
        return;
    p = skip_blanks(p);
    if (*p == '?' || *p == ':')
        run_choice(run, p, truth, depth);
    else if (*p != '\0')
        complain_at(run, "\"?\" or \":\" expected", "}", p);
    else if (truth)
        g_string_append(run->out, "true");
}

/* ---- functions ---- */

/* Stock does not expand the argument of a function that it does not know. */
static void call_function(Run *run, const char *name, const char *argument, unsigned depth)
{
    const Lexicon *lexicon = run->expander->lexicon;
    DomainFn *function = domain_function(name);
    Run inner = {.expander = run->expander};
    g_autofree char *expanded = NULL;
    g_autofree char *result = NULL;

    if (function == NULL) {
        lexicon_warn(lexicon, "unknown function \"%s\" at\"...>>>%s{%s}\"", name, name, argument);
        fail_run(run);
        return;
    }
    inner.out = g_string_new(NULL);
    run_text(&inner, argument, depth + 1);
    expanded = g_string_free(inner.out, FALSE);
    run->failed |= inner.failed;
    if (run->failed || run->expander->fatal != NULL)
        return;
    result = function(lexicon, expanded);
    if (result != NULL)
        g_string_append(run->out, result);
    else
        fail_run(run);
}

/* `open` is the brace after the name. */
static void run_function(Run *run, const char *name, const char *open, unsigned depth)
{
    const char *rest = open;
    g_autofree char *inside = parse_braced(run, &rest);
    g_autofree char *argument = NULL;

    if (inside == NULL)
        return;
    argument = lexicon_trim(inside);
    rest = skip_blanks(rest);
    if (*rest != '\0')
        complain_after_operand(run, "unexpected input", argument, rest);
    else
        call_function(run, name, argument, depth);
}

/* ---- names and texts ---- */

/* `content` is the text between the braces: a name, maybe with a condition. */
static void run_name(Run *run, const char *content, unsigned depth)
{
    const char *start = skip_blanks(content);
    const char *end = skip_name(start);
    const char *next = skip_blanks(end);
    g_autofree char *name = g_strndup(start, (size_t)(end - start));
    const char *text = lexicon_get(run->expander->lexicon, name);

    if (*next == '?' || *next == ':') {
        run_choice(run, next, text != NULL && *text != '\0', depth);
    } else if (*next == '{' && run->expander->lexicon->functions && *name != '\0') {
        run_function(run, name, next, depth);
    } else if (*next != '\0') {
        g_autofree char *before = g_strndup(content, (size_t)(end - content));

        complain_at(run, "attribute name syntax error", before, end);
    } else if (text != NULL) {
        run_text(run, text, depth + 1);
    }
}

/* Stock complains of excessive depth at each piece of the text, even after other errors. */
static bool may_run_piece(Run *run, const char *piece, unsigned depth)
{
    if (depth > MAX_DEPTH || run->expander->frames > MAX_FRAMES)
        expand_complain(run, "unreasonable macro call nesting", piece);
    if (run->expander->frames > MAX_FRAMES) /* stock would run out of stack */
        end_at_once(run->expander, ERROR_TEXT);
    return !run->failed;
}

static const char *run_literal(Run *run, const char *p, unsigned depth)
{
    g_autoptr(GString) literal = g_string_new(NULL);

    while (*p != '\0' && (*p != '$' || p[1] == '$')) {
        g_string_append_c(literal, *p);
        p += *p == '$' ? 2 : 1;
    }
    if (*p == '\0' && run->failed) /* stock does not warn of depth for the tail */
        return p;
    if (may_run_piece(run, literal->str, depth))
        g_string_append_len(run->out, literal->str, (gssize)literal->len);
    return p;
}

/* The content of the reference whose `$` is at `p`, and where it ends; or NULL. `text` is the whole
 * text, for complaints. */
static char *parse_content(Run *run, const char *text, const char *p, const char **ret_end)
{
    const char *start = p + 1;
    bool enclosed = *start == '{' || *start == '(';
    const char *end = enclosed ? find_close(start) : skip_name(start);

    if (end == NULL) {
        expand_complain(run, "truncated macro reference", text);
        return NULL;
    }
    *ret_end = end;
    if (enclosed && run->failed) /* here stock does not look for more errors */
        return NULL;
    if (enclosed) {
        start++;
        end--;
    }
    if (end == start) {
        expand_complain(run, "empty macro name", text);
        return NULL;
    }
    return g_strndup(start, (size_t)(end - start));
}

/* Returns where to go on, or NULL: the rest of the text is not looked at. */
static const char *run_reference(Run *run, const char *text, const char *p, unsigned depth)
{
    g_autofree char *content = parse_content(run, text, p, &p);

    if (content == NULL)
        return NULL;
    if (!may_run_piece(run, content, depth))
        return p;
    if (*skip_blanks(content) == '{')
        run_comparison(run, skip_blanks(content), depth);
    else
        run_name(run, content, depth);
    return p;
}

static bool may_run_text(Run *run, const char *text)
{
    Expander *expander = run->expander;

    expander->work_bytes += strlen(text);
    if (++expander->texts > MAX_TEXTS || expander->work_bytes > MAX_WORK_BYTES)
        end_at_once(expander, "a parameter value expands to too much text");
    return expander->fatal == NULL;
}

static void run_text(Run *run, const char *text, unsigned depth)
{
    const char *p = text;

    run->expander->frames++;
    if (may_run_text(run, text))
        while (p != NULL && *p != '\0' && run->expander->fatal == NULL)
            p = *p == '$' && p[1] != '$' ? run_reference(run, text, p, depth)
                                         : run_literal(run, p, depth);
    run->expander->frames--;
}

char *expand_text(const Lexicon *lexicon, const char *text, GError **error)
{
    Expander expander = {.lexicon = lexicon};
    g_autofree char *out = NULL;
    Run run = {.expander = &expander, .out = g_string_new(NULL)};
    g_autofree char *fatal = NULL;

    run_text(&run, text, 0);
    out = g_string_free(run.out, FALSE);
    fatal = g_steal_pointer(&expander.fatal);
    if (fatal != NULL)
        (void)config_fail(error, "%s", fatal);
    else if (run.failed)
        (void)config_fail(error, ERROR_TEXT);
    return fatal != NULL || run.failed ? NULL : g_steal_pointer(&out);
}

char *expand_name(const Lexicon *lexicon, const char *name, GError **error)
{
    const char *text = lexicon_get(lexicon, name);

    return expand_text(lexicon, text != NULL ? text : "", error);
}

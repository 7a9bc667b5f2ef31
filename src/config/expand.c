#include <string.h>

#include "domain_internal.h"
#include "expand_internal.h"
#include "expand_parse_internal.h"

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

static void run_text(Run *run, const char *text, unsigned depth);

/* ---- conditionals: what follows a name or a comparison ---- */

/* The last operand: in braces with nothing after them, or all of the rest. */
static void run_last_operand(Run *run, const char *p, bool selected, unsigned depth)
{
    const char *rest = skip_blanks(p);
    bool braced = *rest == '{';
    g_autofree char *operand = braced ? expand_parse_braced(run, &rest) : g_strdup(p);

    if (operand == NULL)
        return;
    if (selected)
        run_text(run, operand, depth + 1);
    rest = skip_blanks(rest);
    if (braced && *rest != '\0')
        expand_complain_after(run, "unexpected input", operand, rest);
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
    operand = expand_parse_braced(run, &rest);
    if (operand == NULL)
        return;
    if (truth)
        run_text(run, operand, depth + 1);
    rest = skip_blanks(rest);
    if (*rest == ':')
        run_last_operand(run, rest + 1, !truth, depth);
    else if (*rest != '\0')
        expand_complain_after(run, "\":\" expected", operand, rest);
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

        expand_end_at_once(run->expander, fatal);
    }
    return result == COMPARE_TRUE;
}

static void run_comparison(Run *run, const char *p, unsigned depth)
{
    g_auto(Comparison) comparison = {0};
    bool truth;

    expand_parse_comparison(run, &p, &comparison);
    if (run->failed)
        return;
    truth = expand_decide(run, &comparison);
    if (run->failed)
        return;
    p = skip_blanks(p);
    if (*p == '?' || *p == ':')
        run_choice(run, p, truth, depth);
    else if (*p != '\0')
        expand_complain_at(run, "\"?\" or \":\" expected", "}", p);
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
        expand_fail(run);
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
        expand_fail(run);
}

/* `open` is the brace after the name. */
static void run_function(Run *run, const char *name, const char *open, unsigned depth)
{
    const char *rest = open;
    g_autofree char *inside = expand_parse_braced(run, &rest);
    g_autofree char *argument = NULL;

    if (inside == NULL)
        return;
    argument = lexicon_trim(inside);
    rest = skip_blanks(rest);
    if (*rest != '\0')
        expand_complain_after(run, "unexpected input", argument, rest);
    else
        call_function(run, name, argument, depth);
}

/* ---- names and texts ---- */

/* `content` is the text between the braces: a name, maybe with a condition. */
static void run_name(Run *run, const char *content, unsigned depth)
{
    const char *start = skip_blanks(content);
    const char *end = expand_skip_name(start);
    const char *next = skip_blanks(end);
    g_autofree char *name = g_strndup(start, (size_t)(end - start));
    const char *text = lexicon_get(run->expander->lexicon, name);

    if (*next == '?' || *next == ':') {
        run_choice(run, next, text != NULL && *text != '\0', depth);
    } else if (*next == '{' && run->expander->lexicon->functions && *name != '\0') {
        run_function(run, name, next, depth);
    } else if (*next != '\0') {
        g_autofree char *before = g_strndup(content, (size_t)(end - content));

        expand_complain_at(run, "attribute name syntax error", before, end);
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
        expand_end_at_once(run->expander, EXPAND_ERROR_TEXT);
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
    const char *end = enclosed ? expand_find_close(start) : expand_skip_name(start);

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
        expand_end_at_once(expander, "a parameter value expands to too much text");
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
        (void)config_fail(error, EXPAND_ERROR_TEXT);
    return fatal != NULL || run.failed ? NULL : g_steal_pointer(&out);
}

char *expand_name(const Lexicon *lexicon, const char *name, GError **error)
{
    const char *text = lexicon_get(lexicon, name);

    return expand_text(lexicon, text != NULL ? text : "", error);
}

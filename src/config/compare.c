#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "compare_internal.h"
#include "compat_internal.h"

/* Comparisons of main.cf: six operators, on numbers, bytes or compatibility levels. */

static const struct {
    CompareOp op;
    const char *text;
} operators[] = {
    {COMPARE_EQ, "=="},
    {COMPARE_NE, "!="},
    {COMPARE_LT, "<" },
    {COMPARE_LE, "<="},
    {COMPARE_GE, ">="},
    {COMPARE_GT, ">" },
};

size_t compare_op_span(const char *text)
{
    return strspn(text, "<>!=?+-*/~&|%"); /* seen on the real one: bytes of these make one operator,
                                             of which six are known */
}

CompareOp compare_op_parse(const char *text, size_t length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(operators); i++)
        if (strlen(operators[i].text) == length && strncmp(operators[i].text, text, length) == 0)
            return operators[i].op;
    return COMPARE_UNKNOWN;
}

const char *compare_op_str(CompareOp op)
{
    for (size_t i = 0; i < G_N_ELEMENTS(operators); i++)
        if (operators[i].op == op)
            return operators[i].text;
    g_assert_not_reached();
}

/* `order` is negative, zero or positive as the left side is less than, equal to or greater. */
static CompareResult compare_decide(CompareOp op, int order)
{
    switch (op) {
    case COMPARE_EQ:
        return order == 0 ? COMPARE_TRUE : COMPARE_FALSE;
    case COMPARE_NE:
        return order != 0 ? COMPARE_TRUE : COMPARE_FALSE;
    case COMPARE_LT:
        return order < 0 ? COMPARE_TRUE : COMPARE_FALSE;
    case COMPARE_LE:
        return order <= 0 ? COMPARE_TRUE : COMPARE_FALSE;
    case COMPARE_GE:
        return order >= 0 ? COMPARE_TRUE : COMPARE_FALSE;
    case COMPARE_GT:
        return order > 0 ? COMPARE_TRUE : COMPARE_FALSE;
    case COMPARE_UNKNOWN:
        break;
    }
    g_assert_not_reached();
}

static bool is_digits(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool compare_parse_number(const char *text, long *ret_number, const char **ret_bad)
{
    long number;

    errno = 0;
    number = strtol(text, NULL, 10);
    if (errno != 0) {
        *ret_bad = text;
        return false;
    }
    *ret_number = number;
    return true;
}

CompareResult compare_texts(CompareOp op, const char *left, const char *right, const char **ret_bad)
{
    long l, r;

    if (!is_digits(left) || !is_digits(right))
        return compare_decide(op, strcmp(left, right));
    if (!compare_parse_number(left, &l, ret_bad) || !compare_parse_number(right, &r, ret_bad))
        return COMPARE_BAD_NUMBER;
    return compare_decide(op, (l > r) - (l < r));
}

CompareResult compare_levels(CompareOp op, const char *left, const char *right,
                             const char **ret_bad)
{
    int64_t l, r;

    *ret_bad = left;
    if (!compat_parse(left, &l))
        return COMPARE_BAD_LEVEL;
    *ret_bad = right;
    if (!compat_parse(right, &r))
        return COMPARE_BAD_LEVEL;
    return compare_decide(op, (l > r) - (l < r));
}

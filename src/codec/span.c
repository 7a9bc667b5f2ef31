#include "span_internal.h"

/*
 * Numbers are read as strtol() reads them, but never past the end of the piece, and without an
 * overflow.
 */

Span span_until_nul(const char *text, size_t length)
{
    return (Span){text, strnlen(text, length)};
}

void span_skip_blanks(Span *span)
{
    size_t count = 0;

    while (count < span->length && span_is_blank(span->text[count]))
        count++;
    span_drop(span, count);
}

/* The number is kept negative while it grows, since there is one more negative than positive. */
static int64_t add_digit(int64_t negated, char digit)
{
    int64_t value;

    if (__builtin_mul_overflow(negated, 10, &value) ||
        __builtin_sub_overflow(value, digit - '0', &value))
        return INT64_MIN;
    return value;
}

bool span_parse_integer(Span *span, int64_t *ret_value)
{
    Span rest = *span;
    bool negative = false;
    int64_t negated = 0;

    span_skip_blanks(&rest);
    if (rest.length > 0 && (*rest.text == '-' || *rest.text == '+')) {
        negative = *rest.text == '-';
        span_drop(&rest, 1);
    }
    if (rest.length == 0 || !g_ascii_isdigit(*rest.text))
        return false;
    while (rest.length > 0 && g_ascii_isdigit(*rest.text)) {
        negated = add_digit(negated, *rest.text);
        span_drop(&rest, 1);
    }
    *span = rest;
    *ret_value = negative ? negated : negated == INT64_MIN ? INT64_MAX : -negated;
    return true;
}

int64_t span_integer(Span span)
{
    int64_t value = 0;

    (void)span_parse_integer(&span, &value);
    return value;
}

bool span_is_digits(Span span)
{
    for (size_t i = 0; i < span.length; i++)
        if (!g_ascii_isdigit(span.text[i]))
            return false;
    return span.length > 0;
}

#ifndef EQMGR_CODEC_SPAN_INTERNAL_H
#define EQMGR_CODEC_SPAN_INTERNAL_H

/*
 * A piece of text that lies in foreign bytes, and the numbers in it. Blank means what isspace()
 * means in the C locale. Numbers that do not fit become the largest (smallest) number.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

typedef struct Span {
    const char *text; /* not NUL-terminated */
    size_t length;
} Span;

/* Initializer for a string literal. */
#define SPAN_OF(literal)             \
    {                                \
        literal, sizeof(literal) - 1 \
    }

/* The text up to the first NUL: stock reads the data of records as C strings. */
Span span_until_nul(const char *text, size_t length);

/* Removes the first `count` bytes. */
static inline void span_drop(Span *span, size_t count)
{
    g_assert(count <= span->length);
    span->text += count;
    span->length -= count;
}

static inline bool span_equals(Span a, Span b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static inline bool span_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void span_skip_blanks(Span *span);

/* Removes blanks, an optional sign and digits; false (and nothing removed) without digits. */
bool span_parse_integer(Span *span, int64_t *ret_value);

/* The number at the beginning, or 0. */
int64_t span_integer(Span span);

/* Whether all bytes are digits, and there is at least one. */
bool span_is_digits(Span span);

#endif

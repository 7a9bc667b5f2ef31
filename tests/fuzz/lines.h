#ifndef EQMGR_TESTS_FUZZ_LINES_H
#define EQMGR_TESTS_FUZZ_LINES_H

/* The lines of an input, for harnesses that want several texts. */

#include <stdint.h>

#include <glib.h>

typedef struct FuzzLines {
    char **texts;
    guint count;
} FuzzLines;

static inline FuzzLines fuzz_lines(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    FuzzLines lines = {.texts = g_strsplit(text, "\n", -1)};

    lines.count = g_strv_length(lines.texts);
    return lines;
}

static inline void fuzz_lines_clear(FuzzLines *lines)
{
    g_strfreev(lines->texts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FuzzLines, fuzz_lines_clear)

/* "" behind the last one. */
static inline const char *fuzz_line(const FuzzLines *lines, guint index)
{
    return index < lines->count ? lines->texts[index] : "";
}

/* Line `index` as a number, whatever it is. */
static inline int64_t fuzz_number(const FuzzLines *lines, guint index)
{
    return g_ascii_strtoll(fuzz_line(lines, index), NULL, 10);
}

#endif

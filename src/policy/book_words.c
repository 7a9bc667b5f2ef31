#include "book_words_internal.h"

void book_put_word(GString *out, const char *text)
{
    g_string_append_c(out, ' ');
    if (*text == '\0')
        g_string_append_c(out, '%');
    for (; *text != '\0'; text++) {
        if (*text > ' ' && *text <= '~' && *text != '%')
            g_string_append_c(out, *text);
        else
            g_string_append_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

bool book_is_word(const char *word)
{
    if (g_str_equal(word, "%"))
        return true;
    if (*word == '\0')
        return false;
    for (; *word != '\0'; word++) {
        int value;

        if (*word != '%')
            continue;
        if (!g_ascii_isxdigit(word[1]) || !g_ascii_isxdigit(word[2]) || g_ascii_islower(word[1]) ||
            g_ascii_islower(word[2]))
            return false;
        value = g_ascii_xdigit_value(word[1]) * 16 + g_ascii_xdigit_value(word[2]);
        if (value == 0 || (value > ' ' && value <= '~' && value != '%'))
            return false;
        word += 2;
    }
    return true;
}

char *book_word_text(const char *word)
{
    return g_str_equal(word, "%") ? g_strdup("") : g_uri_unescape_string(word, NULL);
}

bool book_take_whole(const char *text, int64_t most, int64_t *ret_value)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, (guint64)most, &value, NULL))
        return false;
    *ret_value = (int64_t)value;
    return true;
}

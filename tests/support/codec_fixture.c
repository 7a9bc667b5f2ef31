#include "tests/support/codec_fixture.h"

#include <string.h>

char *list_bytes(const char *list, size_t *ret_size_bytes)
{
    char *bytes;

    *ret_size_bytes = strlen(list);
    bytes = g_memdup2(list, *ret_size_bytes);
    for (size_t i = 0; i < *ret_size_bytes; i++)
        if (bytes[i] == '|')
            bytes[i] = '\0';
    return bytes;
}

void assert_list(const GByteArray *got, const char *want)
{
    g_autofree char *text = g_strndup("", got->len);

    for (guint i = 0; i < got->len; i++)
        text[i] = got->data[i] == '\0' ? '|' : (char)got->data[i];
    ck_assert_str_eq(text, want);
}

void set_texts(Envelope *envelope, const char *const texts[ENVELOPE_FIELD_COUNT])
{
    g_autoptr(GString) block = g_string_new(NULL);

    for (size_t i = 0; i < ENVELOPE_FIELD_COUNT; i++) {
        g_string_append(block, texts[i] != NULL ? texts[i] : "");
        g_string_append_c(block, '\0');
    }
    envelope->texts = (UINT32_C(1) << ENVELOPE_FIELD_COUNT) - 1;
    envelope->text = g_memdup2(block->str, block->len);
}

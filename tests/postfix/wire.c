#include "tests/postfix/wire.h"

#include <stdbool.h>
#include <string.h>

ssize_t wire_take_list(const char *bytes, size_t count, WireList *ret_list)
{
    const char *p = bytes, *end = bytes + count;

    ret_list->count = 0;
    for (;;) {
        const char *name_end = memchr(p, '\0', (size_t)(end - p));
        const char *value_end;

        if (name_end == NULL)
            return 0;
        if (name_end == p)
            return name_end + 1 - bytes;
        value_end = memchr(name_end + 1, '\0', (size_t)(end - name_end - 1));
        if (value_end == NULL)
            return 0;
        if (ret_list->count == WIRE_PAIRS_MAX)
            return -1;
        ret_list->pairs[ret_list->count++] = (WirePair){p, name_end + 1};
        p = value_end + 1;
    }
}

const char *wire_get(const WireList *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->pairs[i].name, name) == 0)
            return list->pairs[i].value;
    return "";
}

int64_t wire_get_number(const WireList *list, const char *name)
{
    return g_ascii_strtoll(wire_get(list, name), NULL, 10);
}

void wire_put(GString *out, const char *name, const char *value)
{
    g_string_append_len(out, name, (gssize)strlen(name) + 1);
    g_string_append_len(out, value, (gssize)strlen(value) + 1);
}

/* Negative 32-bit numbers travel as their two's complement (ipc.md 1.1). */
void wire_put_number(GString *out, const char *name, int64_t value)
{
    char text[24];

    (void)g_snprintf(text, sizeof(text), "%u", (uint32_t)value);
    wire_put(out, name, text);
}

void wire_end(GString *out)
{
    g_string_append_c(out, '\0');
}

static void describe(const char *text, size_t count, bool within_quotes, GString *out)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '\\' || (c == '"' && within_quotes) || c < ' ' || c > '~')
            g_string_append_printf(out, "\\x%02x", c);
        else
            g_string_append_c(out, (char)c);
    }
}

void wire_describe_text(const char *text, size_t count, GString *out)
{
    describe(text, count, false, out);
}

void wire_describe(const WireList *list, GString *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const WirePair *pair = &list->pairs[i];
        bool quoted = strpbrk(pair->value, " \"") != NULL;

        g_string_append_printf(out, "%s%s=%s", i == 0 ? "" : " ", pair->name, quoted ? "\"" : "");
        describe(pair->value, strlen(pair->value), quoted, out);
        g_string_append(out, quoted ? "\"" : "");
    }
}

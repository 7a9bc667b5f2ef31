#include <string.h>

#include "hostname_internal.h"

/*
 * The checks of a host name, with stock's warnings. They are made in stock's order, since only the
 * first one is reported.
 */

#define NAME_MAX_BYTES  255
#define LABEL_MAX_BYTES 63
#define SHOWN_BYTES     100 /* of a name that is too long */

/* NULL, or why the byte at `p`, number `label_length` of its label, may not be there. */
static const char *byte_trouble(const char *p, size_t label_length)
{
    if (g_ascii_isalnum(*p) || *p == '_')
        return label_length > LABEL_MAX_BYTES ? "hostname label too long" : NULL;
    if (*p == '.')
        return label_length == 1 || p[1] == '\0' ? "misplaced delimiter" : NULL;
    g_assert(*p == '-');
    return label_length == 1 || p[1] == '\0' || p[1] == '.' ? "misplaced hyphen" : NULL;
}

static char *bytes_trouble(const char *name)
{
    size_t label_length = 0;

    for (const char *p = name; *p != '\0'; p++) {
        const char *trouble;

        if (!g_ascii_isalnum(*p) && strchr("_.-", *p) == NULL)
            return g_strdup_printf("valid_hostname: invalid character %d(decimal): %s",
                                   (unsigned char)*p, name);
        trouble = byte_trouble(p, ++label_length);
        if (trouble != NULL)
            return g_strdup_printf("valid_hostname: %s: %s", trouble, name);
        if (*p == '.')
            label_length = 0;
    }
    return NULL;
}

char *hostname_check(const char *name)
{
    size_t length = strlen(name);
    char *trouble;

    if (length == 0)
        return g_strdup("valid_hostname: empty hostname");
    trouble = bytes_trouble(name);
    if (trouble != NULL)
        return trouble;
    if (name[strspn(name, "0123456789.")] == '\0')
        return g_strdup_printf("valid_hostname: numeric hostname: %s", name);
    if (length > NAME_MAX_BYTES)
        return g_strdup_printf("valid_hostname: bad length %zu for %.*s...", length, SHOWN_BYTES,
                               name);
    return NULL;
}

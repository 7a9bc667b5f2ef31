/* Texts without local parts. */

#include <string.h>

#include "src/control/discreet_internal.h"
#include "src/control/listing_internal.h"

#define HIDDEN_USER "*@nexthop"

const char *discreet_name(const Query *query, const char *destination)
{
    bool is_user = destination != NULL && strchr(destination, '@') != NULL;

    return is_user && query->level < CONTROL_LEVEL_VIEW ? HIDDEN_USER : destination;
}

bool discreet_matches(const Query *query, const char *pattern, const char *destination,
                      bool is_user)
{
    const char *domain = is_user ? strrchr(destination, '@') : NULL;

    if (domain == NULL || query->level >= CONTROL_LEVEL_VIEW)
        return listing_matches(pattern, destination);
    return listing_matches(pattern, domain) || listing_matches(pattern, HIDDEN_USER);
}

/* Where the local part begins that ends at the end of `text`. */
static gsize begin_of_local_part(const GString *text)
{
    gsize at = text->len;

    if (at > 1 && text->str[at - 1] == '"') {
        for (at--; at > 0 && text->str[at - 1] != '"'; at--)
            ;
        return at > 0 ? at - 1 : 0;
    }
    while (at > 0 && strchr(" \t<>()[]{},;:\"'=", text->str[at - 1]) == NULL)
        at--;
    return at;
}

char *discreet_text(const Query *query, const char *text)
{
    GString *out;

    if (text == NULL || query->level >= CONTROL_LEVEL_VIEW)
        return g_strdup(text);
    out = g_string_new(NULL);
    for (; *text != '\0'; text++) {
        if (*text == '@') {
            g_string_truncate(out, begin_of_local_part(out));
            g_string_append_c(out, '*');
        }
        g_string_append_c(out, *text);
    }
    return g_string_free(out, FALSE);
}

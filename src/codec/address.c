#include <string.h>

#include "codec/logline.h"

/* Addresses in the external form, with quotes, as the log shows them, and back. */

/* In a local part these, and control characters, force quotes (ipc.md 8.5). */
#define SPECIALS "()<>@,;:\\\"[] "

/* A source route "@a,@b:" goes to the first ":", whatever is in it. */
static const char *skip_route(const char *address)
{
    const char *colon = *address == '@' ? strchr(address, ':') : NULL;

    return colon != NULL ? colon + 1 : address;
}

static bool needs_quotes(const char *local, size_t size_bytes)
{
    char before = '.'; /* no dot may come first */

    for (size_t i = 0; i < size_bytes; i++) {
        if (strchr(SPECIALS, local[i]) != NULL || g_ascii_iscntrl(local[i]))
            return true;
        if (local[i] == '.' && before == '.')
            return true;
        before = local[i];
    }
    return before == '.';
}

static void put_quoted(GString *out, const char *local, size_t size_bytes)
{
    g_string_append_c(out, '"');
    for (size_t i = 0; i < size_bytes; i++) {
        if (strchr("\"\\\r", local[i]) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, local[i]);
    }
    g_string_append_c(out, '"');
}

char *address_quote(const char *address)
{
    const char *local = skip_route(address);
    const char *at = strrchr(local, '@');
    size_t local_bytes = at != NULL ? (size_t)(at - local) : strlen(local);
    GString *quoted;

    if (*address == '\0' || !needs_quotes(local, local_bytes))
        return g_strdup(address);
    quoted = g_string_new_len(address, local - address);
    put_quoted(quoted, local, local_bytes);
    g_string_append(quoted, local + local_bytes);
    return g_string_free(quoted, FALSE);
}

/* The last "@" outside quotes that no backslash precedes; or the end of the text. */
static const char *find_domain(const char *address)
{
    const char *domain = NULL, *at;
    bool quoted = false;

    for (at = address; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (*at == '@' && !quoted)
            domain = at;
    }
    return domain != NULL ? domain : at;
}

char *address_unquote(const char *address)
{
    const char *local = skip_route(address);
    const char *domain = find_domain(local);
    GString *plain = g_string_new_len(address, local - address);

    for (const char *at = local; at < domain; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            continue;
        if (at < domain)
            g_string_append_c(plain, *at);
    }
    g_string_append(plain, domain);
    return g_string_free(plain, FALSE);
}

char *logline_address(const char *address, AddressFormat format)
{
    return format == ADDRESS_EXTERNAL ? address_quote(address) : g_strdup(address);
}

#include <string.h>

#include "domain_internal.h"
#include "hostname_internal.h"

/*
 * GLib has the tables for the conversion, but checks less than stock does, so the ASCII form is
 * checked as a host name, too.
 */

static bool has_empty_label(const char *domain)
{
    return domain[0] == '\0' || domain[0] == '.' || strstr(domain, "..") != NULL;
}

static char *domain_refuse(const Lexicon *lexicon, const char *function, const char *domain,
                           const char *form, const char *why)
{
    g_autofree char *shown = g_utf8_make_valid(domain, -1);

    lexicon_warn(lexicon, "midna_%s_create: Problem translating domain \"%s\" to %s form: %s",
                 function, shown, form, why);
    lexicon_warn(lexicon, "bad domain argument in: '%s{%s}'", function, shown);
    return NULL;
}

static char *to_ascii(const Lexicon *lexicon, const char *domain)
{
    g_autofree char *ascii = NULL;
    g_autofree char *trouble = NULL;
    const char *why = NULL;

    if (*domain != '\0' && g_str_is_ascii(domain))
        return g_strdup(domain);
    if (!g_utf8_validate(domain, -1, NULL)) {
        why = "malformed UTF-8";
    } else if (has_empty_label(domain)) {
        why = "UIDNA_ERROR_EMPTY_LABEL";
    } else {
        ascii = g_hostname_to_ascii(domain);
        trouble = ascii != NULL ? hostname_check(ascii) : NULL;
        if (ascii == NULL || trouble != NULL || g_str_has_suffix(domain, "."))
            why = "malformed ASCII label(s)";
    }
    return why == NULL ? g_steal_pointer(&ascii)
                       : domain_refuse(lexicon, "domain_to_ascii", domain, "ASCII", why);
}

/* The name in UTF-8, or NULL if GLib does not get the ASCII form back from it. */
static char *domain_decode(const char *ascii)
{
    g_autofree char *utf8 = g_hostname_to_unicode(ascii);
    g_autofree char *back = utf8 != NULL ? g_hostname_to_ascii(utf8) : NULL;

    return g_strcmp0(back, ascii) == 0 ? g_steal_pointer(&utf8) : NULL;
}

/* A name that GLib cannot decode is kept in its ASCII form: mail must not stop for it. */
static char *to_utf8(const Lexicon *lexicon, const char *domain)
{
    g_autofree char *ascii = g_ascii_strdown(domain, -1);
    char *utf8;

    if (*domain == '\0' || !g_str_is_ascii(domain))
        return g_strdup(domain);
    if (has_empty_label(domain))
        return domain_refuse(lexicon, "domain_to_utf8", domain, "UTF8", "UIDNA_ERROR_EMPTY_LABEL");
    utf8 = domain_decode(ascii);
    return utf8 != NULL ? utf8 : g_steal_pointer(&ascii);
}

DomainFn *domain_function(const char *name)
{
    if (strcmp(name, "domain_to_ascii") == 0)
        return to_ascii;
    return strcmp(name, "domain_to_utf8") == 0 ? to_utf8 : NULL;
}

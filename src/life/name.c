#include <string.h>

#include <glib.h>

#include "src/life/name_internal.h"

/*
 * What makes a destination: mail for the same name shares a window. With one recipient a delivery
 * that is the address without its extension, else the nexthop.
 */

#define OWNER_PREFIX   "owner-"
#define REQUEST_SUFFIX "-request"

static bool is_reserved(const char *localpart, const LifeNameRules *rules)
{
    return g_ascii_strcasecmp(localpart, "postmaster") == 0 ||
           g_ascii_strcasecmp(localpart, "mailer-daemon") == 0 ||
           g_ascii_strcasecmp(localpart, rules->double_bounce_sender) == 0;
}

/* Such addresses belong to mailing lists; what looks like an extension is part of their name. */
static bool is_list_manager(const char *localpart, const LifeNameRules *rules)
{
    size_t length = strlen(localpart), suffix_length = strlen(REQUEST_SUFFIX);

    if (!rules->owner_request_special || strchr(rules->recipient_delimiter, '-') == NULL)
        return false;
    if (g_ascii_strncasecmp(localpart, OWNER_PREFIX, strlen(OWNER_PREFIX)) == 0)
        return true;
    return length > suffix_length &&
           g_ascii_strcasecmp(localpart + length - suffix_length, REQUEST_SUFFIX) == 0;
}

static void strip_extension(char *localpart, const LifeNameRules *rules)
{
    if (rules->recipient_delimiter[0] == '\0' || localpart[0] == '\0' ||
        is_reserved(localpart, rules) || is_list_manager(localpart, rules))
        return;
    localpart[1 + strcspn(localpart + 1, rules->recipient_delimiter)] = '\0';
}

char *name_destination(const char *transport, int recipient_limit, const char *nexthop,
                       const char *recipient, const LifeNameRules *rules)
{
    g_autofree char *localpart = NULL;
    g_autofree char *name = NULL;
    const char *at = strrchr(recipient, '@');

    if (recipient_limit != 1 || g_str_equal(transport, "error") || g_str_equal(transport, "retry"))
        return g_ascii_strdown(nexthop, -1);
    localpart = at != NULL ? g_strndup(recipient, (gsize)(at - recipient)) : g_strdup(recipient);
    strip_extension(localpart, rules);
    name = g_strconcat(localpart, "@", nexthop, NULL);
    return g_ascii_strdown(name, -1);
}

/* The text to compare instead of `text`, or NULL if ASCII folding is right. */
static char *fold_unicode(const char *text)
{
    if (g_str_is_ascii(text) || !g_utf8_validate(text, -1, NULL))
        return NULL;
    return g_utf8_casefold(text, -1);
}

static int compare_folded(const char *a, const char *b, bool utf8)
{
    g_autofree char *folded_a = utf8 ? fold_unicode(a) : NULL;
    g_autofree char *folded_b = utf8 ? fold_unicode(b) : NULL;

    return g_ascii_strcasecmp(folded_a != NULL ? folded_a : a, folded_b != NULL ? folded_b : b);
}

/* Addresses without a domain come last. */
static int compare_domains(const char *address_a, const char *address_b, bool utf8)
{
    const char *domain_a = strrchr(address_a, '@'), *domain_b = strrchr(address_b, '@');

    if (domain_a == NULL || domain_b == NULL)
        return (domain_a == NULL) - (domain_b == NULL);
    return compare_folded(domain_a, domain_b, utf8);
}

int name_compare_recipients(const char *address_a, const char *address_b, bool utf8,
                            bool round_robin)
{
    int order = compare_domains(address_a, address_b, utf8);

    if (order != 0)
        return order;
    return round_robin ? compare_folded(address_a, address_b, utf8) : strcmp(address_a, address_b);
}

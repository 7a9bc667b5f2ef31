#include <string.h>
#include <strings.h>

#include <glib.h>

#include "src/life/flush_site_internal.h"

/*
 * fast_flush_domains, a domain match list: names, .names for subdomains, !name to exclude. A lookup
 * table or file in the list cannot be read here: all domains count as listed in it, and none as
 * excluded by it. The fast-flush service looks them up again: what it is told needlessly it
 * refuses, which is no failure, but what it is not told of no flush can find.
 */

static bool is_subdomain(const char *domain, const char *parent)
{
    size_t domain_bytes = strlen(domain), parent_bytes = strlen(parent);

    return domain_bytes > parent_bytes + 1 && domain[domain_bytes - parent_bytes - 1] == '.' &&
           strcasecmp(domain + domain_bytes - parent_bytes, parent) == 0;
}

static bool is_elsewhere(const char *pattern)
{
    return *pattern == '/' || strchr(pattern, ':') != NULL;
}

static bool pattern_matches(const char *pattern, bool match_subdomains, const char *domain)
{
    if (*pattern == '\0')
        return false;
    if (*pattern == '.')
        return !match_subdomains && is_subdomain(domain, pattern + 1);
    return strcasecmp(domain, pattern) == 0 || (match_subdomains && is_subdomain(domain, pattern));
}

/* Empty words match nothing. */
char **flush_site_split(const char *patterns)
{
    return g_strsplit_set(patterns, ", \t\r\n", -1);
}

bool flush_site_matches(char *const *words, bool match_subdomains, const char *domain)
{
    if (*domain == '\0')
        return false;
    for (char *const *word = words; *word != NULL; word++) {
        bool is_exclusion = **word == '!';
        const char *pattern = *word + is_exclusion;

        if (is_elsewhere(pattern) ? !is_exclusion
                                  : pattern_matches(pattern, match_subdomains, domain))
            return !is_exclusion;
    }
    return false;
}

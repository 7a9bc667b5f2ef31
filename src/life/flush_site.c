#include <string.h>
#include <strings.h>

#include <glib.h>

#include "src/life/flush_site_internal.h"

/*
 * Flush site: matches a domain against fast_flush_domains, a list of names, .names for subdomains,
 * and !names to exclude.
 *
 * A lookup table or file in the list cannot be read here: all domains count as listed in it, and
 * none as excluded by it. The fast-flush service looks them up itself. It refuses a message that it
 * need not know of, which is not a failure; but a message that it was not told of is never found by
 * a flush.
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

/* Empty words are kept, as they match nothing. */
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

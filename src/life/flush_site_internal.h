#ifndef EQMGR_LIFE_FLUSH_SITE_INTERNAL_H
#define EQMGR_LIFE_FLUSH_SITE_INTERNAL_H

/*
 * flush_site: whether the fast-flush service is to know of deferred mail for a site.
 */

#include <stdbool.h>

/* Splits the value of fast_flush_domains for flush_site_matches(); a new strv. */
char **flush_site_split(const char *patterns);

/* True if the fast-flush service is to know of deferred mail for this domain. */
bool flush_site_matches(char *const *words, bool match_subdomains, const char *domain);

#endif

#ifndef EQMGR_LIFE_FLUSH_SITE_INTERNAL_H
#define EQMGR_LIFE_FLUSH_SITE_INTERNAL_H

/*
 * flush_site: whether mail for a site is to be made known to the fast-flush service.
 */

#include <stdbool.h>

/* The value of fast_flush_domains in the form that is asked for each deferral; a new strv. */
char **flush_site_split(const char *patterns);

/* Whether deferred mail for the domain is to be made known to the fast-flush service. */
bool flush_site_matches(char *const *words, bool match_subdomains, const char *domain);

#endif

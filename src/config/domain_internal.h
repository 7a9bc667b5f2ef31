#ifndef EQMGR_CONFIG_DOMAIN_INTERNAL_H
#define EQMGR_CONFIG_DOMAIN_INTERNAL_H

/*
 * domain: the functions of main.cf that convert internationalised domain names (configuration.md
 * 3.1, since Postfix 3.11).
 *
 * GLib converts like stock, except for joiners and capital sigmas, and is less strict. A name that
 * needs no conversion is returned unchanged, even if it is not valid.
 */

#include <stdbool.h>

#include "lexicon_internal.h"

/* The converted name, a new string; NULL, after warnings in the lexicon, if `domain` is bad. */
typedef char *DomainFn(const Lexicon *lexicon, const char *domain);

/* NULL if there is no function of that name. */
DomainFn *domain_function(const char *name);

#endif

#ifndef EQMGR_LIFE_SITE_KEY_INTERNAL_H
#define EQMGR_LIFE_SITE_KEY_INTERNAL_H

/*
 * life/site_key: what tables know a site by: a destination by itself, or the site that it shares
 * with others. It stays the same while the scheduler's object goes and comes.
 */

#include <stdbool.h>

#include <glib.h>

#include "sched/sched.h"

typedef struct SiteKey {
    const char *transport; /* "": a site over transports */
    const char *name;      /* of the destination, or of the site that it shares */
    bool is_shared;
} SiteKey;

/* Its texts are those of the scheduler. */
SiteKey site_key_of(const SchedDestination *destination);

/* For a GHashTable; of SiteKey. */
guint site_key_hash(gconstpointer key);
gboolean site_key_equal(gconstpointer a, gconstpointer b);

#endif

#ifndef EQMGR_CONTROL_SLOWED_LIST_INTERNAL_H
#define EQMGR_CONTROL_SLOWED_LIST_INTERNAL_H

/*
 * slowed_list: rows of the sites, and transports, that are slowed because of what they answer
 * (traffic.md 6), in pieces: whether or not there is mail for them now. The last step first.
 */

#include "life/inspect.h"
#include "src/control/listing_internal.h"

typedef struct SlowedList {
    Listing listing;
    uint32_t slot;
} SlowedList;

/* As listing_init(); clear it in any case. */
bool slowed_list_init(SlowedList *list, Query *query);
void slowed_list_clear(SlowedList *list);

/* Looks at so many sites; true: there are more. What is kept is not put yet. */
bool slowed_list_step(SlowedList *list, Query *query, unsigned object_max);

/* "slowed to 4/1s by [reply busy]"; whole_of: the transport that is meant as a whole, or NULL. The
 * caller's. */
char *slowed_in_words(const LifeSlowed *slowed, const char *whole_of) G_GNUC_WARN_UNUSED_RESULT;

#endif

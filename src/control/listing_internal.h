#ifndef EQMGR_CONTROL_LISTING_INTERNAL_H
#define EQMGR_CONTROL_LISTING_INTERNAL_H

/*
 * listing: the rows of a listing: all of them as they are met, or the first N in an order, which
 * are kept until everything was looked at. The memory is that of N rows, however many objects there
 * are.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "src/control/verb_internal.h"

#define LISTING_SORTED_MAX 1000

typedef struct Listing {
    int64_t limit;    /* 0: all, in no order */
    GSequence *kept;  /* of ListingRow, in order; NULL: none is kept */
    uint64_t matched; /* objects that belong to the listing */
} Listing;

/*
 * Reads the argument "limit", 0 to LISTING_SORTED_MAX; false: an error row was put. Clear it in any
 * case.
 */
bool listing_init(Listing *listing, Query *query);
void listing_clear(Listing *listing);

/* Begins the row of an object in query->answer, and leaves it to be ended. */
typedef void ListingRowFn(Query *query, const void *object);

/*
 * The object belongs to the listing: largest key first, equal ones by name. Its row is put now, or
 * kept, or never begun, as it would not be among the first N.
 */
void listing_offer(Listing *listing, Query *query, int64_t key, const char *name,
                   ListingRowFn *begin_row, const void *object);

/* Puts what was kept; false: not all that belongs to it. */
bool listing_put(Listing *listing, Query *query);

/* The same, and the end row. note: for people, or NULL. */
void listing_end(Listing *listing, Query *query, const char *note);

/*
 * The same for numbers of deferred mail by destination: it says how much is known of these.
 * left_out: rows of other objects that are missing, in words; NULL: none are.
 */
void listing_end_with_coverage(Listing *listing, Query *query, const char *left_out);

/* Whether the name is the pattern, which may have * at its begin, its end, or both. ASCII case is
 * ignored. NULL matches all. */
bool listing_matches(const char *pattern, const char *name);

#endif

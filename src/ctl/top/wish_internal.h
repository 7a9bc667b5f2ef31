#ifndef EQMGR_CTL_TOP_WISH_INTERNAL_H
#define EQMGR_CTL_TOP_WISH_INTERNAL_H

/* wish: what whoever sits before the screen wants to see, changed by keys. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "src/ctl/top/errand_internal.h"

typedef enum WishSort {
    WISH_WAITING,
    WISH_RUNNING,
    WISH_DEFERRED,
    WISH_UNTIL,
    WISH_NAME,
    WISH_SORT_COUNT
} WishSort;

/* Keys that are not characters. */
typedef enum WishKey {
    KEY_OF_UP = 0x110000, /* above all characters */
    KEY_OF_DOWN,
    KEY_OF_PAGE_UP,
    KEY_OF_PAGE_DOWN,
    KEY_OF_HOME,
} WishKey;

#define WISH_FILTER_MAX TYPED_MAX

typedef struct Wish {
    WishSort sort;
    bool is_over, is_paused, throttled_only, shows_help;
    bool is_editing;                  /* the filter is being typed */
    char filter[WISH_FILTER_MAX + 1]; /* "": none */
    char edited[WISH_FILTER_MAX + 1];
    unsigned chosen;                                           /* row with the cursor */
    bool shows_details;                                        /* of the row with the cursor */
    enum { WISH_NO_ERRAND, WISH_SUSPEND, WISH_RESUME } begins; /* the questions of `errand` */
    Errand errand;
    char notice[2 * TYPED_MAX]; /* instead of the keys, until the next one; "": none */
} Wish;

const char *wish_sort_str(WishSort sort); /* as verb destinations names it */

/* What the daemon is to look for: the filter, with * around it unless it has one; NULL: all. Free
 * it. */
char *wish_pattern(const Wish *wish);

/*
 * What was begun is about this row, or about none; level: as errand_begin(). If it is refused, the
 * notice says so.
 */
void wish_begin_errand(Wish *wish, const Row *destination, const char *level);
void wish_tell(Wish *wish, const char *notice);

/* row_count: how many rows there are to choose from. True if the daemon must be asked anew. */
bool wish_take_key(Wish *wish, int key, unsigned row_count);

#endif

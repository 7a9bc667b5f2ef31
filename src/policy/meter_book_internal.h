#ifndef EQMGR_POLICY_METER_BOOK_INTERNAL_H
#define EQMGR_POLICY_METER_BOOK_INTERNAL_H

/* meter_book: what its parts know of each other. */

#include "policy/meter_book.h"

/* So much was owed at that time. units < 0: nothing is known. */
typedef struct PageDebt {
    int64_t at_us;
    int64_t units; /* in millionths */
} PageDebt;

#define PAGE_DEBT_NONE ((PageDebt){0, -1})

struct MeterPage {
    MeterLimit limit;   /* of the meter that holds it, or held it last */
    int64_t spacing_us; /* of that, or as the file says; 0: neither */
    PageDebt owed;      /* by the meter when it was released */
    PageDebt on_disk;   /* the marks: on the disk, */
    PageDebt sent;      /* being written, */
    PageDebt wanted;    /* to be written */
    bool is_held;
    char key[]; /* as in the file: "deliveries SITE TRANSPORT DESTINATION" */
};

struct MeterBook {
    LevelBook *levels;
    GHashTable *pages; /* by key */
    int64_t start_us;
    bool is_known, is_volatile, is_writing;
    unsigned wanted_count;
    unsigned swept_count; /* pages that the last sweep has left */
};

/* When what was owed is worked off; INT64_MIN: nothing is known. */
int64_t page_debt_end_us(PageDebt debt, int64_t spacing_us);

/* The mark that the next file has to have. */
PageDebt meter_page_mark(const MeterPage *page);

/* Takes over the key. */
MeterPage *meter_book_add_page(MeterBook *book, const char *key);

#endif

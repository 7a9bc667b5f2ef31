#ifndef EQMGR_BASE_SPARE_H
#define EQMGR_BASE_SPARE_H

/*
 * base/spare: gives memory that malloc() keeps after a burst back to the system.
 *
 * malloc() gives back by itself only what is at the end of its heap, and something that lives
 * longer than the burst usually lies there. To look through the heap takes half a microsecond for
 * each message that there was, so it is done once after a burst, and when few messages can wait for
 * it.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct Spare {
    unsigned most;   /* things in memory since memory was given back */
    int64_t next_us; /* not before */
} Spare;

/* All zero at first. `count` things are in memory now. True if memory was given back. */
bool spare_give_back(Spare *spare, unsigned count, int64_t now_us);

#endif

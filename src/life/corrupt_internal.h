#ifndef EQMGR_LIFE_CORRUPT_INTERNAL_H
#define EQMGR_LIFE_CORRUPT_INTERNAL_H

/*
 * corrupt: sets files aside for a person to look at.
 */

#include "src/life/life_internal.h"

/* True if an agent found the content damaged. */
bool corrupt_is_marked(const SpoolFile *file);

/* Moves the file to corrupt and logs it; false if it could not be moved and is still there. */
bool corrupt_save(const Life *life, SpoolQueue from, const char *queue_id);

#endif

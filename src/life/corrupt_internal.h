#ifndef EQMGR_LIFE_CORRUPT_INTERNAL_H
#define EQMGR_LIFE_CORRUPT_INTERNAL_H

/*
 * corrupt: files that are set aside for a human.
 */

#include "src/life/life_internal.h"

/* An agent found its content damaged. */
bool corrupt_is_marked(const SpoolFile *file);

/* Moves the file to corrupt and says so; false if it could not be moved and is still there. */
bool corrupt_save(const Life *life, SpoolQueue from, const char *queue_id);

#endif

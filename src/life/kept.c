#include <sys/stat.h>

#include "src/life/deferred_internal.h"
#include "src/life/ended_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/kept_internal.h"
#include "src/life/parked_internal.h"

/* Kept: see the header. */

/* Mail that waits for its turn is not dragged through active by a flush of all mail. */
static bool is_kept_for_turn(Life *life, const char *name, const SpoolFile *file)
{
    if (!parked_is_kept(life, name) || jobs_makes_due(life, name))
        return false;
    deferred_kept(life, name, file->mtime_s);
    return true;
}

bool kept_is_left(Life *life, const Scan *scan, const char *name, const SpoolFile *file)
{
    return scan->queue == SPOOL_DEFERRED && (scan->flags & SCAN_HURRY) == 0 &&
           (file->mode & (S_IRGRP | S_IXGRP)) == 0 &&
           (is_kept_for_turn(life, name, file) || ended_keeps(life, name, file->mtime_s));
}

#include <sys/stat.h>

#include "base/log.h"
#include "src/life/context_internal.h"
#include "src/life/corrupt_internal.h"

/*
 * Corrupt: sets files aside for a person to look at (spool.md 8), with mode and time stamps
 * unchanged.
 *
 * An agent that finds the content damaged gives the file the mode 0400 and defers its recipients;
 * at the end of the attempt finish.c looks for that mode. Such a file stays in incoming or deferred
 * if we crash before that look, if the look fails, or if an agent of a previous process marks a
 * file that is not its own any more. Stock takes it there for a file that is being written, for
 * ever.
 */

/* A file that cleanup(8) is still writing has the mode 0600. */
bool corrupt_is_marked(const SpoolFile *file)
{
    return (file->mode & S_IRWXU) == S_IRUSR;
}

bool corrupt_save(const Life *life, SpoolQueue from, const char *queue_id)
{
    SpoolResult result = spool_move(life->spool, queue_id, from, SPOOL_CORRUPT);
    bool is_away = life_is_away(life, from, queue_id, result.status);

    if (result.status == SPOOL_OK)
        log_warning("saving corrupt file \"%s\" from queue \"%s\" to queue \"%s\"", queue_id,
                    spool_queue_str(from), spool_queue_str(SPOOL_CORRUPT));
    else if (!is_away)
        life_warn_spool(result, "qmgr_active_corrupt: save corrupt file queue %s id %s",
                        spool_queue_str(from), queue_id);
    return is_away;
}

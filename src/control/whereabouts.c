#include <sys/stat.h>

#include "src/control/whereabouts_internal.h"

bool whereabouts_find(const Spool *spool, const char *queue_id, SpoolQueue *ret_queue,
                      SpoolFile *ret_file)
{
    static const SpoolQueue places[] = {SPOOL_DEFERRED, SPOOL_INCOMING, SPOOL_HOLD, SPOOL_CORRUPT,
                                        SPOOL_MAILDROP};

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        SpoolStatus status = spool_check(spool, places[i], queue_id, INT64_MAX, ret_file).status;

        if (status == SPOOL_GONE || status == SPOOL_BAD_NAME || status == SPOOL_IO_ERROR)
            continue;
        *ret_queue = places[i];
        return true;
    }
    return false;
}

bool whereabouts_is_whole(const SpoolFile *file)
{
    return (file->mode & S_IRWXU) == S_IRWXU;
}

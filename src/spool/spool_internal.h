#ifndef EQMGR_SPOOL_INTERNAL_H
#define EQMGR_SPOOL_INTERNAL_H

#include <errno.h>
#include <unistd.h>

#include "spool/spool.h"

struct Spool {
    unsigned depth[SPOOL_QUEUE_COUNT]; /* of hash directories; 0: not hashed */
    int release;
    bool round_robin;
    char *verp_delimiter_filter;
};

/* Calls that a signal interrupted are made again at once: some network file systems tell of it. */
#define AGAIN(call) TEMP_FAILURE_RETRY(call)

/* A result whose status says all. */
SpoolResult spool_plain(SpoolStatus status);

/* After a system call that failed for a path: SPOOL_GONE for ENOENT, else SPOOL_IO_ERROR. */
SpoolResult spool_failure(void);

/* For a file that is open: SPOOL_IO_ERROR. */
SpoolResult spool_io_error(int error);

#endif

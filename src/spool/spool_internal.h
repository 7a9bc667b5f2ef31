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

/* SPOOL_GONE for ENOENT in errno, else SPOOL_IO_ERROR. */
SpoolStatus spool_status_of_errno(void);

#endif

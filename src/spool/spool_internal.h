#ifndef EQMGR_SPOOL_INTERNAL_H
#define EQMGR_SPOOL_INTERNAL_H

/* What the files of this layer share: the body of Spool, and results of system calls. */

#include <errno.h>
#include <unistd.h>

#include "spool/spool.h"

struct Spool {
    unsigned depth[SPOOL_QUEUE_COUNT]; /* of hash directories; 0: not hashed */
    int release;
    bool round_robin;
    char *verp_delimiter_filter;
    EnvelopeReader *reader; /* of one file after the other */
};

/* Makes the call again if a signal interrupted it, as happens on some network file systems. */
#define AGAIN(call) TEMP_FAILURE_RETRY(call)

/* A result without an errno. */
SpoolResult spool_plain(SpoolStatus status);

/* After a system call that failed for a path: SPOOL_GONE for ENOENT, else SPOOL_IO_ERROR. */
SpoolResult spool_failure(void);

/* For a file that is open: SPOOL_IO_ERROR. */
SpoolResult spool_io_error(int error);

#endif

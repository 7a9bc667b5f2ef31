#ifndef EQMGR_SPOOL_INTERNAL_H
#define EQMGR_SPOOL_INTERNAL_H

#include "spool/spool.h"

struct Spool {
    unsigned depth[SPOOL_QUEUE_COUNT]; /* of hash directories; 0: not hashed */
    int release;
    bool round_robin;
    char *verp_delimiter_filter;
};

/* SPOOL_GONE for ENOENT in errno, else SPOOL_IO_ERROR. */
SpoolStatus spool_status_of_errno(void);

#endif

#ifndef EQMGR_SPOOL_DEFER_LOG_H
#define EQMGR_SPOOL_DEFER_LOG_H

/*
 * spool/defer_log: what bounce(8) has recorded of the last attempt in defer/ID (spool.md 9): for
 * people who ask why a message is still here, and for sections [reply] of a policy file, as an
 * agent does not say with which words a site has refused a message (traffic.md 0). A record is
 * there before the agent answers. Where destinations have lifetimes of their own, it also tells who
 * was tried before (life/schedule).
 *
 * The file may be written while it is read, so records that are not whole are left out.
 */

#include <glib.h>

#include "spool/spool.h"

#define DEFER_LOG_READ_MAX_BYTES (64 * 1024) /* the first ones of longer logs */
#define DEFER_LOG_TAIL_BYTES     4096

typedef struct DeferRecord {
    char *recipient, *status, *reason; /* never NULL */
    int64_t offset;                    /* of the recipient in the queue file; -1: not recorded */
} DeferRecord;

/*
 * At most `max` records, in their order; the array frees them. SPOOL_GONE: there is no log. Blocks
 * on the disk for one open and one read.
 */
SpoolResult defer_log_read(const Spool *spool, const char *queue_id, unsigned max,
                           GPtrArray **ret_records) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The same of the last DEFER_LOG_TAIL_BYTES: what was recorded last. A record that begins before
 * them is left out. `log` is SPOOL_DEFER, or SPOOL_BOUNCE: of recipients for whom it is returned.
 */
SpoolResult defer_log_read_tail(const Spool *spool, SpoolQueue log, const char *queue_id,
                                unsigned max, GPtrArray **ret_records) G_GNUC_WARN_UNUSED_RESULT;

/* When the last record was added, wall clock; 0: there is no log. One stat(). */
int64_t defer_log_time(const Spool *spool, const char *queue_id);

/* As defer_log_read(), for bytes that are there already. */
GPtrArray *defer_log_parse(const char *text, gsize size_bytes,
                           unsigned max) G_GNUC_WARN_UNUSED_RESULT;

#endif

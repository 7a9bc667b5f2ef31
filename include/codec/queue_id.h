#ifndef EQMGR_CODEC_QUEUE_ID_H
#define EQMGR_CODEC_QUEUE_ID_H

/*
 * codec/queue_id: names of messages and the hash directories they imply (spool.md 1.2 - 1.4).
 */

#include <stdbool.h>
#include <stddef.h>

#define QUEUE_ID_MAX_BYTES 255

/* 1..255 letters, digits and underscores. */
bool queue_id_is_valid(const char *name);

/*
 * Writes "d1/d2/.../" with `depth` levels for the queue ID, e.g. "1/B/", and a NUL into `ret_dirs`,
 * which has room for 2 * depth + 1 bytes. depth 0 writes "".
 */
void queue_id_hash_dirs(const char *queue_id, unsigned depth, char *ret_dirs);

#endif

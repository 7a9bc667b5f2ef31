#ifndef EQMGR_CODEC_STATUS_H
#define EQMGR_CODEC_STATUS_H

/*
 * codec/status: the 12 bytes that a child sends to master(8) (daemon.md 9).
 */

#include <stdint.h>

#define MASTER_STATUS_BYTES 12

typedef enum MasterStatus { MASTER_STATUS_TAKEN = 0, MASTER_STATUS_AVAIL = 1 } MasterStatus;

/* Host byte order: pid, generation, status. */
void master_status_encode(uint8_t ret_bytes[MASTER_STATUS_BYTES], int32_t pid, uint32_t generation,
                          MasterStatus status);

#endif

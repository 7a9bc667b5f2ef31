#include "codec/status.h"

#include <string.h>

/* What a process sends to master(8): three integers in the byte order of the machine. */

void master_status_encode(uint8_t ret_bytes[MASTER_STATUS_BYTES], int32_t pid, uint32_t generation,
                          MasterStatus status)
{
    int32_t state = (int32_t)status;

    memcpy(ret_bytes, &pid, sizeof(pid));
    memcpy(ret_bytes + 4, &generation, sizeof(generation));
    memcpy(ret_bytes + 8, &state, sizeof(state));
}

#include <string.h>

#include "sched_internal.h"

/* Where mail was to go that is redirected: shared by the messages that waited for it. */

Origin *origin_new(const SchedDestination *destination)
{
    size_t size = strlen(destination->name) + 1;
    Origin *origin = g_rc_box_alloc0(sizeof(*origin) + size);

    origin->transport = destination->transport;
    memcpy(origin->destination, destination->name, size);
    return origin;
}

#include "base/spare.h"

#include <malloc.h>

#include <glib.h>

#define BURST       100 /* fewer leave little */
#define PART_LEFT   16  /* one in so many is there still, at most: mail waits meanwhile */
#define INTERVAL_US (10 * INT64_C(1000000))

static void trim_heap(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

bool spare_give_back(Spare *spare, unsigned count, int64_t now_us)
{
    spare->most = MAX(spare->most, count);
    if (spare->most < BURST || count > spare->most / PART_LEFT || now_us < spare->next_us)
        return false;
    trim_heap();
    spare->most = count;
    spare->next_us = now_us + INTERVAL_US;
    return true;
}

#include "base/cpu_clock.h"

#include <time.h>

#include <glib.h>

#define US_PER_S  INT64_C(1000000)
#define NS_PER_US 1000

int64_t cpu_clock_us(void)
{
    struct timespec ran;
    int rc = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);

    g_assert(rc == 0); /* each thread has one */
    return ran.tv_sec * US_PER_S + ran.tv_nsec / NS_PER_US;
}

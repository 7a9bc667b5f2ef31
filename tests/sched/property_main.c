#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/sched/property.h"

static void progress(uint32_t done, uint32_t count)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%u of %u seeds%s", done, count, done == count ? "\n" : "");
}

/* property [SEEDS [OPERATIONS [FIRST_SEED]]]: the long run, each seed with both strategies. */
int main(int argc, char **argv)
{
    uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;
    size_t operations = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
    uint32_t first = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    uint32_t failed = 0;

    for (uint32_t seed = first; seed < first + count; seed++) {
        failed += property_holds(seed, SCHED_PREEMPTIVE, operations) ? 0 : 1;
        failed += property_holds(seed, SCHED_ROUND_ROBIN, operations) ? 0 : 1;
        progress(seed - first + 1, count);
    }
    printf("%u seeds, %zu operations each, both strategies: %u failed\n", count, operations,
           failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sched/property.h"

static void progress(uint32_t done, uint32_t count)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%u of %u seeds%s", done, count, done == count ? "\n" : "");
}

/*
 * property [-q] [SEEDS [OPERATIONS [FIRST_SEED]]]: the long run, each seed with both strategies.
 * -q: the first one that fails ends it and is not made short.
 */
int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "-q") == 0;
    char **args = quick ? argv + 1 : argv;
    int arg_count = quick ? argc - 1 : argc;
    uint32_t count = arg_count > 1 ? (uint32_t)strtoul(args[1], NULL, 10) : 100;
    size_t operations = arg_count > 2 ? strtoul(args[2], NULL, 10) : 100000;
    uint32_t first = arg_count > 3 ? (uint32_t)strtoul(args[3], NULL, 10) : 0;
    uint32_t failed = 0;

    for (uint32_t seed = first; seed < first + count && !(quick && failed > 0); seed++) {
        failed += property_holds(seed, SCHED_PREEMPTIVE, operations, !quick) ? 0 : 1;
        failed += property_holds(seed, SCHED_ROUND_ROBIN, operations, !quick) ? 0 : 1;
        progress(seed - first + 1, count);
    }
    printf("%u seeds, %zu operations each, both strategies: %u failed\n", count, operations,
           failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/sched/property.h"

/* One line that changes, on a terminal; in a log a line for each ten seeds. */
static void progress(uint32_t done, uint32_t count)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%u of %u seeds%s", done, count, done == count ? "\n" : "");
    else if (done % 10 == 0 || done == count)
        fprintf(stderr, "%u of %u seeds\n", done, count);
}

/* Rows of decisions.inc. */
static void print_record(uint32_t first, uint32_t count, size_t operations)
{
    for (uint32_t seed = first; seed < first + count; seed++)
        printf("{0x%016" PRIx64 ", 0x%016" PRIx64 "},\n",
               property_digest(seed, SCHED_PREEMPTIVE, operations),
               property_digest(seed, SCHED_ROUND_ROBIN, operations));
}

static uint32_t run_seeds(uint32_t first, uint32_t count, size_t operations, bool quick)
{
    uint32_t failed = 0;

    for (uint32_t seed = first; seed < first + count && !(quick && failed > 0); seed++) {
        failed += property_holds(seed, SCHED_PREEMPTIVE, operations, !quick) ? 0 : 1;
        failed += property_holds(seed, SCHED_ROUND_ROBIN, operations, !quick) ? 0 : 1;
        progress(seed - first + 1, count);
    }
    printf("%u seeds, %zu operations each, both strategies: %u failed\n", count, operations,
           failed);
    return failed;
}

/*
 * property [-q | -r] [SEEDS [OPERATIONS [FIRST_SEED]]]: the long run, each seed with both
 * strategies. -q: the first one that fails ends it and is not made short. -r: what the core decides
 * is printed as a record.
 */
int main(int argc, char **argv)
{
    int first_arg = argc > 1 && argv[1][0] == '-' ? 2 : 1;
    char option = first_arg == 2 ? argv[1][1] : '\0';
    char **args = argv + first_arg;
    int arg_count = argc - first_arg;
    uint32_t count = arg_count > 0 ? (uint32_t)strtoul(args[0], NULL, 10) : 100;
    size_t operations = arg_count > 1 ? strtoul(args[1], NULL, 10) : 100000;
    uint32_t first = arg_count > 2 ? (uint32_t)strtoul(args[2], NULL, 10) : 0;

    if (option != 'r')
        return run_seeds(first, count, operations, option == 'q') == 0 ? EXIT_SUCCESS
                                                                       : EXIT_FAILURE;
    print_record(first, count, operations);
    return EXIT_SUCCESS;
}

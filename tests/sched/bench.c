#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sched/bench_world.h"

/*
 * bench [SHAPE [N]]: what a decision costs as things grow. A decision is everything that one
 * delivery asks of the core: a connection is opened and answered, an entry selected, delivered,
 * ended, its message removed.
 */

#define DECISIONS 400000 /* at least, per line */
#define AGENTS    100    /* running at a time, if nothing else limits them */
#define SIZES     4      /* 10^3, 10^4, 10^5, 10^6 */

/* What a shape is made of before it is measured, and what is measured. */
typedef struct Shape {
    const char *name, *text;
    SchedStrategy strategy;
    int window;
    size_t (*recipients)(size_t n);
    void (*fill)(BenchWorld *world, size_t n);
    void (*turn)(BenchWorld *world, size_t n); /* one decision */
    size_t (*decisions)(size_t n);             /* that one filling is good for */
} Shape;

static size_t half(size_t n)
{
    return n / 2;
}

static size_t one_each(size_t n)
{
    return n;
}

/* The agents are kept busy; each turn ends one delivery and starts another. */
static void keep_busy(BenchWorld *world, size_t n)
{
    (void)n;
    bench_finish(world, (guint)bench_roll(world, world->running->len));
    (void)bench_start(world);
}

static void start_agents(BenchWorld *world, guint count)
{
    while (world->running->len < count && bench_start(world))
        ;
}

/* ---- one busy destination ---- */

static void fill_one_destination(BenchWorld *world, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)bench_mail(world, 0, 1);
    start_agents(world, AGENTS);
}

/* ---- n saturated destinations, and one that is ready ---- */

static size_t two_each_and_ready(size_t n)
{
    return 3 * n;
}

static void fill_saturated(BenchWorld *world, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)bench_mail(world, i, 1);
    start_agents(world, (guint)n); /* the window is 1 */
    for (size_t i = 0; i < n; i++)
        (void)bench_mail(world, i, 1);
    for (size_t i = 0; i < n; i++)
        (void)bench_mail(world, n, 1);
    (void)bench_start(world);
}

/* The last one running is the one that can be replaced. */
static void only_the_ready_one(BenchWorld *world, size_t n)
{
    (void)n;
    bench_finish(world, world->running->len - 1);
    (void)bench_start(world);
}

/* ---- single messages behind a list ---- */

#define LIST_SIZE 100000

static size_t list_and_singles(size_t n)
{
    return LIST_SIZE + n;
}

static void fill_list(BenchWorld *world, size_t n)
{
    (void)bench_mail(world, 0, LIST_SIZE);
    for (size_t i = 0; i < n; i++)
        (void)bench_mail(world, bench_roll(world, LIST_SIZE), 1);
    start_agents(world, AGENTS);
}

/* Both kinds of mail are delivered here. */
static size_t half_of_singles(size_t n)
{
    return MIN(n, LIST_SIZE / 2);
}

/* ---- two saturated destinations with half of the mail each, and fast mail ---- */

#define FAST_DESTINATIONS 100

static void fill_two_saturated(BenchWorld *world, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)bench_mail(world, i % 2, 1);
    for (size_t i = 0; i < AGENTS; i++)
        (void)bench_mail(world, 2 + i % FAST_DESTINATIONS, 1);
    start_agents(world, AGENTS);
}

/* Every twentieth delivery that ends is one to the saturated destinations. */
static void mostly_fast(BenchWorld *world, size_t n)
{
    guint slow = 2 * 10, length = world->running->len; /* two windows of 10 came first */
    guint place = bench_roll(world, 20) == 0
                      ? (guint)bench_roll(world, MIN(slow, length))
                      : length - 1 - (guint)bench_roll(world, length > slow ? length - slow : 1);

    (void)n;
    bench_finish(world, place);
    (void)bench_start(world);
}

static void fast_mail_comes(BenchWorld *world, size_t n)
{
    (void)bench_mail(world, 2 + bench_roll(world, FAST_DESTINATIONS), 1);
    mostly_fast(world, n);
}

static size_t one_each_and_fast(size_t n)
{
    return n + AGENTS + half(n);
}

/* ---- the same with n fast messages for n destinations waiting, too ---- */

static size_t two_each(size_t n)
{
    return 2 * n;
}

static void fill_two_and_many(BenchWorld *world, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)bench_mail(world, i % 2, 1);
        (void)bench_mail(world, 2 + bench_roll(world, n), 1);
    }
    start_agents(world, AGENTS);
}

/* ---- mixed mail ---- */

static size_t mixed_recipients(size_t n)
{
    return 6 * n;
}

/* Zipf: half of the mail goes to a few destinations. */
static uint64_t roll_zipf(BenchWorld *world, size_t n)
{
    double share = (double)bench_roll(world, 1U << 30) / (1U << 30);

    return (uint64_t)pow((double)n, share) - 1;
}

static void fill_mixed(BenchWorld *world, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int size = bench_roll(world, 100) < 90 ? 1 : 2 + (int)bench_roll(world, 40);

        (void)bench_mail(world, roll_zipf(world, n), size);
        if (i % 1000 == 0)
            world->now.steady_s++;
    }
    start_agents(world, AGENTS);
}

/* clang-format off */
static const Shape shapes[] = {
    {"one", "one busy destination, n messages", SCHED_PREEMPTIVE, 20,
     one_each, fill_one_destination, keep_busy, half},
    {"saturated", "n saturated destinations and a ready one", SCHED_PREEMPTIVE, 1,
     two_each_and_ready, fill_saturated, only_the_ready_one, half},
    {"list", "n single messages behind a list of 10^5", SCHED_PREEMPTIVE, 5,
     list_and_singles, fill_list, keep_busy, half_of_singles},
    {"two", "two saturated destinations with n/2 each, fast mail", SCHED_PREEMPTIVE, 10,
     one_each_and_fast, fill_two_saturated, fast_mail_comes, half},
    {"many", "the same, n fast messages for n destinations wait", SCHED_PREEMPTIVE, 10,
     two_each, fill_two_and_many, mostly_fast, half},
    {"mixed", "n messages, Zipf destinations, some lists", SCHED_PREEMPTIVE, 20,
     mixed_recipients, fill_mixed, keep_busy, half},
    {"oqmgr", "the same, round-robin", SCHED_ROUND_ROBIN, 20,
     mixed_recipients, fill_mixed, keep_busy, half},
};
/* clang-format on */

static double ns_per_decision(const Shape *shape, size_t n, double *ret_ns_per_message)
{
    int64_t spent_ns = 0, filling_ns = 0;
    size_t decisions = 0, fillings = 0;

    while (decisions < DECISIONS) {
        BenchWorld *world = bench_world_new(shape->strategy, shape->recipients(n), shape->window);
        int64_t begin_ns = bench_clock_ns();

        shape->fill(world, n);
        filling_ns += bench_clock_ns() - begin_ns;
        begin_ns = bench_clock_ns();
        for (size_t i = 0; i < shape->decisions(n); i++)
            shape->turn(world, n);
        spent_ns += bench_clock_ns() - begin_ns;
        decisions += shape->decisions(n);
        fillings++;
        bench_world_free(world);
    }
    *ret_ns_per_message = (double)filling_ns / (double)(fillings * shape->recipients(n));
    return (double)spent_ns / (double)decisions;
}

static void measure(const Shape *shape)
{
    double ns[SIZES], filling_ns[SIZES];
    size_t n = 1000;

    for (int i = 0; i < SIZES; i++, n *= 10)
        ns[i] = ns_per_decision(shape, n, &filling_ns[i]);
    printf("%-55s %6.0f %6.0f %6.0f %6.0f  x %.1f   %6.0f\n", shape->text, ns[0], ns[1], ns[2],
           ns[3], ns[SIZES - 1] / ns[0], filling_ns[SIZES - 1]);
    fflush(stdout);
}

/* ---- memory ---- */

#define OBJECTS 100000

/* The address space, as slabs are not in the heap of malloc(), without what is free in that. */
static double bytes_in_use(void)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        g_error("no /proc");
    return g_ascii_strtod(text, NULL) * (double)sysconf(_SC_PAGESIZE) -
           (double)mallinfo2().fordblks;
}

static void fill_singles(BenchWorld *world)
{
    for (uint64_t i = 0; i < OBJECTS; i++)
        (void)bench_mail(world, i % 100, 1);
}

static void fill_list_of_one_destination(BenchWorld *world)
{
    const SchedBatch batch = {.read_count = OBJECTS, .fully_read = true};
    SchedMessage *message = sched_message_add(world->sched, NULL, world->now);
    SchedDestination *destination = bench_destination(world, 0);

    sched_batch_begin(world->sched, message, &batch);
    for (size_t i = 0; i < OBJECTS; i++)
        sched_batch_assign(world->sched, message, destination, &world->recipients[i], world->now);
    sched_batch_end(world->sched, message, world->now);
}

static void fill_known_destinations(BenchWorld *world)
{
    (void)bench_mail(world, 0, OBJECTS);
}

static void fill_destinations(BenchWorld *world)
{
    for (uint64_t i = 0; i < OBJECTS; i++)
        (void)bench_destination(world, i);
}

static void measure_memory(const char *text, void (*prepare)(BenchWorld *),
                           void (*fill)(BenchWorld *))
{
    BenchWorld *world = bench_world_new(SCHED_PREEMPTIVE, OBJECTS, 5);
    double before;

    for (uint64_t i = 0; i < 100; i++)
        (void)bench_destination(world, i);
    if (prepare != NULL)
        prepare(world);
    before = bytes_in_use();
    fill(world);
    printf("%-55s %6.0f bytes\n", text, (bytes_in_use() - before) / OBJECTS);
    bench_world_free(world);
}

static const Shape *find_shape(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
        if (strcmp(name, shapes[i].name) == 0)
            return &shapes[i];
    return NULL;
}

static int measure_one(const char *name, const char *size)
{
    const Shape *shape = find_shape(name);
    double filling_ns;

    if (shape == NULL)
        return EXIT_FAILURE;
    printf("%s, n = %s: %.0f ns\n", shape->text, size,
           ns_per_decision(shape, strtoul(size, NULL, 10), &filling_ns));
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return measure_one(argv[1], argv[2]);
    printf("%-55s %6s %6s %6s %6s\n", "ns per decision, n =", "10^3", "10^4", "10^5", "10^6");
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
        if (argc < 2 || strcmp(argv[1], shapes[i].name) == 0)
            measure(&shapes[i]);
    if (argc >= 2 && strcmp(argv[1], "memory") != 0)
        return EXIT_SUCCESS;
    measure_memory("message with one recipient", NULL, fill_singles);
    measure_memory("further recipient, same destination", NULL, fill_list_of_one_destination);
    measure_memory("further recipient, another destination", fill_destinations,
                   fill_known_destinations);
    measure_memory("destination", NULL, fill_destinations);
    return EXIT_SUCCESS;
}

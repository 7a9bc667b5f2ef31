#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/sched/bench_world.h"
#include "tests/simulate/report.h"

/* Events between two looks at the clock, of the order of 10 ms. */
#define EVENTS_PER_LOOK 10000

#define PROGRESS_EVERY_MS 500

typedef struct Options {
    gint64 seed;
    gint check_every;
    gboolean no_plot, quiet;
    char *folder, *strategy;
    char **files;
} Options;

/* ---- one run ---- */

static void show_progress(const Scenario *scenario, const Run *run, const World *world)
{
    (void)fprintf(stderr, "\r%s, %s: %3d%% of the time, %" G_GUINT64_FORMAT " recipients wait   ",
                  scenario->name, report_strategy_str(run->strategy),
                  (int)(world_time_us(world) * 100 / scenario->duration_us),
                  world_waiting_count(world));
}

static void clear_progress(void)
{
    (void)fprintf(stderr, "\r%-78s\r", "");
}

/* To standard error: it depends on the machine. */
static void show_speed(const Scenario *scenario, const Run *run)
{
    double cpu_s = (double)run->cpu_ns / 1e9;

    (void)fprintf(stderr, "%s, %s: %.0f deliveries per second of CPU (%.1f s)\n", scenario->name,
                  report_strategy_str(run->strategy),
                  (double)run->tally->delivery_count / MAX(cpu_s, 1e-9), cpu_s);
}

static void advance_to_the_end(const Scenario *scenario, const Options *options, Run *run,
                               World *world)
{
    bool shows = !options->quiet && isatty(STDERR_FILENO);
    unsigned step = options->check_every > 0 ? (unsigned)options->check_every : EVENTS_PER_LOOK;
    int64_t shown_ms = clock_mono_ms();

    while ((run->state = world_advance(world, step)) == WORLD_RUNNING) {
        if (options->check_every > 0)
            world_check(world);
        if (shows && clock_mono_ms() - shown_ms >= PROGRESS_EVERY_MS) {
            show_progress(scenario, run, world);
            shown_ms = clock_mono_ms();
        }
    }
    if (shows)
        clear_progress();
}

static Run run_once(const Scenario *scenario, const Options *options, SchedStrategy strategy)
{
    Run run = {.strategy = strategy};
    World *world = world_new(scenario, strategy, (uint64_t)options->seed);
    int64_t start_ns = bench_clock_ns();

    advance_to_the_end(scenario, options, &run, world);
    run.cpu_ns = bench_clock_ns() - start_ns;
    run.time_us = world_time_us(world);
    run.tally = world_steal_tally(world);
    world_free(world);
    tally_sort(run.tally);
    if (!options->quiet)
        show_speed(scenario, &run);
    return run;
}

/* ---- one scenario ---- */

static bool is_wanted(const Options *options, SchedStrategy strategy)
{
    return options->strategy == NULL ||
           strcmp(options->strategy, report_strategy_str(strategy)) == 0;
}

static bool has_plot(const Options *options)
{
    return options->folder != NULL && !options->no_plot;
}

/* False: there was an error, or a run got stuck. */
static bool simulate(const Scenario *scenario, const Options *options, GError **error)
{
    static const SchedStrategy strategies[] = {SCHED_PREEMPTIVE, SCHED_ROUND_ROBIN};
    Run runs[G_N_ELEMENTS(strategies)];
    unsigned count = 0;
    bool is_good = true;
    g_autofree char *table = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++)
        if (is_wanted(options, strategies[i]))
            runs[count++] = run_once(scenario, options, strategies[i]);
    table = report_table(scenario, (uint64_t)options->seed, runs, count);
    printf("%s\n", table);
    (void)fflush(stdout);
    if (has_plot(options))
        is_good = report_plot(scenario, options->folder, runs, count, error);
    for (unsigned i = 0; i < count; i++) {
        is_good = is_good && runs[i].state != WORLD_STUCK;
        tally_free(runs[i].tally);
    }
    return is_good;
}

static bool simulate_file(const char *path, const Options *options, GError **error)
{
    g_autoptr(Scenario) scenario = scenario_load(path, error);

    return scenario != NULL && simulate(scenario, options, error);
}

/* ---- options ---- */

static bool parse_options(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"seed",            's', 0, G_OPTION_ARG_INT64, &options->seed, "Of all dice (1)", "N"},
        {"out",                'o', 0, G_OPTION_ARG_FILENAME, &options->folder,
         "Where NAME.svg and its numbers go; without it there are none", "FOLDER"},
        {"strategy",   0, 0, G_OPTION_ARG_STRING, &options->strategy,
         "preemptive or round-robin, not both", "NAME"},
        {"no-plot",              0, 0, G_OPTION_ARG_NONE, &options->no_plot, "The table is enough", NULL},
        {"check",             0, 0, G_OPTION_ARG_INT, &options->check_every,
         "Verify the invariants of the core after every N events (slow)", "N"},
        {"quiet",                'q', 0, G_OPTION_ARG_NONE, &options->quiet,
         "Neither progress nor speed on standard error", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files, NULL,
         "SCENARIO..."},
        {0        },
    };
    GOptionContext *context = g_option_context_new(NULL);
    bool is_parsed;

    g_option_context_set_summary(context,
                                 "Runs the scheduler through scenarios in virtual time, with both "
                                 "strategies,\nand compares what becomes of the mail.");
    g_option_context_add_main_entries(context, entries, NULL);
    is_parsed = g_option_context_parse(context, argc, argv, error);
    g_option_context_free(context);
    return is_parsed;
}

static bool check_options(const Options *options)
{
    bool is_known = is_wanted(options, SCHED_PREEMPTIVE) || is_wanted(options, SCHED_ROUND_ROBIN);

    if (!is_known)
        (void)fprintf(stderr, "simulate: the strategy is preemptive or round-robin\n");
    else if (options->files == NULL)
        (void)fprintf(stderr, "simulate: which scenarios? (--help tells more)\n");
    else if (options->seed < 0 || options->check_every < 0)
        (void)fprintf(stderr, "simulate: numbers are not negative\n");
    else
        return true;
    return false;
}

int main(int argc, char **argv)
{
    Options options = {.seed = 1};
    GError *error = NULL;
    bool is_good = parse_options(&argc, &argv, &options, &error) && check_options(&options);

    if (is_good && has_plot(&options) && g_mkdir_with_parents(options.folder, 0777) != 0) {
        (void)fprintf(stderr, "simulate: cannot make the folder %s\n", options.folder);
        is_good = false;
    }
    for (char **file = options.files; is_good && *file != NULL; file++)
        is_good = simulate_file(*file, &options, &error);
    if (error != NULL)
        (void)fprintf(stderr, "%s\n", error->message);
    g_clear_error(&error);
    g_free(options.folder);
    g_free(options.strategy);
    g_strfreev(options.files);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

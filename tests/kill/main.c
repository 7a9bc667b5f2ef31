/*
 * kill-test: is any mail lost, or delivered twice, while queue manager, resolvers and delivery
 * agents are killed at random moments?
 *
 *   kill-test --program FILE [--seconds N] [--seed N] [--parent DIRECTORY] [--window MS]
 * [WORKLOAD...]
 *
 * Rounds of all workloads follow each other until the time is over; each is played once at least.
 * Exit status: 0 all is well, 1 it is not, 2 the command line is wrong.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "tests/bench/meter.h"
#include "tests/kill/round.h"

#define STATUS_WRONG     2
#define DEFAULT_SECONDS  12
#define WINDOW_MIN_MS    500
#define WINDOW_MAX_MS    4000
#define SHARE_OF_WINDOWS 0.6         /* of the time; the rest is for what comes before and after */
#define SEED_STEP        2654435761U /* far apart from each other */
#define NS_PER_S         1000000000LL
#define MS_PER_S         1000

typedef struct CommandLine {
    char *program, *parent;
    int seconds, window_ms;
    int64_t seed;
    char **words;
} CommandLine;

typedef struct Totals {
    unsigned passed, failed;
    RoundCounts counts;
} Totals;

static bool parse(int argc, char **argv, CommandLine *line, GError **error)
{
    const GOptionEntry entries[] = {
        {"program",          0, 0, G_OPTION_ARG_FILENAME,     &line->program,   "the queue manager",       NULL},
        {"parent",           0, 0, G_OPTION_ARG_FILENAME,     &line->parent,    "of queue directories",    NULL},
        {"seconds",          0, 0, G_OPTION_ARG_INT,          &line->seconds,   "how long",                NULL},
        {"window",           0, 0, G_OPTION_ARG_INT,          &line->window_ms, "of kills in a round, ms", NULL},
        {"seed",             0, 0, G_OPTION_ARG_INT64,        &line->seed,      "of the dice",             NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &line->words,     "workloads",               NULL},
        {NULL,               0, 0, G_OPTION_ARG_NONE,         NULL,             NULL,                      NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, &argc, &argv, error);
}

static bool is_complete(const CommandLine *line)
{
    for (char **word = line->words; word != NULL && *word != NULL; word++)
        if (!g_strv_contains(round_workloads, *word))
            return false;
    return line->program != NULL;
}

static void add(RoundCounts *sum, const RoundCounts *one)
{
    sum->managers += one->managers;
    sum->rewriters += one->rewriters;
    sum->carriers += one->carriers;
    sum->recipients += one->recipients;
    sum->unmarked += one->unmarked;
    sum->late += one->late;
}

static void tell(const char *what, uint32_t seed, const RoundCounts *counts)
{
    g_print("%s, seed %u: killed %" G_GUINT64_FORMAT " queue managers, %" G_GUINT64_FORMAT
            " resolvers, %" G_GUINT64_FORMAT " agents; %" G_GUINT64_FORMAT
            " recipients, again without a mark %" G_GUINT64_FORMAT
            ", after a late lock %" G_GUINT64_FORMAT "\n",
            what, seed, counts->managers, counts->rewriters, counts->carriers, counts->recipients,
            counts->unmarked, counts->late);
}

/* Plays a round in a process of its own, so that its crew is not ours. */
static bool play(const char *workload, const RoundOptions *options, RoundCounts *shared)
{
    int status = -1;
    pid_t pid = fork();

    if (pid < 0)
        g_error("fork: %s", g_strerror(errno));
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* and nobody of the crew outlives that */
        _exit(round_run(workload, options, shared) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static void play_and_tell(const char *workload, const RoundOptions *options, RoundCounts *shared,
                          Totals *totals)
{
    bool ok = play(workload, options, shared);
    g_autofree char *what = g_strdup_printf("%s %s", ok ? "ok" : "FAILED", workload);

    totals->passed += ok;
    totals->failed += !ok;
    add(&totals->counts, shared);
    tell(what, options->seed, shared);
    if (!ok)
        g_print("    again: --seed %u --window %d %s\n", options->seed, (int)options->window_ms,
                workload);
}

static int64_t window_ms(const CommandLine *line, const char *const *workloads)
{
    int64_t share = (int64_t)(line->seconds * MS_PER_S * SHARE_OF_WINDOWS), count = 1;

    while (workloads[count] != NULL) /* there is one at least */
        count++;

    return line->window_ms > 0 ? line->window_ms
                               : CLAMP(share / count, WINDOW_MIN_MS, WINDOW_MAX_MS);
}

static Totals play_all(const CommandLine *line, const char *program)
{
    int64_t end_ns = meter_now_ns() + line->seconds * NS_PER_S;
    const char *const *workloads =
        line->words != NULL ? (const char *const *)line->words : round_workloads;
    RoundOptions options = {
        .program = program,
        .parent = line->parent != NULL ? line->parent : g_get_tmp_dir(),
        .window_ms = window_ms(line, workloads),
        .seed = (uint32_t)line->seed,
    };
    RoundCounts *shared =
        mmap(NULL, sizeof(RoundCounts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    Totals totals = {0};
    bool is_first = true;

    if (shared == MAP_FAILED)
        g_error("mmap: %s", g_strerror(errno));
    for (; is_first || meter_now_ns() < end_ns; is_first = false)
        for (size_t i = 0; workloads[i] != NULL && (is_first || meter_now_ns() < end_ns); i++) {
            play_and_tell(workloads[i], &options, shared, &totals);
            options.seed += SEED_STEP;
        }
    (void)munmap(shared, sizeof(RoundCounts));
    return totals;
}

static int run(const CommandLine *line)
{
    g_autofree char *program = g_canonicalize_filename(line->program, NULL);
    g_autofree char *name = g_path_get_basename(program);
    Totals totals;

    g_print("seed %u\n", (uint32_t)line->seed);
    totals = play_all(line, program);
    tell("all", (uint32_t)line->seed, &totals.counts);
    g_print("kill (%s): %u passed, %u failed\n", name, totals.passed, totals.failed);
    return totals.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void clear(CommandLine *line)
{
    g_free(line->program);
    g_free(line->parent);
    g_strfreev(line->words);
}

int main(int argc, char **argv)
{
    CommandLine line = {.seconds = DEFAULT_SECONDS, .seed = g_random_int()};
    g_autoptr(GError) error = NULL;
    bool ok = parse(argc, argv, &line, &error) && is_complete(&line);
    int status = ok ? run(&line) : STATUS_WRONG;

    if (!ok)
        g_printerr("kill-test: %s\n", error != NULL ? error->message : "see tests/kill/README.md");
    clear(&line);
    return status;
}

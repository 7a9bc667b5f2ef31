#include "tests/faults/growth.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/faults/judge.h"
#include "tests/faults/world.h"

#define MS_PER_S        1000LL
#define ROUND_LIMIT_S   (3 * 3600)
#define SETTLED_S       1300 /* what is remembered for a while is forgotten by then */
#define ROUND_FILE      "round.lab"
#define COUNT_SLOPE_MAX 0.02 /* descriptors or watches a round */
#define BURST_MESSAGES  400

/* Bytes a round. */
typedef struct Limits {
    double heap, rss;
} Limits;

/* A leak for each message would be thousands. */
static const Limits set_limits = {64, 1024};

/* A rule that has ended is remembered, up to 1,000 of them, mostly in a page that was given back.
 */
static const Limits burst_limits = {512, 4096};

typedef struct Sample {
    double heap_bytes, rss_bytes, descriptors, watches;
} Sample;

static double count_lines(const char *path, const char *beginning)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    double count = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (g_str_has_prefix(*line, beginning))
            count++;
    return count;
}

static void count_descriptors(pid_t pid, Sample *sample)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fdinfo", (int)pid);
    GDir *directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *file = g_strdup_printf("%s/%s", path, name);

        sample->descriptors++;
        sample->watches += count_lines(file, "inotify wd:");
    }
    if (directory != NULL)
        g_dir_close(directory);
}

static double resident_bytes(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    words = g_strsplit(text, " ", -1);
    return g_ascii_strtod(words[1], NULL) * (double)sysconf(_SC_PAGESIZE);
}

static Sample take_sample(const World *world)
{
    pid_t pid = daemon_pid(world->lab->daemon);
    Sample sample = {.heap_bytes = (double)world->page->heap_bytes,
                     .rss_bytes = resident_bytes(pid)};

    count_descriptors(pid, &sample);
    return sample;
}

static gboolean add_round(const GMatchInfo *match, GString *result, gpointer ctx)
{
    g_autofree char *id = g_match_info_fetch(match, 0);
    const unsigned *round = ctx;

    g_string_append_printf(result, g_str_has_prefix(id, "@") ? "%.4s%u" : "%s%05u", id, *round);
    return FALSE;
}

/* Gives other queue IDs and a new destination. A message that others put into active would wait
 * there for the next start. */
static Scenario *set_of_round(const char *text, unsigned round)
{
    g_autoptr(GRegex) names = g_regex_new("\\bA[A-K]\\d\\d\\b|@two(?=\\.test)", 0, 0, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *named = g_regex_replace_eval(names, text, -1, 0, 0, add_round, &round, NULL);
    GString *set_text = g_string_new(named);
    Scenario *set = NULL;

    if (round > 0)
        (void)g_string_replace(set_text, " active\n", "\n", 0);
    if (g_file_set_contents(ROUND_FILE, set_text->str, -1, &error))
        set = scenario_read(ROUND_FILE, &error);
    if (set == NULL)
        g_error("message set: %s", error->message);
    g_string_free(set_text, TRUE);
    return set;
}

/* Lines that are logged once, and concern the world rather than mail. */
static bool is_about_world(const ScenarioStep *step)
{
    static const char *const words[] = {"config", "make", "resolve", "start"};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(step->words[0], words[i]) == 0)
            return true;
    return strcmp(step->words[0], "agent") == 0 && step->words[2] != NULL &&
           strcmp(step->words[2], "for") == 0;
}

/* New mail finds a daemon that runs. */
static void play_step(World *world, Play *play, ScenarioStep *step, bool is_first_round)
{
    if (strcmp(step->words[0], "control") == 0 && strcmp(step->words[1], "resume") == 0 &&
        judge_is_drained())
        g_error("nothing was suspended");
    if (is_first_round || !is_about_world(step)) {
        world_perform(world, play, step);
    } else if (strcmp(step->words[0], "start") == 0) {
        world_trigger(world);
    }
}

static void play_round(World *world, const char *text, unsigned round)
{
    Scenario *set = set_of_round(text, round);
    Play play;

    steps_begin(&play, world->lab, set);
    for (guint i = 0; i < set->steps->len; i++)
        play_step(world, &play, g_ptr_array_index(set->steps, i), round == 0);
    world_drain(world, world_now_s(world) + ROUND_LIMIT_S);
    world_advance(world, SETTLED_S * MS_PER_S);
    steps_end(&play);
    scenario_free(set);
}

static bool judge_round(World *world, unsigned round)
{
    const Fault none = {.mode = FAULT_COUNT};
    g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);

    judge_first_life(world->lab, world_now_s(world), complaints);
    judge_end(world->lab, world->ledger, &none, complaints);
    for (guint i = 0; i < complaints->len; i++)
        (void)printf("     round %u: %s\n", round, (char *)g_ptr_array_index(complaints, i));
    judge_remove_rest(world->lab);
    world_new_ledger(world);
    trace_forget(world->lab->core.trace);
    return complaints->len == 0;
}

static double value_at(const Sample *samples, unsigned i, size_t member)
{
    double value;

    memcpy(&value, (const char *)&samples[i] + member, sizeof(value));
    return value;
}

/* Of the line through the second half: the first warms up. What is there every other round (the
 * index of deferred mail, as runs and walks meet the clock) is no growth. */
static double slope(const Sample *samples, unsigned count, size_t member)
{
    double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;

    for (unsigned i = count / 2; i < count; i++) {
        double y = MIN(value_at(samples, i, member), value_at(samples, i - 1, member));

        n++;
        sum_x += i;
        sum_y += y;
        sum_xx += (double)i * i;
        sum_xy += i * y;
    }
    return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

static bool judge_growth(const Sample *samples, unsigned count, const Limits *limits)
{
    const struct {
        const char *name;
        size_t member;
        double slope_max;
    } all[] = {
        {"heap, bytes",     offsetof(Sample, heap_bytes),  limits->heap   },
        {"resident, bytes", offsetof(Sample, rss_bytes),   limits->rss    },
        {"descriptors",     offsetof(Sample, descriptors), COUNT_SLOPE_MAX},
        {"watches",         offsetof(Sample, watches),     COUNT_SLOPE_MAX},
    };
    bool is_flat = true;

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        double found = slope(samples, count, all[i].member);
        bool ok = found <= all[i].slope_max;

        (void)printf("%s %s: %.0f halfway, %.0f at the end, %+.2f a round\n", ok ? "ok  " : "FAIL",
                     all[i].name, value_at(samples, count / 2, all[i].member),
                     value_at(samples, count - 1, all[i].member), found);
        is_flat = is_flat && ok;
    }
    return is_flat;
}

static bool play_rounds(const RunOptions *options, const char *text, unsigned rounds,
                        const Limits *limits)
{
    g_autofree Sample *samples = g_new0(Sample, rounds);
    World *world = world_new(&options->world);
    bool ok = true;

    world_add_environment(world, "GLIBC_TUNABLES=glibc.malloc.tcache_count=0");
    world->page->wants_heap = 1;
    for (unsigned round = 0; round < rounds && ok; round++) {
        play_round(world, text, round);
        samples[round] = take_sample(world);
        ok = judge_round(world, round);
    }
    if (ok)
        ok = judge_growth(samples, rounds, limits);
    world_free(world);
    return ok;
}

bool growth_play_set(const RunOptions *options, unsigned rounds)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    if (!g_file_get_contents(options->set_path, &text, NULL, &error))
        g_error("%s", error->message);
    return play_rounds(options, text, rounds, &set_limits);
}

/* IDs as in the set, so that each round gives others. */
static void add_burst(GString *text, const char *before, const char *after)
{
    for (unsigned i = 0; i < BURST_MESSAGES; i++)
        g_string_append_printf(text, "%sA%c%02u%s", before, 'A' + (int)(i / 100), i % 100, after);
}

bool growth_play_bursts(const RunOptions *options, unsigned rounds)
{
    GString *text = g_string_new("config\n  maillog_file_prefixes = /tmp, /var, /dev\n"
                                 "make directory data\nagent smtp concurrency=20\n");
    bool ok;

    add_burst(text, "message ", "\n  from s@x.test\n  to a@burst.test\n");
    g_string_append(text,
                    "start\ncontrol suspend what=burst.test new=1 forever=1 reason=burst\nput");
    add_burst(text, " ", "");
    g_string_append(text, "\ntrigger W\nadvance 30\ncontrol resume what=burst.test\n");
    ok = play_rounds(options, text->str, rounds, &burst_limits);
    g_string_free(text, TRUE);
    return ok;
}

/*
 * lab: plays one scenario against a queue manager and prints the canonical trace.
 *
 *   lab --programs DIRECTORY [--program qmgr|oqmgr] --clock LIBRARY [--raw] [--keep] SCENARIO
 *
 * Exit status: 0 played, 2 the scenario or the command line is wrong.
 */

#include <stdlib.h>

#include <glib.h>

#include "tests/lab/lab.h"
#include "tests/lab/scenario.h"
#include "tests/lab/steps.h"

#define STATUS_WRONG 2

typedef struct CommandLine {
    char *programs, *program, *clock;
    gboolean raw, keep;
    char **files;
} CommandLine;

static bool parse(int argc, char **argv, CommandLine *ret_line, GError **error)
{
    const GOptionEntry entries[] = {
        {"programs",           0, 0, G_OPTION_ARG_FILENAME, &ret_line->programs, "where they are", "DIR"},
        {"program",                   0, 0, G_OPTION_ARG_STRING, &ret_line->program, "qmgr or oqmgr", "NAME"},
        {"clock", 0, 0, G_OPTION_ARG_FILENAME, &ret_line->clock, "the clock library", "FILE"},
        {"raw",               0, 0, G_OPTION_ARG_NONE, &ret_line->raw, "all events as they came", NULL},
        {"keep",            0, 0, G_OPTION_ARG_NONE, &ret_line->keep, "keep the queue directory", NULL},
        {G_OPTION_REMAINING,                   0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ret_line->files, "", "SCENARIO"},
        {0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return false;
    if (ret_line->programs == NULL || ret_line->clock == NULL || ret_line->files == NULL) {
        g_set_error(error, LAB_ERROR, 0, "--programs, --clock and a scenario are needed");
        return false;
    }
    return true;
}

static void clear(CommandLine *line)
{
    g_free(line->programs);
    g_free(line->program);
    g_free(line->clock);
    g_strfreev(line->files);
}

static bool play(const CommandLine *line, const Scenario *scenario, GError **error)
{
    g_autofree char *programs = g_canonicalize_filename(line->programs, NULL);
    g_autofree char *clock = g_canonicalize_filename(line->clock, NULL);
    const LabOptions options = {
        .program_directory = programs,
        .program_name = line->program != NULL ? line->program : "qmgr",
        .clock_library = clock,
        .keep_directory = line->keep,
    };
    Lab *lab = lab_new(&options);
    bool ok = steps_play(lab, scenario, error);

    if (line->keep)
        g_printerr("%s\n", lab->directory);
    if (line->raw)
        trace_print_raw(lab->core.trace, stdout);
    else
        trace_print(lab->core.trace, stdout);
    lab_free(lab);
    return ok;
}

int main(int argc, char **argv)
{
    CommandLine line = {0};
    g_autoptr(GError) error = NULL;
    Scenario *scenario = NULL;
    bool ok = parse(argc, argv, &line, &error);

    if (ok)
        scenario = scenario_read(line.files[0], &error);
    ok = scenario != NULL && play(&line, scenario, &error);
    if (!ok)
        g_printerr("lab: %s: %s\n", line.files != NULL ? line.files[0] : "usage", error->message);
    scenario_free(scenario);
    clear(&line);
    return ok ? EXIT_SUCCESS : STATUS_WRONG;
}

/*
 * hostile-run: plays the message set once among ill peers (README.md here).
 *
 *   hostile-run --programs DIR --clock LIBRARY --set FILE [--keep] CASE
 *
 * CASE is "seed/N", or "PATH/ILLNESS/N[/answer]": only the Nth connection to that socket falls ill,
 * at its announcement or its first answer, such as "private/bounce/early/2".
 *
 * Exit status: 0 all is well, 1 there are complaints, 2 the command line is wrong.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "tests/hostile/run.h"

#define STATUS_WRONG 2
#define RUN_LIMIT_S  300 /* real time; a run takes a second */
#define SICKEST      0.7

typedef struct CommandLine {
    char *programs, *clock, *set;
    gboolean keep;
    char **words;
} CommandLine;

static bool parse(int argc, char **argv, CommandLine *ret_line, GError **error)
{
    const GOptionEntry entries[] = {
        {"programs",           0, 0, G_OPTION_ARG_FILENAME, &ret_line->programs, "where qmgr is", "DIR"},
        {"clock",                   0, 0, G_OPTION_ARG_FILENAME, &ret_line->clock, "the clock library", "FILE"},
        {"set", 0, 0, G_OPTION_ARG_FILENAME, &ret_line->set, "the message set", "FILE"},
        {"keep",               0, 0, G_OPTION_ARG_NONE, &ret_line->keep, "its directory and trace", NULL},
        {G_OPTION_REMAINING,              0, 0, G_OPTION_ARG_STRING_ARRAY, &ret_line->words, "", "CASE"},
        {0                  },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return false;
    if (ret_line->programs == NULL || ret_line->clock == NULL || ret_line->set == NULL ||
        ret_line->words == NULL || ret_line->words[1] != NULL) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--programs, --clock, --set and a case are needed");
        return false;
    }
    return true;
}

static void clear(CommandLine *line)
{
    g_free(line->programs);
    g_free(line->clock);
    g_free(line->set);
    g_strfreev(line->words);
}

/* Each seed has its own share of ill peers, from hardly any to most. */
static HostileCase case_of_seed(unsigned seed)
{
    return (HostileCase){
        .plan = {.seed = seed, .sickness = SICKEST * (1 + seed % 10) / 10},
        .has_callers = true,
        .has_master = seed % 4 == 0,
    };
}

/* `words` lives as long as the case. */
static bool parse_case(char **words, HostileCase *ret_case)
{
    static char path[64];
    guint count = g_strv_length(words);

    if (count == 2 && strcmp(words[0], "seed") == 0) {
        *ret_case = case_of_seed((unsigned)strtoul(words[1], NULL, 10));
        return true;
    }
    if (count < 4 || count > 5 || (count == 5 && strcmp(words[4], "answer") != 0))
        return false;
    *ret_case = (HostileCase){
        .plan = {.path = path,
                 .connection = (unsigned)strtoul(words[3], NULL, 10),
                 .at_answer = count == 5}
    };
    (void)g_snprintf(path, sizeof(path), "%s/%s", words[0], words[1]);
    return illness_parse(words[2], &ret_case->plan.illness);
}

static int play(const CommandLine *line, const HostileCase *one)
{
    g_autofree char *programs = g_canonicalize_filename(line->programs, NULL);
    g_autofree char *clock = g_canonicalize_filename(line->clock, NULL);
    g_autofree char *set = g_canonicalize_filename(line->set, NULL);
    const HostileOptions options = {programs, clock, set, line->keep};
    g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);

    hostile_play(&options, one, complaints);
    (void)printf("%s %s\n", complaints->len == 0 ? "ok  " : "FAIL", line->words[0]);
    for (guint i = 0; i < complaints->len; i++)
        (void)printf("     %s\n", (char *)g_ptr_array_index(complaints, i));
    return complaints->len == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    CommandLine line = {0};
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = NULL;
    HostileCase one;
    int status = STATUS_WRONG;

    if (!parse(argc, argv, &line, &error)) {
        g_printerr("hostile-run: %s\n", error->message);
        return STATUS_WRONG;
    }
    words = g_strsplit(line.words[0], "/", -1);
    (void)alarm(RUN_LIMIT_S);
    if (parse_case(words, &one))
        status = play(&line, &one);
    else
        g_printerr("hostile-run: not a case: %s\n", line.words[0]);
    clear(&line);
    return status;
}

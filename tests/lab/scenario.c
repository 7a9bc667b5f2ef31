#include "tests/lab/scenario.h"

#include <string.h>

#include "tests/lab/manner.h"

static void step_free(void *data)
{
    ScenarioStep *step = data;

    g_strfreev(step->words);
    g_ptr_array_free(step->raw_lines, TRUE);
    g_ptr_array_free(step->lines, TRUE);
    g_free(step);
}

static void free_words(void *data)
{
    g_strfreev(data);
}

static ScenarioStep *step_new(unsigned line_number, char **words)
{
    ScenarioStep *step = g_new0(ScenarioStep, 1);

    step->line_number = line_number;
    step->words = words;
    step->raw_lines = g_ptr_array_new_with_free_func(g_free);
    step->lines = g_ptr_array_new_with_free_func(free_words);
    return step;
}

/* main.cf text is not always words of a shell; it is used raw then. */
static void add_indented(ScenarioStep *step, const char *line)
{
    char **words = NULL;

    if (!g_shell_parse_argv(line, NULL, &words, NULL))
        words = g_new0(char *, 1);
    g_ptr_array_add(step->raw_lines, g_strdup(line));
    g_ptr_array_add(step->lines, words);
}

static bool add_line(Scenario *scenario, unsigned number, const char *line, GError **error)
{
    g_autofree char *stripped = g_strstrip(g_strdup(line));
    char **words = NULL;

    if (stripped[0] == '\0' || stripped[0] == '#')
        return true;
    if (!g_ascii_isspace(line[0])) {
        if (!g_shell_parse_argv(stripped, NULL, &words, error)) {
            g_prefix_error(error, "line %u: ", number);
            return false;
        }
        g_ptr_array_add(scenario->steps, step_new(number, words));
        return true;
    }
    if (scenario->steps->len == 0) {
        g_set_error(error, LAB_ERROR, 0, "line %u: indented below nothing", number);
        return false;
    }
    add_indented(g_ptr_array_index(scenario->steps, scenario->steps->len - 1), stripped);
    return true;
}

Scenario *scenario_read(const char *path, GError **error)
{
    Scenario *scenario;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    scenario = g_new0(Scenario, 1);
    scenario->steps = g_ptr_array_new_with_free_func(step_free);
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (!add_line(scenario, i + 1, lines[i], error)) {
            scenario_free(scenario);
            return NULL;
        }
    }
    return scenario;
}

void scenario_free(Scenario *scenario)
{
    if (scenario == NULL)
        return;
    g_ptr_array_free(scenario->steps, TRUE);
    g_free(scenario);
}

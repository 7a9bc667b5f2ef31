#ifndef EQMGR_TESTS_LAB_SCENARIO_H
#define EQMGR_TESTS_LAB_SCENARIO_H

/*
 * tests/lab/scenario: the text of a scenario file, as steps with their indented lines.
 *
 * A line that begins in the first column is a step; indented lines below it belong to it. Words are
 * separated by blanks and quoted as in a shell. Empty lines, and lines that begin with '#', are
 * comments.
 */

#include <stdbool.h>

#include <glib.h>

typedef struct ScenarioStep {
    unsigned line_number;
    char **words;         /* at least one */
    GPtrArray *raw_lines; /* of char *: the indented lines, without indentation */
    GPtrArray *lines;     /* of char **: their words; where they cannot be split, an empty list */
} ScenarioStep;

typedef struct Scenario {
    GPtrArray *steps; /* of ScenarioStep */
} Scenario;

Scenario *scenario_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void scenario_free(Scenario *scenario);

#endif

#ifndef EQMGR_TESTS_LAB_STEPS_H
#define EQMGR_TESTS_LAB_STEPS_H

/*
 * tests/lab/steps: performs the steps of a scenario, one after the other. README.md is their
 * description.
 */

#include "tests/lab/lab.h"
#include "tests/lab/scenario.h"

typedef struct Play {
    Lab *lab;
    const Scenario *scenario;
    ScenarioStep *step;   /* the one being performed */
    GHashTable *messages; /* ID -> ScenarioStep, borrowed: the message blocks */
    GHashTable *placed;   /* IDs of messages that were written */
    GHashTable *locks;    /* path -> int, the descriptor that holds the lock */
} Play;

typedef bool StepFn(Play *play, char **args, GError **error);

/* The steps of world_steps.c. NULL: no such step. */
StepFn *steps_find_world(const char *word);

/* That of control_step.c. */
bool step_control(Play *play, char **args, GError **error);

/* Performs steps one by one, for callers who do something of their own in between. Begin and end
 * are a pair. */
void steps_begin(Play *play, Lab *lab, const Scenario *scenario);
bool steps_perform(Play *play, ScenarioStep *step, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void steps_end(Play *play);

/* Runs the whole scenario, the final run, and the description of the spool. false: the scenario
 * itself is wrong. */
bool steps_play(Lab *lab, const Scenario *scenario, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes a message block's file. */
bool steps_place_message(Play *play, const char *id, const char *queue, GError **error);

#endif

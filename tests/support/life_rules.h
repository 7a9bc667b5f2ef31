#ifndef EQMGR_TESTS_SUPPORT_LIFE_RULES_H
#define EQMGR_TESTS_SUPPORT_LIFE_RULES_H

/*
 * tests/support/life_rules: a world (life_fixture) with the rules of an administrator, where the
 * retry service defers what it gets.
 */

#include "policy/rules.h"
#include "tests/support/life_fixture.h"

extern Rules *life_rules; /* none at the start of a test */

void rules_world_setup(void);
void rules_world_teardown(void);

/* A suspension for the reason "ticket"; returns its number. */
uint32_t suspend_until(RuleObject object, const char *name, int64_t end_s);

/* The same for ever. */
uint32_t suspend(RuleObject object, const char *name);

/* Limits transport smtp to a rate, or changes that limit; returns its number. */
uint32_t limit_rate(int most, int64_t period_s);

/* Long enough for all that may go on; what a rate holds does not. */
void turn_for_a_while(void);

/* Triggers life with these bytes and runs; what was told before is dropped. */
void run_trigger(const char *bytes);

/* Fails the test unless the message waits as long as suspended mail does. */
void expect_long_wait(const char *id);

#endif

#ifndef EQMGR_TESTS_SUPPORT_POLICY_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_POLICY_FIXTURE_H

/*
 * tests/support/policy_fixture: settings to read a policy file with, in a directory of their own,
 * and what is said about the file.
 */

#include <sys/stat.h>

#include "config/policy_file.h"
#include "tests/support/runner.h"

typedef struct PolicyFixture {
    char *directory; /* with main.cf; "policy" and "list" are removed at the end, too */
    Settings *settings;
    GPtrArray *errors, *warnings;
} PolicyFixture;

extern PolicyFixture policy_fixture;

void policy_fixture_set_up(void);
void policy_fixture_tear_down(void);

char *policy_fixture_path(const char *name) G_GNUC_WARN_UNUSED_RESULT;
void policy_fixture_put(const char *name, const char *text, mode_t mode);
void policy_fixture_remove(const char *name);

#endif

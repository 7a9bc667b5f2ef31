#ifndef EQMGR_TESTS_SUPPORT_SETTINGS_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_SETTINGS_FIXTURE_H

/*
 * tests/support/settings_fixture: settings from the text of main.cf and eqmgr.cf, in a directory of
 * their own, and what is said about these.
 */

#include "config/settings.h"
#include "tests/support/runner.h"

typedef struct SettingsFixture {
    char *directory;
    GPtrArray *warnings;
    Settings *settings; /* NULL until they are loaded */
} SettingsFixture;

extern SettingsFixture settings_fixture;

void settings_fixture_set_up(void);
void settings_fixture_tear_down(void);

/* Writes both files, and reads them. As settings_load(). */
bool settings_fixture_load(const char *main_cf, const char *eqmgr_cf, GError **error);

/* The text without the directory. */
char *settings_fixture_short(const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* The warnings so, a line each. */
char *settings_fixture_warnings(void) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CONFIG_CHECKS_INTERNAL_H
#define EQMGR_CONFIG_CHECKS_INTERNAL_H

/* checks: demands of stock on parameters beyond their types (configuration.md 6, 8.1). */

#include "settings_internal.h"

/* Checks of single texts, while they are evaluated; see ParamCheckFn. */
bool check_level(const Settings *settings, const char *text, GError **error);
bool check_facility(const Settings *settings, const char *text, GError **error);
bool check_scheduler(const Settings *settings, const char *text, GError **error);
bool check_sandbox(const Settings *settings, const char *text, GError **error);
bool check_release(const Settings *settings, const char *text, GError **error);

/* Checks library parameters against each other, and the accounts, in stock's order. */
bool checks_library(const Settings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lowers or raises values that contradict others, with a warning. */
void checks_adjust(Settings *settings);

/* Whether a list of names, maybe with "!" before them, holds `name`: the first one counts. */
bool checks_list_has(const char *list, const char *name);

#endif

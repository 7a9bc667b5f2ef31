#ifndef EQMGR_CONFIG_POLICY_FILE_H
#define EQMGR_CONFIG_POLICY_FILE_H

/*
 * config/policy_file: the file that eqmgr_policy_file names (traffic.md 1), as sections of
 * policy/site.
 *
 * Lines are joined, comments skipped and $names expanded as in main.cf. All errors are found at
 * once. Each one is a complete text: file, line, section, what is wrong and what would be right. A
 * file with an error gives nothing.
 *
 * A file, and each list that it names with "file:", must be a regular file that belongs to root or
 * to the one who runs this, and nobody else may write it.
 */

#include <stdbool.h>

#include <glib.h>

#include "config/settings.h"
#include "policy/site.h"

#define POLICY_FILE_MAX_BYTES  (4 * 1024 * 1024)
#define POLICY_LIST_MAX_BYTES  (32 * 1024 * 1024)
#define POLICY_FILE_ERRORS_MAX 100 /* those after that are not told */

/*
 * Both arrays get texts (char *, to be freed with g_free). NULL: there is an error. `settings` has
 * the parameters that $names mean.
 */
Sites *policy_file_load(const char *path, const Settings *settings, GPtrArray *errors,
                        GPtrArray *warnings) G_GNUC_WARN_UNUSED_RESULT;

/* The same with a text. `path` is for messages, and lists are looked for in its directory. */
Sites *policy_file_parse(const char *path, GBytes *text, const Settings *settings,
                         GPtrArray *errors, GPtrArray *warnings) G_GNUC_WARN_UNUSED_RESULT;

#endif

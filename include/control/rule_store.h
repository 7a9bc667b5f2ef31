#ifndef EQMGR_CONTROL_RULE_STORE_H
#define EQMGR_CONTROL_RULE_STORE_H

/*
 * control/rule_store: the file of rules, RULE_STORE_FILE in data_directory (operations.md 8). Its
 * text is policy/rule_file's.
 *
 * A file that is broken counts as far as it can be understood, and stays until the next change is
 * written; it is kept under the name RULE_STORE_BROKEN, too.
 */

#include <glib.h>

#include "control/data_file.h"
#include "policy/rules.h"

#define RULE_STORE_FILE   "eqmgr-control"
#define RULE_STORE_BROKEN "eqmgr-control.broken"
#define RULE_STORE_NEW    "eqmgr-control.new" /* while it is written */

extern const DataFileNames rule_store_names;

typedef enum RuleLoad {
    RULE_LOAD_OK = 0, /* or there is no file, and so no rule */
    RULE_LOAD_BROKEN, /* what can be understood of it is in force */
    RULE_LOAD_FAILED, /* it could not be read: nobody knows which rules there are */
} RuleLoad;

/*
 * Reads the file into an empty set. If that was not all well, *ret_problem says why, for a person;
 * free it.
 */
RuleLoad rule_store_load(int directory_fd, Rules *rules,
                         char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CONTROL_RULE_STORE_H
#define EQMGR_CONTROL_RULE_STORE_H

/*
 * control/rule_store: the file of rules, RULE_STORE_FILE in data_directory (operations.md 8). Its
 * text is policy/rule_file's.
 *
 * The directory is opened once, before the root directory may change. A file that is broken counts
 * as far as it can be understood, and stays until the next change is written; it is kept under the
 * name RULE_STORE_BROKEN, too.
 *
 * It is written by a thread of its own, which shares nothing with the loop but one text: under
 * another name, then fsync(), rename(), fsync() of the directory. Whatever fails, the old file is
 * there.
 */

#include <event2/event.h>
#include <glib.h>

#include "policy/rules.h"

#define RULE_STORE_FILE   "eqmgr-control"
#define RULE_STORE_BROKEN "eqmgr-control.broken"
#define RULE_STORE_NEW    "eqmgr-control.new" /* while it is written */

/* A descriptor, or -1 with errno. */
int rule_store_open_directory(const char *directory) G_GNUC_WARN_UNUSED_RESULT;

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

typedef struct RuleStore RuleStore;

/* error: 0, and the text is on the disk; or an errno, and the text before it is. */
typedef void RuleStoreDoneFn(int error, void *ctx);

/* Borrows the descriptor; NULL: no event can be had. */
RuleStore *rule_store_new(struct event_base *base, int directory_fd, RuleStoreDoneFn *done,
                          void *ctx) G_GNUC_WARN_UNUSED_RESULT;
void rule_store_free(RuleStore *store); /* waits for the disk if it is writing; no `done` */

/* One text at a time: not before `done`. Takes over both; `before` is what is on the disk now. */
void rule_store_write(RuleStore *store, GString *text, GString *before);
bool rule_store_is_busy(const RuleStore *store);

#endif

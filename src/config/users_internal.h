#ifndef EQMGR_CONFIG_USERS_INTERNAL_H
#define EQMGR_CONFIG_USERS_INTERNAL_H

/* users: the accounts of the mail system must be unprivileged and distinct (configuration.md 6). */

#include <stdbool.h>

#include <glib.h>

typedef struct MailUsers {
    const char *default_privs, *mail_owner, *setgid_group;
} MailUsers;

/* `path` is shown in errors. Asks the user database. */
bool users_check(const char *path, const MailUsers *users,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

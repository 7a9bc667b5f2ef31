#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "lexicon_internal.h"
#include "users_internal.h"

/* The two accounts of the mail system, as the user database has them. */

typedef struct Account {
    const char *parameter, *name;
    uid_t uid;
    gid_t gid;
} Account;

static bool users_find(const char *path, Account *user, GError **error)
{
    const struct passwd *pw = getpwnam(user->name);

    if (pw == NULL)
        return config_fail(error, "file %s: parameter %s: unknown user name value: %s", path,
                           user->parameter, user->name);
    user->uid = pw->pw_uid;
    user->gid = pw->pw_gid;
    if (user->uid == 0)
        return config_fail(error, "file %s: parameter %s: user %s has privileged user ID", path,
                           user->parameter, user->name);
    if (user->gid == 0)
        return config_fail(error, "file %s: parameter %s: user %s has privileged group ID", path,
                           user->parameter, user->name);
    return true;
}

static bool find_group(const char *path, Account *group, GError **error)
{
    const struct group *gr = getgrnam(group->name);

    if (gr == NULL)
        return config_fail(error, "file %s: parameter %s: unknown group name: %s", path,
                           group->parameter, group->name);
    group->gid = gr->gr_gid;
    if (group->gid == 0)
        return config_fail(error, "file %s: parameter %s: group %s has privileged group ID", path,
                           group->parameter, group->name);
    gr = getgrgid(group->gid);
    if (gr != NULL && strcmp(gr->gr_name, group->name) != 0)
        return config_fail(error, "file %s: parameter %s: group %s has same group ID as %s", path,
                           group->parameter, group->name, gr->gr_name);
    return true;
}

static bool check_not_shared(const char *path, const Account *user, GError **error)
{
    const struct passwd *pw = getpwuid(user->uid);

    if (pw == NULL || strcmp(pw->pw_name, user->name) == 0)
        return true;
    return config_fail(error, "file %s: parameter %s: user %s has same user ID as %s", path,
                       user->parameter, user->name, pw->pw_name);
}

static bool check_users_differ(const char *path, const Account *a, const Account *b, GError **error)
{
    if (strcmp(a->name, b->name) == 0)
        return config_fail(error, "file %s: parameters %s and %s specify the same user %s", path,
                           a->parameter, b->parameter, a->name);
    if (a->uid == b->uid)
        return config_fail(
            error, "file %s: parameters %s and %s: users %s and %s have the same user ID: %ld",
            path, a->parameter, b->parameter, a->name, b->name, (long)a->uid);
    if (a->gid == b->gid)
        return config_fail(
            error, "file %s: parameters %s and %s: users %s and %s have the same group ID: %ld",
            path, a->parameter, b->parameter, a->name, b->name, (long)a->gid);
    return true;
}

static bool check_group_differs(const char *path, const Account *user, const Account *group,
                                GError **error)
{
    if (user->gid != group->gid)
        return true;
    return config_fail(
        error, "file %s: parameters %s and %s: user %s and group %s have the same group ID: %ld",
        path, user->parameter, group->parameter, user->name, group->name, (long)user->gid);
}

bool users_check(const char *path, const MailUsers *users, GError **error)
{
    Account privs = {.parameter = "default_privs", .name = users->default_privs};
    Account owner = {.parameter = "mail_owner", .name = users->mail_owner};
    Account group = {.parameter = "setgid_group", .name = users->setgid_group};

    return users_find(path, &privs, error) && users_find(path, &owner, error) &&
           check_not_shared(path, &owner, error) && find_group(path, &group, error) &&
           check_users_differ(path, &privs, &owner, error) &&
           check_group_differs(path, &privs, &group, error) &&
           check_group_differs(path, &owner, &group, error);
}

/* Users and groups of the parameters eqmgr_summary_users and so on. */

#include "control/users.h"

#include <grp.h>
#include <pwd.h>

static void add_user(ControlMembers *members, const char *name, GPtrArray *warnings)
{
    const struct passwd *user = getpwnam(name);

    if (user != NULL)
        g_array_append_val(members->uids, user->pw_uid);
    else
        g_ptr_array_add(warnings, g_strdup_printf("eqmgr.cf: no such user: %s", name));
}

/* getpwnam() does not change what getgrnam() gave. */
static void add_group(ControlMembers *members, const char *name, GPtrArray *warnings)
{
    const struct group *group = getgrnam(name);

    if (group == NULL) {
        g_ptr_array_add(warnings, g_strdup_printf("eqmgr.cf: no such group: %s", name));
        return;
    }
    g_array_append_val(members->gids, group->gr_gid);
    for (char **member = group->gr_mem; *member != NULL; member++) {
        const struct passwd *user = getpwnam(*member);

        if (user != NULL)
            g_array_append_val(members->uids, user->pw_uid);
    }
}

void control_members_resolve(const char *names, ControlMembers *ret_members, GPtrArray *warnings)
{
    g_auto(GStrv) words = g_strsplit_set(names, ", \t\r\n", -1);

    *ret_members = (ControlMembers){g_array_new(FALSE, FALSE, sizeof(uid_t)),
                                    g_array_new(FALSE, FALSE, sizeof(gid_t))};
    for (char **word = words; *word != NULL; word++) {
        if (**word == '@')
            add_group(ret_members, *word + 1, warnings);
        else if (**word != '\0')
            add_user(ret_members, *word, warnings);
    }
}

void control_members_clear(ControlMembers *members)
{
    g_clear_pointer(&members->uids, g_array_unref);
    g_clear_pointer(&members->gids, g_array_unref);
}

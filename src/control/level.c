/* Levels by user and group number. The lists are short, as people write them: they are walked. */

#include "src/control/level_internal.h"

static const char *const level_names[CONTROL_LEVEL_COUNT] = {
    [CONTROL_LEVEL_NONE] = "none",
    [CONTROL_LEVEL_SUMMARY] = "summary",
    [CONTROL_LEVEL_VIEW] = "view",
    [CONTROL_LEVEL_CONTROL] = "control",
};

static bool lists(const ControlMembers *members, uid_t uid, gid_t gid)
{
    for (guint i = 0; members->uids != NULL && i < members->uids->len; i++)
        if (g_array_index(members->uids, uid_t, i) == uid)
            return true;
    for (guint i = 0; members->gids != NULL && i < members->gids->len; i++)
        if (g_array_index(members->gids, gid_t, i) == gid)
            return true;
    return false;
}

ControlLevel level_of(const ControlSettings *settings, uid_t uid, gid_t gid)
{
    if (uid == 0 || uid == settings->owner)
        return CONTROL_LEVEL_CONTROL;
    for (ControlLevel level = CONTROL_LEVEL_CONTROL; level > CONTROL_LEVEL_NONE; level--)
        if (lists(&settings->members[level], uid, gid))
            return level;
    return CONTROL_LEVEL_NONE;
}

const char *level_str(ControlLevel level)
{
    return level_names[level];
}

bool level_parse(const char *name, ControlLevel *ret_level)
{
    for (ControlLevel level = CONTROL_LEVEL_SUMMARY; level < CONTROL_LEVEL_COUNT; level++) {
        if (g_str_equal(name, level_names[level])) {
            *ret_level = level;
            return true;
        }
    }
    return false;
}

#include <string.h>

#include "base/nearest.h"
#include "src/ctl/command_internal.h"

/* The verb that somebody has typed. */

static char *no_such_verb(const char *name)
{
    g_autofree char *similar = NULL;
    const Command *command;
    Nearest nearest;

    nearest_init(&nearest, name);
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        nearest_offer(&nearest, command->name);
    similar = nearest_text(&nearest);
    nearest_clear(&nearest);
    return g_strdup_printf("no such verb: '%s'%s%s", name, similar,
                           *similar != '\0' ? " eqmgrctl help shows all" : "; see eqmgrctl help");
}

const Command *command_find(const char *name, char **ret_problem)
{
    const Command *command, *found = NULL;
    g_autoptr(GString) names = g_string_new(NULL);

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        if (g_str_equal(command->name, name))
            return command;
        if (!g_str_has_prefix(command->name, name))
            continue;
        found = command;
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", command->name);
    }
    if (found != NULL && strchr(names->str, ',') == NULL)
        return found;
    *ret_problem =
        found != NULL ? g_strdup_printf("'%s' may be %s", name, names->str) : no_such_verb(name);
    return NULL;
}

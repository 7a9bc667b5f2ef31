#include "config/installation.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

/*
 * Where Postfix is installed, read from /proc: the directory is right if there is a master in it.
 */

#define MASTER "master"

/* The kernel appends this to the name of a program file that has been removed or replaced. */
#define DELETED " (deleted)"

static bool has_master(const char *directory)
{
    g_autofree char *path = g_build_filename(directory, MASTER, NULL);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* Where `link` leads to, or NULL. */
static char *follow(const char *link)
{
    char *path = g_file_read_link(link, NULL);

    if (path != NULL && g_str_has_suffix(path, DELETED))
        path[strlen(path) - strlen(DELETED)] = '\0';
    return path;
}

/* The directory of the program if there is a master(8) in it; else NULL. */
static char *directory_with_master(const char *program)
{
    g_autofree char *directory = g_path_get_dirname(program);

    return has_master(directory) ? g_steal_pointer(&directory) : NULL;
}

static bool is_master(const char *program)
{
    g_autofree char *name = g_path_get_basename(program);

    return strcmp(name, MASTER) == 0;
}

Installation installation_find(const char *program_link, const char *parent_link)
{
    g_autofree char *program = follow(program_link);
    g_autofree char *parent = follow(parent_link);
    Installation found = {NULL, NULL};

    if (program != NULL)
        found.daemon_directory = directory_with_master(program);
    if (parent == NULL || !is_master(parent))
        return found;
    found.master_program = g_strdup(parent_link);
    if (found.daemon_directory == NULL)
        found.daemon_directory = directory_with_master(parent);
    return found;
}

void installation_clear(Installation *installation)
{
    g_clear_pointer(&installation->daemon_directory, g_free);
    g_clear_pointer(&installation->master_program, g_free);
}

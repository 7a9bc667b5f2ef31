/* One call for all names: it takes some 10 ms. */

#include <glib.h>

#include "src/ctl/postconf_internal.h"

/* The words of the command, ended by NULL. */
static GPtrArray *postconf_command(const char *config_directory, const char *const *names)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(words, g_strdup("postconf"));
    if (config_directory != NULL) {
        g_ptr_array_add(words, g_strdup("-c"));
        g_ptr_array_add(words, g_strdup(config_directory));
    }
    g_ptr_array_add(words, g_strdup("-xh"));
    for (; *names != NULL; names++)
        g_ptr_array_add(words, g_strdup(*names));
    g_ptr_array_add(words, NULL);
    return words;
}

char **postconf_values(const char *config_directory, const char *const *names, char **ret_problem)
{
    g_autoptr(GPtrArray) words = postconf_command(config_directory, names);
    g_autofree char *output = NULL, *errors = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;
    int status = 0;

    if (!g_spawn_sync(NULL, (char **)words->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                      &errors, &status, &error)) {
        *ret_problem = g_strdup_printf("cannot run postconf(1): %s", error->message);
        return NULL;
    }
    lines = g_strsplit(g_strchomp(output), "\n", -1);
    if (status == 0 && g_strv_length(lines) == g_strv_length((char **)words->pdata) -
                                                   (config_directory != NULL ? 4 : 2))
        return g_steal_pointer(&lines);
    *ret_problem = g_strdup_printf("postconf(1) does not tell %s: %s", *names, g_strchomp(errors));
    return NULL;
}

/* One call for all names: it takes some 10 ms, but for a file system that hangs. */

#include <string.h>
#include <sys/wait.h>

#include <glib.h>

#include "src/ctl/postconf_internal.h"

#define LIMIT_S     "10"
#define LIMIT_ENDED 124 /* exit status of timeout(1) */

/* The words of the command with this option, ended by NULL. */
static GPtrArray *postconf_command(const char *config_directory, const char *option,
                                   const char *const *names)
{
    static const char *const limited[] = {"timeout", "--foreground", LIMIT_S, "postconf"};
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(limited); i++)
        g_ptr_array_add(words, g_strdup(limited[i]));
    if (config_directory != NULL) {
        g_ptr_array_add(words, g_strdup("-c"));
        g_ptr_array_add(words, g_strdup(config_directory));
    }
    g_ptr_array_add(words, g_strdup(option));
    for (; *names != NULL; names++)
        g_ptr_array_add(words, g_strdup(*names));
    g_ptr_array_add(words, NULL);
    return words;
}

/* What the command prints, line by line; NULL after a failure, with a text for people. */
static char **postconf_lines(const char *config_directory, const char *option,
                             const char *const *names, char **ret_problem)
{
    g_autoptr(GPtrArray) words = postconf_command(config_directory, option, names);
    g_autofree char *output = NULL, *errors = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;

    if (!g_spawn_sync(NULL, (char **)words->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                      &errors, &status, &error)) {
        *ret_problem = g_strdup_printf("cannot run postconf(1): %s", error->message);
        return NULL;
    }
    if (status == 0)
        return g_strsplit(g_strchomp(output), "\n", -1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == LIMIT_ENDED)
        *ret_problem = g_strdup("postconf(1) has not answered within " LIMIT_S " s");
    else
        *ret_problem =
            g_strdup_printf("postconf(1) does not tell %s: %s", *names, g_strchomp(errors));
    return NULL;
}

char **postconf_values(const char *config_directory, const char *const *names, char **ret_problem)
{
    g_auto(GStrv) lines = postconf_lines(config_directory, "-xh", names, ret_problem);
    guint count = 0;

    while (names[count] != NULL)
        count++;
    if (lines != NULL && g_strv_length(lines) != count) {
        *ret_problem = g_strdup_printf("postconf(1) does not tell %s", *names);
        g_clear_pointer(&lines, g_strfreev);
    }
    return g_steal_pointer(&lines);
}

char *postconf_queue_manager(const char *config_directory)
{
    const char *const services[] = {"queue_service_name", NULL};
    g_autofree char *problem = NULL, *field = NULL;
    g_auto(GStrv) names = postconf_values(config_directory, services, &problem);
    g_auto(GStrv) lines = NULL;
    const char *fields[] = {NULL, NULL};
    const char *begin;

    g_clear_pointer(&problem, g_free);
    field = g_strdup_printf("%s/*/command", names != NULL ? names[0] : "qmgr");
    fields[0] = field;
    lines = postconf_lines(config_directory, "-F", fields, &problem);
    begin = lines != NULL && lines[0] != NULL ? strstr(lines[0], " = ") : NULL;
    if (begin == NULL)
        return NULL;
    begin += strlen(" = ");
    return g_strndup(begin, strcspn(begin, " "));
}

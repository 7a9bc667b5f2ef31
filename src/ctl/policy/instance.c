#include <stdio.h>

#include "src/ctl/policy/instance_internal.h"
#include "src/ctl/postconf_internal.h"
#include "src/ctl/text_internal.h"

/*
 * postconf(1) tells where the instance is; main.cf is read by the daemon's own reader, since
 * postconf(1) knows neither eqmgr.cf nor where a value comes from.
 */

static void say_problem(const char *problem)
{
    g_autofree char *printable = text_printable(problem);

    (void)fprintf(stderr, "eqmgrctl: %s\n", printable);
}

/* Of a machine on which no Postfix is set up; a file of rules can be written there all the same. */
static Settings *default_settings(const Invocation *invocation, const char *problem)
{
    const SettingsSource source = {.config_directory = invocation->config_directory != NULL
                                                           ? invocation->config_directory
                                                           : "/etc/postfix",
                                   .process_name = "qmgr",
                                   .service_name = "qmgr"};
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *printable = text_printable(problem);
    g_autoptr(GError) error = NULL;
    Settings *settings = settings_of_defaults(&source, warnings, &error);

    if (settings == NULL)
        say_problem(error->message);
    else
        (void)fprintf(stderr, "eqmgrctl: %s; the defaults of Postfix stand in\n", printable);
    return settings;
}

/* NULL: *ret_problem says why; a new string. */
static Settings *read_settings(const Invocation *invocation, char **ret_problem)
{
    const char *const names[] = {"config_directory", "daemon_directory", NULL};
    g_auto(GStrv) values = postconf_values(invocation->config_directory, names, ret_problem);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Settings *settings;

    if (values == NULL)
        return NULL;
    settings = settings_load(&(SettingsSource){.config_directory = values[0],
                                               .process_name = "qmgr",
                                               .service_name = "qmgr",
                                               .daemon_directory = values[1]},
                             warnings, &error);
    if (settings == NULL) {
        g_ptr_array_add(warnings, g_strdup(error->message));
        g_ptr_array_add(warnings, NULL);
        *ret_problem = g_strjoinv("; ", (char **)warnings->pdata);
    }
    return settings;
}

Settings *instance_settings(const Invocation *invocation, bool needs_files)
{
    g_autofree char *problem = NULL;
    Settings *settings = read_settings(invocation, &problem);

    if (settings != NULL)
        return settings;
    if (!needs_files)
        return default_settings(invocation, problem);
    say_problem(problem);
    return NULL;
}

void instance_find(PolicyFindings *findings, const char *path, const Settings *settings)
{
    findings->errors = g_ptr_array_new_with_free_func(g_free);
    findings->warnings = g_ptr_array_new_with_free_func(g_free);
    if (*path != '\0') {
        findings->sites = policy_file_load(path, settings, findings->errors, findings->warnings);
    } else {
        findings->sites = sites_new();
        sites_seal(findings->sites);
    }
}

void instance_clear(PolicyFindings *findings)
{
    sites_free(findings->sites);
    g_ptr_array_unref(findings->errors);
    g_ptr_array_unref(findings->warnings);
}

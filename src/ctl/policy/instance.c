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

Settings *instance_settings(const Invocation *invocation)
{
    const char *const names[] = {"config_directory", "daemon_directory", NULL};
    g_autofree char *problem = NULL;
    g_auto(GStrv) values = postconf_values(invocation->config_directory, names, &problem);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Settings *settings;

    if (values == NULL) {
        say_problem(problem);
        return NULL;
    }
    settings = settings_load(&(SettingsSource){.config_directory = values[0],
                                               .process_name = "qmgr",
                                               .service_name = "qmgr",
                                               .daemon_directory = values[1]},
                             warnings, &error);
    for (guint i = 0; settings == NULL && i < warnings->len; i++)
        say_problem(warnings->pdata[i]);
    if (settings == NULL)
        say_problem(error->message);
    return settings;
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

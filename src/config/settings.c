#include "config/settings.h"

#include <string.h>
#include <unistd.h>

#include "checks_internal.h"
#include "expand_internal.h"
#include "extra_internal.h"
#include "maincf_internal.h"
#include "own_name_internal.h"
#include "params_internal.h"
#include "release_internal.h"
#include "settings_internal.h"

/*
 * Loading, in stock's order: files, overrides, defaults, host name, library parameters, and those
 * of the queue manager. The first error ends it.
 */

#define EQMGR_CF "eqmgr.cf"

/* From this release on, -o cannot change process_name. */
#define PROCESS_NAME_RELEASE RELEASE(3, 12, 0)

/* From this release on, texts may call functions; before, that is a syntax error. */
#define FUNCTIONS_RELEASE RELEASE(3, 11, 0)

static Settings *settings_new(const SettingsSource *source, GPtrArray *warnings)
{
    Settings *settings = g_new0(Settings, 1);

    settings->round_robin = source->round_robin;
    settings->main_cf = g_build_filename(source->config_directory, "main.cf", NULL);
    settings->texts = g_string_chunk_new(4096);
    settings->late_warnings = g_ptr_array_new_with_free_func(g_free);
    lexicon_init(&settings->lexicon, warnings);
    return settings;
}

void settings_free(Settings *settings)
{
    if (settings == NULL)
        return;
    lexicon_clear(&settings->lexicon);
    extra_clear(settings);
    (void)g_ptr_array_free(settings->late_warnings, TRUE);
    g_string_chunk_free(settings->texts);
    g_free(settings->main_cf);
    g_free(settings);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)

/* Our parameters in eqmgr.cf replace those in main.cf. Only our names count: nothing in this file
 * can change what main.cf means. */
static void enter_eqmgr_names(Settings *settings, const char *path, const Lexicon *file)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(file->values), (GCompareFunc)strcmp);

    for (const GList *item = names; item != NULL; item = item->next) {
        const char *name = item->data, *text = lexicon_get(file, name);

        if (params_is_eqmgr(name)) {
            lexicon_set(&settings->lexicon, name, text);
        } else if (extra_is_parameter(name)) {
            lexicon_set(&settings->lexicon, name, text);
            extra_admit(settings, name, lexicon_line(file, name));
        } else {
            lexicon_warn(&settings->lexicon, "%s: unused parameter: %s=%s", path, name, text);
        }
    }
}

static bool load_eqmgr_cf(Settings *settings, const char *config_directory, GError **error)
{
    g_autofree char *path = g_build_filename(config_directory, EQMGR_CF, NULL);
    g_autoptr(GError) trouble = NULL;
    Lexicon file;
    bool ok;

    lexicon_init(&file, settings->lexicon.warnings);
    ok = maincf_load(&file, path, &trouble);
    if (ok)
        enter_eqmgr_names(settings, path, &file);
    lexicon_clear(&file);
    if (ok || g_error_matches(trouble, config_error_quark(), CONFIG_NO_FILE))
        return true;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

static bool enter_overrides(Settings *settings, const char *const *overrides, GError **error)
{
    for (; overrides != NULL && *overrides != NULL; overrides++) {
        g_autofree char *name = NULL;
        g_autofree char *value = NULL;
        const char *trouble = lexicon_split(*overrides, &name, &value);

        if (trouble != NULL)
            return config_fail(error, "invalid \"-o %s\" option value: %s", *overrides, trouble);
        lexicon_set(&settings->lexicon, name, value);
    }
    return true;
}

static void enter_names(Settings *settings, const SettingsSource *source)
{
    lexicon_set(&settings->lexicon, "config_directory", source->config_directory);
    lexicon_set(&settings->lexicon, "process_name", source->process_name);
}

static void enter_process(Settings *settings, const SettingsSource *source)
{
    g_autofree char *process_id = g_strdup_printf("%ld", (long)getpid());

    lexicon_set(&settings->lexicon, "service_name", source->service_name);
    lexicon_set(&settings->lexicon, "process_id", process_id);
}

/* Enters all texts that somebody has written; later ones replace earlier ones. */
static bool enter_texts(Settings *settings, const SettingsSource *source, GError **error)
{
    enter_names(settings, source);
    if (!maincf_load(&settings->lexicon, settings->main_cf, error) ||
        !load_eqmgr_cf(settings, source->config_directory, error) ||
        !enter_overrides(settings, source->overrides, error))
        return false;
    enter_process(settings, source);
    return true;
}

/* The expanded text of a parameter, or NULL after an error, which is not reported here. */
static char *quiet_expansion(const Settings *settings, const char *name)
{
    g_autoptr(GPtrArray) unheard = g_ptr_array_new_with_free_func(g_free);
    Lexicon lexicon = {.values = settings->lexicon.values, .warnings = unheard, .functions = true};
    g_autoptr(GError) error = NULL;

    return expand_name(&lexicon, name, &error);
}

/* The same, "" for an error. */
static char *quiet_text(const Settings *settings, const char *name)
{
    char *text = quiet_expansion(settings, name);

    return text != NULL ? text : g_strdup("");
}

/* Agents and services are started from daemon_directory: so the programs there count more than the
 * running master(8), whose file an upgrade may have replaced. */
static void find_version(Settings *settings, const char *master_program)
{
    SettingsValues *values = &settings->values;
    g_autofree char *daemon_directory = quiet_text(settings, "daemon_directory");
    g_autofree char *version = release_find_version(daemon_directory);

    if (version == NULL && master_program != NULL)
        version = release_version_of_master(master_program);
    values->postfix_version =
        g_string_chunk_insert_const(settings->texts, version != NULL ? version : "");
    values->postfix_release = version != NULL ? release_parse(version) : 0;
    if (version != NULL)
        lexicon_set_default(&settings->lexicon, "mail_version", version);
    settings->lexicon.functions = version == NULL || values->postfix_release >= FUNCTIONS_RELEASE;
}

/* Stock enters the expanded text of a default, and "?" and ":" ask whether that is empty. Only
 * these defaults can expand to nothing. */
static void enter_empty_defaults(Settings *settings)
{
    static const char *const names[] = {"relay_domains", "fast_flush_domains"};
    Lexicon fresh;

    lexicon_init(&fresh, settings->lexicon.warnings);
    params_set_defaults(&fresh);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = quiet_expansion(settings, names[i]);

        if (g_strcmp0(text, "") == 0 && g_strcmp0(lexicon_get(&fresh, names[i]),
                                                  lexicon_get(&settings->lexicon, names[i])) == 0)
            lexicon_set(&settings->lexicon, names[i], "");
    }
    lexicon_clear(&fresh);
}

static void enter_defaults(Settings *settings, const SettingsSource *source)
{
    if (source->start_directory != NULL) /* under master(8) this is the queue directory */
        lexicon_set_default(&settings->lexicon, "queue_directory", source->start_directory);
    if (source->daemon_directory != NULL)
        lexicon_set_default(&settings->lexicon, "daemon_directory", source->daemon_directory);
    params_set_defaults(&settings->lexicon);
    enter_empty_defaults(settings);
    find_version(settings, source->master_program);
    if (settings->values.postfix_release >= PROCESS_NAME_RELEASE)
        lexicon_set(&settings->lexicon, "process_name", source->process_name);
}

static bool evaluate_texts(Settings *settings, GError **error)
{
    return params_evaluate(params_first, settings, error) &&
           own_name_settle(&settings->lexicon, settings->main_cf, error) &&
           params_evaluate(params_library, settings, error);
}

static bool evaluate_library(Settings *settings, GError **error)
{
    SettingsValues *values = &settings->values;
    g_autofree char *debugger_command = NULL;

    if (!evaluate_texts(settings, error) || !checks_library(settings, error))
        return false;
    values->fast_flush_matches_subdomains =
        checks_list_has(settings->checked.parent_domain_matches_subdomains, "fast_flush_domains");
    /* Stock evaluates this parameter only when it is to start a debugger. */
    debugger_command = quiet_text(settings, "debugger_command");
    values->debugger_command = g_string_chunk_insert_const(settings->texts, debugger_command);
    return true;
}

/* A process that was called as oqmgr is oqmgr, whatever the files say. */
static bool evaluate_eqmgr(Settings *settings, GError **error)
{
    SettingsValues *values = &settings->values;

    if (!params_evaluate(params_eqmgr, settings, error))
        return false;
    settings->round_robin =
        settings->round_robin || strcmp(values->eqmgr_scheduler, "round-robin") == 0;
    values->eqmgr_scheduler = settings->round_robin ? "round-robin" : "preemptive";
    values->eqmgr_postfix_release = release_parse(settings->checked.eqmgr_postfix_release);
    return true;
}

static bool evaluate_queue_manager(Settings *settings, GError **error)
{
    if (!params_evaluate(params_queue_manager, settings, error))
        return false;
    settings->fallback.initial_destination_concurrency =
        settings->values.initial_destination_concurrency;
    checks_adjust(settings);
    return true;
}

static bool evaluate_extra_of(Settings *settings, const char *config_directory, GError **error)
{
    g_autofree char *path = g_build_filename(config_directory, EQMGR_CF, NULL);

    return extra_evaluate(settings, path, error);
}

Settings *settings_load(const SettingsSource *source, GPtrArray *warnings, GError **error)
{
    g_autoptr(Settings) settings = settings_new(source, warnings);

    if (!enter_texts(settings, source, error))
        return NULL;
    enter_defaults(settings, source);
    if (!evaluate_library(settings, error) || !evaluate_eqmgr(settings, error) ||
        !evaluate_queue_manager(settings, error) ||
        !evaluate_extra_of(settings, source->config_directory, error))
        return NULL;
    settings->lexicon.warnings = settings->late_warnings; /* the caller's array may go */
    return g_steal_pointer(&settings);
}

Settings *settings_of_defaults(const SettingsSource *source, GPtrArray *warnings, GError **error)
{
    g_autoptr(Settings) settings = settings_new(source, warnings);

    enter_names(settings, source);
    enter_process(settings, source);
    enter_defaults(settings, source);
    if (!evaluate_texts(settings, error) || !evaluate_eqmgr(settings, error) ||
        !evaluate_queue_manager(settings, error))
        return NULL;
    settings->lexicon.warnings = settings->late_warnings;
    return g_steal_pointer(&settings);
}

const SettingsValues *settings_values(const Settings *settings)
{
    return &settings->values;
}

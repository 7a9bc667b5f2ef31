/*
 * The composition root: reads the command line and the configuration, does what master(8) expects
 * of a process at start (daemon.md 6), builds the layers, and turns the only event loop.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <glib.h>

#include "base/log.h"
#include "daemon/log_transport.h"
#include "daemon/process.h"
#include "daemon/service.h"
#include "src/setup.h"

#define DEFAULT_CONFIG_DIRECTORY "/etc/postfix"

/* Status channel, listen socket, all else: so that the end of master is seen first. */
#define EVENT_PRIORITIES 3

/* Before main.cf is read: where master's environment says. */
static void open_early_log(const DaemonOptions *options)
{
    const char *syslog_name = g_getenv("MAIL_LOGTAG");
    g_autofree char *tag = g_strdup_printf("%s/%s", syslog_name != NULL ? syslog_name : "postfix",
                                           options->service_name);

    (void)log_transport_open(&(LogTransport){
        .tag = tag,
        .postlog_path = g_getenv("POSTLOG_SERVICE"),
        .hostname = g_getenv("POSTLOG_HOSTNAME"),
        .facility = "mail",
        .also_stderr = options->log_to_stderr,
    });
}

static void open_log(const DaemonOptions *options, const SettingsValues *values)
{
    g_autofree char *tag = g_strdup_printf("%s/%s", values->syslog_name, options->service_name);
    g_autofree char *postlog =
        g_strdup_printf("%s/public/%s", values->queue_directory, values->postlog_service_name);

    (void)log_transport_open(&(LogTransport){
        .tag = tag,
        .postlog_path = *values->maillog_file != '\0' ? postlog : NULL,
        .hostname = values->myhostname,
        .facility = values->syslog_facility,
        .also_stderr = options->log_to_stderr,
    });
    log_allow_utf8(values->smtputf8_enable);
}

/* The error is passed by address: arguments are evaluated in any order. */
static void require(bool ok, GError **error)
{
    if (!ok)
        log_fatal("%s", (*error)->message);
}

static Settings *load_settings(const DaemonOptions *options)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_get_current_dir();
    const char *config_directory = g_getenv("MAIL_CONFIG");
    Settings *settings = settings_load(
        &(SettingsSource){
            .config_directory =
                config_directory != NULL ? config_directory : DEFAULT_CONFIG_DIRECTORY,
            .process_name = options->program_name,
            .service_name = options->service_name,
            .mail_logtag = g_getenv("MAIL_LOGTAG"),
            .overrides = (const char *const *)options->overrides->pdata,
            .start_directory = directory,
            .round_robin = setup_is_round_robin(options->program_name, NULL),
        },
        warnings, &error);

    for (guint i = 0; i < warnings->len; i++)
        log_warning("%s", (const char *)g_ptr_array_index(warnings, i));
    require(settings != NULL, &error);
    return settings;
}

static void warn_of_old_name(const DaemonOptions *options, const SettingsValues *values)
{
    if (!g_str_equal(options->program_name, "nqmgr"))
        return;
    log_warning("please update the %s/master.cf file; the new queue manager",
                values->config_directory);
    log_warning("(old name: nqmgr) has become the standard queue manager (new name: qmgr)");
    log_warning("support for the name old name (nqmgr) will be removed from Postfix");
}

/* What the contract with master(8) wants before any mail is touched; ends the process on failure.
 */
static ServiceSettings enter_service(const DaemonOptions *options, const SettingsValues *values)
{
    g_autoptr(GError) error = NULL;
    ServiceSettings service = {.listen_fd = MASTER_LISTEN,
                               .status_fd = MASTER_STATUS,
                               .extra_argument = options->extra_argument};

    require(daemon_options_check(options, &service.type, &error), &error);
    require(process_generation(&service.generation, &error), &error);
    require(process_check_descriptors(service.type, &error), &error);
    if (options->debugger)
        process_run_debugger(values->debugger_command);
    require(process_enter_directory(values->queue_directory, &error), &error);
    return service;
}

static bool master_is_gone(void *ctx)
{
    (void)ctx;
    return service_master_is_gone(MASTER_STATUS);
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void on_trigger(const char *bytes, size_t count, void *ctx)
{
    life_trigger(ctx, bytes, count);
}

static int stand_alone(Life *life, const DaemonOptions *options)
{
    g_autoptr(GError) error = NULL;

    life_start(life, never, NULL);
    require(service_read_stdin(STDIN_FILENO, options->extra_argument, on_trigger, life, &error),
            &error);
    return EXIT_SUCCESS;
}

static void turn_forever(struct event_base *base, Life *life)
{
    for (;;) {
        bool more;

        watchdog_pat();
        more = life_turn(life);
        life_before_wait(life);
        if (event_base_loop(base, EVLOOP_ONCE | (more ? EVLOOP_NONBLOCK : 0)) < 0)
            log_fatal("event_loop: %s", g_strerror(errno));
    }
}

static int run(const DaemonOptions *options, Settings *settings)
{
    const SettingsValues *values = settings_values(settings);
    ServiceSettings service_settings = enter_service(options, values);
    const Setup setup = {.settings = settings,
                         .round_robin = setup_is_round_robin(options->program_name, values),
                         .release = setup_release(values)};
    SpoolSettings spool_settings = setup_spool(&setup);
    SchedSettings sched_settings = setup_sched(&setup);
    LifeSettings life_settings = setup_life(&setup);
    g_autoptr(GError) error = NULL;
    struct event_base *base;
    Service *service;
    Life *life;

    require(process_drop_privileges(values->mail_owner,
                                    options->chroot ? values->queue_directory : NULL,
                                    options->drop_privileges, &error),
            &error);
    warn_of_old_name(options, values);
    process_raise_file_limit();
    base = event_base_new();
    (void)event_base_priority_init(base, EVENT_PRIORITIES);
    life = life_new(base, spool_new(&spool_settings), sched_new(&sched_settings), &life_settings);
    if (options->stand_alone)
        return stand_alone(life, options);
    life_start(life, master_is_gone, NULL);
    service = service_start(base, &service_settings, on_trigger, life);
    g_assert(service != NULL);
    watchdog_start(values->qmgr_daemon_timeout_s);
    watchdog_watch(base);
    turn_forever(base, life);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    DaemonOptions options;
    g_autoptr(GError) error = NULL;
    Settings *settings;
    bool parsed;

    event_set_mem_functions(g_malloc, g_realloc, g_free);
    process_ignore_signals();
    parsed = daemon_options_parse(argc, argv, &options, &error);
    if (parsed && options.want_help) {
        daemon_print_help(options.program_name);
        return EXIT_SUCCESS;
    }
    if (parsed && options.want_version) {
        daemon_print_version();
        return EXIT_SUCCESS;
    }
    open_early_log(&options);
    require(parsed, &error);
    settings = load_settings(&options);
    open_log(&options, settings_values(settings));
    return run(&options, settings);
}

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
#include "daemon/process.h"
#include "daemon/service.h"
#include "src/setup.h"
#include "src/start.h"

/* The status channel comes before all else, so that the end of master is seen first. */
#define EVENT_PRIORITIES 3

static void on_trigger(const char *bytes, size_t count, void *ctx)
{
    life_trigger(ctx, bytes, count);
}

static int stand_alone(Life *life, const DaemonOptions *options)
{
    g_autoptr(GError) error = NULL;

    life_start(life);
    start_require(
        service_read_stdin(STDIN_FILENO, options->extra_argument, on_trigger, life, &error),
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
    ServiceSettings service_settings = start_enter_service(options, values);
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

    start_require(process_drop_privileges(values->mail_owner,
                                          options->chroot ? values->queue_directory : NULL,
                                          options->drop_privileges, &error),
                  &error);
    start_warn_of_old_name(options, values);
    process_raise_file_limit();
    base = event_base_new();
    (void)event_base_priority_init(base, EVENT_PRIORITIES);
    life = life_new(base, spool_new(&spool_settings), sched_new(&sched_settings), &life_settings);
    if (options->stand_alone)
        return stand_alone(life, options);
    life_start(life);
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
    start_early_log(&options);
    start_require(parsed, &error);
    return run(&options, start_configure(&options));
}

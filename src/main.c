/*
 * The composition root: reads the command line and the configuration, does what master(8) expects
 * of a process at start (daemon.md 6), builds the layers, and turns the only event loop.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <glib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/spare.h"
#include "control/control.h"
#include "control/keeper.h"
#include "daemon/last_words.h"
#include "daemon/log_transport.h"
#include "daemon/process.h"
#include "daemon/service.h"
#include "life/inspect.h"
#include "src/setup.h"
#include "src/start.h"

/* The status channel comes before all else, so that the end of master is seen first. */
#define EVENT_PRIORITIES 3

static void on_trigger(const char *bytes, size_t count, void *ctx)
{
    life_trigger(ctx, bytes, count);
}

/* The layers that live as long as the process. */
typedef struct Parts {
    struct event_base *base;
    Spool *spool;
    Sched *sched;
    Life *life;
    Stats *stats;
    Steer *steer;
    Keeper *keeper;   /* NULL: meters are not kept */
    Control *control; /* NULL: there is no control socket */
} Parts;

static Parts build(const Setup *setup)
{
    SpoolSettings spool_settings = setup_spool(setup);
    SchedSettings sched_settings = setup_sched(setup);
    LifeSettings life_settings = setup_life(setup);
    Parts parts = {.base = event_base_new(),
                   .spool = spool_new(&spool_settings),
                   .sched = sched_new(&sched_settings),
                   .stats = setup->stats};

    if (parts.base == NULL)
        log_fatal("cannot make an event loop: %s", g_strerror(errno));
    (void)event_base_priority_init(parts.base, EVENT_PRIORITIES);
    parts.life = life_new(parts.base, parts.spool, parts.sched, &life_settings);
    return parts;
}

/* The daemon does its work without a control socket, too. */
static void open_control(Parts *parts, const Setup *setup)
{
    const ControlSettings settings = setup_control(setup);
    const ControlSubject subject = {parts->life, parts->sched, parts->spool, parts->stats,
                                    parts->steer};
    g_autoptr(GError) error = NULL;

    if (!settings_values(setup->settings)->eqmgr_control_socket)
        return;
    parts->control = control_new(parts->base, &settings, &subject, &error);
    if (parts->control == NULL)
        log_warning("%s", error->message);
}

static void open_keeper(Parts *parts, const Setup *setup, int data_fd)
{
    const SettingsValues *values = settings_values(setup->settings);
    const KeeperSubject subject = {.life = parts->life,
                                   .book = setup->meters,
                                   .owner = setup_meter_owner(setup),
                                   .directory = values->data_directory,
                                   .directory_fd = data_fd};

    if (setup->meters == NULL)
        return;
    parts->keeper = keeper_new(parts->base, &subject);
    if (parts->keeper == NULL) {
        log_warning("policy: meters cannot be kept: there is no event for it");
        meter_book_set_volatile(setup->meters, true);
    }
}

static void take_down(Parts *parts)
{
    control_free(parts->control);
    keeper_free(parts->keeper);
    steer_free(parts->steer);
    life_free(parts->life);
    sched_free(parts->sched);
    spool_free(parts->spool);
    event_base_free(parts->base);
}

/* -S: one trigger from standard input. */
static void stand_alone(Parts *parts, const DaemonOptions *options)
{
    g_autoptr(GError) error = NULL;

    life_start(parts->life);
    start_require(
        service_read_stdin(STDIN_FILENO, options->extra_argument, on_trigger, parts->life, &error),
        &error);
}

/* The last piece of a turn. True if there is more to do at once. */
static bool answer_clients(const Parts *parts)
{
    int64_t now_us = clock_mono_us(), busy_us = now_us - life_clock(parts->life)->mono_us;

    stats_observe(parts->stats, STATS_LOOP_BUSY, busy_us);
    return parts->control != NULL && control_turn(parts->control, now_us, busy_us);
}

static void turn_forever(const Parts *parts)
{
    Spare spare = {0};

    for (;;) {
        bool more;

        watchdog_pat();
        more = life_turn(parts->life);
        more = answer_clients(parts) || more;
        keeper_turn(parts->keeper);
        (void)spare_give_back(&spare, sched_message_count(parts->sched),
                              life_clock(parts->life)->mono_us);
        life_before_wait(parts->life);
        log_transport_flush();
        if (event_base_loop(parts->base, EVLOOP_ONCE | (more ? EVLOOP_NONBLOCK : 0)) < 0)
            log_fatal("event_loop: %s", g_strerror(errno));
    }
}

/* Ends with the process: when master is gone, or by a signal. */
static void serve_forever(const Parts *parts, const ServiceSettings *settings,
                          const SettingsValues *values, int data_fd)
{
    Service *service;

    life_start(parts->life);
    service = service_start(parts->base, settings, on_trigger, parts->life);
    g_assert(service != NULL);
    watchdog_start(values->qmgr_daemon_timeout_s);
    watchdog_watch(parts->base);
    last_words_watch(parts->base);
    start_confine(values, data_fd, parts->base);
    log_transport_hold();
    turn_forever(parts);
}

static void run(const DaemonOptions *options, Settings *settings, const Sites *sites)
{
    const SettingsValues *values = settings_values(settings);
    ServiceSettings service_settings = start_enter_service(options, values);
    Setup setup = {.settings = settings,
                   .round_robin = setup_is_round_robin(options->program_name, values),
                   .verbose = options->verbose > 0,
                   .release = setup_release(values),
                   .stats = stats_new(0),
                   .sites = sites};
    int data_fd = start_open_data(values);
    SteerSubject steer;
    Parts parts;

    setup.boot = start_read_boot();
    setup_find_members(&setup);
    start_drop_privileges(options, values);
    start_warn_of_old_name(options, values);
    start_trace(setup.verbose);
    if (!options->stand_alone)
        start_introduce(values, setup.release);
    setup_watch(&setup);
    setup.file_limit = process_raise_file_limit();
    start_load_rules(data_fd, values, &steer);
    setup.rules = steer.rules;
    setup.meters = start_load_meters(data_fd, &setup);
    parts = build(&setup);
    steer.life = parts.life;
    steer.stats = setup.stats;
    parts.steer = steer_new(parts.base, &steer);
    open_keeper(&parts, &setup, data_fd);
    if (options->stand_alone) {
        stand_alone(&parts, options);
    } else {
        open_control(&parts, &setup);
        event_add_change(stats_events(setup.stats), g_get_real_time() / G_USEC_PER_SEC,
                         EVENT_STARTED, NULL, NULL, NULL);
        serve_forever(&parts, &service_settings, values, data_fd);
    }
    take_down(&parts);
    meter_book_free(setup.meters);
    g_free(setup.boot);
    rules_free(steer.rules);
    stats_free(setup.stats);
    setup_clear_members(&setup);
}

int main(int argc, char **argv)
{
    DaemonOptions options;
    g_autoptr(GError) error = NULL;
    Settings *settings;
    Sites *sites;
    bool parsed;

    event_set_mem_functions(g_malloc, g_realloc, g_free);
    process_ignore_signals();
    last_words_install();
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
    settings = start_configure(&options);
    sites = start_load_policy(settings);
    if (options.want_release)
        start_print_release(settings_values(settings));
    else
        run(&options, settings, sites);
    sites_free(sites);
    settings_free(settings);
    daemon_options_clear(&options);
    return EXIT_SUCCESS;
}

#include "tests/hostile/run.h"

#include <string.h>
#include <sys/resource.h>

#include "tests/faults/judge.h"
#include "tests/faults/world.h"
#include "tests/hostile/callers.h"
#include "tests/hostile/clients.h"

#define MS_PER_S    1000LL
#define ILL_SLICES  20 /* of the time after the message set during which peers fall ill */
#define ILL_SLICE_S 60
#define IDLE_S      900          /* of a daemon that has nothing to do */
#define IDLE_TURNS  100U         /* in that time */
#define TURNS_PER_S 200U         /* at any other time, on average */
#define SETTLED_S   1300         /* after the clean restart; longer than the longest back-off */
#define MEMORY_MAX  (100 * 1024) /* kilobytes, sanitizers not considered */
#define CPU_MAX_S   20

typedef struct Run {
    World *world;
    Tampering *tampering;
    GRand *dice;
    Clients *clients; /* of the control socket */
    const HostileCase *one;
} Run;

static void on_list(bool is_ill, void *ctx)
{
    const Run *run = ctx;

    ledger_answered(run->world->ledger, is_ill);
}

static void let_strangers_act(Run *run)
{
    if (run->one->has_callers) {
        callers_act(run->world->lab, run->dice);
        clients_act(run->clients, run->world->lab, run->dice);
    }
    if (run->one->has_master)
        callers_act_as_master(run->world->lab, run->dice);
}

static void play_set(Run *run, const Scenario *set)
{
    Play play;

    steps_begin(&play, run->world->lab, set);
    for (guint i = 0; i < set->steps->len && !run->world->is_over; i++) {
        world_perform(run->world, &play, g_ptr_array_index(set->steps, i));
        let_strangers_act(run);
    }
    steps_end(&play);
}

static void stay_ill(Run *run)
{
    for (int slice = 0; slice < ILL_SLICES && !run->world->is_over; slice++) {
        let_strangers_act(run);
        world_advance(run->world, ILL_SLICE_S * MS_PER_S);
    }
}

G_GNUC_PRINTF(2, 3) static void complain(GPtrArray *complaints, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(complaints, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static void judge_idleness(Run *run, GPtrArray *complaints)
{
    const Vclock *clock = run->world->lab->clock;
    uint64_t before = vclock_turns(clock);
    int64_t lived_s = world_now_s(run->world);

    if (before > TURNS_PER_S * (uint64_t)lived_s)
        complain(complaints, "%u turns in %u s", (unsigned)before, (unsigned)lived_s);
    world_advance(run->world, IDLE_S * MS_PER_S);
    if (vclock_turns(clock) - before > IDLE_TURNS)
        complain(complaints, "%u turns in %d s with nothing to do",
                 (unsigned)(vclock_turns(clock) - before), IDLE_S);
    if (daemon_open_triggers(run->world->lab->daemon) > 0)
        complain(complaints, "%u clients of the trigger socket still wait",
                 daemon_open_triggers(run->world->lab->daemon));
    if (clients_open(run->clients) > 0)
        complain(complaints, "%u clients of the control socket are still connected",
                 clients_open(run->clients));
    if (run->clients->unheard_count > 0)
        complain(complaints, "%u of %u clients that behaved had no answer",
                 run->clients->unheard_count, run->clients->polite_count);
}

/* The name in the log for the peer at that socket: an agent, the resolver, or a service whose
 * failure defers the message it was about. */
static unsigned count_lines(const Run *run, const char *path)
{
    const Trace *trace = run->world->lab->core.trace;
    const char *name = strchr(path, '/') + 1;
    g_autofree char *process = g_strdup_printf("process (%s)", name);
    g_autofree char *transport = g_strdup_printf("transport: %s", name);
    g_autofree char *service = g_strdup_printf("service %s:", name);
    const char *const texts[] = {path, process, transport, service, " failed)"};
    unsigned count = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        count += trace_count(trace, TRACE_LOG, texts[i]);
    return count;
}

/* A daemon that ends cannot complain of those it was talking to; and trouble of several connections
 * to the resolver is one trouble. */
static unsigned lines_due(const Run *run, const Ward *ward)
{
    if (run->one->has_master)
        return 0;
    if (strcmp(ward->path, "private/rewrite") == 0)
        return MIN(ward->wrong_count, 1);
    return ward->wrong_count;
}

static void judge_wards(const Run *run, GPtrArray *complaints)
{
    const GPtrArray *wards = tampering_wards(run->tampering);

    for (guint i = 0; i < wards->len; i++) {
        const Ward *ward = g_ptr_array_index(wards, i);
        unsigned lines = count_lines(run, ward->path);

        if (lines < lines_due(run, ward))
            complain(complaints, "%s: %u bad peers, but %u lines in the log", ward->path,
                     ward->wrong_count, lines);
        if (ward->endless_count > 0)
            complain(complaints, "%s: the daemon reads on and on", ward->path);
    }
}

static void judge_meeting(const Run *run, GPtrArray *complaints)
{
    const GPtrArray *wards = tampering_wards(run->tampering);
    unsigned ill_count = 0;

    for (guint i = 0; i < wards->len; i++)
        ill_count += ((const Ward *)g_ptr_array_index(wards, i))->ill_count;
    if (ill_count == 0)
        complain(complaints, "nobody was ill");
}

static void judge_usage(const Run *run, GPtrArray *complaints)
{
    struct rusage usage;

    if (!daemon_usage(run->world->lab->daemon, &usage))
        return;
    if (usage.ru_maxrss > MEMORY_MAX)
        complain(complaints, "%ld MB of memory", usage.ru_maxrss / 1024);
    if (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec > CPU_MAX_S)
        complain(complaints, "%ld s of CPU time",
                 (long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec));
}

/* No line of the log may be broken up by what a peer sends. */
static void judge_log(const Run *run, GPtrArray *complaints)
{
    if (trace_count(run->world->lab->core.trace, TRACE_LOG, "\\x0") > 0)
        complain(complaints, "control characters in the log");
}

/* verify(8) asks for a result that it did not take in by another probe. */
static void doubt_probes(const Run *run)
{
    const GPtrArray *wards = tampering_wards(run->tampering);
    const GPtrArray *accounts = ledger_accounts(run->world->ledger);
    bool is_ill = false;

    for (guint i = 0; i < wards->len; i++) {
        const Ward *ward = g_ptr_array_index(wards, i);

        is_ill |= ward->ill_count > 0 && strcmp(ward->path, "private/verify") == 0;
    }
    for (guint i = 0; i < accounts->len; i++) {
        Account *account = g_ptr_array_index(accounts, i);

        account->in_doubt |= is_ill && account->is_probe;
    }
}

static void judge(Run *run, GPtrArray *complaints)
{
    static const Fault no_fault = {.mode = FAULT_OFF};
    World *world = run->world;

    world_drain(world, world_now_s(world) + judge_limit_s(&no_fault));
    judge_first_life(world->lab, world_now_s(world), complaints);
    judge_idleness(run, complaints);
    world_restart_clean(world);
    judge_usage(run, complaints);
    world_advance(world, SETTLED_S * MS_PER_S);
    world_drain(world, world_now_s(world) + judge_limit_s(&no_fault));
    doubt_probes(run);
    judge_end(world->lab, world->ledger, &no_fault, complaints);
    judge_wards(run, complaints);
    judge_meeting(run, complaints);
    judge_log(run, complaints);
}

void hostile_play(const HostileOptions *options, const HostileCase *one, GPtrArray *complaints)
{
    const WorldOptions world_options = {options->program_directory, options->clock_library,
                                        options->keep};
    g_autoptr(GError) error = NULL;
    Scenario *set = scenario_read(options->set_path, &error);
    Run run = {.one = one};

    if (set == NULL)
        g_error("%s", error->message);
    run.dice = g_rand_new_with_seed(one->plan.seed);
    run.clients = clients_new();
    run.world = world_new(&world_options);
    run.tampering = tampering_new(&run.world->lab->core, &one->plan, on_list, &run);
    play_set(&run, set);
    stay_ill(&run);
    tampering_stop(run.tampering);
    judge(&run, complaints);
    if (options->keep) {
        g_printerr("%s\n", run.world->lab->directory);
        trace_print_raw(run.world->lab->core.trace, stderr);
    }
    world_free(run.world);
    tampering_free(run.tampering);
    clients_free(run.clients);
    g_rand_free(run.dice);
    scenario_free(set);
}

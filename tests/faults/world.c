#include "tests/faults/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/faults/judge.h"

#define MS_PER_S     1000LL
#define NS_PER_S     1000000000LL
#define THROTTLE_S   60      /* before master starts it again */
#define RESTARTS_MAX 20      /* of a daemon that cannot be */
#define LOOK_MS      60000LL /* how often the queues are looked at while they drain */
#define PAGE_FILE    "fault-page"

static FaultPage *make_page(const Lab *lab)
{
    int fd = open(PAGE_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    FaultPage *page = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, sizeof(*page)) == 0)
        page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        g_error("%s/%s: %s", lab->directory, PAGE_FILE, g_strerror(errno));
    (void)close(fd);
    return page;
}

/* Steps of agents are counted among the call sites; the daemon is at rest meanwhile. */
static FaultSite *agent_site(FaultPage *page, const char *transport, const char *step)
{
    char name[FAULT_NAME_ROOM];

    (void)g_snprintf(name, sizeof(name), "agent:%s/%s", transport, step);
    for (uint32_t i = 0; i < page->site_count; i++)
        if (strcmp(page->sites[i].name, name) == 0)
            return &page->sites[i];
    g_assert(page->site_count < FAULT_SITES_MAX);
    (void)g_strlcpy(page->sites[page->site_count].name, name, FAULT_NAME_ROOM);
    return &page->sites[page->site_count++];
}

/* false: the machine has gone down, and took agent and queue manager with it. */
static bool on_agent_step(void *ctx, const char *transport, const char *step)
{
    World *world = ctx;
    FaultSite *site = agent_site(world->page, transport, step);

    if (world->page->mode == FAULT_OFF)
        return true;
    site->count++;
    if (world->page->mode != FAULT_KILL || world->page->hit_count > 0 ||
        strcmp(site->name, world->page->name) != 0 || site->count != world->page->nth)
        return true;
    world->page->hit_count++;
    daemon_signal(world->lab->daemon, SIGKILL);
    return false;
}

/* As master does: starts a daemon that has ended. */
static void be_master(World *world)
{
    while (!world->lab->stuck && !daemon_is_running(world->lab->daemon) &&
           world->restarts < world->restarts_max) {
        world->restarts++;
        lab_advance(world->lab, THROTTLE_S * MS_PER_S);
        lab_start(world->lab);
        lab_settle(world->lab);
    }
    world->is_over = world->lab->stuck || world->restarts == world->restarts_max;
}

int64_t world_now_s(const World *world)
{
    return vclock_since_start_ns(world->lab->clock) / NS_PER_S;
}

/* As lab_advance(), but with a master. */
void world_advance(World *world, int64_t duration_ms)
{
    int64_t end_ns = vclock_since_start_ns(world->lab->clock) + duration_ms * 1000000;

    lab_run(world->lab);
    be_master(world);
    while (!world->is_over && vclock_since_start_ns(world->lab->clock) < end_ns) {
        int64_t left_ms = (end_ns - vclock_since_start_ns(world->lab->clock)) / 1000000;

        if (left_ms == 0 || !lab_jump(world->lab, left_ms)) {
            lab_advance(world->lab, MAX(left_ms, 1));
            be_master(world);
            return;
        }
        lab_run(world->lab);
        be_master(world);
    }
}

static bool put(World *world, Play *play, const char *id, GError **error)
{
    const ScenarioStep *block = g_hash_table_lookup(play->messages, id);
    g_autofree char *path = NULL;

    if (!steps_place_message(play, id, NULL, error))
        return false;
    path = core_queue_path(
        &world->lab->core,
        block->words[1] != NULL && block->words[2] != NULL ? block->words[2] : "incoming", id);
    ledger_enrol(world->ledger, id, path);
    return true;
}

/* Sends the trigger and its NUL in one piece: two pieces would sometimes find the daemon between
 * them. */
void world_trigger(World *world)
{
    daemon_trigger(world->lab->daemon, "W", sizeof("W"), false);
    lab_settle(world->lab);
}

static bool put_all(World *world, Play *play, char **ids, bool arrive, GError **error)
{
    for (; *ids != NULL; ids++) {
        if (!put(world, play, *ids, error))
            return false;
        if (arrive)
            world_trigger(world);
    }
    return true;
}

/* "write bounce/ID <recipient>": a log of an earlier process. */
static void note_log(const World *world, char **args)
{
    g_auto(GStrv) parts = g_strsplit(args[0], "/", -1);
    const char *end = strrchr(args[1], '>');

    if (args[1][0] == '<' && end != NULL) {
        g_autofree char *recipient = g_strndup(args[1] + 1, (gsize)(end - args[1] - 1));

        ledger_note_entry(world->ledger, parts[0], parts[g_strv_length(parts) - 1], recipient);
    }
}

static bool perform(World *world, Play *play, ScenarioStep *step, GError **error)
{
    const char *word = step->words[0];
    int64_t duration_ms;

    if (strcmp(word, "put") == 0 || strcmp(word, "arrive") == 0)
        return put_all(world, play, step->words + 1, word[0] == 'a', error);
    if (strcmp(word, "advance") == 0 && manner_parse_duration_ms(step->words[1], &duration_ms)) {
        world_advance(world, duration_ms);
        return true;
    }
    if (strcmp(word, "write") == 0)
        note_log(world, step->words + 1);
    if (strcmp(word, "start") == 0) {
        lab_start(world->lab);
        lab_settle(world->lab);
        return true;
    }
    return steps_perform(play, step, error);
}

void world_perform(World *world, Play *play, ScenarioStep *step)
{
    g_autoptr(GError) error = NULL;

    if (!perform(world, play, step, &error))
        g_error("message set: %s", error->message);
}

void world_drain(World *world, int64_t limit_s)
{
    while (!world->is_over && !judge_is_drained() && world_now_s(world) < limit_s)
        world_advance(world, LOOK_MS);
}

void world_restart_clean(World *world)
{
    if (daemon_is_running(world->lab->daemon)) {
        daemon_signal(world->lab->daemon, SIGTERM);
        lab_settle(world->lab);
        world->ignores_term = daemon_is_running(world->lab->daemon);
    }
    if (world->ignores_term) {
        daemon_signal(world->lab->daemon, SIGKILL);
        lab_settle(world->lab);
    }
    world->page->mode = FAULT_OFF;
    world->page->limits_memory = 0;
    world->restarts = 0;
    world->is_over = world->lab->stuck;
    lab_start(world->lab);
    lab_settle(world->lab);
}

void world_add_environment(World *world, const char *variable)
{
    g_autofree char *all = g_strjoinv("\n", world->lab->environment);
    g_autofree char *more = g_strjoin("\n", all, variable, NULL);

    g_strfreev(world->lab->environment);
    world->lab->environment = g_strsplit(more, "\n", -1);
}

void world_new_ledger(World *world)
{
    ledger_free(world->ledger);
    world->ledger = ledger_new(&world->lab->core, on_agent_step, world);
}

World *world_new(const WorldOptions *options)
{
    const LabOptions lab_options = {
        .program_directory = options->program_directory,
        .program_name = "qmgr",
        .clock_library = options->libraries,
        .keep_directory = options->keep_directory,
    };
    World *world = g_new0(World, 1);
    g_autofree char *variable = NULL;

    world->restarts_max = RESTARTS_MAX;
    world->lab = lab_new(&lab_options);
    world->page = make_page(world->lab);
    variable = g_strdup_printf("%s=%s/%s", FAULT_ENVIRONMENT, world->lab->directory, PAGE_FILE);
    world->lab->environment = g_strsplit(variable, "\n", -1);
    world_new_ledger(world);
    return world;
}

void world_free(World *world)
{
    ledger_free(world->ledger);
    (void)munmap(world->page, sizeof(*world->page));
    lab_free(world->lab);
    g_free(world);
}

#include "tests/faults/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/faults/judge.h"
#include "tests/faults/ledger.h"
#include "tests/lab/lab.h"
#include "tests/lab/steps.h"

#define MS_PER_S     1000LL
#define NS_PER_S     1000000000LL
#define THROTTLE_S   60      /* before master starts it again */
#define RESTARTS_MAX 20      /* of a daemon that cannot be */
#define LOOK_MS      60000LL /* how often the queues are looked at while they drain */
#define SETTLED_S    1300    /* after the clean restart; longer than the longest back-off */
#define PAGE_FILE    "fault-page"

typedef struct Run {
    Lab *lab;
    Ledger *ledger;
    FaultPage *page;
    const Fault *fault;
    char *environment[2];
    unsigned restarts;
    bool is_over; /* nothing will come of it any more */
} Run;

static FaultPage *make_page(const Lab *lab, const Fault *fault)
{
    int fd = open(PAGE_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    FaultPage *page = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, sizeof(*page)) == 0)
        page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        g_error("%s/%s: %s", lab->directory, PAGE_FILE, g_strerror(errno));
    (void)close(fd);
    page->mode = fault->mode;
    page->nth = fault->nth;
    page->error = fault->error;
    page->lasts_s = fault->lasts_s;
    if (fault->site != NULL)
        (void)g_strlcpy(page->name, fault->site, sizeof(page->name));
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
    Run *run = ctx;
    FaultSite *site = agent_site(run->page, transport, step);

    site->count++;
    if (run->page->mode != FAULT_KILL || run->page->hit_count > 0 ||
        strcmp(site->name, run->page->name) != 0 || site->count != run->page->nth)
        return true;
    run->page->hit_count++;
    daemon_signal(run->lab->daemon, SIGKILL);
    return false;
}

/* Master starts again what has ended. */
static void be_master(Run *run)
{
    while (!run->lab->stuck && !daemon_is_running(run->lab->daemon) &&
           run->restarts < RESTARTS_MAX) {
        run->restarts++;
        lab_advance(run->lab, THROTTLE_S * MS_PER_S);
        lab_start(run->lab);
        lab_settle(run->lab);
    }
    run->is_over = run->lab->stuck || run->restarts == RESTARTS_MAX;
}

static int64_t now_s(const Run *run)
{
    return vclock_since_start_ns(run->lab->clock) / NS_PER_S;
}

/* As lab_advance(), but with a master. */
static void advance(Run *run, int64_t duration_ms)
{
    int64_t end_ns = vclock_since_start_ns(run->lab->clock) + duration_ms * 1000000;

    lab_run(run->lab);
    be_master(run);
    while (!run->is_over && vclock_since_start_ns(run->lab->clock) < end_ns) {
        int64_t left_ms = (end_ns - vclock_since_start_ns(run->lab->clock)) / 1000000;

        if (left_ms == 0 || !lab_jump(run->lab, left_ms)) {
            lab_advance(run->lab, MAX(left_ms, 1));
            be_master(run);
            return;
        }
        lab_run(run->lab);
        be_master(run);
    }
}

static bool put(Run *run, Play *play, const char *id, GError **error)
{
    const ScenarioStep *block = g_hash_table_lookup(play->messages, id);
    g_autofree char *path = NULL;

    if (!steps_place_message(play, id, NULL, error))
        return false;
    path = core_queue_path(
        &run->lab->core,
        block->words[1] != NULL && block->words[2] != NULL ? block->words[2] : "incoming", id);
    ledger_enrol(run->ledger, id, path);
    return true;
}

static bool put_all(Run *run, Play *play, char **ids, bool arrive, GError **error)
{
    for (; *ids != NULL; ids++) {
        if (!put(run, play, *ids, error))
            return false;
        if (arrive) {
            daemon_trigger(run->lab->daemon, "W", 1, true);
            lab_settle(run->lab);
        }
    }
    return true;
}

/* "write bounce/ID <recipient>": a log of an earlier process. */
static void note_log(const Run *run, char **args)
{
    g_auto(GStrv) parts = g_strsplit(args[0], "/", -1);
    const char *end = strrchr(args[1], '>');

    if (args[1][0] == '<' && end != NULL) {
        g_autofree char *recipient = g_strndup(args[1] + 1, (gsize)(end - args[1] - 1));

        ledger_note_entry(run->ledger, parts[0], parts[g_strv_length(parts) - 1], recipient);
    }
}

static bool perform(Run *run, Play *play, ScenarioStep *step, GError **error)
{
    const char *word = step->words[0];
    int64_t duration_ms;

    if (strcmp(word, "put") == 0 || strcmp(word, "arrive") == 0)
        return put_all(run, play, step->words + 1, word[0] == 'a', error);
    if (strcmp(word, "advance") == 0 && manner_parse_duration_ms(step->words[1], &duration_ms)) {
        advance(run, duration_ms);
        return true;
    }
    if (strcmp(word, "write") == 0)
        note_log(run, step->words + 1);
    if (strcmp(word, "start") == 0) {
        lab_start(run->lab);
        lab_settle(run->lab);
        return true;
    }
    return steps_perform(play, step, error);
}

static void play_set(Run *run, const Scenario *set)
{
    g_autoptr(GError) error = NULL;
    Play play;

    steps_begin(&play, run->lab, set);
    for (guint i = 0; i < set->steps->len && !run->is_over; i++)
        if (!perform(run, &play, g_ptr_array_index(set->steps, i), &error))
            g_error("message set: %s", error->message);
    steps_end(&play);
}

static void drain(Run *run, int64_t limit_s)
{
    while (!run->is_over && !judge_is_drained() && now_s(run) < limit_s)
        advance(run, LOOK_MS);
}

/* The second life has no fault, and shows what the first one left. */
static void restart(Run *run)
{
    if (daemon_is_running(run->lab->daemon)) {
        daemon_signal(run->lab->daemon, SIGTERM);
        lab_settle(run->lab);
    }
    g_strfreev(run->lab->environment);
    run->lab->environment = NULL;
    run->page->mode = FAULT_COUNT;
    run->restarts = 0;
    lab_start(run->lab);
    lab_settle(run->lab);
    advance(run, SETTLED_S * MS_PER_S);
}

static void set_up(Run *run, const RunOptions *options, const Fault *fault)
{
    const LabOptions lab_options = {
        .program_directory = options->program_directory,
        .program_name = "qmgr",
        .clock_library = options->libraries,
        .keep_directory = options->keep,
    };
    g_autofree char *variable = NULL;

    run->fault = fault;
    run->lab = lab_new(&lab_options);
    run->ledger = ledger_new(&run->lab->core, on_agent_step, run);
    run->page = make_page(run->lab, fault);
    variable = g_strdup_printf("%s=%s/%s", FAULT_ENVIRONMENT, run->lab->directory, PAGE_FILE);
    run->lab->environment = g_strsplit(variable, "\n", -1);
}

static void judge(Run *run, const RunOptions *options, Verdict *verdict)
{
    int64_t limit_s = judge_limit_s(run->fault);

    drain(run, limit_s);
    verdict->drained_s = now_s(run);
    judge_first_life(run->lab, run->fault, verdict->drained_s, verdict->complaints);
    restart(run);
    drain(run, now_s(run) + limit_s);
    verdict->is_met = run->page->hit_count > 0;
    judge_end(run->lab, run->ledger, run->fault, verdict->complaints);
    if (options->keep) {
        g_printerr("%s\n", run->lab->directory);
        trace_print_raw(run->lab->core.trace, stderr);
    }
}

Verdict run_play(const RunOptions *options, const Fault *fault, FaultPage *ret_page)
{
    Verdict verdict = {.complaints = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(GError) error = NULL;
    Scenario *set = scenario_read(options->set_path, &error);
    Run run = {0};

    if (set == NULL)
        g_error("%s", error->message);
    set_up(&run, options, fault);
    play_set(&run, set);
    judge(&run, options, &verdict);
    *ret_page = *run.page;
    (void)munmap(run.page, sizeof(*run.page));
    ledger_free(run.ledger);
    lab_free(run.lab);
    scenario_free(set);
    return verdict;
}

void verdict_clear(Verdict *verdict)
{
    g_ptr_array_free(verdict->complaints, TRUE);
}

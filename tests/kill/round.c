#include "tests/kill/round.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/bench/letters.h"
#include "tests/bench/logtap.h"
#include "tests/bench/meter.h"
#include "tests/bench/place.h"
#include "tests/kill/carrier.h"
#include "tests/kill/clerks.h"
#include "tests/kill/crew.h"
#include "tests/kill/rewriter.h"
#include "tests/kill/verdict.h"
#include "tests/lab/daemon.h"

#define TICK_US           2000
#define MS_PER_S          1000
#define NS_PER_MS         1000000LL
#define NS_PER_S          1000000000LL
#define OPEN_TRIGGERS_MAX 50 /* more of them than the listen queue takes would block us */
#define DUE_RUN_EVERY_MS  100
#define TRIGGER_EVERY_MS  250
#define SOON_S            3      /* a little more than any delay of a retry */
#define FLUSH_BYTES       "FADI" /* of postqueue -f */
#define DRAIN_LIMIT_S     120
#define NOT_DUE_S         36000
#define NOT_DUE_OF_THREE  2 /* deferred letters */
#define PAUSE_MAX_US      300000
#define LOOKUP_US         5000
#define FIRST_LIFE_MS     3.0 /* the shortest: the queue manager is starting then */
#define RESTART_MAX_MS    30.0
#define SHARE_OF_MANAGERS 0.7  /* of the window, in which they are killed */
#define REWRITER_LIFE_MS  60.0 /* on the average, of whichever is killed next */
#define CARRIER_LIFE_MS   15.0

/* Waits that take stock minutes take seconds here. */
#define BRISK                     \
    "minimal_backoff_time = 1s\n" \
    "maximal_backoff_time = 2s\n" \
    "transport_retry_time = 1s\n" \
    "queue_run_delay = 1s\n"

/* Lists are read, and delivered, in many pieces. */
#define SMALL_BATCHES                       \
    "qmgr_message_recipient_limit = 100\n"  \
    "qmgr_message_recipient_minimum = 10\n" \
    "default_destination_recipient_limit = 8\n"

typedef struct Workload {
    unsigned letters;      /* there at once; again and again when few recipients are left */
    unsigned refill_below; /* recipients; 0: no more letters than those */
    unsigned recipients;   /* of each letter */
    unsigned sites;
    unsigned per_s;         /* letters that arrive one by one beside the others */
    unsigned deferred;      /* letters in the deferred queue, most of them not due */
    double manager_life_ms; /* the longest */
    const char *word;       /* of the sites of those that are there at once */
    const char *settings;
} Workload;

#define BESIDE_WORD "fast"

const char *const round_workloads[] = {"W1", "W1r", "W2", "W3", "W4", "W5", "W6", NULL};

static const Workload workloads[] = {
    {400, 150, 1,   1,    0,   0,    600,  "site",             ""           },
    {0,   0,   1,   1,    400, 0,    600,  "site",             ""           },
    {400, 150, 1,   1000, 0,   0,    600,  "site",             ""           },
    {4,   200, 200, 100,  0,   0,    600,  "site",             SMALL_BATCHES},
    {200, 60,  1,   1000, 100, 0,    600,  REWRITER_SLOW_WORD, ""           },
    {0,   0,   1,   100,  150, 3000, 1500, "site",             ""           },
    {300, 0,   1,   1,    150, 0,    600,  CARRIER_DEAD_WORD,  ""           },
};

typedef struct Round {
    const RoundOptions *options;
    const Workload *workload;
    RoundCounts *counts;
    GRand *dice;
    Core core;
    Common common;
    Daemon *daemon;
    Logtap *logtap;
    Clerks *clerks;
    Crew *crew;
    Verdict *verdict;
    struct event *ticks;
    uint32_t letters; /* written so far */
    NotDue not_due;
    unsigned arrived; /* of those that arrive one by one */
    int64_t start_ns;
    int64_t kill_manager_ns, kill_rewriter_ns, kill_carrier_ns, run_due_ns; /* the next ones */
    bool is_broken;
} Round;

static void complain(Round *round, const char *what)
{
    if (!round->is_broken)
        g_printerr("%s\n", what);
    round->is_broken = true;
}

/* ---- mail ---- */

static void write_letter(Round *round, const char *queue, const char *word, int64_t due_in_s)
{
    unsigned count = round->workload->recipients, serial = round->letters++;
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < count; i++) {
        char address[LETTER_ADDRESS_BYTES];
        unsigned recipient = serial * count + i;

        letter_format_address(address, recipient, word, recipient % round->workload->sites);
        g_ptr_array_add(addresses, g_strdup(address));
    }
    letter_write(&round->core, queue, serial, addresses, due_in_s);
}

static void trigger(const Round *round, const char *bytes)
{
    if (daemon_open_triggers(round->daemon) < OPEN_TRIGGERS_MAX)
        daemon_trigger(round->daemon, bytes, strlen(bytes), true);
}

static void let_arrive(Round *round, unsigned count, const char *word)
{
    for (unsigned i = 0; i < count; i++) {
        write_letter(round, LETTERS_STAGE, word, 0);
        letter_arrive(round->letters - 1);
    }
    if (count > 0)
        trigger(round, "W");
}

/* Those that are not due come first, the others are due in the window or shortly after. */
static void fill_deferred(Round *round)
{
    unsigned count = round->workload->deferred, not_due = count / 3 * NOT_DUE_OF_THREE;
    int window_s = (int)(round->options->window_ms / MS_PER_S);

    for (unsigned i = 0; i < count; i++)
        write_letter(round, "deferred", round->workload->word,
                     i < not_due ? NOT_DUE_S
                                 : g_rand_int_range(round->dice, -1, window_s + SOON_S));
    round->not_due = (NotDue){.to = not_due, .at_ns = INT64_MAX};
}

static uint32_t recipient_count(const Round *round)
{
    return round->letters * round->workload->recipients;
}

static void feed(Round *round, int64_t now_ns)
{
    const Workload *workload = round->workload;
    int64_t due = (now_ns - round->start_ns) * workload->per_s / NS_PER_S;

    verdict_read(round->verdict, &round->common);
    if (recipient_count(round) - verdict_settled(round->verdict) < workload->refill_below)
        let_arrive(round, workload->letters, workload->word);
    let_arrive(round, (unsigned)due - round->arrived, BESIDE_WORD);
    round->arrived = (unsigned)due;
    if (now_ns >= round->run_due_ns) {
        trigger(round, "D");
        round->run_due_ns = now_ns + DUE_RUN_EVERY_MS * NS_PER_MS;
    }
}

/* ---- kills ---- */

static int64_t after_ms(int64_t now_ns, double ms)
{
    return now_ns + (int64_t)(ms * (double)NS_PER_MS);
}

/* Draws short lives as often as long ones, on a logarithmic scale. */
static double manager_life_ms(const Round *round)
{
    double longest = log(round->workload->manager_life_ms / FIRST_LIFE_MS);

    return FIRST_LIFE_MS * exp(g_rand_double(round->dice) * longest);
}

/* A time to wait, such that a kill is equally likely at any moment. */
static double waiting_ms(const Round *round, double average_ms)
{
    return -log(1.0 - g_rand_double(round->dice)) * average_ms;
}

static void turn(Round *round)
{
    (void)event_base_loop(round->core.base, EVLOOP_ONCE);
}

static void start_manager(Round *round)
{
    const DaemonProgram program = {.path = round->options->program, .name = "qmgr"};

    daemon_start(round->daemon, &program);
    common_note_start(&round->common, daemon_pid(round->daemon));
    round->kill_manager_ns = after_ms(meter_now_ns(), manager_life_ms(round));
}

static void kill_manager(Round *round)
{
    int64_t restart_ns;

    daemon_signal(round->daemon, SIGKILL);
    while (daemon_is_running(round->daemon))
        turn(round);
    round->counts->managers++;
    restart_ns = after_ms(meter_now_ns(), g_rand_double(round->dice) * 2 * RESTART_MAX_MS -
                                              RESTART_MAX_MS); /* half of the times at once */
    while (meter_now_ns() < restart_ns)
        turn(round);
    start_manager(round);
}

static void kill_some(Round *round, int64_t now_ns)
{
    if (now_ns >= round->kill_carrier_ns) {
        crew_kill_one(round->crew, CREW_CARRIER);
        round->counts->carriers++;
        round->kill_carrier_ns = after_ms(now_ns, waiting_ms(round, CARRIER_LIFE_MS));
    }
    if (now_ns >= round->kill_rewriter_ns) {
        crew_kill_one(round->crew, CREW_REWRITER);
        round->counts->rewriters++;
        round->kill_rewriter_ns = after_ms(now_ns, waiting_ms(round, REWRITER_LIFE_MS));
    }
    if (now_ns >= round->kill_manager_ns)
        kill_manager(round);
}

static void watch(Round *round)
{
    if (!daemon_is_running(round->daemon))
        complain(round, "the queue manager has ended by itself");
    if (logtap_counts(round->logtap).ends > 0)
        complain(round, "the queue manager told of its end");
    if (crew_has_lost_one(round->crew))
        complain(round, "a delivery agent or a resolver has ended by itself");
}

static void run_until(Round *round, int64_t end_ns)
{
    for (int64_t now_ns = meter_now_ns(); now_ns < end_ns && !round->is_broken;
         now_ns = meter_now_ns()) {
        feed(round, now_ns);
        kill_some(round, now_ns);
        turn(round);
        watch(round);
    }
}

/* The last queue manager is not killed, so that no successor corrects what it has forgotten. */
static void run_window(Round *round)
{
    int64_t window_ns = round->options->window_ms * NS_PER_MS;

    round->start_ns = meter_now_ns();
    let_arrive(round, round->workload->letters, round->workload->word);
    run_until(round, round->start_ns + (int64_t)((double)window_ns * SHARE_OF_MANAGERS));
    if (round->is_broken)
        return;
    kill_manager(round);
    round->kill_manager_ns = INT64_MAX;
    run_until(round, round->start_ns + window_ns);
}

/* ---- the end ---- */

typedef bool MatchFn(const char *path);

static bool is_file(const char *path)
{
    (void)path;
    return true;
}

static bool is_due(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && st.st_mtime < time(NULL) + SOON_S;
}

/* Is there a file below the directory that matches? */
static bool has_file(const char *path, MatchFn *matches)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool found = false;

    if (dir == NULL)
        return false;
    while (!found && (entry = readdir(dir)) != NULL) {
        g_autofree char *below = g_build_filename(path, entry->d_name, NULL);

        if (entry->d_name[0] != '.')
            found = entry->d_type == DT_DIR ? has_file(below, matches) : matches(below);
    }
    (void)closedir(dir);
    return found;
}

/* A file on its way from deferred or incoming to active must not be missed: active is looked at
 * twice. */
static bool is_queue_empty(void)
{
    static const char *const queues[] = {"active", "incoming", "deferred", "active", "corrupt"};

    for (size_t i = 0; i < G_N_ELEMENTS(queues); i++)
        if (has_file(queues[i], is_file))
            return false;
    return true;
}

static bool is_nothing_due(void)
{
    return !has_file("deferred", is_due) && !has_file("active", is_file);
}

/* Waits until `reached`, and sends the bytes to the queue manager again and again. */
static void work_off(Round *round, const char *bytes, bool (*reached)(void), const char *complaint)
{
    int64_t now_ns = meter_now_ns(), end_ns = now_ns + DRAIN_LIMIT_S * NS_PER_S, trigger_ns = 0;

    while (!round->is_broken && !reached()) {
        if (now_ns >= trigger_ns) {
            trigger(round, bytes);
            trigger_ns = now_ns + TRIGGER_EVERY_MS * NS_PER_MS;
        }
        turn(round);
        watch(round);
        now_ns = meter_now_ns();
        if (now_ns > end_ns)
            complain(round, complaint);
    }
}

/* With much deferred mail, the queue manager has to find what is due without looking at all of
 * it. */
static void drain(Round *round)
{
    round->common.switches->calm = true;
    round->common.switches->sites_live = true;
    if (round->workload->deferred > 0)
        work_off(round, "D", is_nothing_due, "mail that is due is left alone");
    round->not_due.at_ns = meter_now_ns();
    work_off(round, FLUSH_BYTES, is_queue_empty, "the queue does not become empty");
}

static void judge(Round *round)
{
    static const char *const logs[] = {"bounce", "defer"};
    Judgement judgement;

    verdict_read(round->verdict, &round->common);
    judgement = verdict_judge(round->verdict, recipient_count(round), &round->not_due);
    round->counts->recipients = recipient_count(round);
    round->counts->unmarked = judgement.unmarked;
    round->counts->late = judgement.late;
    if (judgement.lost + judgement.twice + judgement.early + judgement.nonsense > 0) {
        g_printerr("%u lost, %u delivered twice, %u before they were due, %u not in their file\n",
                   judgement.lost, judgement.twice, judgement.early, judgement.nonsense);
        round->is_broken = true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(logs); i++)
        if (has_file(logs[i], is_file))
            complain(round, "logs of letters that are gone are left");
}

/* ---- the stage ---- */

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg; /* the loop has turned, that is all */
}

static void set_up(Round *round)
{
    const struct timeval period = {.tv_usec = TICK_US};
    g_autofree char *lines = g_strconcat(BRISK, round->workload->settings, NULL);

    round->dice = g_rand_new_with_seed(round->options->seed);
    place_make(&round->core, round->options->parent);
    place_configure(&round->core, lines);
    common_init(&round->common);
    round->common.switches->lookup_us = LOOKUP_US;
    round->common.switches->pause_max_us = PAUSE_MAX_US;
    round->logtap = logtap_new(round->core.base);
    logtap_show_at_most(round->logtap, 0); /* kills cause many complaints */
    round->clerks = clerks_new(&round->core, &round->common);
    round->crew = crew_new(&round->core, &round->common, round->dice);
    round->daemon = daemon_new(&round->core, NULL);
    round->verdict = verdict_new();
    round->ticks = event_new(round->core.base, -1, EV_PERSIST, on_tick, NULL);
    (void)event_add(round->ticks, &period);
}

static void tear_down(Round *round)
{
    daemon_free(round->daemon);
    crew_free(round->crew);
    clerks_free(round->clerks);
    logtap_free(round->logtap);
    verdict_free(round->verdict);
    common_clear(&round->common);
    event_free(round->ticks);
    if (round->is_broken)
        g_printerr("the queue directory is left: %s\n", round->core.directory);
    place_clear(&round->core, round->is_broken);
    g_rand_free(round->dice);
}

static const Workload *find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(workloads); i++)
        if (strcmp(round_workloads[i], name) == 0)
            return &workloads[i];
    g_error("no workload %s", name);
}

bool round_run(const char *workload, const RoundOptions *options, RoundCounts *ret_counts)
{
    Round round = {.options = options, .workload = find(workload), .counts = ret_counts};

    *ret_counts = (RoundCounts){0};
    set_up(&round);
    fill_deferred(&round);
    start_manager(&round);
    run_window(&round);
    drain(&round);
    judge(&round);
    tear_down(&round);
    return !round.is_broken;
}

/*
 * Workloads with rules of an administrator. W11: a site with many messages in active is suspended
 * while other mail arrives; with --quiet it is not. W12: W1 with RULES rules that concern other
 * mail; with --quiet there are none. W13: as W11, but the messages are asked for again.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/arrivals.h"
#include "tests/bench/asker.h"
#include "tests/bench/letters.h"
#include "tests/bench/workload.h"

#define RULES        10000
#define RUN_LIMIT_S  300
#define BESIDE_SITES 10
#define BESIDE_S     30 /* that much mail to arrive beside is on the stage */
#define SETTLE_MS    1000
#define METER_MS     8000 /* as long as the suspension takes, about */
#define NS_PER_S     1e9
#define ASK_EACH_US  10000

typedef struct Pile {
    unsigned letters;
    int64_t delay_us;            /* of a delivery */
    uint64_t retried, delivered; /* of them: given to the retry service, or to the site */
    int64_t begun_ns;            /* when it was suspended */
    int64_t last_ns;             /* when the last one was retried, or was asked for again */
} Pile;

/* ---- W11 ---- */

static Reaction react_to_pile(const DeliveryRequest *request, void *ctx)
{
    Pile *pile = ctx;

    if (letter_parse_serial(request->queue_id) >= pile->letters)
        return (Reaction){0};
    if (strcmp(request->transport, "retry") != 0) {
        pile->delivered++;
        return (Reaction){.delay_us = pile->delay_us};
    }
    pile->retried++;
    pile->last_ns = meter_now_ns();
    return (Reaction){.deferred = true};
}

static bool is_pile_active(const Stand *stand, void *ctx)
{
    const Pile *pile = ctx;

    return logtap_counts(stand->logtap).activated >= pile->letters &&
           lookups_count(stand->lookups) >= pile->letters;
}

static bool is_none_pending(const Stand *stand, void *ctx)
{
    (void)ctx;
    return latency_pending(stand->latency) == 0;
}

static void require_answer(const char *request, size_t request_bytes, const char *part,
                           size_t part_bytes)
{
    g_autoptr(GByteArray) tail = g_byte_array_new();
    int fd = asker_connect();

    (void)asker_ask(fd, request, request_bytes, tail);
    (void)close(fd);
    if (memmem(tail->data, tail->len, part, part_bytes) == NULL)
        g_error("the daemon has refused what it was asked for");
}

/* What the driver plays must not wait for the answer. A process of its own would hold its sockets
 * open, too, and epoll would go on telling of those that the driver has closed. */
static gpointer suspend(gpointer data)
{
    static const char request[] =
        "verb\0suspend\0what\0pile0.test\0new\0001\0for\00036000\0reason\0bench\0";

    (void)data;
    require_answer(request, sizeof(request), "row\0end", sizeof("row\0end"));
    return NULL;
}

/* Ends with the job. */
static gpointer reresolve(gpointer data)
{
    static const char request[] = "verb\0reresolve\0what\0pile0.test\0", jobs[] = "verb\0jobs\0";
    g_autoptr(GByteArray) tail = g_byte_array_new();
    Pile *pile = data;
    int fd = asker_connect();

    require_answer(request, sizeof(request), "row\0end", sizeof("row\0end"));
    do {
        (void)usleep(ASK_EACH_US);
        (void)asker_ask(fd, jobs, sizeof(jobs), tail);
    } while (memmem(tail->data, tail->len, "state\0asking", sizeof("state\0asking")) != NULL);
    pile->last_ns = meter_now_ns();
    (void)close(fd);
    return NULL;
}

/* Those that an agent had when the suspension came are removed. */
static bool is_pile_held(const Stand *stand, void *ctx)
{
    const Pile *pile = ctx;

    (void)stand;
    return pile->retried + pile->delivered >= pile->letters;
}

/* The same time is measured with and without what is asked for. */
static void measure_verb(Stand *stand, const Workload *workload, Pile *pile, GThreadFunc verb)
{
    int fd = asker_connect();
    LoopBusy before = {.bucket_count = 0}, after = {.bucket_count = 0};
    Meter meter;
    GThread *thread;

    asker_read_loop(fd, &before);
    latency_reset(stand->latency);
    stand_meter_start(stand);
    pile->begun_ns = meter_now_ns();
    thread = stand->options.quiet ? NULL : g_thread_new("verb", verb, pile);
    stand_run_for(stand, METER_MS);
    meter = stand_meter_stop(stand);
    if (thread != NULL)
        (void)g_thread_join(thread);
    asker_read_loop(fd, &after);
    (void)close(fd);
    if (!stand->options.quiet)
        workload_result(workload, "loop_p99_ms", loop_busy_p99_ms(&before, &after));
    workload_report_meter(workload, stand, &meter, pile->letters);
}

static void run_verb(Stand *stand, const Workload *workload, Pile *pile, GThreadFunc verb)
{
    Arrivals *arrivals;

    pile->letters = stand_scaled(stand, workload->letters);
    pile->delay_us = workload->delay_us;
    workload_write_letters(stand, LETTERS_STAGE, 0, pile->letters, "pile", workload->sites);
    workload_write_letters(stand, LETTERS_STAGE, pile->letters, workload->per_s * BESIDE_S, "fast",
                           BESIDE_SITES);
    stand->react = react_to_pile;
    stand->react_ctx = pile;
    stand_start(stand);
    for (unsigned i = 0; i < pile->letters; i++)
        letter_arrive(i);
    stand_trigger(stand, "W");
    stand_run_until(stand, is_pile_active, pile, RUN_LIMIT_S);
    arrivals = arrivals_start(stand, pile->letters, workload->per_s * BESIDE_S, workload->per_s);
    stand_run_for(stand, SETTLE_MS);
    measure_verb(stand, workload, pile, verb);
    arrivals_stop(arrivals);
    stand_run_until(stand, is_none_pending, NULL, RUN_LIMIT_S);
    workload_report_latency(workload, stand);
}

void run_suspended(Stand *stand, const Workload *workload)
{
    Pile pile = {.letters = 0};

    run_verb(stand, workload, &pile, suspend);
    if (stand->options.quiet)
        return;
    stand_run_until(stand, is_pile_held, &pile, RUN_LIMIT_S);
    workload_result(workload, "all_done_s", (double)(pile.last_ns - pile.begun_ns) / NS_PER_S);
}

/* ---- W13 ---- */

void run_reresolved(Stand *stand, const Workload *workload)
{
    Pile pile = {.letters = 0};

    run_verb(stand, workload, &pile, reresolve);
    if (!stand->options.quiet)
        workload_result(workload, "all_done_s", (double)(pile.last_ns - pile.begun_ns) / NS_PER_S);
}

/* ---- W12 ---- */

/* Of each kind a quarter, so that a lookup has to look for all kinds. */
static void write_rules(const Core *core)
{
    static const char *const objects[] = {"domain=rule%u.test", "domain=.rule%u.test",
                                          "destination=rule%u.test", "transport=rule%u"};
    g_autoptr(GString) text = g_string_new("eqmgr-control 1\n");
    g_autoptr(GError) error = NULL;

    g_string_append_printf(text, "next %u\n", RULES + 1);
    for (unsigned i = 0; i < RULES; i++) {
        g_string_append_printf(text, "suspend %u ", i + 1);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        g_string_append_printf(text, objects[i % G_N_ELEMENTS(objects)], i);
#pragma GCC diagnostic pop
        g_string_append(text, " made=1764380000 until=forever uid=0 reason=bench\n");
    }
    g_string_append_printf(text, "end %u\n", RULES + 1);
    if (!g_file_set_contents("data/eqmgr-control", text->str, (gssize)text->len, &error))
        g_error("%s", error->message);
    core_give_away(core, "data/eqmgr-control");
}

void run_ruled(Stand *stand, const Workload *workload)
{
    if (!stand->options.quiet)
        write_rules(&stand->core);
    run_bulk(stand, workload);
}

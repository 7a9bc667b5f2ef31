#include "tests/sched/bench_world.h"

#include <time.h>

#include "tests/support/transport_params.h"

/* No limit gets in the way that the shapes do not set. */
#define PLENTY 1000000000

static SchedTransportParams params(int window)
{
    SchedTransportParams params = usual_transport_params();

    params.destination_concurrency_limit = params.initial_destination_concurrency = window;
    params.recipient_limit = PLENTY;
    return params;
}

BenchWorld *bench_world_new(SchedStrategy strategy, size_t recipient_count, int window)
{
    BenchWorld *world = g_new0(BenchWorld, 1);
    const SchedTransportParams transport_params = params(window);
    SchedSettings settings = usual_sched_settings();

    settings.strategy = strategy;
    settings.message_active_limit = settings.message_recipient_limit = PLENTY;
    settings.initial_destination_concurrency = window;
    settings.retry_params = transport_params;
    world->sched = sched_new(&settings);
    world->transport = sched_transport_add(world->sched, "smtp", &transport_params);
    world->now = (SchedNow){1000000, 1000000, 1000000, 0};
    world->running = g_ptr_array_new();
    world->recipients = g_new0(Link, recipient_count);
    world->recipient_count = recipient_count;
    world->dice = 1;
    return world;
}

void bench_world_free(BenchWorld *world)
{
    sched_free(world->sched);
    g_ptr_array_unref(world->running);
    g_free(world->recipients);
    g_free(world);
}

/* splitmix64 */
uint64_t bench_roll(BenchWorld *world, uint64_t end)
{
    uint64_t bits = world->dice += UINT64_C(0x9e3779b97f4a7c15);

    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return (bits ^ bits >> 31) % end;
}

SchedDestination *bench_destination(BenchWorld *world, uint64_t number)
{
    char name[32];

    (void)g_snprintf(name, sizeof(name), "d%" G_GUINT64_FORMAT ".example", number);
    return sched_destination_get(world->sched, world->transport, name, name);
}

SchedMessage *bench_mail(BenchWorld *world, uint64_t first, int recipient_count)
{
    const SchedBatch batch = {.read_count = recipient_count, .fully_read = true};
    SchedMessage *message = sched_message_add(world->sched, NULL, world->now);

    g_assert(world->recipients_used + (size_t)recipient_count <= world->recipient_count);
    sched_batch_begin(world->sched, message, &batch);
    for (int i = 0; i < recipient_count; i++)
        sched_batch_assign(world->sched, message, bench_destination(world, first + (uint64_t)i),
                           &world->recipients[world->recipients_used++], world->now);
    sched_batch_end(world->sched, message, world->now);
    return message;
}

bool bench_start(BenchWorld *world)
{
    SchedTransport *transport = sched_next_connection(world->sched);
    SchedEntry *entry;
    SchedMessage *message;

    if (transport == NULL)
        return false;
    (void)sched_connection_ready(world->sched, transport);
    if (sched_select(world->sched, transport, world->now, &entry, &message) != SCHED_SELECTED)
        return false;
    g_ptr_array_add(world->running, entry);
    return true;
}

void bench_finish(BenchWorld *world, guint place)
{
    static const SchedResult delivered = {.status = "", .reason = ""};
    SchedEntry *entry = g_ptr_array_remove_index_fast(world->running, place);
    SchedMessage *message = sched_entry_message(entry);

    (void)sched_entry_finish(world->sched, entry, &delivered, world->now);
    if (sched_message_outstanding(message) == 0)
        sched_message_remove(world->sched, message);
}

int64_t bench_clock_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

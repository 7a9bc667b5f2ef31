#include <math.h>

#include "tests/simulate/world_internal.h"

/* Any second will do, but for 0. */
#define START_S 1000000

/* More connections in one instant than this that find no work: the core is going in circles. */
#define FRUITLESS_MAX 100000

/* The dice of what the seed is for. */
enum { DICE_ARRIVALS, DICE_DELIVERIES };

SchedNow world_sched_now(const World *world)
{
    int64_t now_s = START_S + world->now_us / US_PER_S;

    return (SchedNow){.wall_s = now_s, .timer_s = now_s, .steady_s = now_s};
}

void world_at(World *world, Event *event, EventKind kind, int64_t time_us)
{
    event->kind = kind;
    heap_set(&world->events, &event->node, time_us);
}

const SiteClass *world_site_class(const World *world, uint32_t site)
{
    const SiteClass *class = world->scenario->sites;

    while (site >= class->first + class->count)
        class ++;
    return class;
}

/* ---- arrivals ---- */

static void schedule_arrival(World *world, Source *source)
{
    const MailClass *class = &world->scenario->mails[source->class];
    int64_t time_us;

    if (class->rate_per_s > 0)
        source->next_s += dice_exponential(&source->dice, 1 / class->rate_per_s);
    else if (source->mail_count == class->message_count)
        return;
    time_us = (int64_t)llround(source->next_s * US_PER_S);
    if (class->rate_per_s == 0 || time_us < class->until_us)
        world_at(world, &source->event, EVENT_ARRIVAL, time_us);
}

static void on_arrival(World *world, Source *source)
{
    mail_arrive(world, source->class, dice_of(source->dice, source->mail_count++));
    schedule_arrival(world, source);
}

static void start_sources(World *world)
{
    Dice dice = dice_of(world->dice, DICE_ARRIVALS);

    for (unsigned i = 0; i < world->scenario->mail_class_count; i++) {
        Source *source = &world->sources[i];

        source->class = i;
        source->dice = dice_of(dice, i);
        source->next_s = (double)world->scenario->mails[i].from_us / US_PER_S;
        schedule_arrival(world, source);
    }
}

/* ---- the life of a world ---- */

World *world_new(const Scenario *scenario, SchedStrategy strategy, uint64_t seed)
{
    World *world = g_new0(World, 1);
    SchedSettings settings = scenario->settings;

    settings.strategy = strategy;
    world->scenario = scenario;
    world->is_preemptive = strategy == SCHED_PREEMPTIVE;
    world->sched = sched_new(&settings);
    world->tally = tally_new(scenario);
    world->dice.state = seed;
    heap_init(&world->events);
    slab_init(&world->mails, sizeof(Mail));
    slab_init(&world->recipients, sizeof(Recipient));
    slab_init(&world->deliveries, sizeof(Delivery));
    TAILQ_INIT(&world->incoming);
    TAILQ_INIT(&world->due);
    TAILQ_INIT(&world->idle);
    world->bound = g_array_new(FALSE, FALSE, sizeof(Bound));
    for (unsigned i = 0; i < scenario->site_class_count; i++)
        world->spreads[i] = spread_new(scenario->sites[i].count, scenario->sites[i].zipf_exponent);
    agents_init(world);
    start_sources(world);
    return world;
}

void world_free(World *world)
{
    if (world == NULL)
        return;
    sched_free(world->sched);
    heap_clear(&world->events); /* while what is in it exists */
    mail_clear_all(world);
    slab_clear(&world->mails);
    slab_clear(&world->recipients);
    slab_clear(&world->deliveries);
    for (unsigned i = 0; i < SCENARIO_CLASSES_MAX; i++)
        spread_free(world->spreads[i]);
    g_array_unref(world->bound);
    tally_free(world->tally);
    g_free(world);
}

int64_t world_time_us(const World *world)
{
    return world->now_us;
}

uint64_t world_waiting_count(const World *world)
{
    return world->waiting_count;
}

Tally *world_steal_tally(World *world)
{
    return g_steal_pointer(&world->tally);
}

void world_check(const World *world)
{
    sched_check(world->sched);
    heap_check(&world->events);
}

/* ---- time ---- */

static void run_timers(World *world)
{
    SchedNow now = world_sched_now(world);

    if (sched_next_timer_s(world->sched) <= now.timer_s)
        sched_run_timers(world->sched, now);
}

/* The retry service is always there, so nothing is without a way out. */
static void check_undeliverable(const World *world)
{
    const char *status, *reason;
    const SchedEntry *entry = sched_pop_undeliverable(world->sched, &status, &reason);

    g_assert(entry == NULL);
}

/* As in the turn of the daemon; it ends when nothing more can be done in this instant. */
static void settle(World *world)
{
    bool goes_on = true;

    while (goes_on && world->fruitless_count < FRUITLESS_MAX) {
        run_timers(world);
        goes_on = mail_finish_idle(world);
        agents_open_connections(world);
        goes_on = mail_take_in(world) || goes_on;
        goes_on = agents_answer(world) || goes_on;
        check_undeliverable(world);
    }
}

static void handle(World *world, Event *event)
{
    switch (event->kind) {
    case EVENT_ARRIVAL:
        on_arrival(world, ELEMENT(event, Source, event));
        break;
    case EVENT_DELIVERY:
        agents_on_delivery(world, ELEMENT(event, Delivery, event));
        break;
    case EVENT_RETRY:
        mail_on_retry(world, ELEMENT(event, Mail, event));
        break;
    }
}

/* INT64_MAX: nothing will happen any more. */
static int64_t next_time_us(const World *world)
{
    const HeapNode *first = heap_first(&world->events);
    int64_t timer_s = sched_next_timer_s(world->sched);
    int64_t event_us = first != NULL ? first->key : INT64_MAX;
    int64_t timer_us = timer_s != INT64_MAX ? (timer_s - START_S) * US_PER_S : INT64_MAX;

    return MIN(event_us, timer_us);
}

/* Timers of the core alone are no mail. */
static WorldState state_before(World *world, int64_t next_us)
{
    if (world->fruitless_count >= FRUITLESS_MAX ||
        (next_us == INT64_MAX && world->waiting_count > 0))
        return WORLD_STUCK;
    if (heap_first(&world->events) == NULL && world->waiting_count == 0)
        return WORLD_IDLE;
    if (next_us > world->scenario->duration_us) {
        world->now_us = world->scenario->duration_us;
        return WORLD_OVER;
    }
    return WORLD_RUNNING;
}

WorldState world_advance(World *world, unsigned event_count)
{
    WorldState state = WORLD_RUNNING;

    for (unsigned i = 0; i < event_count && state == WORLD_RUNNING; i++) {
        int64_t next_us = next_time_us(world);
        HeapNode *first = heap_first(&world->events);

        state = state_before(world, next_us);
        if (state != WORLD_RUNNING)
            break;
        if (next_us > world->now_us) {
            world->now_us = next_us;
            world->fruitless_count = 0;
        }
        if (first != NULL && first->key == next_us) {
            heap_remove(&world->events, first);
            handle(world, ELEMENT(first, Event, node));
        }
        settle(world);
    }
    return state;
}

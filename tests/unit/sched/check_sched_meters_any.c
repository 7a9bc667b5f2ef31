#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/sched_gauges.h"

/*
 * Meters of destinations, shared sites and transports together, over any sequence of starts,
 * refunds, other limits, kills, starts of the machine and steps of the wall clock, with both
 * strategies: what began in each window, beside what each meter promises; and by how much each
 * meter fell, beside what was given back to it.
 *
 * Time is what passes, in microseconds. The monotonic clock is that less `booted_us`.
 */

#define S           INT64_C(1000000)
#define MS          INT64_C(1000)
#define STEPS       20000
#define UNITS_MAX   4 /* recipients of a delivery */
#define WALL        (INT64_C(1764380000) * S)
#define WAITING_MAX 600

typedef struct Running {
    SchedEntry *entry;
    int transport, destination; /* transport -1: retry */
    guint begun[GAUGES_PER_DELIVERY];
} Running;

typedef struct Fate {
    guint32 seed;
    GRand *dice;
    World world;
    SchedStrategy strategy;
    MeterBook *book;
    char boot[16], *disk, *writing;
    int64_t disk_ahead_us, writing_ahead_us; /* the wall clock when these texts were made */
    int64_t now_us, booted_us, wall_ahead_us, written_us;
    unsigned process, boots, refunds, changes, full_windows;
    Gauges gauges;
    GArray *running; /* Running */
} Fate;

static const char *const limits[] = {"5/1s burst 3",  "60/1m burst 1", "7/10s burst 2",
                                     "30/1m burst 9", "20/10s",        "6/1m burst 3",
                                     "60/1h burst 1", "12/1m burst 6", "120/1h burst 5"};

static int roll(Fate *fate, int most)
{
    return g_rand_int_range(fate->dice, 0, most);
}

static bool chance(Fate *fate, int one_in)
{
    return roll(fate, one_in) == 0;
}

static int64_t mono(const Fate *fate)
{
    return fate->now_us - fate->booted_us;
}

static int64_t wall(const Fate *fate)
{
    return WALL + fate->now_us + fate->wall_ahead_us;
}

/* Some limit, or none. */
static void roll_limit(Gauge *gauge, void *ctx)
{
    Fate *fate = ctx;
    MeterLimit limit;

    ck_assert_pstr_eq(meter_limit_parse(limits[roll(fate, G_N_ELEMENTS(limits))], &limit), NULL);
    gauge_set(gauge, chance(fate, gauge->kind == METER_DELIVERIES ? 4 : 2) ? NULL : &limit);
}

static void look_at_all(Fate *fate, const GaugesBack *back)
{
    static const GaugesBack nothing = {-1, -1, 0};

    gauges_look(&fate->gauges, &fate->world, back != NULL ? back : &nothing, fate->booted_us,
                fate->seed);
}

/* ---- mail ---- */

static void step_add(Fate *fate)
{
    int transport = roll(fate, GAUGES_TRANSPORTS), destination = roll(fate, GAUGES_DESTINATIONS);

    gauges_apply(&fate->gauges, &fate->world, transport, destination);
    while (sched_message_count(fate->world.sched) < WAITING_MAX && !chance(fate, 10)) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (int i = chance(fate, 3) ? roll(fate, UNITS_MAX) : 0; i >= 0; i--)
            g_string_append_printf(text, "%st%d/d%d:r%d", text->len > 0 ? " " : "", transport + 1,
                                   destination, i);
        (void)mail_add(&fate->world, text->str);
    }
}

static void note_begun(Fate *fate, Running *running)
{
    int64_t recipients = (int64_t)sched_entry_recipient_count(running->entry);
    Gauge *gauges[GAUGES_PER_DELIVERY];
    int count = gauges_of(&fate->gauges, running->transport, running->destination, gauges);

    for (int i = 0; i < count; i++)
        running->begun[i] = gauge_begin(gauges[i], recipients, fate->now_us, fate->process);
}

static void forget_begun(Fate *fate, const Running *running)
{
    Gauge *gauges[GAUGES_PER_DELIVERY];
    int count = gauges_of(&fate->gauges, running->transport, running->destination, gauges);

    for (int i = 0; i < count; i++)
        gauge_give_back(gauges[i], running->begun[i]);
    fate->refunds++;
}

static void step_begin(Fate *fate)
{
    SchedEntry *entry;

    while (!chance(fate, 12) && (entry = world_connect(&fate->world)) != NULL) {
        const SchedDestination *destination = sched_entry_destination(entry);
        const char *transport = sched_transport_name(sched_destination_transport(destination));
        Running running = {.entry = entry, .transport = -1};

        if (transport[0] == 't') {
            running.transport = transport[1] - '1';
            running.destination = sched_destination_name(destination)[1] - '0';
            note_begun(fate, &running);
        }
        g_array_append_val(fate->running, running);
    }
}

/* No host was talked to: it is given back. */
static void end_in_vain(Fate *fate, const Running *running)
{
    const GaugesBack back = {running->transport, running->destination,
                             (int64_t)sched_entry_recipient_count(running->entry)};

    forget_begun(fate, running);
    look_at_all(fate, NULL);
    if (chance(fate, 20))
        sched_entry_give_back(fate->world.sched, running->entry, "4.3.0", "no agent",
                              fate->world.now);
    else
        world_finish(&fate->world, running->entry, &refused);
    world_record_undeliverable(&fate->world);
    look_at_all(fate, &back);
}

static void step_end(Fate *fate)
{
    while (fate->running->len > 0 && !chance(fate, 3)) {
        guint which = (guint)roll(fate, (int)fate->running->len);
        Running running = g_array_index(fate->running, Running, which);

        g_array_remove_index(fate->running, which);
        if (running.transport >= 0 && chance(fate, 4)) {
            end_in_vain(fate, &running);
            continue;
        }
        world_finish(&fate->world, running.entry, chance(fate, 8) ? &crashed : &delivered);
        world_record_undeliverable(&fate->world);
        look_at_all(fate, NULL);
    }
}

static void step_change(Fate *fate)
{
    Gauge *gauges[GAUGES_PER_DELIVERY];
    int transport = roll(fate, GAUGES_TRANSPORTS), destination = roll(fate, GAUGES_DESTINATIONS);
    int count = gauges_of(&fate->gauges, transport, destination, gauges);

    if (!chance(fate, 40))
        return;
    roll_limit(gauges[roll(fate, count)], fate);
    gauges_apply(&fate->gauges, &fate->world, transport, destination);
    fate->changes++;
}

static void step_other(Fate *fate)
{
    if (chance(fate, 20))
        sched_flush(fate->world.sched);
    if (chance(fate, 40))
        fate->wall_ahead_us += (roll(fate, 7200) - 3600) * S;
}

/* ---- time and the disk ---- */

static void set_clock(Fate *fate)
{
    int64_t s = START_S + fate->now_us / S;

    fate->world.now = (SchedNow){s, s, s, mono(fate)};
}

static void step_time(Fate *fate)
{
    int64_t next_us = sched_next_pace_us(fate->world.sched);

    if (chance(fate, 2) && next_us != INT64_MAX)
        fate->now_us += MAX(next_us - mono(fate), 0);
    else
        fate->now_us += chance(fate, 10) ? roll(fate, 30000) * MS : roll(fate, 300) * MS;
    set_clock(fate);
    sched_run_timers(fate->world.sched, fate->world.now);
    world_record_undeliverable(&fate->world);
}

static MeterBookOwner owner_of(const Fate *fate)
{
    return (MeterBookOwner){"h", "i", fate->boot};
}

/* What was being written is there. */
static void take_writing(Fate *fate)
{
    g_free(fate->disk);
    fate->disk = g_steal_pointer(&fate->writing);
    fate->disk_ahead_us = fate->writing_ahead_us;
}

static void step_disk(Fate *fate)
{
    const MeterBookOwner owner = owner_of(fate);
    GString *text;

    if (fate->writing != NULL && fate->written_us <= fate->now_us) {
        take_writing(fate);
        meter_book_written(fate->book, true);
        sched_meters_written(fate->world.sched, fate->world.now);
    }
    if (fate->writing != NULL || !meter_book_is_due(fate->book))
        return;
    text = meter_book_write(fate->book, &owner, mono(fate), wall(fate));
    fate->writing = g_string_free(text, FALSE);
    fate->writing_ahead_us = fate->wall_ahead_us;
    fate->written_us = fate->now_us + roll(fate, 1000) * MS;
}

/* ---- processes ---- */

static void forget_life(Gauge *gauge, void *ctx)
{
    (void)ctx;
    gauge->life = 0;
}

static void begin_era(Gauge *gauge, void *ctx)
{
    (void)ctx;
    gauge_begin_era(gauge);
}

static void begin_process(Fate *fate)
{
    const MeterBookOwner owner = owner_of(fate);

    world_init(&fate->world, fate->strategy);
    fate->world.params.destination_concurrency_limit = 20;
    fate->world.params.initial_destination_concurrency = 10;
    fate->world.params.failed_cohort_limit = (int)(fate->process % 3);
    set_clock(fate);
    fate->book = meter_book_new(mono(fate), false);
    ck_assert_pstr_eq(
        meter_book_read(fate->book, fate->disk, strlen(fate->disk), &owner, mono(fate), wall(fate)),
        NULL);
    fate->world.settings.meters = fate->book;
    (void)world_sched(&fate->world);
    fate->process++;
    gauges_each(&fate->gauges, forget_life, NULL);
}

static void end_process(Fate *fate)
{
    if (fate->writing != NULL && chance(fate, 2))
        take_writing(fate);
    g_clear_pointer(&fate->writing, g_free);
    world_clear(&fate->world);
    meter_book_free(fate->book);
    g_array_set_size(fate->running, 0);
}

/*
 * The clock may be set meanwhile. If the machine is started anew, too, and the clock was set
 * forward since the file was made, nobody can tell: then nothing is promised about the time before.
 */
static void step_kill(Fate *fate)
{
    if (!chance(fate, 40))
        return;
    end_process(fate);
    fate->now_us += roll(fate, 2000) * MS;
    if (chance(fate, 2))
        fate->wall_ahead_us += (roll(fate, 7200) - 3600) * S;
    if (chance(fate, 4)) {
        (void)g_snprintf(fate->boot, sizeof(fate->boot), "boot%u", ++fate->boots);
        fate->now_us += 20 * S;
        fate->booted_us = fate->now_us - roll(fate, 10000) * MS;
        if (fate->wall_ahead_us > fate->disk_ahead_us)
            gauges_each(&fate->gauges, begin_era, NULL);
    }
    begin_process(fate);
}

/* ---- all together ---- */

static void play(Fate *fate)
{
    static void (*const steps[])(Fate * fate) = {step_add,    step_add,   step_add,  step_begin,
                                                 step_begin,  step_end,   step_time, step_time,
                                                 step_change, step_other, step_kill};

    for (int i = 0; i < STEPS; i++) {
        steps[roll(fate, G_N_ELEMENTS(steps))](fate);
        step_disk(fate);
        look_at_all(fate, NULL);
        meter_book_check(fate->book);
        if (i % 50 == 0)
            sched_check(fate->world.sched);
    }
}

static void check_windows(Gauge *gauge, void *ctx)
{
    Fate *fate = ctx;

    fate->full_windows += gauge_check(gauge, UNITS_MAX, fate->seed);
}

START_TEST(no_window_holds_more_and_no_meter_falls_by_more_than_was_given_back)
{
    Fate *fate = g_new0(Fate, 1);

    fate->seed = g_random_int();
    (void)printf("meters: seed %u\n", fate->seed);
    fate->dice = g_rand_new_with_seed(fate->seed);
    fate->strategy = _i % 2 == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN;
    fate->now_us = 1000 * S;
    fate->disk = g_strdup("eqmgr-state 1\nhost h\ninstance i\nend 2\n");
    fate->running = g_array_new(FALSE, FALSE, sizeof(Running));
    (void)g_strlcpy(fate->boot, "boot0", sizeof(fate->boot));
    gauges_init(&fate->gauges);
    gauges_each(&fate->gauges, roll_limit, fate);
    begin_process(fate);
    play(fate);
    end_process(fate);
    gauges_each(&fate->gauges, check_windows, fate);
    (void)printf("%u full windows, %u refunds, %u changes, %u processes\n", fate->full_windows,
                 fate->refunds, fate->changes, fate->process);
    ck_assert_uint_gt(fate->full_windows, 10); /* else it has shown nothing */
    ck_assert_uint_gt(fate->process, 5);
    ck_assert_uint_gt(fate->refunds, 10);
    ck_assert_uint_gt(fate->changes, 5);
    gauges_clear(&fate->gauges);
    g_free(fate->disk);
    g_array_unref(fate->running);
    g_rand_free(fate->dice);
    g_free(fate);
}
END_TEST

int main(void)
{
    TCase *any = tcase_create("any sequence");

    tcase_set_timeout(any, LONG_TEST_S);
    tcase_add_loop_test(any, no_window_holds_more_and_no_meter_falls_by_more_than_was_given_back, 0,
                        6);
    return run_suite("sched/meters, any sequence", any, NULL);
}

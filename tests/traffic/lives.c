#include "tests/traffic/lives.h"

#include <stdlib.h>
#include <string.h>

#include "src/sched/objects_internal.h"
#include "tests/traffic/parts.h"
#include "tests/traffic/road.h"

#define FILE_EACH_US  ROAD_S /* as control/keeper */
#define DISK_MIN_US   (ROAD_S / 500)
#define DISK_MORE_US  (ROAD_S / 5) /* a file takes up to this longer */
#define WALL_START_US (INT64_C(1764380000) * ROAD_S)
#define AWAKE_US      (INT64_C(3600) * ROAD_S) /* how long the machine is up in the beginning */
#define BOOT_US       (20 * ROAD_S)            /* and when a process begins after its start */

struct Lives {
    GRand *dice;
    MeterLimit limit;
    RoadTerms terms;
    int64_t service_us;
    Road road; /* its time is the monotonic clock of the machine */
    MeterBook *book;
    char *disk, *writing; /* NULL: there is no file; none is being written */
    int64_t written_us;   /* monotonic: when that is done */
    int64_t file_us;      /* none is begun before */
    unsigned boot_number;
    char boot[16];
    int64_t passed_us;          /* time less that of the monotonic clock */
    int64_t wall_ahead_us;      /* wall clock less time */
    int64_t slew_us, slewed_us; /* each second; up to this time it is counted */
    Meter all_knowing;          /* a meter that no kill and no clock ever changed */
    int64_t next_us;            /* when the process that was killed would have gone on */
    GArray *begun;              /* int64_t, times */
    LivesSum sum;
};

int64_t lives_roll(Lives *lives, int64_t most)
{
    return (int64_t)(g_rand_double(lives->dice) * (double)most);
}

int64_t lives_now_us(const Lives *lives)
{
    return lives->road.now_us + lives->passed_us;
}

const MeterLimit *lives_limit(const Lives *lives)
{
    return &lives->limit;
}

static int64_t lives_wall_us(Lives *lives)
{
    int64_t now_us = lives_now_us(lives);

    lives->wall_ahead_us += (now_us - lives->slewed_us) / ROAD_S * lives->slew_us;
    lives->slewed_us += (now_us - lives->slewed_us) / ROAD_S * ROAD_S;
    return now_us + lives->wall_ahead_us;
}

/* ---- deliveries ---- */

static RoadAnswer note_start(Road *road, void *ctx)
{
    Lives *lives = ctx;
    int64_t now_us = lives_now_us(lives);

    (void)road;
    lives->sum.above += meter_free_units(&lives->all_knowing, now_us) == 0;
    (void)meter_charge(&lives->all_knowing, 1, now_us);
    g_array_append_val(lives->begun, now_us);
    return (RoadAnswer){false, lives->service_us};
}

/* ---- processes ---- */

static MeterBookOwner lives_owner(const Lives *lives)
{
    return (MeterBookOwner){"h", "i", lives->boot};
}

static int64_t next_delivery_us(const Lives *lives)
{
    const SitePace *pace = lives->road.destination->pace;

    return meter_next_free_us(&pace->meters[METER_DELIVERIES]) + lives->passed_us;
}

/* By how much the next delivery is later than it would have been without the kill. */
static void note_loss(Lives *lives)
{
    int64_t now_us = lives_now_us(lives);
    int64_t lost_us = MAX(next_delivery_us(lives), now_us) - MAX(lives->next_us, now_us);

    lives->sum.lost_us += lost_us;
    lives->sum.most_lost_us = MAX(lives->sum.most_lost_us, lost_us);
}

static void begin_process(Lives *lives, int64_t mono_us)
{
    const MeterBookOwner owner = lives_owner(lives);
    g_autofree char *fault = NULL;

    lives->book = meter_book_new(mono_us, false);
    lives->terms.meters = lives->book;
    lives->terms.now_us = mono_us;
    lives->road.now_us = mono_us; /* for the wall clock */
    if (lives->disk != NULL)
        fault = meter_book_read(lives->book, lives->disk, strlen(lives->disk), &owner, mono_us,
                                lives_wall_us(lives));
    if (fault != NULL)
        abort();
    road_init(&lives->road, &lives->terms);
    lives->road.on_begin = note_start;
    lives->road.ctx = lives;
    sched_destination_pace(lives->road.destination, &lives->limit, NULL, road_now(&lives->road));
    lives->file_us = mono_us;
    if (lives->sum.kills > 0)
        note_loss(lives);
}

/* A file that is being written is the old one or the new one. */
static void end_process(Lives *lives)
{
    lives->next_us = next_delivery_us(lives);
    if (lives->writing != NULL && lives_roll(lives, 2) == 0) {
        g_free(lives->disk);
        lives->disk = g_steal_pointer(&lives->writing);
    }
    g_clear_pointer(&lives->writing, g_free);
    road_clear(&lives->road);
    meter_book_free(lives->book);
}

Lives *lives_new(const char *rate, int window, int64_t service_us, guint32 seed)
{
    Lives *lives = g_new0(Lives, 1);

    if (meter_limit_parse(rate, &lives->limit) != NULL)
        abort();
    lives->dice = g_rand_new_with_seed(seed);
    lives->terms = (RoadTerms){.window = window, .limit = window};
    lives->service_us = service_us;
    lives->wall_ahead_us = WALL_START_US;
    lives->slewed_us = AWAKE_US;
    lives->begun = g_array_new(FALSE, FALSE, sizeof(int64_t));
    (void)g_strlcpy(lives->boot, "boot0", sizeof(lives->boot));
    meter_init(&lives->all_knowing, &lives->limit, AWAKE_US);
    begin_process(lives, AWAKE_US);
    return lives;
}

void lives_free(Lives *lives)
{
    end_process(lives);
    g_free(lives->disk);
    g_array_unref(lives->begun);
    g_rand_free(lives->dice);
    g_free(lives);
}

void lives_kill(Lives *lives, int64_t down_us)
{
    int64_t mono_us = lives->road.now_us + down_us;

    end_process(lives);
    lives->sum.kills++;
    begin_process(lives, mono_us);
}

void lives_reboot(Lives *lives, int64_t down_us)
{
    end_process(lives);
    lives->sum.kills++;
    lives->passed_us += lives->road.now_us + down_us - BOOT_US;
    (void)g_snprintf(lives->boot, sizeof(lives->boot), "boot%u", ++lives->boot_number);
    begin_process(lives, BOOT_US);
}

/* ---- the disk ---- */

static void begin_file_if_due(Lives *lives)
{
    const MeterBookOwner owner = lives_owner(lives);
    int64_t now_us = lives->road.now_us;
    GString *text;

    if (lives->writing != NULL || now_us < lives->file_us || !meter_book_is_due(lives->book))
        return;
    text = meter_book_write(lives->book, &owner, now_us, lives_wall_us(lives));
    lives->writing = g_string_free(text, FALSE);
    lives->written_us = now_us + DISK_MIN_US + lives_roll(lives, DISK_MORE_US);
    lives->file_us = now_us + FILE_EACH_US;
}

static void end_file_if_done(Lives *lives)
{
    if (lives->writing == NULL || lives->road.now_us < lives->written_us)
        return;
    g_free(lives->disk);
    lives->disk = g_steal_pointer(&lives->writing);
    meter_book_written(lives->book, true);
    sched_meters_written(lives->road.sched, road_now(&lives->road));
}

static int64_t lives_next_us(const Lives *lives)
{
    int64_t next_us = road_next_us(&lives->road);

    if (lives->writing != NULL)
        return MIN(next_us, lives->written_us);
    return meter_book_is_due(lives->book) ? MIN(next_us, lives->file_us) : next_us;
}

void lives_go(Lives *lives, int64_t us)
{
    int64_t until_us = lives->road.now_us + us;

    for (;;) {
        int64_t next_us;

        end_file_if_done(lives);
        road_go(&lives->road, lives->road.now_us); /* what may begin */
        begin_file_if_due(lives);
        next_us = MAX(lives_next_us(lives), lives->road.now_us);
        if (next_us > until_us)
            break;
        road_go(&lives->road, next_us);
    }
    road_go(&lives->road, until_us);
}

/* ---- clocks ---- */

void lives_set_clock(Lives *lives, int64_t by_us)
{
    lives->wall_ahead_us += by_us;
}

void lives_slew_clock(Lives *lives, int64_t us_per_s)
{
    (void)lives_wall_us(lives);
    lives->slew_us = us_per_s;
}

void lives_sleep(Lives *lives, int64_t us)
{
    lives->passed_us += us;
}

LivesSum lives_sum(const Lives *lives)
{
    LivesSum sum = lives->sum;

    sum.begun = lives->begun->len;
    sum.most = traffic_worst_window(lives->begun, lives->limit.period_s * ROAD_S);
    return sum;
}

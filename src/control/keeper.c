#include "control/keeper.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "life/inspect.h"

/* Keeper: see the header. The loop makes the text, a thread writes it (data_file). */

#define US_PER_S    INT64_C(1000000)
#define COST_FACTOR 50 /* so that making the text takes at most a fiftieth of the time */

static const DataFileNames keeper_names = {KEEPER_FILE, KEEPER_NEW, KEEPER_BROKEN};

struct Keeper {
    KeeperSubject subject;
    DataFile *file;
    struct event *timer; /* of the next file, or of the patience with this one */
    int64_t next_us;     /* no file before */
    bool is_first;       /* none was written yet */
    int write_error;     /* not 0: the file is being removed because of it */
};

static int64_t keeper_now_us(const Keeper *keeper)
{
    return life_clock(keeper->subject.life)->mono_us;
}

static void wait_for_disk(Keeper *keeper, int64_t at_us)
{
    int64_t wait_us = MAX(at_us - keeper_now_us(keeper), 0);
    struct timeval wait = {wait_us / US_PER_S, wait_us % US_PER_S};

    loop_add(keeper->timer, &wait);
}

/* ---- a disk that fails ---- */

static void give_up_disk(Keeper *keeper, const char *why)
{
    if (meter_book_is_volatile(keeper->subject.book))
        return;
    log_warning("policy: cannot write %s/%s: %s; until that is put right, rates hold in this "
                "process only",
                keeper->subject.directory, KEEPER_FILE, why);
    meter_book_set_volatile(keeper->subject.book, true);
    life_meters_written(keeper->subject.life);
}

static void trust_disk(Keeper *keeper)
{
    if (!meter_book_is_volatile(keeper->subject.book))
        return;
    log_info("policy: %s/%s is written again", keeper->subject.directory, KEEPER_FILE);
    meter_book_set_volatile(keeper->subject.book, false);
}

/*
 * A next process would believe it: so none is better. Until it is gone nothing may be delivered
 * beyond what it says, as the process may end before.
 */
static void remove_file_of_the_past(Keeper *keeper, int write_error)
{
    keeper->write_error = write_error;
    data_file_write(keeper->file, NULL, NULL);
    wait_for_disk(keeper, keeper_now_us(keeper) + keeper->subject.patience_us);
}

/* ---- files ---- */

static void begin_file(Keeper *keeper)
{
    const Now *now = life_clock(keeper->subject.life);
    int64_t begun_us = clock_mono_us(), cost_us;
    GString *text = meter_book_write(keeper->subject.book, &keeper->subject.owner, now->mono_us,
                                     now->wall_s * US_PER_S + now->wall_us);

    cost_us = clock_mono_us() - begun_us;
    keeper->next_us = now->mono_us + MAX(keeper->subject.interval_us, COST_FACTOR * cost_us);
    keeper->is_first = false;
    data_file_write(keeper->file, text, NULL);
    wait_for_disk(keeper, now->mono_us + keeper->subject.patience_us);
}

static bool is_file_due(const Keeper *keeper)
{
    const MeterBook *book = keeper->subject.book;

    return meter_book_is_due(book) || (keeper->is_first && meter_book_count(book) > 0);
}

void keeper_turn(Keeper *keeper)
{
    if (keeper == NULL || !is_file_due(keeper) || data_file_is_busy(keeper->file))
        return;
    if (keeper->next_us <= keeper_now_us(keeper))
        begin_file(keeper);
    else if (!evtimer_pending(keeper->timer, NULL))
        wait_for_disk(keeper, keeper->next_us);
}

/* It is gone, or cannot be removed either. */
static void end_removal(Keeper *keeper)
{
    give_up_disk(keeper, g_strerror(keeper->write_error));
    keeper->write_error = 0;
    keeper->next_us = keeper_now_us(keeper) + keeper->subject.retry_us;
}

static void end_file(Keeper *keeper, int error)
{
    meter_book_written(keeper->subject.book, error == 0);
    if (error != 0) {
        remove_file_of_the_past(keeper, error);
        return;
    }
    trust_disk(keeper);
    life_meters_written(keeper->subject.life);
}

static void on_file_done(int error, void *ctx)
{
    Keeper *keeper = ctx;

    (void)event_del(keeper->timer);
    if (keeper->write_error != 0)
        end_removal(keeper);
    else
        end_file(keeper, error);
}

/* Of a disk that hangs, or it is time for the next file: keeper_turn() begins that. */
static void on_keeper_timer(evutil_socket_t fd, short what, void *arg)
{
    Keeper *keeper = arg;

    (void)fd;
    (void)what;
    if (data_file_is_busy(keeper->file))
        give_up_disk(keeper, "the disk does not answer");
}

Keeper *keeper_new(struct event_base *base, const KeeperSubject *subject)
{
    Keeper *keeper = g_new0(Keeper, 1);

    keeper->subject = *subject;
    if (subject->interval_us == 0)
        keeper->subject.interval_us = KEEPER_INTERVAL_S * US_PER_S;
    if (subject->patience_us == 0)
        keeper->subject.patience_us = KEEPER_PATIENCE_S * US_PER_S;
    if (subject->retry_us == 0)
        keeper->subject.retry_us = KEEPER_RETRY_S * US_PER_S;
    keeper->is_first = true;
    keeper->timer = evtimer_new(base, on_keeper_timer, keeper);
    keeper->file = data_file_new(base, subject->directory_fd, &keeper_names, on_file_done, keeper);
    if (keeper->timer != NULL && keeper->file != NULL)
        return keeper;
    keeper_free(keeper);
    return NULL;
}

void keeper_free(Keeper *keeper)
{
    if (keeper == NULL)
        return;
    meter_book_set_volatile(keeper->subject.book, true);
    life_meters_written(keeper->subject.life);
    data_file_free(keeper->file);
    if (keeper->timer != NULL)
        event_free(keeper->timer);
    g_free(keeper);
}

/* ---- at the start ---- */

static void set_state_aside(int directory_fd, const char *fault)
{
    bool is_kept = data_file_set_aside(directory_fd, &keeper_names);

    log_warning("policy: %s: %s; what was delivered before is not known, so each rate begins with "
                "one delivery%s",
                KEEPER_FILE, fault, is_kept ? "; it is kept as " KEEPER_BROKEN : "");
}

MeterBook *keeper_load(int directory_fd, const MeterBookOwner *owner, int64_t mono_us,
                       int64_t wall_us)
{
    g_autoptr(GByteArray) bytes = data_file_read(directory_fd, &keeper_names, METER_BOOK_MAX_BYTES);
    MeterBook *book = meter_book_new(mono_us, false);
    g_autofree char *fault = NULL;

    if (bytes != NULL)
        fault =
            meter_book_read(book, (const char *)bytes->data, bytes->len, owner, mono_us, wall_us);
    else if (errno != ENOENT)
        fault = g_strdup(g_strerror(errno));
    if (fault != NULL)
        set_state_aside(directory_fd, fault);
    return book;
}

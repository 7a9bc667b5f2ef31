#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/keeper.h"
#include "policy/site.h"
#include "sched/sched.h"
#include "src/life/settle_internal.h"
#include "tests/support/life_fixture.h"

/*
 * The file of meters: written when a mark is due, read by the next process, and what happens if the
 * disk fails or hangs. fsync() is replaced in this program; only that of the thread that writes
 * fails.
 */

#define US_PER_S INT64_C(1000000)

static int fsync_errno;
static gint hangs; /* atomic */
static pthread_t main_thread;

int fsync(int fd)
{
    static int (*real)(int fd);

    if (real == NULL)
        real = (__typeof__(&fsync))dlsym(RTLD_NEXT, "fsync");
    while (!pthread_equal(pthread_self(), main_thread) && g_atomic_int_get(&hangs) != 0)
        (void)usleep(1000);
    if (!pthread_equal(pthread_self(), main_thread) && fsync_errno != 0) {
        errno = fsync_errno;
        return -1;
    }
    return real(fd);
}

/* ---- the world ---- */

static const MeterBookOwner owner = {"h", "i", NULL};
static const MeterLimit rate = {100, 3600, 5};

static MeterBook *book;
static Keeper *keeper;
static int data_fd;
static SchedDestination *site;
static int64_t patience_us, retry_us;

static void start_process(void)
{
    data_fd = data_file_open_directory(".");
    book = keeper_load(data_fd, &owner, clock_mono_us(), g_get_real_time());
    world.sched_settings.meters = book;
    world_start();
    keeper = keeper_new(world.base, &(KeeperSubject){.life = world.life,
                                                     .book = book,
                                                     .owner = owner,
                                                     .directory = ".",
                                                     .directory_fd = data_fd,
                                                     .patience_us = patience_us,
                                                     .retry_us = retry_us});
    ck_assert_ptr_nonnull(keeper);
}

static void end_process(void)
{
    g_atomic_int_set(&hangs, 0);
    fsync_errno = 0;
    keeper_free(keeper);
    world_close();
    meter_book_free(book);
    (void)close(data_fd);
}

static void setup(void)
{
    main_thread = pthread_self();
    patience_us = 60 * US_PER_S; /* a slow disk is no failed test */
    retry_us = 0;
    world_setup();
}

static void teardown(void)
{
    end_process();
    world_teardown();
}

static void turn(void)
{
    world_turn_at_most_ms(5);
    keeper_turn(keeper);
}

static SchedNow sched_now(void)
{
    const int64_t now_us = clock_mono_us();

    return (SchedNow){.mono_us = now_us, .timer_s = now_us / US_PER_S};
}

static char *content(void)
{
    char *text = NULL;

    return g_file_get_contents(KEEPER_FILE, &text, NULL, NULL) ? text : g_strdup("none");
}

static bool file_has(const char *part)
{
    g_autofree char *text = content();

    return strstr(text, part) != NULL;
}

/* A destination with a rate; its mark is due at once, as nothing is known of the past. */
static void pace_site(void)
{
    SchedTransport *transport = sched_transport_find(world.sched, "smtp");

    if (transport == NULL)
        transport = sched_transport_add(world.sched, "smtp", &world.params);
    site = sched_destination_get(world.sched, transport, "a.test", "a.test");
    sched_destination_pace(site, &rate, NULL, sched_now());
    settle_sched(world.life);
}

#define LINE "\nmeter deliveries % smtp a.test 36000000 "

/* ---- tests ---- */

START_TEST(mark_that_is_due_is_written)
{
    start_process();
    ck_assert_int_ne(access(KEEPER_FILE, F_OK), 0);
    pace_site();
    ck_assert(meter_book_is_due(book));
    while (!file_has(LINE))
        turn();
    ck_assert(file_has("eqmgr-state 1\nhost h\ninstance i\n"));
    ck_assert(file_has("\nend 3\n"));
    while (meter_book_is_due(book))
        turn();
    world_expect("");
}
END_TEST

START_TEST(next_process_knows_what_was_owed)
{
    start_process();
    pace_site();
    while (!file_has(LINE))
        turn();
    end_process();
    start_process();
    ck_assert_uint_eq(meter_book_count(book), 1);
    world_expect("");
}
END_TEST

/* There is no meter at all. */
START_TEST(level_is_written_and_found_again)
{
    const LevelNote note = {
        false,    "smtp",
        "a.test", "rate",
        "421",    {.base = {8, 0}, .now = {4, 0}, .hold_s = 1800, .stepped_us = clock_mono_us()}
    };

    start_process();
    ck_assert(!meter_book_is_due(book));
    level_book_put(meter_book_levels(book), &note);
    while (!file_has("\nlevel destination smtp a.test rate 421 ") || !file_has("\nend 3\n"))
        turn();
    end_process();
    start_process();
    ck_assert_uint_eq(level_book_count(meter_book_levels(book)), meter_book_count(book) + 1);
    level_book_remove(meter_book_levels(book), false, "smtp", "a.test");
    while (file_has("\nlevel "))
        turn();
    world_expect("");
}
END_TEST

static const int errors[] = {ENOSPC, EIO, EROFS};

START_TEST(disk_that_fails_is_warned_of_once_and_holds_nothing)
{
    g_autofree char *warning = g_strdup_printf("policy: cannot write ./eqmgr-state: %s; until that "
                                               "is put right, rates hold in this process only",
                                               g_strerror(errors[_i]));

    world_file(KEEPER_FILE, "eqmgr-state 1\nhost h\ninstance i\nend 2\n");
    retry_us = 20000;
    start_process();
    fsync_errno = errors[_i];
    pace_site();
    while (!meter_book_is_volatile(book))
        turn();
    ck_assert(was_told(warning));
    world_forget();
    while (access(KEEPER_FILE, F_OK) == 0) /* a next process does not believe it */
        turn();
    for (int i = 0; i < 20; i++)
        turn();
    world_expect("");
    fsync_errno = 0;
    while (meter_book_is_volatile(book))
        turn();
    ck_assert(was_told("policy: ./eqmgr-state is written again"));
    ck_assert(file_has(LINE));
}
END_TEST

START_TEST(disk_that_hangs_holds_nothing)
{
    patience_us = 100000;
    start_process();
    g_atomic_int_set(&hangs, 1);
    pace_site();
    while (!meter_book_is_volatile(book))
        turn();
    ck_assert(was_told("policy: cannot write ./eqmgr-state: the disk does not answer; "));
    g_atomic_int_set(&hangs, 0);
    while (meter_book_is_volatile(book))
        turn();
    ck_assert(was_told("policy: ./eqmgr-state is written again"));
}
END_TEST

START_TEST(file_of_another_host_is_set_aside)
{
    world_file(KEEPER_FILE, "eqmgr-state 1\nhost other.test\ninstance i\nend 2\n");
    start_process();
    ck_assert(was_told("policy: eqmgr-state: it is of the host other.test, and this is h; what was "
                       "delivered before is not known, so each rate begins with one delivery; it "
                       "is kept as eqmgr-state.broken"));
    ck_assert_int_eq(access(KEEPER_BROKEN, F_OK), 0);
    ck_assert_int_ne(access(KEEPER_FILE, F_OK), 0);
    end_process();
    world_forget();
    start_process(); /* that was said once */
    world_expect("");
}
END_TEST

START_TEST(link_in_place_of_the_file_is_not_followed)
{
    ck_assert_int_eq(symlink("/etc/passwd", KEEPER_FILE), 0);
    start_process();
    ck_assert(was_told("policy: eqmgr-state: Too many levels of symbolic links; "));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("keeper");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, mark_that_is_due_is_written);
    tcase_add_test(tcase, level_is_written_and_found_again);
    tcase_add_test(tcase, next_process_knows_what_was_owed);
    tcase_add_loop_test(tcase, disk_that_fails_is_warned_of_once_and_holds_nothing, 0,
                        G_N_ELEMENTS(errors));
    tcase_add_test(tcase, disk_that_hangs_holds_nothing);
    tcase_add_test(tcase, file_of_another_host_is_set_aside);
    tcase_add_test(tcase, link_in_place_of_the_file_is_not_followed);
    return run_suite("control/keeper", tcase, NULL);
}

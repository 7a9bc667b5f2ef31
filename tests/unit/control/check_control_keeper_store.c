#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/keeper.h"
#include "tests/support/daemon_child.h"
#include "tests/support/life_fixture.h"
#include "tests/support/thread_faults.h"

/*
 * The file of meters, with a fault or a kill at each system call by which it is written, or removed
 * after a fault, in turn.
 *
 * The file on the disk knows the meter of a.test; a unit of the meter of b.test waits for the next
 * one. What must hold: the unit begins only when the file that knows b.test is on the disk, or when
 * there is no file that a next process would believe, or none that can be changed. At any moment
 * the file is one of the two, whole, or there is none.
 */

#define US_PER_S INT64_C(1000000)

static const MeterBookOwner owner = {"h", "i", NULL};
static const MeterLimit rate = {100, 3600, 5};

/* A meter of this process, and the page of it. */
typedef struct Held {
    Meter meter;
    MeterPage *page;
} Held;

static MeterBook *book;
static Keeper *keeper;
static int data_fd;
static Held a, b; /* no page: not held */

/* ---- the world ---- */

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
                                                     .interval_us = 1,
                                                     .patience_us = 60 * US_PER_S,
                                                     .retry_us = 60 * US_PER_S});
    ck_assert_ptr_nonnull(keeper);
}

static void hold(Held *held, const char *destination)
{
    const MeterName name = {METER_DELIVERIES, "", "smtp", destination};

    held->page = meter_book_hold(book, &name, &rate, clock_mono_us(), &held->meter);
}

/* As the core does when a file was written. */
static void update(Held *held)
{
    if (held->page != NULL)
        meter_book_update(book, held->page, &held->meter, clock_mono_us());
}

static void let_go(Held *held)
{
    if (held->page != NULL)
        meter_book_release(book, held->page, &held->meter, clock_mono_us());
    held->page = NULL;
}

static void end_process(void)
{
    keeper_free(keeper);
    thread_faults_set(NULL);
    let_go(&a);
    let_go(&b);
    world_close();
    meter_book_free(book);
    (void)close(data_fd);
}

static void turn(void)
{
    world_turn_at_most_ms(5);
    keeper_turn(keeper);
    update(&a);
    update(&b);
}

static bool may_begin(const Held *held)
{
    return meter_free_units(&held->meter, clock_mono_us()) > 0;
}

static bool is_there(const char *name)
{
    return access(name, F_OK) == 0;
}

/* "old": it knows a.test alone; "new": b.test, too; "none". Its end is there. */
static const char *file_version(void)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(KEEPER_FILE, &text, NULL, NULL))
        return "none";
    ck_assert(g_str_has_prefix(text, "eqmgr-state 1\nhost h\ninstance i\n"));
    ck_assert(strstr(text, "\nmeter deliveries % smtp a.test 36000000 ") != NULL);
    if (strstr(text, "\nmeter deliveries % smtp b.test 36000000 ") == NULL) {
        ck_assert_msg(g_str_has_suffix(text, "\nend 3\n"), "%s", text);
        return "old";
    }
    ck_assert_msg(g_str_has_suffix(text, "\nend 4\n"), "%s", text);
    return "new";
}

/* The next process finds nothing wrong with it, and in it what the version says. */
static void expect_readable(const char *version)
{
    int fd = data_file_open_directory(".");
    MeterBook *read = keeper_load(fd, &owner, clock_mono_us(), g_get_real_time());
    unsigned expected = g_str_equal(version, "new") ? 2 : g_str_equal(version, "old") ? 1 : 0;

    world_expect("");
    ck_assert_uint_eq(meter_book_count(read), expected);
    meter_book_free(read);
    (void)close(fd);
}

/* A process, with the old file on the disk. */
static void setup(void)
{
    world_setup();
    thread_faults_set(NULL);
    start_process();
    hold(&a, "a.test");
    while (!may_begin(&a))
        turn();
    ck_assert_str_eq(file_version(), "old");
}

static void teardown(void)
{
    end_process();
    world_teardown();
}

/* b.test asks for the new file, and for one unit. */
static void ask(const ThreadFaults *faults)
{
    thread_faults_set(faults);
    hold(&b, "b.test");
    ck_assert(!may_begin(&b));
    ck_assert(meter_book_is_due(book));
}

/* ---- errors ---- */

static const int errors[] = {ENOSPC, EIO, EROFS, EDQUOT};

#define CALL_COUNT  7 /* unlinkat openat write fsync close renameat fsync */
#define RENAME_CALL 6
#define ERROR_ROWS  (CALL_COUNT * (int)G_N_ELEMENTS(errors))

static void expect_warning(int error)
{
    g_autofree char *warning = g_strdup_printf("policy: cannot write ./eqmgr-state: %s; until that "
                                               "is put right, rates hold in this process only\n",
                                               g_strerror(error));

    ck_assert(was_told(warning));
    ck_assert_uint_eq(times_told("policy: "), 1);
    world_forget();
}

static void wait_for_unit(void)
{
    while (!may_begin(&b))
        turn();
}

/* In turn: each call, with each error. */
START_TEST(failed_call_is_told_and_no_process_believes_the_file)
{
    int n = _i / (int)G_N_ELEMENTS(errors) + 1, error = errors[_i % G_N_ELEMENTS(errors)];

    ask(&(ThreadFaults){.fail_from = n, .fail_to = n, .error = error});
    wait_for_unit();
    ck_assert(thread_faults_was_hit());
    if (n == 1) { /* whether there was a file to be removed does not matter */
        ck_assert_str_eq(file_version(), "new");
        world_expect("");
        return;
    }
    expect_warning(error);
    ck_assert_str_eq(file_version(), "none");
    ck_assert(!is_there(KEEPER_NEW));
    expect_readable("none");
}
END_TEST

/* From that call on all fail: the file cannot be removed, either. */
START_TEST(dead_disk_keeps_one_of_the_two_files)
{
    int n = _i / (int)G_N_ELEMENTS(errors) + 1, error = errors[_i % G_N_ELEMENTS(errors)];
    const char *expected = n > RENAME_CALL ? "new" : "old";

    ask(&(ThreadFaults){.fail_from = n, .fail_to = INT_MAX, .error = error});
    wait_for_unit();
    expect_warning(error);
    ck_assert_str_eq(file_version(), expected);
    expect_readable(expected);
}
END_TEST

START_TEST(short_write_goes_on)
{
    ask(&(ThreadFaults){.short_at = 3});
    wait_for_unit();
    ck_assert(thread_faults_was_hit());
    ck_assert_str_eq(file_version(), "new");
    expect_readable("new");
}
END_TEST

/* ---- kills ---- */

#define CHILD_GUARD_S 60

/* In the child: says when the unit begins. */
static void run_until_killed(void *ctx)
{
    (void)alarm(CHILD_GUARD_S);
    (void)event_reinit(world.base);
    ask(ctx);
    while (!may_begin(&b))
        turn();
    (void)!write(STDOUT_FILENO, "x", 1);
    (void)raise(SIGKILL);
}

/* Returns whether the unit began. */
static bool begins_in_child(ThreadFaults faults)
{
    ChildEnd end = run_child(run_until_killed, &faults, STDOUT_FILENO);

    ck_assert_int_eq(end.signal, SIGKILL);
    return g_str_equal(end.output, "x");
}

static const struct {
    int failed;     /* the call; 0: none */
    int call_count; /* with those of the removal: unlinkat (of the new one) unlinkat fsync */
} kills[] = {
    {0,           CALL_COUNT     },
    {2,           2 + 3          }, /* nothing is open */
    {3,           4 + 3          }, /* it is closed */
    {4,           5 + 3          },
    {5,           5 + 3          },
    {RENAME_CALL, RENAME_CALL + 3},
    {CALL_COUNT,  CALL_COUNT + 3 },
};

START_TEST(killed_at_any_call_the_next_process_knows_what_was_begun)
{
    const int failed = kills[_i].failed;
    g_autofree char *old = NULL;
    bool is_begun = false;
    int n = 1;

    ck_assert(g_file_get_contents(KEEPER_FILE, &old, NULL, NULL));
    for (; !is_begun; n++) {
        const char *version;

        ck_assert_int_le(n, kills[_i].call_count + 1);
        world_file(KEEPER_FILE, old);
        is_begun = begins_in_child(
            (ThreadFaults){.fail_from = failed, .fail_to = failed, .error = ENOSPC, .kill_at = n});
        version = file_version();
        ck_assert_msg(!is_begun || !g_str_equal(version, "old"), "%d: begun before it is known", n);
        ck_assert(failed != 0 || !g_str_equal(version, "none"));
        expect_readable(version);
    }
    ck_assert_int_eq(n - 1, kills[_i].call_count + 1); /* each call, and none */
    ck_assert_str_eq(file_version(), failed != 0 ? "none" : "new");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("keeper_store");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, failed_call_is_told_and_no_process_believes_the_file, 0, ERROR_ROWS);
    tcase_add_loop_test(tcase, dead_disk_keeps_one_of_the_two_files, 0, ERROR_ROWS);
    tcase_add_test(tcase, short_write_goes_on);
    tcase_add_loop_test(tcase, killed_at_any_call_the_next_process_knows_what_was_begun, 0,
                        G_N_ELEMENTS(kills));
    return run_suite("control/keeper_store", tcase, NULL);
}

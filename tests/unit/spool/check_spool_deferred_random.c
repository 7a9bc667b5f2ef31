#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/deferred_fixture.h"

/*
 * Random things happen to a queue, done by ourselves or by others; now and then events are taken
 * in, and then the index knows what a walk would find. EQMGR_SEED repeats a run that failed.
 */

#define ROUNDS          30
#define STEPS_PER_ROUND 400
#define NAMES           24

static GRand *dice;
static bool has_new_directory; /* that may not be watched yet */
static guint32 seed;

static int roll(int sides)
{
    return g_rand_int_range(dice, 0, sides);
}

/* The same few names again and again, spread over a few hash directories of either level. */
static char *random_id(void)
{
    int number = roll(NAMES);

    return g_strdup_printf("%d%c%03d", number % 3, "ABF"[number % 2], number);
}

static char *random_path(void)
{
    g_autofree char *queue_id = random_id();

    switch (roll(12)) {
    case 0:
        return g_strdup_printf("deferred/%d", roll(3)); /* in the place of a hash directory */
    case 1:
        return g_strdup_printf("deferred/%s", queue_id); /* unless hashed the wrong place */
    case 2:
        return g_strdup_printf("outside/%s", queue_id);
    default:
        return spool_path(fixture.spool, SPOOL_DEFERRED, queue_id);
    }
}

static void random_file(void)
{
    g_autofree char *path = random_path(), *other = random_path();
    int fd;

    switch (roll(7)) {
    case 0:
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, roll(4) == 0 ? 0600 : 0700);
        if (fd >= 0)
            (void)close(fd);
        break;
    case 1:
        (void)unlink(path);
        break;
    case 2:
        (void)chmod(path, roll(3) == 0 ? 0600 : 0700);
        break;
    case 3:
        if (link(path, other) == 0) /* what is done to a second link is no event for the first */
            (void)unlink(path);
        break;
    case 4:
        (void)!truncate(path, roll(100));
        break;
    default:
        (void)rename(path, other);
    }
}

static void random_time(void)
{
    g_autofree char *path = random_path();
    const struct timespec times[2] = {{.tv_sec = deferred.start_s + roll(1000)},
                                      {.tv_sec = deferred.start_s + roll(1000)}};

    (void)utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static void random_directory(void)
{
    g_autofree char *path = g_strdup_printf("deferred/%d", roll(3));
    g_autofree char *below = g_strdup_printf("%s/%c", path, "ABF"[roll(3)]);
    g_autofree char *other = g_strdup_printf("outside/%d", roll(3));
    const char *either = roll(2) == 0 ? path : below;

    has_new_directory = true;
    switch (roll(12)) {
    case 0:
        (void)rename(path, other);
        break;
    case 1:
    case 2:
        (void)rename(other, either);
        break;
    case 3:
        (void)!symlink("../outside", either);
        break;
    case 4:
        (void)remove(either);
        break;
    default:
        (void)mkdir(either, 0700);
    }
}

static void take_in(const char *queue_id)
{
    if (spool_move(fixture.spool, queue_id, SPOOL_DEFERRED, SPOOL_ACTIVE).status == SPOOL_OK)
        deferred_index_forget(deferred.index, queue_id);
}

/*
 * Should the file leave a new hash directory before that is watched, it stays a candidate until it
 * is due. So the event of the directory is taken in first, whoever has made it.
 */
static void defer(const char *queue_id, int64_t due_s)
{
    g_autofree char *path = spool_path(fixture.spool, SPOOL_DEFERRED, queue_id);
    g_autofree char *directory = g_path_get_dirname(path);

    has_new_directory = has_new_directory || !fixture_exists(directory);
    if (spool_set_time(fixture.spool, SPOOL_ACTIVE, queue_id, due_s).status != SPOOL_OK ||
        spool_move(fixture.spool, queue_id, SPOOL_ACTIVE, SPOOL_DEFERRED).status != SPOOL_OK)
        return;
    deferred_index_note(deferred.index, queue_id, due_s);
    if (has_new_directory)
        take_events();
    has_new_directory = false;
}

/* As the daemon does: the index is told at once. */
static void random_own_move(void)
{
    g_autofree char *queue_id = random_id();

    if (roll(2) == 0)
        take_in(queue_id);
    else
        defer(queue_id, deferred.start_s + roll(1000));
}

static void random_step(void)
{
    int what = roll(20);

    if (what < 10)
        random_file();
    else if (what < 15)
        random_time();
    else if (what < 19)
        random_own_move();
    else
        random_directory();
}

static void compare(const char *title)
{
    take_events();
    if (deferred_index_is_complete(deferred.index))
        assert_as_fresh(title);
    else
        walk_into(deferred.index);
}

START_TEST(index_knows_what_a_walk_would_find)
{
    g_autofree char *title = g_strdup_printf("EQMGR_SEED=%u, depth %d, round", seed, _i % 3);

    dice = g_rand_new_with_seed(seed + (guint32)_i);
    deferred_renew(_i % 3 == 0 ? "" : "deferred", (unsigned)(_i % 3), 1000);
    ck_assert_int_eq(mkdir("outside", 0700), 0);
    walk_into(deferred.index);
    for (int step = 0; step < STEPS_PER_ROUND; step++) {
        g_autofree char *where = g_strdup_printf("%s %d, step %d", title, _i, step);

        random_step();
        if (roll(10) == 0)
            compare(where);
    }
    compare(title);
    g_rand_free(dice);
}
END_TEST

int main(void)
{
    TCase *tcase = deferred_tcase("random");
    const char *wish = g_getenv("EQMGR_SEED");

    seed = wish != NULL ? (guint32)g_ascii_strtoull(wish, NULL, 10) : g_random_int() >> 8;
    tcase_add_loop_test(tcase, index_knows_what_a_walk_would_find, 0, ROUNDS);
    tcase_set_timeout(tcase, LONG_TEST_S);
    return run_suite("spool/deferred_random", tcase, NULL);
}

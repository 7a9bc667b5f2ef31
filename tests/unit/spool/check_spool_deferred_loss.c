#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/support/deferred_fixture.h"

/* What the index cannot follow: it says so, and another walk helps (spool.md 10.2). */

static const struct {
    const char *title;
    const char *after;
} losses[] = {
    {"a hash directory is renamed",            "move deferred/1 deferred/2"                                         },
    {"a hash directory is moved away",         "move deferred/1 x"                                                  },
    {"a link to a hash directory is removed",  "delete deferred/L"                                                  },
    {"a link to a hash directory is replaced", "put x 50; move x deferred/L"                                        },
    {"one of two links is replaced",           "put x 50; move x deferred/M"                                        },
    {"the queue's own directory is renamed",   "move deferred x; make deferred; make deferred/1; "
                                             "move x/1/1A deferred/1/1A"},
};

START_TEST(moved_directories_need_a_walk)
{
    act_all("make deferred/1; put deferred/1/1A 50; symlink deferred/L ../active; "
            "symlink deferred/M ../active");
    walk_into(deferred.index);
    act_all(losses[_i].after);
    take_events();
    assert_lost(DEFERRED_LOST_DIRECTORY, losses[_i].title);
    walk_into(deferred.index);
    assert_as_fresh(losses[_i].title);
}
END_TEST

static int64_t events_that_overflow(void)
{
    g_autofree char *text = NULL;

    ck_assert(g_file_get_contents("/proc/sys/fs/inotify/max_queued_events", &text, NULL, NULL));
    return g_ascii_strtoll(text, NULL, 10) + 2;
}

START_TEST(an_overflow_needs_a_walk)
{
    int64_t count = events_that_overflow();

    act_all("make deferred/1; put deferred/1/1A 50; put deferred/1/1B 50");
    walk_into(deferred.index);
    for (int64_t i = 0; i < count; i++) /* taking turns: equal events in a row are merged */
        ck_assert_int_eq(chmod(i % 2 == 0 ? "deferred/1/1A" : "deferred/1/1B", 0700), 0);
    act("time deferred/1/1A 70");
    take_events();
    assert_lost(DEFERRED_LOST_EVENTS, "overflow");
    walk_into(deferred.index);
    assert_known("1A@70 1B@50", "after the overflow");
    act("time deferred/1/1A 80");
    take_events();
    assert_known("1A@80 1B@50", "events after the overflow");
}
END_TEST

START_TEST(too_many_files_are_not_kept)
{
    deferred_renew("deferred", 1, 3);
    act_all("make deferred/1; put deferred/1/1A 1; put deferred/1/1B 2; put deferred/1/1C 3");
    walk_into(deferred.index);
    assert_known("1A@1 1B@2 1C@3", "as many as are allowed");
    act_all("time deferred/1/1A 7; put deferred/1/1D 4");
    take_events();
    assert_lost(DEFERRED_LOST_ROOM, "one more");
    walk_into(deferred.index);
    assert_lost(DEFERRED_LOST_ROOM, "still");
    assert_watches("", "as long as it is full");
    act("delete deferred/1/1A");
    walk_into(deferred.index);
    assert_lost(DEFERRED_LOST_ROOM, "until they are counted");
    walk_into(deferred.index);
    assert_known("1B@2 1C@3 1D@4", "it fits again");
}
END_TEST

START_TEST(a_new_directory_with_many_files_needs_a_walk)
{
    ck_assert_int_eq(mkdir("x", 0700), 0);
    for (int i = 0; i < 1500; i++) {
        g_autofree char *path = g_strdup_printf("x/1A%d", i);

        fixture_touch(path);
    }
    walk_into(deferred.index);
    act("move x deferred/1");
    take_events();
    assert_lost(DEFERRED_LOST_DIRECTORY, "many files");
    walk_into(deferred.index);
    ck_assert_uint_eq(deferred_index_count(deferred.index), 1500);
}
END_TEST

START_TEST(without_inotify_it_stays_lost_until_there_is_some)
{
    struct rlimit limit;
    rlim_t old_limit;

    act_all("make deferred/1; put deferred/1/1A 50");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    old_limit = limit.rlim_cur;
    limit.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    deferred_renew("deferred", 1, 100);
    ck_assert_int_eq(deferred_index_fd(deferred.index), -1);
    ck_assert(!deferred_index_begin_walk(deferred.index));
    assert_lost(DEFERRED_LOST_WATCHES, "no descriptors");
    ck_assert_int_eq(deferred_index_read(deferred.index).status, SPOOL_IO_ERROR);
    deferred_index_end_walk(deferred.index, true);
    limit.rlim_cur = old_limit;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    walk_into(deferred.index);
    ck_assert_int_ge(deferred_index_fd(deferred.index), 0);
    assert_known("1A@50", "with descriptors");
}
END_TEST

START_TEST(too_many_directories_are_not_watched)
{
    static const char names[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

    deferred_renew("deferred", 3, 100);
    for (int i = 0; i < 80 * 64; i++) {
        g_autofree char *path = g_strdup_printf("deferred/%c/%c/%c", names[i / 1024],
                                                names[i / 32 % 32], names[i % 32]);

        ck_assert_int_eq(g_mkdir_with_parents(path, 0700), 0);
    }
    walk_into(deferred.index);
    assert_lost(DEFERRED_LOST_WATCHES, "5000 directories");
}
END_TEST

START_TEST(a_missing_queue_cannot_be_watched)
{
    act("delete deferred");
    ck_assert(!deferred_index_begin_walk(deferred.index));
    assert_lost(DEFERRED_LOST_WATCHES, "no queue");
}
END_TEST

int main(void)
{
    TCase *loss = deferred_tcase("loss");

    tcase_add_loop_test(loss, moved_directories_need_a_walk, 0, G_N_ELEMENTS(losses));
    tcase_add_test(loss, an_overflow_needs_a_walk);
    tcase_add_test(loss, too_many_files_are_not_kept);
    tcase_add_test(loss, a_new_directory_with_many_files_needs_a_walk);
    tcase_add_test(loss, without_inotify_it_stays_lost_until_there_is_some);
    tcase_add_test(loss, too_many_directories_are_not_watched);
    tcase_add_test(loss, a_missing_queue_cannot_be_watched);
    tcase_set_timeout(loss, LONG_TEST_S);
    return run_suite("spool/deferred_loss", loss, NULL);
}

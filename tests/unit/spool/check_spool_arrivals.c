#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "spool/arrivals.h"
#include "tests/support/runner.h"

static char *directory;
static Spool *spool;
static Arrivals *arrivals;

static Spool *make_spool(const char *hash_queue_names)
{
    return spool_new(&(SpoolSettings){.hash_queue_names = hash_queue_names,
                                      .hash_queue_depth = 1,
                                      .release = RELEASE(3, 7, 11),
                                      .verp_delimiter_filter = "-=+"});
}

static void set_up(void)
{
    directory = g_dir_make_tmp("eqmgr-arrivals-XXXXXX", NULL);
    ck_assert_ptr_nonnull(directory);
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(mkdir("incoming", 0700), 0);
    spool = make_spool("deferred, defer");
    arrivals = arrivals_new(spool);
}

static void tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", directory);

    arrivals_free(arrivals);
    spool_free(spool);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&directory, g_free);
}

static void put(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0700);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "x", 1), 1);
    ck_assert_int_eq(close(fd), 0);
}

START_TEST(what_is_completed_or_moved_in_is_told)
{
    put("incoming/OLD");
    arrivals_start(arrivals);
    ck_assert_ptr_null(arrivals_next(arrivals));
    put("incoming/A1");
    put("A2");
    ck_assert_int_eq(rename("A2", "incoming/A2"), 0);
    ck_assert_str_eq(arrivals_next(arrivals), "A1");
    ck_assert_str_eq(arrivals_next(arrivals), "A2");
    ck_assert_ptr_null(arrivals_next(arrivals));
}
END_TEST

START_TEST(a_file_being_written_is_not_told)
{
    int fd;

    arrivals_start(arrivals);
    fd = open("incoming/A1", O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_ptr_null(arrivals_next(arrivals));
    ck_assert_int_eq(close(fd), 0);
    ck_assert_str_eq(arrivals_next(arrivals), "A1");
}
END_TEST

START_TEST(hash_directories_are_no_mail)
{
    arrivals_start(arrivals);
    ck_assert_int_eq(mkdir("incoming/A", 0700), 0);
    ck_assert_int_eq(mkdir("elsewhere", 0700), 0);
    ck_assert_int_eq(rename("elsewhere", "incoming/elsewhere"), 0);
    put("incoming/B");
    ck_assert_ptr_null(arrivals_next(arrivals));
}
END_TEST

START_TEST(stopping_forgets)
{
    arrivals_start(arrivals);
    put("incoming/A1");
    put("incoming/A2");
    ck_assert_str_eq(arrivals_next(arrivals), "A1");
    arrivals_stop(arrivals);
    ck_assert_ptr_null(arrivals_next(arrivals));
    arrivals_start(arrivals);
    ck_assert_ptr_null(arrivals_next(arrivals));
    put("incoming/A3");
    ck_assert_str_eq(arrivals_next(arrivals), "A3");
}
END_TEST

static unsigned count_descriptors(void)
{
    GDir *directory_of_them = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned count = 0;

    ck_assert_ptr_nonnull(directory_of_them);
    while (g_dir_read_name(directory_of_them) != NULL)
        count++;
    g_dir_close(directory_of_them);
    return count;
}

/* Closing it takes milliseconds in the kernel, while mail waits. */
START_TEST(stopping_keeps_the_descriptor)
{
    unsigned count;

    arrivals_start(arrivals);
    put("incoming/A1");
    count = count_descriptors();
    arrivals_stop(arrivals);
    ck_assert_uint_eq(count_descriptors(), count);
    arrivals_start(arrivals);
    ck_assert_uint_eq(count_descriptors(), count);
}
END_TEST

START_TEST(hashed_or_missing_incoming_is_not_watched)
{
    Spool *hashed = make_spool("incoming");
    Arrivals *blind = arrivals_new(hashed);

    arrivals_start(blind);
    put("incoming/A1");
    ck_assert_ptr_null(arrivals_next(blind));
    arrivals_free(blind);
    spool_free(hashed);

    ck_assert_int_eq(rename("incoming", "gone"), 0);
    arrivals_start(arrivals);
    ck_assert_ptr_null(arrivals_next(arrivals));
}
END_TEST

int main(void)
{
    TCase *events = tcase_create("events");

    tcase_add_checked_fixture(events, set_up, tear_down);
    tcase_add_test(events, what_is_completed_or_moved_in_is_told);
    tcase_add_test(events, a_file_being_written_is_not_told);
    tcase_add_test(events, hash_directories_are_no_mail);
    tcase_add_test(events, stopping_forgets);
    tcase_add_test(events, stopping_keeps_the_descriptor);
    tcase_add_test(events, hashed_or_missing_incoming_is_not_watched);
    return run_suite("spool/arrivals", events, NULL);
}

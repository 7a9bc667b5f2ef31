#include <sys/stat.h>

#include "tests/support/spool_fixture.h"

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All results of a scan in alphabetical order: names, and the status of what has no name. */
static char *scan_all(SpoolQueue queue)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    SpoolScan *scan;
    SpoolStatus status;
    const char *name;

    ck_assert_int_eq(spool_scan_open(fixture.spool, queue, &scan).status, SPOOL_OK);
    while ((status = spool_scan_next(scan, &name).status) != SPOOL_END)
        g_ptr_array_add(names, status == SPOOL_OK
                                   ? g_strdup(name)
                                   : g_strdup_printf("(%s: %s)", spool_status_str(status), name));
    ck_assert_int_eq(spool_scan_next(scan, &name).status, SPOOL_END);
    spool_scan_close(scan);
    g_ptr_array_sort(names, by_text);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

static void assert_scan(SpoolQueue queue, const char *want)
{
    g_autofree char *got = scan_all(queue);

    ck_assert_str_eq(got, want);
}

START_TEST(an_empty_queue_has_no_names)
{
    assert_scan(SPOOL_INCOMING, "");
}
END_TEST

START_TEST(all_names_are_given_whatever_they_are)
{
    fixture_touch("incoming/1ED00B112");
    fixture_touch("incoming/123456.789");
    fixture_write("incoming/UNREADY", "", 0, 0600);
    ck_assert_int_eq(mkdir("incoming/DIR", 0700), 0);
    fixture_touch("incoming/DIR/NEVERSEEN");
    assert_scan(SPOOL_INCOMING, "123456.789 1ED00B112 DIR UNREADY");
}
END_TEST

START_TEST(names_of_one_character_are_entered_at_every_level)
{
    ck_assert_int_eq(mkdir("deferred/1", 0700), 0);
    ck_assert_int_eq(mkdir("deferred/1/E", 0700), 0);
    ck_assert_int_eq(mkdir("deferred/2", 0700), 0);
    fixture_touch("deferred/TOP");
    fixture_touch("deferred/1/ONE");
    fixture_touch("deferred/1/E/DEEP");
    assert_scan(SPOOL_DEFERRED, "DEEP ONE TOP");
}
END_TEST

START_TEST(a_plain_file_of_one_character_does_not_stop_the_scan)
{
    ck_assert_int_eq(mkdir("deferred/1", 0700), 0);
    fixture_touch("deferred/Q");
    fixture_touch("deferred/1/R");
    fixture_touch("deferred/1/GOOD");
    assert_scan(SPOOL_DEFERRED, "(not a regular file: 1/R) (not a regular file: Q) GOOD");
}
END_TEST

START_TEST(links_that_lead_in_circles_end)
{
    g_autofree char *got = NULL;

    ck_assert_int_eq(symlink(".", "incoming/L"), 0);
    fixture_touch("incoming/MESSAGE");
    got = scan_all(SPOOL_INCOMING);
    ck_assert_uint_lt(strlen(got), 100);
}
END_TEST

START_TEST(a_link_to_nowhere_is_a_directory_that_is_gone)
{
    ck_assert_int_eq(symlink("nowhere", "incoming/L"), 0);
    fixture_touch("incoming/MESSAGE");
    assert_scan(SPOOL_INCOMING, "(gone: incoming/L) MESSAGE");
}
END_TEST

START_TEST(a_missing_queue_is_gone)
{
    SpoolScan *scan = NULL;

    ck_assert_int_eq(rmdir("incoming"), 0);
    ck_assert_int_eq(spool_scan_open(fixture.spool, SPOOL_INCOMING, &scan).status, SPOOL_GONE);
    ck_assert_ptr_null(scan);
}
END_TEST

START_TEST(a_queue_that_is_a_file_is_an_error)
{
    SpoolScan *scan = NULL;

    ck_assert_int_eq(rmdir("incoming"), 0);
    fixture_touch("incoming");
    fixture_refused(spool_scan_open(fixture.spool, SPOOL_INCOMING, &scan), ENOTDIR);
}
END_TEST

START_TEST(files_may_move_away_during_a_scan)
{
    SpoolScan *scan;
    const char *name;
    int count = 0;

    for (int i = 0; i < 100; i++) {
        g_autofree char *path = g_strdup_printf("incoming/FILE%d", i);

        fixture_touch(path);
    }
    ck_assert_int_eq(spool_scan_open(fixture.spool, SPOOL_INCOMING, &scan).status, SPOOL_OK);
    while (spool_scan_next(scan, &name).status == SPOOL_OK) {
        ck_assert_int_eq(spool_move(fixture.spool, name, SPOOL_INCOMING, SPOOL_ACTIVE).status,
                         SPOOL_OK);
        count++;
    }
    ck_assert_int_eq(count, 100);
    spool_scan_close(scan);
    spool_scan_close(NULL);
}
END_TEST

int main(void)
{
    TCase *scan = fixture_tcase("scan");

    tcase_add_test(scan, an_empty_queue_has_no_names);
    tcase_add_test(scan, all_names_are_given_whatever_they_are);
    tcase_add_test(scan, names_of_one_character_are_entered_at_every_level);
    tcase_add_test(scan, a_plain_file_of_one_character_does_not_stop_the_scan);
    tcase_add_test(scan, links_that_lead_in_circles_end);
    tcase_add_test(scan, a_link_to_nowhere_is_a_directory_that_is_gone);
    tcase_add_test(scan, a_missing_queue_is_gone);
    tcase_add_test(scan, a_queue_that_is_a_file_is_an_error);
    tcase_add_test(scan, files_may_move_away_during_a_scan);
    return run_suite("spool/scan", scan, NULL);
}

#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/support/spool_fixture.h"

static const struct {
    const char *hashed;
    unsigned depth;
    SpoolQueue queue;
    const char *queue_id, *path;
} paths[] = {
    {"deferred, defer",          1, SPOOL_DEFERRED, "1ED00B112",      "deferred/1/1ED00B112"       },
    {"deferred, defer",          1, SPOOL_DEFER,    "4jXJvb0p02zKPk", "defer/1/4jXJvb0p02zKPk"     },
    {"deferred, defer",          1, SPOOL_ACTIVE,   "1ED00B112",      "active/1ED00B112"           },
    {"deferred, defer",          2, SPOOL_DEFERRED, "4jXJvb0wbvzKPt", "deferred/2/0/4jXJvb0wbvzKPt"},
    {"Incoming\tACTIVE,Corrupt", 2, SPOOL_INCOMING, "1ED00B112",      "incoming/1/E/1ED00B112"     },
    {"Incoming\tACTIVE,Corrupt", 2, SPOOL_ACTIVE,   "1ED00B112",      "active/1/E/1ED00B112"       },
    {"Incoming\tACTIVE,Corrupt", 2, SPOOL_CORRUPT,  "Q",              "corrupt/Q/_/Q"              },
    {"Incoming\tACTIVE,Corrupt", 2, SPOOL_DEFERRED, "1ED00B112",      "deferred/1ED00B112"         },
    {"",                         1, SPOOL_BOUNCE,   "1ED00B112",      "bounce/1ED00B112"           },
};

START_TEST(paths_follow_the_hashing)
{
    Spool *spool = fixture_spool(paths[_i].hashed, paths[_i].depth);
    g_autofree char *path = spool_path(spool, paths[_i].queue, paths[_i].queue_id);

    ck_assert_str_eq(path, paths[_i].path);
    spool_free(spool);
}
END_TEST

/* ---- checks (spool.md 2) ---- */

#define NOW_S 1795328683

static const struct {
    mode_t mode;
    SpoolStatus want;
    int64_t mtime_s, due_by_s;
} checks[] = {
    {0700, SPOOL_OK,        NOW_S,     NOW_S    },
    {0700, SPOOL_OK,        NOW_S + 1, NOW_S    },
    {0700, SPOOL_NOT_DUE,   NOW_S + 2, NOW_S    },
    {0700, SPOOL_OK,        NOW_S + 2, INT64_MAX},
    {0777, SPOOL_OK,        NOW_S,     NOW_S    },
    {0740, SPOOL_OK,        NOW_S,     NOW_S    },
    {0600, SPOOL_NOT_READY, NOW_S,     NOW_S    },
    {0500, SPOOL_NOT_READY, NOW_S,     NOW_S    },
    {0400, SPOOL_NOT_READY, NOW_S + 2, NOW_S    },
};

START_TEST(files_are_due_and_ready_or_not)
{
    SpoolFile file = {0};

    fixture_write("incoming/1ED00B112", "abc", 3, checks[_i].mode);
    ck_assert_int_eq(
        spool_set_time(fixture.spool, SPOOL_INCOMING, "1ED00B112", checks[_i].mtime_s).status,
        SPOOL_OK);
    ck_assert_int_eq(
        spool_check(fixture.spool, SPOOL_INCOMING, "1ED00B112", checks[_i].due_by_s, &file).status,
        checks[_i].want);
    ck_assert_int_eq(file.mode & 07777, checks[_i].mode);
    ck_assert_int_eq(file.mtime_s, checks[_i].mtime_s);
    ck_assert_uint_eq(file.uid, geteuid());
    ck_assert_uint_eq(file.link_count, 1);
    ck_assert_int_gt(file.ctime_s, 0);
}
END_TEST

START_TEST(other_things_than_files_are_told)
{
    SpoolFile file = {0};

    ck_assert_int_eq(symlink("elsewhere", "incoming/LINK"), 0);
    ck_assert_int_eq(mkfifo("incoming/FIFO", 0700), 0);
    ck_assert_int_eq(mkdir("incoming/DIR", 0700), 0);
    ck_assert_int_eq(spool_check(fixture.spool, SPOOL_INCOMING, "LINK", NOW_S, &file).status,
                     SPOOL_NOT_REGULAR);
    ck_assert_int_eq(spool_check(fixture.spool, SPOOL_INCOMING, "FIFO", NOW_S, &file).status,
                     SPOOL_NOT_REGULAR);
    ck_assert_int_eq(spool_check(fixture.spool, SPOOL_INCOMING, "DIR", NOW_S, &file).status,
                     SPOOL_NOT_REGULAR);
    ck_assert_int_eq(spool_check(fixture.spool, SPOOL_INCOMING, "NONE", NOW_S, &file).status,
                     SPOOL_GONE);
    ck_assert_int_eq(spool_check(fixture.spool, SPOOL_INCOMING, "12.34", NOW_S, &file).status,
                     SPOOL_BAD_NAME);
}
END_TEST

START_TEST(a_queue_that_cannot_be_searched_is_an_error)
{
    SpoolFile file = {0};

    ck_assert_int_eq(rmdir("incoming"), 0);
    fixture_touch("incoming");
    fixture_refused(spool_check(fixture.spool, SPOOL_INCOMING, "1ED00B112", NOW_S, &file), ENOTDIR);
}
END_TEST

/* ---- times, logs, removal ---- */

START_TEST(times_are_whole_seconds)
{
    struct stat st;

    fixture_touch("active/1ED00B112");
    ck_assert_int_eq(spool_set_time(fixture.spool, SPOOL_ACTIVE, "1ED00B112", NOW_S).status,
                     SPOOL_OK);
    ck_assert_int_eq(stat("active/1ED00B112", &st), 0);
    ck_assert_int_eq(st.st_mtim.tv_sec, NOW_S);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 0);
    ck_assert_int_eq(st.st_atim.tv_sec, NOW_S);
    ck_assert_int_eq(st.st_atim.tv_nsec, 0);
    ck_assert_int_eq(spool_set_time(fixture.spool, SPOOL_ACTIVE, "NONE", NOW_S).status, SPOOL_GONE);
}
END_TEST

START_TEST(logs_have_a_size_or_are_not_there)
{
    int64_t size_bytes = -1;

    fixture_write("bounce/1ED00B112", "", 0, 0600);
    ck_assert_int_eq(mkdir("defer/1", 0700), 0);
    fixture_write("defer/1/1ED00B112", "abc", 3, 0600);
    ck_assert_int_eq(spool_log_size(fixture.spool, SPOOL_BOUNCE, "1ED00B112", &size_bytes).status,
                     SPOOL_OK);
    ck_assert_int_eq(size_bytes, 0);
    ck_assert_int_eq(spool_log_size(fixture.spool, SPOOL_DEFER, "1ED00B112", &size_bytes).status,
                     SPOOL_OK);
    ck_assert_int_eq(size_bytes, 3);
    ck_assert_int_eq(spool_log_size(fixture.spool, SPOOL_DEFER, "NONE", &size_bytes).status,
                     SPOOL_GONE);
    ck_assert_int_eq(size_bytes, 3);
}
END_TEST

START_TEST(a_log_that_cannot_be_examined_is_not_taken_for_none)
{
    int64_t size_bytes = -1;

    ck_assert_int_eq(rmdir("bounce"), 0);
    fixture_touch("bounce");
    fixture_refused(spool_log_size(fixture.spool, SPOOL_BOUNCE, "1ED00B112", &size_bytes), ENOTDIR);
    ck_assert_int_eq(size_bytes, -1);
}
END_TEST

START_TEST(what_is_removed_is_gone)
{
    fixture_touch("active/1ED00B112");
    ck_assert_int_eq(spool_remove(fixture.spool, SPOOL_ACTIVE, "1ED00B112").status, SPOOL_OK);
    ck_assert(!fixture_exists("active/1ED00B112"));
    ck_assert_int_eq(spool_remove(fixture.spool, SPOOL_ACTIVE, "1ED00B112").status, SPOOL_GONE);
}
END_TEST

/* ---- moves (spool.md 1.5) ---- */

START_TEST(moves_make_missing_hash_directories)
{
    Spool *deep = fixture_spool("deferred", 3);
    struct stat st;
    mode_t mask = umask(077);

    fixture_touch("active/1ED00B112");
    ck_assert_int_eq(spool_move(deep, "1ED00B112", SPOOL_ACTIVE, SPOOL_DEFERRED).status, SPOOL_OK);
    umask(mask);
    ck_assert(fixture_exists("deferred/1/E/D/1ED00B112"));
    ck_assert(!fixture_exists("active/1ED00B112"));
    ck_assert_int_eq(stat("deferred/1/E", &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0700);
    ck_assert_int_eq(spool_move(deep, "1ED00B112", SPOOL_DEFERRED, SPOOL_INCOMING).status,
                     SPOOL_OK);
    ck_assert(fixture_exists("incoming/1ED00B112"));
    spool_free(deep);
}
END_TEST

START_TEST(new_directories_have_the_group_of_the_process)
{
    struct stat st;

    if (geteuid() != 0) /* others may not give groups away */
        return;
    ck_assert_int_eq(chown("deferred", (uid_t)-1, getegid() + 1), 0);
    ck_assert_int_eq(chmod("deferred", 02700), 0);
    fixture_touch("active/1ED00B112");
    ck_assert_int_eq(spool_move(fixture.spool, "1ED00B112", SPOOL_ACTIVE, SPOOL_DEFERRED).status,
                     SPOOL_OK);
    ck_assert_int_eq(stat("deferred/1", &st), 0);
    ck_assert_uint_eq(st.st_gid, getegid());
}
END_TEST

START_TEST(a_file_that_vanished_is_gone)
{
    ck_assert_int_eq(spool_move(fixture.spool, "1ED00B112", SPOOL_ACTIVE, SPOOL_DEFERRED).status,
                     SPOOL_GONE);
}
END_TEST

START_TEST(a_file_that_has_moved_already_counts_as_moved)
{
    fixture_touch("incoming/1ED00B112");
    ck_assert_int_eq(spool_move(fixture.spool, "1ED00B112", SPOOL_ACTIVE, SPOOL_INCOMING).status,
                     SPOOL_OK);
    ck_assert(fixture_exists("incoming/1ED00B112"));
}
END_TEST

START_TEST(a_failed_move_leaves_the_file_where_it_was)
{
    fixture_touch("active/1ED00B112");
    fixture_touch("deferred/1");
    fixture_refused(spool_move(fixture.spool, "1ED00B112", SPOOL_ACTIVE, SPOOL_DEFERRED), ENOTDIR);
    ck_assert(fixture_exists("active/1ED00B112"));
}
END_TEST

/* A file system with room for the queue directories and one file only. */
START_TEST(a_full_disk_leaves_the_file_where_it_was)
{
    g_autofree char *options =
        g_strdup_printf("size=64k,nr_inodes=%d,mode=0700", 1 + SPOOL_QUEUE_COUNT + 1);

    ck_assert_int_eq(mkdir("full", 0700), 0);
    if (mount("none", "full", "tmpfs", 0, options) < 0)
        return; /* takes privileges */
    ck_assert_int_eq(chdir("full"), 0);
    for (int queue = 0; queue < SPOOL_QUEUE_COUNT; queue++)
        ck_assert_int_eq(mkdir(spool_queue_str(queue), 0700), 0);
    fixture_touch("active/1ED00B112");
    fixture_refused(spool_move(fixture.spool, "1ED00B112", SPOOL_ACTIVE, SPOOL_DEFERRED), ENOSPC);
    ck_assert(fixture_exists("active/1ED00B112"));
    ck_assert_int_eq(chdir(fixture.root), 0);
    ck_assert_int_eq(umount("full"), 0);
}
END_TEST

int main(void)
{
    TCase *tables = fixture_tcase("tables");
    TCase *files = fixture_tcase("files");
    TCase *moves = fixture_tcase("moves");

    tcase_add_loop_test(tables, paths_follow_the_hashing, 0, G_N_ELEMENTS(paths));
    tcase_add_loop_test(tables, files_are_due_and_ready_or_not, 0, G_N_ELEMENTS(checks));
    tcase_add_test(files, other_things_than_files_are_told);
    tcase_add_test(files, a_queue_that_cannot_be_searched_is_an_error);
    tcase_add_test(files, times_are_whole_seconds);
    tcase_add_test(files, logs_have_a_size_or_are_not_there);
    tcase_add_test(files, a_log_that_cannot_be_examined_is_not_taken_for_none);
    tcase_add_test(files, what_is_removed_is_gone);
    tcase_add_test(moves, moves_make_missing_hash_directories);
    tcase_add_test(moves, new_directories_have_the_group_of_the_process);
    tcase_add_test(moves, a_file_that_vanished_is_gone);
    tcase_add_test(moves, a_file_that_has_moved_already_counts_as_moved);
    tcase_add_test(moves, a_failed_move_leaves_the_file_where_it_was);
    tcase_add_test(moves, a_full_disk_leaves_the_file_where_it_was);
    return run_suite("spool/file", tables, files, moves, NULL);
}

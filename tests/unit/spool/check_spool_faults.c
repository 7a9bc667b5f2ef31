#include <sys/stat.h>

#include "spool/deferred_index.h"
#include "tests/support/faults.h"
#include "tests/support/spool_fixture.h"

/* Each call of the file system that can fail: what its caller learns, and that nothing is lost. */

#define ID "1ED00B112"

/* ---- one call each ---- */

static SpoolResult look(void)
{
    SpoolFile file;

    return spool_check(fixture.spool, SPOOL_ACTIVE, ID, INT64_MAX, &file);
}

static SpoolResult measure_bounce_log(void)
{
    int64_t size_bytes;

    return spool_log_size(fixture.spool, SPOOL_BOUNCE, ID, &size_bytes);
}

static SpoolResult set_time(void)
{
    return spool_set_time(fixture.spool, SPOOL_ACTIVE, ID, 1795328683);
}

static SpoolResult defer(void)
{
    return spool_move(fixture.spool, ID, SPOOL_ACTIVE, SPOOL_DEFERRED);
}

static SpoolResult remove_file(void)
{
    return spool_remove(fixture.spool, SPOOL_ACTIVE, ID);
}

static SpoolResult open_file(void)
{
    SpoolMessage *message = NULL;
    SpoolResult result = spool_message_open(fixture.spool, ID, true, &message);

    ck_assert_ptr_null(message);
    return result;
}

static SpoolResult read_file(void)
{
    SpoolMessage *message;
    Envelope envelope = {0};
    SpoolReading reading;
    SpoolResult result;

    ck_assert_int_eq(spool_message_open(fixture.spool, ID, true, &message).status, SPOOL_OK);
    result = spool_read_first(message, 10, &envelope, &reading);
    spool_reading_clear(&reading);
    envelope_clear(&envelope);
    spool_message_close(message);
    return result;
}

static SpoolResult change_mode(void)
{
    SpoolMessage *message;
    SpoolResult result;

    ck_assert_int_eq(spool_message_open(fixture.spool, ID, true, &message).status, SPOOL_OK);
    result = spool_message_chmod(message, 0400);
    spool_message_close(message);
    return result;
}

static SpoolResult mark(void)
{
    return spool_mark_done(fixture.spool, ID, 0);
}

static SpoolResult open_scan(void)
{
    SpoolScan *scan = NULL;
    SpoolResult result = spool_scan_open(fixture.spool, SPOOL_ACTIVE, &scan);

    ck_assert_ptr_null(scan);
    return result;
}

static SpoolResult scan(void)
{
    SpoolScan *handle;
    const char *name = NULL;
    SpoolResult result;

    ck_assert_int_eq(spool_scan_open(fixture.spool, SPOOL_ACTIVE, &handle).status, SPOOL_OK);
    result = spool_scan_next(handle, &name);
    ck_assert_str_eq(name, "active");
    ck_assert_int_eq(spool_scan_next(handle, &name).status, SPOOL_END);
    spool_scan_close(handle);
    return result;
}

static const struct {
    SpoolResult (*act)(void);
    const char *call, *part;
    int error;
} cases[] = {
    {look,               "lstat",     "active/" ID,     EIO   },
    {look,               "lstat",     "active/" ID,     ENOMEM},
    {measure_bounce_log, "stat",      "bounce/" ID,     EIO   },
    {measure_bounce_log, "stat",      "bounce/" ID,     EACCES},
    {set_time,           "utimensat", "active/" ID,     EROFS },
    {defer,              "rename",    "deferred/1/" ID, EIO   },
    {defer,              "rename",    "deferred/1/" ID, ENOSPC},
    {defer,              "mkdir",     "deferred/1",     ENOSPC},
    {remove_file,        "unlink",    "active/" ID,     EROFS },
    {remove_file,        "unlink",    "active/" ID,     EIO   },
    {open_file,          "open",      "active/" ID,     ENFILE},
    {open_file,          "open",      "active/" ID,     EIO   },
    {read_file,          "fstat",     "active/" ID,     EIO   },
    {read_file,          "pread",     "active/" ID,     EIO   },
    {change_mode,        "fchmod",    "active/" ID,     EROFS },
    {mark,               "open",      "active/" ID,     EACCES},
    {mark,               "pread",     "active/" ID,     EIO   },
    {mark,               "pwrite",    "active/" ID,     ENOSPC},
    {mark,               "close",     "active/" ID,     EDQUOT},
    {open_scan,          "opendir",   "active",         ENFILE},
    {scan,               "readdir",   "active",         EIO   },
};

START_TEST(a_call_that_fails_says_why_and_the_file_stays)
{
    SpoolResult result;
    struct stat st;

    fixture_write("active/" ID, "R\1a", 3, 0700);
    faults_add(cases[_i].call, cases[_i].part, cases[_i].error, FAULT_LASTS);
    result = cases[_i].act();
    ck_assert_ptr_null(faults_unmet());
    faults_clear();
    ck_assert_msg(result.status == SPOOL_IO_ERROR && result.error == cases[_i].error, "%s: %s, %s",
                  cases[_i].call, spool_status_str(result.status), spool_result_str(result));
    ck_assert_int_eq(stat("active/" ID, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0700);
}
END_TEST

/* ---- with more to it ---- */

/* A recipient that cannot be read is not taken for done. */
START_TEST(a_recipient_that_cannot_be_read_is_not_done)
{
    fixture_write("active/" ID, "D\1a", 3, 0700);
    ck_assert(spool_is_done(fixture.spool, ID, 0));
    faults_add("open", "active/" ID, EIO, 1);
    ck_assert(!spool_is_done(fixture.spool, ID, 0));
    faults_add("pread", "active/" ID, EIO, 1);
    ck_assert(!spool_is_done(fixture.spool, ID, 0));
    ck_assert_ptr_null(faults_unmet());
    ck_assert(spool_is_done(fixture.spool, ID, 0));
}
END_TEST

/* A read that was interrupted goes on, a move that failed is tried a second time. */
START_TEST(what_can_be_done_all_the_same_is_done)
{
    fixture_write("active/" ID, "R\1a", 3, 0700);
    faults_add("pread", "active/" ID, EINTR, 2);
    ck_assert_int_eq(read_file().status, SPOOL_DAMAGED);
    ck_assert_int_eq(mkdir("deferred/1", 0700), 0);
    faults_add("rename", "deferred/1/" ID, EIO, 1);
    ck_assert_int_eq(defer().status, SPOOL_OK);
    ck_assert_ptr_null(faults_unmet());
    ck_assert(fixture_exists("deferred/1/" ID));
}
END_TEST

/* A file that can be seen in neither place has not "moved already". */
START_TEST(a_file_that_cannot_be_seen_has_not_moved)
{
    fixture_touch("active/" ID);
    ck_assert_int_eq(mkdir("deferred/1", 0700), 0);
    fixture_touch("deferred/1/" ID);
    faults_add("rename", "active/" ID, EIO, FAULT_LASTS);
    faults_add("lstat", "active/" ID, EACCES, FAULT_LASTS);
    fixture_refused(defer(), EIO);
    ck_assert_ptr_null(faults_unmet());
}
END_TEST

/* A lock that fails counts as held by an agent: the message is not delivered now. An interrupted
 * call is tried again. */
START_TEST(a_lock_that_cannot_be_had_is_held_by_somebody)
{
    fixture_touch("active/" ID);
    faults_add("flock", "active/" ID, EINTR, 2);
    faults_add("flock", "active/" ID, ENOLCK, 2);
    ck_assert_int_eq(open_file().status, SPOOL_BUSY);
    ck_assert(spool_is_locked(fixture.spool, SPOOL_ACTIVE, ID));
    ck_assert_ptr_null(faults_unmet());
    ck_assert(!spool_is_locked(fixture.spool, SPOOL_ACTIVE, ID));
}
END_TEST

/* ---- the index of deferred mail: in doubt somebody looks ---- */

static DeferredIndex *index_new(void)
{
    DeferredIndex *index = deferred_index_new(fixture.spool, 100);

    ck_assert_int_eq(mkdir("deferred/1", 0700), 0);
    ck_assert(deferred_index_begin_walk(index));
    deferred_index_enter(index, "deferred/1", 1);
    deferred_index_end_walk(index, true);
    ck_assert(deferred_index_is_complete(index));
    return index;
}

static void read_events(DeferredIndex *index)
{
    while (deferred_index_read(index).status == SPOOL_OK)
        ;
}

START_TEST(a_deferred_file_that_cannot_be_seen_is_a_candidate)
{
    DeferredIndex *index = index_new();
    int64_t due_s = INT64_MAX;

    fixture_touch("active/" ID);
    ck_assert_int_eq(spool_set_time(fixture.spool, SPOOL_ACTIVE, ID, 1795328683).status, SPOOL_OK);
    ck_assert_int_eq(defer().status, SPOOL_OK);
    faults_add("lstat", "deferred/1/" ID, EIO, FAULT_LASTS);
    read_events(index);
    ck_assert_ptr_null(faults_unmet());
    ck_assert(deferred_index_lookup(index, ID, &due_s));
    ck_assert_int_lt(due_s, 1795328683);
    deferred_index_free(index);
}
END_TEST

static const char *const reading_calls[] = {"opendir", "readdir"};

START_TEST(an_index_that_cannot_read_a_new_directory_is_lost)
{
    DeferredIndex *index = index_new();

    ck_assert_int_eq(mkdir("deferred/2", 0700), 0);
    faults_add(reading_calls[_i], "deferred/2", EIO, FAULT_LASTS);
    read_events(index);
    ck_assert_ptr_null(faults_unmet());
    ck_assert_int_eq(deferred_index_loss(index), DEFERRED_LOST_DIRECTORY);
    deferred_index_free(index);
}
END_TEST

int main(void)
{
    TCase *calls = fixture_tcase("calls"), *more = fixture_tcase("more");

    tcase_add_checked_fixture(calls, NULL, faults_clear);
    tcase_add_checked_fixture(more, NULL, faults_clear);
    tcase_add_loop_test(calls, a_call_that_fails_says_why_and_the_file_stays, 0,
                        G_N_ELEMENTS(cases));
    tcase_add_test(more, a_recipient_that_cannot_be_read_is_not_done);
    tcase_add_test(more, what_can_be_done_all_the_same_is_done);
    tcase_add_test(more, a_file_that_cannot_be_seen_has_not_moved);
    tcase_add_test(more, a_lock_that_cannot_be_had_is_held_by_somebody);
    tcase_add_test(more, a_deferred_file_that_cannot_be_seen_is_a_candidate);
    tcase_add_loop_test(more, an_index_that_cannot_read_a_new_directory_is_lost, 0,
                        G_N_ELEMENTS(reading_calls));
    return run_suite("spool/faults", calls, more, NULL);
}

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/defer_log.h"
#include "tests/support/spool_fixture.h"

/* Records of bounce(8) (spool.md 9), whole and as the end of a long log. */

#define ID "1ED00B112"

static void write_text(const char *text, size_t length)
{
    ck_assert_int_eq(mkdir("defer/1", 0700), 0);
    fixture_write("defer/1/" ID, text, length, 0600);
}

static void append_record(GString *log, int number, const char *more)
{
    g_string_append_printf(log,
                           "\n<r%d@a.test>: refused\nrecipient=r%d@a.test\noffset=%d\n"
                           "status=4.7.%d\naction=delayed\nreason=host said: %d%s\n\n",
                           number, number, number, number, number, more);
}

static void write_log(int record_count, const char *more)
{
    g_autoptr(GString) log = g_string_new(NULL);

    for (int i = 0; i < record_count; i++)
        append_record(log, i, more);
    write_text(log->str, log->len);
}

static GPtrArray *read_tail(unsigned max)
{
    GPtrArray *records = NULL;

    ck_assert_int_eq(defer_log_read_tail(fixture.spool, SPOOL_DEFER, ID, max, &records).status,
                     SPOOL_OK);
    return records;
}

START_TEST(a_short_log_is_read_whole)
{
    g_autoptr(GPtrArray) records = NULL;
    const DeferRecord *first;

    write_log(3, "");
    records = read_tail(50);
    ck_assert_uint_eq(records->len, 3);
    first = records->pdata[0];
    ck_assert_str_eq(first->recipient, "r0@a.test");
    ck_assert_int_eq(first->offset, 0);
    ck_assert_str_eq(first->status, "4.7.0");
    ck_assert_str_eq(first->reason, "host said: 0");
}
END_TEST

START_TEST(of_a_long_log_the_last_whole_records_are_read)
{
    g_autoptr(GPtrArray) records = NULL;
    const DeferRecord *first, *last;

    write_log(200, "");
    records = read_tail(50);
    ck_assert_uint_gt(records->len, 20);
    ck_assert_uint_lt(records->len, 50);
    first = records->pdata[0];
    last = records->pdata[records->len - 1];
    ck_assert_int_eq(last->offset, 199);
    ck_assert_int_eq(first->offset, 200 - (int)records->len);
    ck_assert_str_ne(first->status, "");
}
END_TEST

START_TEST(a_record_longer_than_what_is_read_is_left_out)
{
    g_autofree char *filler = g_strnfill(2 * DEFER_LOG_TAIL_BYTES, 'x');
    g_autoptr(GPtrArray) records = NULL;

    write_log(1, filler);
    records = read_tail(50);
    ck_assert_uint_eq(records->len, 0);
}
END_TEST

START_TEST(no_more_than_asked_for_are_read)
{
    g_autoptr(GPtrArray) records = NULL;

    write_log(3, "");
    records = read_tail(2);
    ck_assert_uint_eq(records->len, 2);
}
END_TEST

static const struct {
    const char *title, *log;
    unsigned count;
} odd[] = {
    {"nothing",                        "",                                                0},
    {"only blank lines",               "\n\n\n\n",                                        0},
    {"a record that is being written", "\n<a@a.test>: no\nrecipient=a@a.test\nreason=no", 0},
    {"without a reason",               "\nrecipient=a@a.test\noffset=1\n\n",              0},
    {"without an offset",              "\nrecipient=a@a.test\nreason=no\n\n",             1},
    {"an offset that is none",         "\nrecipient=a@a.test\noffset=-7\nreason=no\n\n",  1},
    {"unknown names",                  "\nrecipient=a@a.test\nmoon=full\nreason=no\n\n",  1},
};

START_TEST(odd_logs_say_what_they_can)
{
    g_autoptr(GPtrArray) records = NULL;

    write_text(odd[_i].log, strlen(odd[_i].log));
    records = read_tail(50);
    ck_assert_msg(records->len == odd[_i].count, "%s", odd[_i].title);
    for (guint i = 0; i < records->len; i++)
        ck_assert_int_eq(((const DeferRecord *)records->pdata[i])->offset, -1);
}
END_TEST

/* However long it is, only its end is read; what is between does not exist on the disk. */
START_TEST(of_a_log_of_a_gibibyte_the_end_is_read)
{
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GString) end = g_string_new(NULL);
    const DeferRecord *last;
    int fd;

    append_record(end, 7, "");
    append_record(end, 8, "");
    write_text("", 0);
    fd = open("defer/1/" ID, O_WRONLY);
    ck_assert_int_eq(pwrite(fd, end->str, end->len, INT64_C(1) << 30), (ssize_t)end->len);
    ck_assert_int_eq(close(fd), 0);
    records = read_tail(50);
    ck_assert_uint_le(records->len, 2); /* a NUL ends what is read of it */
    for (guint i = 0; i < records->len; i++) {
        last = records->pdata[i];
        ck_assert_int_ge(last->offset, 7);
    }
}
END_TEST

/* Neither waited for nor read: it is a failure that says nothing about the answer. */
START_TEST(what_is_no_file_is_not_read)
{
    GPtrArray *records = NULL;

    ck_assert_int_eq(mkdir("defer/1", 0700), 0);
    ck_assert_int_eq(_i == 0 ? mkfifo("defer/1/" ID, 0600) : mkdir("defer/1/" ID, 0700), 0);
    ck_assert_int_ne(defer_log_read_tail(fixture.spool, SPOOL_DEFER, ID, 50, &records).status,
                     SPOOL_OK);
    ck_assert_ptr_null(records);
}
END_TEST

START_TEST(without_a_log_it_is_gone)
{
    GPtrArray *records = NULL;

    ck_assert_int_eq(defer_log_read_tail(fixture.spool, SPOOL_DEFER, ID, 50, &records).status,
                     SPOOL_GONE);
    ck_assert_ptr_null(records);
}
END_TEST

int main(void)
{
    TCase *rows = fixture_tcase("records");

    tcase_add_test(rows, a_short_log_is_read_whole);
    tcase_add_test(rows, of_a_long_log_the_last_whole_records_are_read);
    tcase_add_test(rows, a_record_longer_than_what_is_read_is_left_out);
    tcase_add_test(rows, no_more_than_asked_for_are_read);
    tcase_add_loop_test(rows, odd_logs_say_what_they_can, 0, G_N_ELEMENTS(odd));
    tcase_add_test(rows, of_a_log_of_a_gibibyte_the_end_is_read);
    tcase_add_loop_test(rows, what_is_no_file_is_not_read, 0, 2);
    tcase_add_test(rows, without_a_log_it_is_gone);
    return run_suite("spool/defer_log", rows, NULL);
}

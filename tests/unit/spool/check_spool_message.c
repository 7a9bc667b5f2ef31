#include <sys/file.h>
#include <sys/stat.h>

#include "tests/postfix/queue_file.h"
#include "tests/support/queue_file_reading.h"
#include "tests/support/spool_fixture.h"

#define ID "1ED00B112"

static void put_message(const GByteArray *file)
{
    fixture_write("active/" ID, file->data, file->len, 0700);
}

static SpoolMessage *open_message(bool lock)
{
    SpoolMessage *message;

    ck_assert_int_eq(spool_message_open(fixture.spool, ID, lock, &message).status, SPOOL_OK);
    return message;
}

/* ---- samples ---- */

static GPtrArray *samples;

/* Reads the whole file in batches, as text in the format of the expectations. */
static char *read_all(const char *queue_id, int recipient_limit)
{
    g_autoptr(GString) log = g_string_new(NULL);
    g_autoptr(GString) recipients = g_string_new(NULL);
    Envelope envelope = {0};
    SpoolReading reading;
    SpoolMessage *message;
    SpoolStatus status;

    ck_assert_int_eq(spool_message_open(fixture.spool, queue_id, true, &message).status, SPOOL_OK);
    status = spool_read_first(message, recipient_limit, &envelope, &reading).status;
    queue_file_tell_log(log, queue_id, &envelope, &reading);
    queue_file_tell_recipients(recipients, &reading.recipients);
    spool_reading_clear(&reading);
    while (status == SPOOL_OK && !envelope.fully_read) {
        status = spool_read_more(message, recipient_limit, &envelope, &reading).status;
        queue_file_tell_recipients(recipients, &reading.recipients);
        spool_reading_clear(&reading);
    }
    if (status == SPOOL_DAMAGED)
        g_string_append(log, "damaged\n");
    else
        queue_file_tell_envelope(log, &envelope);
    g_string_append(log, recipients->str);
    envelope_clear(&envelope);
    spool_message_close(message);
    return g_strdup(log->str);
}

START_TEST(samples_are_read_as_expected)
{
    const QueueFileSample *sample = g_ptr_array_index(samples, _i / 2);
    const char *queue_id = strchr(sample->name, '/') + 1;
    g_autofree char *target = g_strconcat("active/", queue_id, NULL);
    g_autoptr(GByteArray) file = NULL;
    g_autofree char *told = NULL;
    int recipient_limit = 1000;

    if (_i % 2 == 1 && strstr(sample->expected, "damaged\n") == NULL)
        recipient_limit = 3;
    ck_assert_int_eq(chdir(fixture.home), 0);
    file = queue_file_load(sample->name);
    ck_assert_int_eq(chdir(fixture.root), 0);
    fixture_write(target, file->data, file->len, 0700);
    told = read_all(queue_id, recipient_limit);
    ck_assert_str_eq(told, sample->expected);
}
END_TEST

/* ---- opening and locking ---- */

START_TEST(a_message_that_is_being_delivered_is_busy)
{
    SpoolMessage *message;
    int agent;

    fixture_touch("active/" ID);
    agent = open("active/" ID, O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(flock(agent, LOCK_SH | LOCK_NB), 0);
    ck_assert_int_eq(spool_message_open(fixture.spool, ID, true, &message).status, SPOOL_BUSY);
    spool_message_close(open_message(false));
    ck_assert_int_eq(close(agent), 0);
    spool_message_close(open_message(true));
}
END_TEST

START_TEST(the_lock_is_kept_until_the_message_is_closed)
{
    SpoolMessage *message;
    int agent;

    fixture_touch("active/" ID);
    message = open_message(true);
    agent = open("active/" ID, O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(flock(agent, LOCK_SH | LOCK_NB), -1);
    spool_message_close(message);
    ck_assert_int_eq(flock(agent, LOCK_SH | LOCK_NB), 0);
    ck_assert_int_eq(close(agent), 0);
}
END_TEST

START_TEST(a_message_that_vanished_is_gone)
{
    SpoolMessage *message;

    ck_assert_int_eq(spool_message_open(fixture.spool, ID, true, &message).status, SPOOL_GONE);
    ck_assert_int_eq(spool_mark_done(fixture.spool, ID, 10).status, SPOOL_GONE);
    ck_assert(spool_is_done(fixture.spool, ID, 10));
    spool_message_close(NULL);
}
END_TEST

START_TEST(a_directory_cannot_be_opened)
{
    SpoolMessage *message;

    ck_assert_int_eq(mkdir("active/" ID, 0700), 0);
    fixture_refused(spool_message_open(fixture.spool, ID, true, &message), EISDIR);
}
END_TEST

START_TEST(a_fifo_is_damaged_and_nothing_waits_for_it)
{
    SpoolMessage *message;
    Envelope envelope = {0};
    SpoolReading reading;

    ck_assert_int_eq(mkfifo("active/" ID, 0700), 0);
    message = open_message(true);
    ck_assert_int_eq(spool_read_first(message, 10, &envelope, &reading).status, SPOOL_DAMAGED);
    spool_reading_clear(&reading);
    envelope_clear(&envelope);
    spool_message_close(message);
}
END_TEST

START_TEST(the_mode_of_an_open_message_can_be_changed)
{
    SpoolMessage *message;
    struct stat st;

    fixture_write("active/" ID, "x", 1, 0750);
    message = open_message(true);
    ck_assert_int_eq(spool_message_chmod(message, 0710).status, SPOOL_OK);
    ck_assert_int_eq(stat("active/" ID, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0710);
    spool_message_close(message);
}
END_TEST

/* ---- big ones ---- */

static GByteArray *make_list(int count)
{
    g_autoptr(GString) envelope = g_string_new("T100 5|Ss@x");
    g_autofree char *size_tail = g_strdup_printf("%d 0", count);
    g_autofree char *filler = g_strnfill(3000, 'F');

    for (int i = 0; i < count; i++)
        g_string_append_printf(envelope, "|Or%d@example.com|Rr%d@example.com", i, i);
    return queue_file_make(
        &(QueueFileParts){.envelope = envelope->str, .extracted = filler, .size_tail = size_tail});
}

/* A file larger than any window, in batches that do not fit the windows. */
START_TEST(long_lists_are_read_whole_in_batches)
{
    const int count = 5000;
    g_autoptr(GByteArray) file = make_list(count);
    Envelope envelope = {0};
    SpoolReading reading;
    SpoolMessage *message;
    int seen = 0;

    put_message(file);
    message = open_message(true);
    ck_assert_int_eq(spool_read_first(message, 1249, &envelope, &reading).status, SPOOL_OK);
    for (;;) {
        for (Link *link = chain_first(&reading.recipients); link != NULL;
             link = chain_next(&reading.recipients, link)) {
            g_autofree char *want = g_strdup_printf("r%d@example.com", seen++);

            if (strcmp(recipient_address((Recipient *)link), want) != 0)
                ck_abort_msg("%s missing", want);
        }
        ck_assert_int_eq(envelope.unread_count, count - seen);
        spool_reading_clear(&reading);
        if (envelope.fully_read)
            break;
        ck_assert_int_eq(spool_read_more(message, 1249, &envelope, &reading).status, SPOOL_OK);
    }
    ck_assert_int_eq(seen, count);
    envelope_clear(&envelope);
    spool_message_close(message);
}
END_TEST

START_TEST(records_larger_than_any_window_are_read)
{
    g_autofree char *filler = g_strnfill(200000, 'x');
    g_autofree char *records = g_strconcat("T100|F", filler, "|Ss@x|Rr@x", NULL);
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){.envelope = records});
    Envelope envelope = {0};
    SpoolReading reading;
    SpoolMessage *message;

    put_message(file);
    message = open_message(true);
    ck_assert_int_eq(spool_read_first(message, 10, &envelope, &reading).status, SPOOL_OK);
    ck_assert_int_eq(reading.recipient_count, 1);
    spool_reading_clear(&reading);
    envelope_clear(&envelope);
    spool_message_close(message);
}
END_TEST

/* ---- marks (spool.md 6) ---- */

static const struct {
    const char *what;
    SpoolResult (*mark)(const Spool *spool, const char *queue_id, int64_t offset);
    const char *before, *after; /* of the file; NULL: unchanged, and refused */
    int64_t offset;
} marks[] = {
    {"done",              spool_mark_done,   "..R\3a@b..",              "..D\3a@b..",              2 },
    {"done again",        spool_mark_done,   "..D\3a@b..",              "..D\3a@b..",              2 },
    {"another record",    spool_mark_done,   "..A\3a@b..",              NULL,                      2 },
    {"behind the end",    spool_mark_done,   "..R",                     NULL,                      3 },
    {"before the start",  spool_mark_done,   "R",                       NULL,                      -1},
    {"traced",            spool_mark_traced, "..A\1x",                  "..K\1x",                  2 },
    {"traced again",      spool_mark_traced, "..K\1x",                  "..K\1x",                  2 },
    {"not an attribute",  spool_mark_traced, "..S\1x",                  NULL,                      2 },
    {"warned",            spool_mark_warned, "..W\17             50..", "..W\17             -1..", 2 },
    {"warned again",      spool_mark_warned, "..W\17             -1..", "..W\17             -1..", 2 },
    {"a short warn time", spool_mark_warned,
     "..W\2"
     "50R\16r@example.comxx",                                           NULL,                      2 },
    {"a cut warn time",   spool_mark_warned, "..W\17             5",    NULL,                      2 },
};

START_TEST(marks_change_their_record_and_nothing_else)
{
    const char *before = marks[_i].before;
    const char *after = marks[_i].after != NULL ? marks[_i].after : before;
    g_autofree char *got = NULL;
    SpoolStatus status;

    fixture_write("active/" ID, before, strlen(before), 0700);
    status = marks[_i].mark(fixture.spool, ID, marks[_i].offset).status;
    if (marks[_i].after != NULL)
        ck_assert_msg(status == SPOOL_OK, "%s", marks[_i].what);
    else
        ck_assert_msg(status == SPOOL_DAMAGED || status == SPOOL_IO_ERROR, "%s", marks[_i].what);
    ck_assert(g_file_get_contents("active/" ID, &got, NULL, NULL));
    ck_assert_str_eq(got, after);
}
END_TEST

START_TEST(a_recipient_is_done_or_not)
{
    fixture_write("active/" ID, "R\1aD\1b", 6, 0700);
    ck_assert(!spool_is_done(fixture.spool, ID, 0));
    ck_assert(spool_is_done(fixture.spool, ID, 3));
    ck_assert(!spool_is_done(fixture.spool, ID, 6));
    ck_assert_int_eq(spool_mark_done(fixture.spool, ID, 0).status, SPOOL_OK);
    ck_assert(spool_is_done(fixture.spool, ID, 0));
}
END_TEST

int main(void)
{
    TCase *whole = fixture_tcase("samples");
    TCase *opening = fixture_tcase("opening");
    TCase *big = fixture_tcase("big");
    TCase *marking = fixture_tcase("marks");
    int status;

    samples = queue_file_samples(SAMPLES "expected.txt");
    tcase_add_loop_test(whole, samples_are_read_as_expected, 0, 2 * (int)samples->len);
    tcase_add_test(opening, a_message_that_is_being_delivered_is_busy);
    tcase_add_test(opening, the_lock_is_kept_until_the_message_is_closed);
    tcase_add_test(opening, a_message_that_vanished_is_gone);
    tcase_add_test(opening, a_directory_cannot_be_opened);
    tcase_add_test(opening, a_fifo_is_damaged_and_nothing_waits_for_it);
    tcase_add_test(opening, the_mode_of_an_open_message_can_be_changed);
    tcase_set_timeout(big, LONG_TEST_S);
    tcase_add_test(big, long_lists_are_read_whole_in_batches);
    tcase_add_test(big, records_larger_than_any_window_are_read);
    tcase_add_loop_test(marking, marks_change_their_record_and_nothing_else, 0,
                        G_N_ELEMENTS(marks));
    tcase_add_test(marking, a_recipient_is_done_or_not);
    status = run_suite("spool/message", whole, opening, big, marking, NULL);
    g_ptr_array_unref(samples);
    return status;
}

#include <stdio.h>
#include <string.h>

#include "codec/envelope_reader.h"
#include "tests/postfix/queue_file.h"
#include "tests/support/queue_file_reading.h"
#include "tests/support/runner.h"

/* Rules of spool.md 5.6 - 5.9 on files made for each: tests/data/samples/rules.txt. */
static GPtrArray *rules;

/* How to make a file, and what is expected of reading it. */
typedef struct Rule {
    QueueFileParts parts;
    int release;
    bool round_robin;
    char **lines; /* owned; borrowed by the parts */
    char *expected;
} Rule;

static int parse_release(const char *text)
{
    int major, minor;

    ck_assert_int_eq(sscanf(text, "%d.%d", &major, &minor), 2);
    return RELEASE(major, minor, 0);
}

static Rule parse_rule(const QueueFileSample *sample)
{
    Rule rule = {.release = RELEASE(3, 7, 11), .lines = g_strsplit(sample->expected, "\n", -1)};
    char **line = rule.lines;

    for (; *line != NULL; line++) {
        if (g_str_has_prefix(*line, "envelope "))
            rule.parts.envelope = strchr(*line, ' ') + 1;
        else if (g_str_has_prefix(*line, "extracted "))
            rule.parts.extracted = strchr(*line, ' ') + 1;
        else if (g_str_has_prefix(*line, "size "))
            rule.parts.size_tail = strchr(*line, ' ') + 1;
        else if (g_str_has_prefix(*line, "release "))
            rule.release = parse_release(strchr(*line, ' ') + 1);
        else if (g_str_equal(*line, "oqmgr"))
            rule.round_robin = true;
        else
            break;
    }
    rule.expected = g_strjoinv("\n", line);
    return rule;
}

START_TEST(envelopes_follow_the_rules)
{
    const QueueFileSample *sample = g_ptr_array_index(rules, _i);
    Rule rule = parse_rule(sample);
    g_autoptr(GByteArray) file = queue_file_make(&rule.parts);
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};
    g_autofree char *told = NULL;

    reading.rules.release = rule.release;
    reading.rules.round_robin = rule.round_robin;
    queue_file_read(&reading, file->data, file->len, false);
    told = queue_file_tell(&reading, false);
    ck_assert_msg(strcmp(told, rule.expected) == 0, "%s: is read as\n%s", sample->name, told);
    queue_file_reading_clear(&reading);
    g_strfreev(rule.lines);
    g_free(rule.expected);
}
END_TEST

/* ---- recipients ---- */

static char *tell_recipients(const QueueFileReading *reading)
{
    GString *out = g_string_new(NULL);

    queue_file_tell_recipients(out, &reading->batch.recipients);
    return g_string_free(out, FALSE);
}

START_TEST(recipients_take_what_precedes_them)
{
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){
        .envelope = "T100|Ss@x|n2|orfc822;a@x|Oo@x|Ra@x|Rb@x|Anotify_flags=14|Dc@x|Rd@x|Oe@x|/e@x|"
                    "Anotify_flags=1|Rf@x",
        .extracted = "Adsn_orig_rcpt=rfc822;g@x|Rg@x",
        .size_tail = "7 0"});
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};
    g_autofree char *told = NULL;

    queue_file_read(&reading, file->data, file->len, false);
    told = tell_recipients(&reading);
    ck_assert_str_eq(told, "127 <a@x> <o@x> <rfc822;a@x> 2\n"
                           "132 <b@x> <> <> 0\n"
                           "159 <d@x> <> <> 0\n"
                           "190 <f@x> <> <> 1\n"
                           "248 <g@x> <> <rfc822;g@x> 0\n");
    ck_assert_uint_eq(reading.batch.warnings->len, 0);
    ck_assert(reading.envelope.fully_read);
    queue_file_reading_clear(&reading);
}
END_TEST

#define THREE_RECIPIENTS "T100|Ss@x|Ra@x|Rb@x|Rc@x"

static QueueFileReading read_first_of(const GByteArray *file, int limit)
{
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    reading.rules.recipient_limit = limit;
    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_int_eq(reading.progress, ENVELOPE_READ);
    envelope_batch_clear(&reading.batch);
    return reading;
}

START_TEST(a_full_batch_says_where_the_next_one_begins)
{
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){
        .envelope = THREE_RECIPIENTS, .extracted = "Lfilter:", .size_tail = "3 0"});
    QueueFileReading reading = read_first_of(file, 2);

    ck_assert_str_eq(envelope_text(&reading.envelope, ENVELOPE_CONTENT_FILTER), "filter:");
    ck_assert(!reading.envelope.fully_read);
    ck_assert_int_eq(reading.envelope.resume_offset, 97 + 5 + 5 + 2 * 5);
    ck_assert_int_eq(reading.envelope.unread_count, 1);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(the_last_batch_may_be_empty)
{
    g_autoptr(GByteArray) file =
        queue_file_make(&(QueueFileParts){.envelope = THREE_RECIPIENTS, .size_tail = "3 0"});
    QueueFileReading reading = read_first_of(file, 3);

    ck_assert(!reading.envelope.fully_read);
    queue_file_read(&reading, file->data, file->len, true);
    ck_assert_int_eq(reading.progress, ENVELOPE_READ);
    ck_assert_int_eq(reading.batch.recipient_count, 0);
    ck_assert(reading.envelope.fully_read);
    ck_assert_int_eq(reading.envelope.resume_offset, 0);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(a_failed_batch_leaves_the_envelope_as_it_was)
{
    g_autoptr(GByteArray) file =
        queue_file_make(&(QueueFileParts){.envelope = THREE_RECIPIENTS, .size_tail = "3 0"});
    QueueFileReading reading = read_first_of(file, 1);
    Envelope before = reading.envelope;

    file->data[97 + 5 + 5 + 2 * 5] = 'N';
    reading.rules.recipient_limit = 1000;
    queue_file_read(&reading, file->data, file->len, true);
    ck_assert_int_eq(reading.progress, ENVELOPE_DAMAGED);
    ck_assert(chain_is_empty(&reading.batch.recipients));
    ck_assert_int_eq(reading.batch.recipient_count, 0);
    ck_assert_mem_eq(&before, &reading.envelope, sizeof before);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(damage_behind_the_first_batch_is_seen_at_once)
{
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){
        .envelope = THREE_RECIPIENTS, .extracted = "Abad attribute", .size_tail = "3 0"});
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    reading.rules.recipient_limit = 1;
    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_int_eq(reading.progress, ENVELOPE_DAMAGED);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(other_batches_change_what_belongs_to_them_only)
{
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){
        .envelope = "T100|Ss@x|Ra@x|Lmixed:|V=+|Anew=1|<9|Rb@x", .size_tail = "2 1"});
    QueueFileReading reading = read_first_of(file, 1);
    Envelope want = reading.envelope;

    want.unread_count = 0;
    want.resume_offset = 0;
    want.fully_read = true;
    reading.rules.recipient_limit = 1000;
    queue_file_read(&reading, file->data, file->len, true);
    ck_assert_int_eq(reading.progress, ENVELOPE_READ);
    ck_assert_int_eq(reading.batch.recipient_count, 1);
    ck_assert(!reading.batch.sender_seen);
    ck_assert_uint_eq(reading.batch.warnings->len, 0);
    ck_assert_mem_eq(&want, &reading.envelope, sizeof want);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(lists_in_one_piece_are_not_read_past_the_batch)
{
    g_autoptr(GByteArray) file =
        queue_file_make(&(QueueFileParts){.envelope = THREE_RECIPIENTS, .size_tail = "3 0"});
    QueueFileReading reading;

    file->data[97 + 5 + 5 + 2 * 5] = 'N';
    reading = read_first_of(file, 1);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(mixed_lists_are_read_to_the_end)
{
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){
        .envelope = "T100|Ss@x|Ra@x|Oignored@x|Oignored@x|Rb@x|Lmixed:", .size_tail = "2 1"});
    QueueFileReading reading = read_first_of(file, 1);

    ck_assert_str_eq(envelope_text(&reading.envelope, ENVELOPE_CONTENT_FILTER), "mixed:");
    ck_assert_int_eq(reading.envelope.resume_offset, 97 + 5 + 5 + 5);
    queue_file_reading_clear(&reading);
}
END_TEST

/* ---- pointers ---- */

/* A file whose recipients were appended by a milter: a jump leads to each, and the last one leads
 * back to M. */
static GByteArray *make_appended(int count, const char *extracted)
{
    g_autoptr(GString) envelope = g_string_new("T100|Ss@x|Rr@x|p");
    g_autoptr(GString) heap = g_string_new(NULL);
    g_autofree char *size_tail = g_strdup_printf("%d 0", count + 1);
    const int dummy_bytes = 17, recipient_bytes = 5;
    int message_at = QUEUE_FILE_SIZE_BYTES + 5 + 5 + recipient_bytes + dummy_bytes;
    g_autoptr(GByteArray) no_heap = NULL;
    int at;

    no_heap = queue_file_make(
        &(QueueFileParts){.envelope = "T100|Ss@x|Rr@x|p              0", .extracted = extracted});
    at = (int)no_heap->len;
    g_string_append_printf(envelope, "%15d", at);
    for (int i = 0; i < count; i++) {
        at += recipient_bytes + dummy_bytes;
        g_string_append_printf(heap, "Rh@x|p%15d|", i + 1 < count ? at : message_at);
    }
    return queue_file_make(&(QueueFileParts){.envelope = envelope->str,
                                             .extracted = extracted,
                                             .heap = heap->str,
                                             .size_tail = size_tail});
}

START_TEST(ten_thousand_appended_recipients_are_no_loop)
{
    const int count = 10000;
    g_autoptr(GByteArray) file = make_appended(count, "Lfilter:");
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    reading.rules.recipient_limit = 2 * count;
    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_int_eq(reading.progress, ENVELOPE_READ);
    ck_assert_int_eq(reading.batch.recipient_count, count + 1);
    ck_assert_str_eq(envelope_text(&reading.envelope, ENVELOPE_CONTENT_FILTER), "filter:");
    queue_file_reading_clear(&reading);
}
END_TEST

/* Where the original bypasses the filter (spool.md 5.9). */
START_TEST(a_batch_that_ends_in_the_heap_does_not_hide_the_filter)
{
    g_autoptr(GByteArray) file = make_appended(3, "Lfilter:");
    QueueFileReading reading = read_first_of(file, 2);

    ck_assert_str_eq(envelope_text(&reading.envelope, ENVELOPE_CONTENT_FILTER), "filter:");
    queue_file_read(&reading, file->data, file->len, true);
    ck_assert_int_eq(reading.batch.recipient_count, 2);
    queue_file_reading_clear(&reading);
}
END_TEST

static void assert_damaged(const GByteArray *file, const char *want_warnings)
{
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};
    g_autoptr(GString) warnings = g_string_new(NULL);

    reading.rules.recipient_limit = 100000;
    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_int_eq(reading.progress, ENVELOPE_DAMAGED);
    for (guint i = 0; i < reading.batch.warnings->len; i++)
        g_string_append_printf(warnings, "%s\n",
                               (const char *)g_ptr_array_index(reading.batch.warnings, i));
    ck_assert_str_eq(warnings->str, want_warnings);
    queue_file_reading_clear(&reading);
}

/* Each jump goes forward, but the records overlap. */
START_TEST(reading_much_more_than_the_file_holds_is_a_loop)
{
    g_autoptr(GString) envelope = g_string_new("T100|Ss@x");
    g_autofree char *filler = g_strnfill(200000, 'x');
    g_autoptr(GByteArray) file = NULL;

    g_string_append_printf(envelope, "|p%15d|F%s", QUEUE_FILE_SIZE_BYTES + 5 + 5, filler);
    file = queue_file_make(&(QueueFileParts){.envelope = envelope->str});
    assert_damaged(file, "active/ID: too many reverse jump records\n"
                         "ID: rcpt count mismatch (1)\n");
}
END_TEST

/* ---- bounds ---- */

START_TEST(a_record_too_long_for_an_envelope_is_damage)
{
    g_autofree char *filler = g_strnfill(ENVELOPE_RECORD_MAX_BYTES, 'x');
    g_autofree char *envelope = g_strconcat("T100|F", filler, "|Ss@x|Rr@x", NULL);
    g_autoptr(GByteArray) file = queue_file_make(&(QueueFileParts){.envelope = envelope});
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES, .window_bytes = 4096};

    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_int_eq(reading.progress, ENVELOPE_DAMAGED);
    ck_assert_str_eq(g_ptr_array_index(reading.batch.warnings, 0),
                     "active/ID: illegal length 1048576, record type 70");
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(an_envelope_too_large_is_damage)
{
    g_autofree char *filler = g_strnfill(1000000, 'x');
    g_autoptr(GString) envelope = g_string_new("T100|Ss@x|Rr@x");
    g_autoptr(GByteArray) file = NULL;

    for (size_t i = 0; i <= ENVELOPE_TEXT_MAX_BYTES / 1000000; i++)
        g_string_append_printf(envelope, "|Aencoding=%s", filler);
    file = queue_file_make(&(QueueFileParts){.envelope = envelope->str});
    assert_damaged(file, "ID: message rejected: envelope is too large\n");
}
END_TEST

START_TEST(warnings_are_bounded_but_for_the_last_ones)
{
    g_autoptr(GString) envelope = g_string_new("T100|Ss@x");
    g_autoptr(GByteArray) file = NULL;
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    for (int i = 0; i < 2 * ENVELOPE_WARNINGS_MAX; i++)
        g_string_append(envelope, "|Vbad");
    g_string_append(envelope, "|w");
    file = queue_file_make(&(QueueFileParts){.envelope = envelope->str});
    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_uint_eq(reading.batch.warnings->len, ENVELOPE_WARNINGS_MAX + 2);
    ck_assert(g_str_has_prefix(g_ptr_array_index(reading.batch.warnings, ENVELOPE_WARNINGS_MAX),
                               "Unexpected record"));
    queue_file_reading_clear(&reading);
}
END_TEST

/* ---- files of 2001 ---- */

static GByteArray *make_old_style(const char *records)
{
    GByteArray *file = g_byte_array_new();

    queue_file_put_all(file, "C            200");
    queue_file_put_all(file, records);
    return file;
}

START_TEST(an_old_style_file_without_end_is_damaged)
{
    g_autoptr(GByteArray) file = make_old_style("T100|Ss@x|Rr@x|M            100");

    assert_damaged(file, "ID: envelope records out of order\n");
}
END_TEST

START_TEST(an_old_style_file_without_content_is_damaged)
{
    g_autoptr(GByteArray) file = make_old_style("T100|Ss@x|Rr@x|E");

    assert_damaged(file, "ID: envelope records out of order\n");
}
END_TEST

START_TEST(an_old_style_file_with_a_bad_offset_is_damaged)
{
    g_autoptr(GByteArray) file = make_old_style("T100|Ss@x|Rr@x|M             10|Nx|X|E");

    assert_damaged(file, "bad extra offset              10 file active/ID\n");
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");
    TCase *recipients = tcase_create("recipients");
    TCase *pointers = tcase_create("pointers");
    TCase *bounds = tcase_create("bounds");
    TCase *old_style = tcase_create("old style");
    int status;

    rules = queue_file_samples(SAMPLES "rules.txt");
    tcase_add_loop_test(table, envelopes_follow_the_rules, 0, (int)rules->len);
    tcase_add_test(recipients, recipients_take_what_precedes_them);
    tcase_add_test(recipients, a_full_batch_says_where_the_next_one_begins);
    tcase_add_test(recipients, the_last_batch_may_be_empty);
    tcase_add_test(recipients, a_failed_batch_leaves_the_envelope_as_it_was);
    tcase_add_test(recipients, damage_behind_the_first_batch_is_seen_at_once);
    tcase_add_test(recipients, other_batches_change_what_belongs_to_them_only);
    tcase_add_test(recipients, lists_in_one_piece_are_not_read_past_the_batch);
    tcase_add_test(recipients, mixed_lists_are_read_to_the_end);
    tcase_add_test(pointers, ten_thousand_appended_recipients_are_no_loop);
    tcase_add_test(pointers, a_batch_that_ends_in_the_heap_does_not_hide_the_filter);
    tcase_add_test(pointers, reading_much_more_than_the_file_holds_is_a_loop);
    tcase_add_test(bounds, a_record_too_long_for_an_envelope_is_damage);
    tcase_add_test(bounds, an_envelope_too_large_is_damage);
    tcase_add_test(bounds, warnings_are_bounded_but_for_the_last_ones);
    tcase_add_test(old_style, an_old_style_file_without_end_is_damaged);
    tcase_add_test(old_style, an_old_style_file_without_content_is_damaged);
    tcase_add_test(old_style, an_old_style_file_with_a_bad_offset_is_damaged);
    status =
        run_suite("codec/envelope rules", table, recipients, pointers, bounds, old_style, NULL);
    g_ptr_array_unref(rules);
    return status;
}

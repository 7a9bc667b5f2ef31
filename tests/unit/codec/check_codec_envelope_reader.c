#include <string.h>

#include "codec/envelope_reader.h"
#include "tests/support/queue_file_reading.h"
#include "tests/support/runner.h"

/*
 * Whole files: tests/data/samples/expected.txt says what an independent reader found in real ones,
 * made.txt what the real daemon (3.7.11) logged of files made by hand, batches.txt the same with
 * one recipient at a time.
 */
static GPtrArray *samples, *made, *batches;

/* Windows from the smallest possible ones to the whole file. */
static const size_t window_sizes[] = {1, 2, 17, 100, 4096, 0};

static const QueueFileSample *sample_at(GPtrArray *array, int index)
{
    return g_ptr_array_index(array, index);
}

static const char *id_of(const QueueFileSample *sample)
{
    return strchr(sample->name, '/') + 1;
}

static QueueFileReading reading_of(const QueueFileSample *sample, char **ret_path)
{
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    *ret_path = g_strconcat("active/", id_of(sample), NULL);
    reading.rules.queue_id = id_of(sample);
    reading.rules.path = *ret_path;
    return reading;
}

static char *read_and_tell(const QueueFileSample *sample, const GByteArray *file,
                           size_t window_bytes, bool only_log)
{
    g_autofree char *path = NULL;
    QueueFileReading reading = reading_of(sample, &path);
    char *told;

    reading.window_bytes = window_bytes;
    queue_file_read(&reading, file->data, file->len, false);
    told = queue_file_tell(&reading, only_log);
    queue_file_reading_clear(&reading);
    return told;
}

static void assert_read(const QueueFileSample *sample, bool only_log)
{
    g_autoptr(GByteArray) file = queue_file_load(sample->name);

    for (size_t i = 0; i < G_N_ELEMENTS(window_sizes); i++) {
        g_autofree char *told = read_and_tell(sample, file, window_sizes[i], only_log);

        ck_assert_msg(strcmp(told, sample->expected) == 0, "%s, window %zu, is read as\n%s",
                      sample->name, window_sizes[i], told);
    }
}

START_TEST(samples_are_read_as_an_independent_reader_did)
{
    assert_read(sample_at(samples, _i), false);
}
END_TEST

/* The expectations are lines after the log filter of the real daemon. */
static void replace_unprintable(char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text) && *text != '\n')
            *text = '?';
}

START_TEST(warnings_are_those_of_the_real_daemon)
{
    const QueueFileSample *sample = sample_at(made, _i);
    g_autoptr(GByteArray) file = queue_file_load(sample->name);

    for (size_t i = 0; i < G_N_ELEMENTS(window_sizes); i++) {
        g_autofree char *told = read_and_tell(sample, file, window_sizes[i], true);

        replace_unprintable(told);
        ck_assert_msg(strcmp(told, sample->expected) == 0, "%s, window %zu, gives\n%s",
                      sample->name, window_sizes[i], told);
    }
}
END_TEST

/* Reads batch after batch, and tells all batches as if they were one. */
static char *read_batches(QueueFileReading *reading, const GByteArray *file)
{
    EnvelopeBatch all;
    char *told;

    queue_file_read(reading, file->data, file->len, false);
    all = reading->batch;
    reading->batch = (EnvelopeBatch){0};
    while (reading->progress == ENVELOPE_READ && !reading->envelope.fully_read) {
        queue_file_read(reading, file->data, file->len, true);
        ck_assert_int_le(reading->batch.recipient_count, reading->rules.recipient_limit);
        ck_assert_uint_eq(reading->batch.warnings->len, 0);
        chain_join(&all.recipients, &reading->batch.recipients);
        envelope_batch_clear(&reading->batch);
    }
    reading->batch = all;
    told = queue_file_tell(reading, false);
    return told;
}

START_TEST(batches_make_up_the_whole_list)
{
    static const int limits[] = {1, 2, 3, 7, 16, 24};
    const QueueFileSample *sample = sample_at(samples, _i);
    g_autoptr(GByteArray) file = queue_file_load(sample->name);

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *path = NULL, *told = NULL;
        QueueFileReading reading = reading_of(sample, &path);

        /* Damage after the first batch is met when that part is read. */
        if (strstr(sample->expected, "damaged\n") != NULL)
            continue;
        reading.window_bytes = 100;
        reading.rules.recipient_limit = limits[i];
        told = read_batches(&reading, file);
        ck_assert_msg(strcmp(told, sample->expected) == 0, "%s, limit %d, is read as\n%s",
                      sample->name, limits[i], told);
        ck_assert_int_eq(reading.envelope.unread_count, 0);
        queue_file_reading_clear(&reading);
    }
}
END_TEST

START_TEST(warnings_of_batches_are_those_of_the_real_daemon)
{
    const QueueFileSample *sample = sample_at(batches, _i);
    g_autoptr(GByteArray) file = queue_file_load(sample->name);
    g_autoptr(GString) told = g_string_new(NULL);
    g_autofree char *path = NULL;
    QueueFileReading reading = reading_of(sample, &path);

    reading.rules.recipient_limit = 1;
    queue_file_read(&reading, file->data, file->len, false);
    for (;;) {
        queue_file_tell_log(told, id_of(sample), &reading.envelope, &reading.batch);
        if (reading.progress == ENVELOPE_DAMAGED || reading.envelope.fully_read)
            break;
        envelope_batch_clear(&reading.batch);
        queue_file_read(&reading, file->data, file->len, true);
    }
    if (reading.progress == ENVELOPE_DAMAGED)
        g_string_append(told, "damaged\n");
    ck_assert_msg(strcmp(told->str, sample->expected) == 0, "%s gives\n%s", sample->name,
                  told->str);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(a_file_cut_anywhere_is_damaged_or_complete)
{
    const QueueFileSample *sample = sample_at(samples, _i);
    g_autoptr(GByteArray) file = queue_file_load(sample->name);

    while (file->len > 0) {
        g_autofree char *told = NULL;

        g_byte_array_set_size(file, file->len - 1);
        told = read_and_tell(sample, file, file->len % 2 == 0 ? 0 : 64, false);
        ck_assert_msg(g_str_has_suffix(told, "damaged\n") || strcmp(told, sample->expected) == 0,
                      "%s cut to %u is read as\n%s", sample->name, file->len, told);
    }
}
END_TEST

static void flip_some(GByteArray *file, GRand *rand)
{
    for (int flips = g_rand_int_range(rand, 1, 6); flips > 0; flips--) {
        guint at = (guint)g_rand_int_range(rand, 0, (gint32)file->len);

        file->data[at] = (guint8)g_rand_int_range(rand, 0, UINT8_MAX + 1);
    }
}

/* Whatever the bytes are, a reading ends, within its bounds; the sanitizers watch the rest. */
START_TEST(flipped_bytes_do_no_harm)
{
    const guint32 seed = 20261122 + (guint32)_i;
    const QueueFileSample *sample = sample_at(samples, _i);
    g_autoptr(GByteArray) file = queue_file_load(sample->name);
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);

    for (int round = 0; round < 200 && file->len > 0; round++) {
        g_autoptr(GByteArray) flipped = g_byte_array_new();
        QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

        g_byte_array_append(flipped, file->data, file->len);
        flip_some(flipped, rand);
        reading.window_bytes = (size_t)g_rand_int_range(rand, 0, 300);
        reading.rules.recipient_limit = g_rand_int_range(rand, 1, 10);
        queue_file_read(&reading, flipped->data, flipped->len, false);
        for (int more = 0; more < 50; more++) {
            ck_assert_msg(reading.batch.recipient_count <= reading.rules.recipient_limit &&
                              reading.envelope.unread_count >= 0,
                          "seed %u round %d", seed, round);
            if (reading.progress != ENVELOPE_READ || reading.envelope.fully_read)
                break;
            envelope_batch_clear(&reading.batch);
            queue_file_read(&reading, flipped->data, flipped->len, true);
        }
        queue_file_reading_clear(&reading);
    }
}
END_TEST

START_TEST(a_small_file_takes_one_window)
{
    g_autoptr(GByteArray) file = queue_file_load("deferred/1ED00B112");
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_uint_eq(reading.window_count, 1);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(content_is_not_asked_for)
{
    g_autoptr(GByteArray) file = queue_file_load("deferred/1ED00B112");
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES, .window_bytes = 700};

    memset(file->data + 688, 0xff, 346);
    queue_file_read(&reading, file->data, file->len, false);
    ck_assert_int_eq(reading.progress, ENVELOPE_READ);
    ck_assert_uint_eq(reading.window_count, 2);
    queue_file_reading_clear(&reading);
}
END_TEST

int main(void)
{
    TCase *whole = tcase_create("whole files");
    TCase *broken = tcase_create("broken files");
    TCase *windows = tcase_create("windows");
    int status;

    samples = queue_file_samples(SAMPLES "expected.txt");
    made = queue_file_samples(SAMPLES "made.txt");
    batches = queue_file_samples(SAMPLES "batches.txt");
    tcase_add_loop_test(whole, samples_are_read_as_an_independent_reader_did, 0, (int)samples->len);
    tcase_add_loop_test(whole, batches_make_up_the_whole_list, 0, (int)samples->len);
    tcase_add_loop_test(whole, warnings_are_those_of_the_real_daemon, 0, (int)made->len);
    tcase_add_loop_test(whole, warnings_of_batches_are_those_of_the_real_daemon, 0,
                        (int)batches->len);
    tcase_add_loop_test(broken, a_file_cut_anywhere_is_damaged_or_complete, 0, (int)samples->len);
    tcase_add_loop_test(broken, flipped_bytes_do_no_harm, 0, (int)samples->len);
    tcase_set_timeout(broken, LONG_TEST_S);
    tcase_add_test(windows, a_small_file_takes_one_window);
    tcase_add_test(windows, content_is_not_asked_for);
    status = run_suite("codec/envelope_reader", whole, broken, windows, NULL);
    g_ptr_array_unref(samples);
    g_ptr_array_unref(made);
    g_ptr_array_unref(batches);
    return status;
}

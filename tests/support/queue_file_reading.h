#ifndef EQMGR_TESTS_SUPPORT_QUEUE_FILE_READING_H
#define EQMGR_TESTS_SUPPORT_QUEUE_FILE_READING_H

/*
 * tests/support/queue_file_reading: queue files read with codec/envelope_reader through windows of
 * any size, and what was read as text, so that a test compares one string.
 */

#include <glib.h>

#include "codec/envelope_reader.h"

typedef struct QueueFileReading {
    EnvelopeRules rules; /* queue_id and path are set by queue_file_read() */
    size_t window_bytes; /* of each window; 0: the whole file */
    EnvelopeProgress progress;
    Envelope envelope;
    EnvelopeBatch batch;
    guint window_count;
} QueueFileReading;

#define QUEUE_FILE_RULES                                                       \
    {                                                                          \
        .queue_id = "ID", .path = "active/ID", .verp_delimiter_filter = "-=+", \
        .release = RELEASE(3, 7, 11), .recipient_limit = 1000                  \
    }

/* Reads the file, the first time or another batch of a message that is open (`again`). The batch
 * must be clear. */
void queue_file_read(QueueFileReading *reading, const guint8 *bytes, size_t size, bool again);

/* Clears envelope and batch. */
void queue_file_reading_clear(QueueFileReading *reading);

/* ---- telling ---- */

/* The format is that of the files of expectations; `only_log`: no more than the lines logged. Free
 * with g_free(). */
char *queue_file_tell(const QueueFileReading *reading, bool only_log);

/* Parts of it, appended to `out`. The envelope is told as far as it differs from the default. */
void queue_file_tell_log(GString *out, const char *queue_id, const Envelope *envelope,
                         const EnvelopeBatch *batch);
void queue_file_tell_envelope(GString *out, const Envelope *envelope);
void queue_file_tell_recipients(GString *out, const Chain *recipients);

/* ---- samples: files of a real Postfix, described in tests/data/samples ---- */

#define SAMPLES "tests/data/samples/"

typedef struct QueueFileSample {
    char *name;     /* "deferred/1ED00B112" */
    char *expected; /* lines */
} QueueFileSample;

/* The sections "[name]\nlines\n\n" of a file of expectations, which is at `path`. Free with
 * g_ptr_array_unref(). */
GPtrArray *queue_file_samples(const char *path);

/* The bytes of a sample. Free with g_byte_array_unref(). */
GByteArray *queue_file_load(const char *name);

#endif

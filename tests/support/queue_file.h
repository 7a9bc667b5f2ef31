#ifndef EQMGR_TESTS_SUPPORT_QUEUE_FILE_H
#define EQMGR_TESTS_SUPPORT_QUEUE_FILE_H

/*
 * Queue files for tests: made record by record, read through windows of any size, and told as
 * text, so that a test compares one string. Samples are described in tests/data/samples.
 */

#include <string.h>

#include <glib.h>

#include "codec/envelope_reader.h"

#define SAMPLES "tests/data/samples/"

/* ---- making ---- */

void queue_file_put(GByteArray *file, char type, const char *text);

/* Records as "Ttext|Stext|...": '|' separates, a type without text is an empty record. */
void queue_file_put_all(GByteArray *file, const char *records);

typedef struct QueueFileParts {
    const char *envelope, *extracted; /* records, without M, X and E */
    const char *heap;                 /* records after E */
    const char *size_tail;            /* last fields of SIZE; NULL: "1 0" (recipients, flags) */
} QueueFileParts;

#define QUEUE_FILE_SIZE_BYTES 97
#define QUEUE_FILE_CONTENT    "NSubject: test|N|Nbody"

/* A whole file with a little content; its SIZE record is right. */
GByteArray *queue_file_make(const QueueFileParts *parts);

/* ---- reading ---- */

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

/* Reads the file, first time or another batch; reading->batch must be clear. */
void queue_file_read(QueueFileReading *reading, const guint8 *bytes, size_t size, bool again);

void queue_file_reading_clear(QueueFileReading *reading);

/* ---- telling ---- */

void queue_file_tell_log(GString *out, const char *queue_id, const Envelope *envelope,
                         const EnvelopeBatch *batch);

void queue_file_tell_recipients(GString *out, const Chain *recipients);

/* What differs from the default, in the format of the files of expectations. */
void queue_file_tell_envelope(GString *out, const Envelope *envelope);

/* As a text like that of the expectations. */
char *queue_file_tell(const QueueFileReading *reading, bool only_log);

/* ---- samples ---- */

typedef struct QueueFileSample {
    char *name;     /* "deferred/1ED00B112" */
    char *expected; /* lines */
} QueueFileSample;

/* The sections "[name]\nlines\n\n" of a file of expectations. */
GPtrArray *queue_file_samples(const char *path);

GByteArray *queue_file_load(const char *name);

#endif

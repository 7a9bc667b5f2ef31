#ifndef EQMGR_TESTS_POSTFIX_RECORD_WRITER_H
#define EQMGR_TESTS_POSTFIX_RECORD_WRITER_H

/*
 * tests/postfix/record_writer: queue file records one after the other (spool.md 5), and at the end
 * the size record that fits them. It knows nothing of src/codec, so that the two cannot share a
 * misunderstanding.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct RecordWriter {
    GByteArray *bytes; /* so far; a caller that steals them sets NULL */
    bool old_style;    /* spool.md 5.10 */
    bool content_written;
    size_t data_offset, extracted_offset;
    int64_t recipient_count, flags, smtputf8; /* what the size record will say */
    GArray *labels;
} RecordWriter;

/* Begins with a size record to be filled in later, unless `raw`. */
void record_writer_init(RecordWriter *writer, bool old_style, bool raw);
void record_writer_clear(RecordWriter *writer);

/* One record at the end of `bytes`, whatever they are. */
void record_append(GByteArray *bytes, char type, const void *data, size_t count);

void record_put(RecordWriter *writer, char type, const char *text);
void record_put_number(RecordWriter *writer, char type, int64_t number); /* in 15 columns */
void record_put_attribute(RecordWriter *writer, const char *name, const char *value);

/* The records M, `line_count` lines of content, X. */
void record_put_content(RecordWriter *writer, int line_count);

/* Here is the place that pointers to `name` lead to. `name` is borrowed. */
void record_put_label(RecordWriter *writer, const char *name);
void record_put_pointer(RecordWriter *writer, const char *name);

/* Fills in the size record (`size_text` not NULL: with that) and the pointers. */
void record_writer_finish(RecordWriter *writer, const char *size_text);

#endif

#ifndef EQMGR_TESTS_POSTFIX_QUEUE_FILE_H
#define EQMGR_TESTS_POSTFIX_QUEUE_FILE_H

/*
 * tests/postfix/queue_file: whole queue files from records that are written as text
 * (record_writer.h has the bytes; spool.md 5). It knows nothing of src/codec, so that the two
 * cannot share a misunderstanding.
 */

#include <glib.h>

/* Appends records written as "Ttext|Stext|...": '|' separates, a type without text is an empty
 * record. */
void queue_file_put_all(GByteArray *file, const char *records);

typedef struct QueueFileParts {
    const char *envelope, *extracted; /* records, without M, X and E */
    const char *heap;                 /* records after E */
    const char *size_tail;            /* last fields of SIZE; NULL: "1 0" (recipients, flags) */
} QueueFileParts;

#define QUEUE_FILE_SIZE_BYTES 97 /* of the first record; the envelope begins after it */

/* A whole file with a little content; its SIZE record is right. Free with g_byte_array_unref(). */
GByteArray *queue_file_make(const QueueFileParts *parts);

#endif

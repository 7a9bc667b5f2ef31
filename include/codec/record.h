#ifndef EQMGR_CODEC_RECORD_H
#define EQMGR_CODEC_RECORD_H

/*
 * codec/record: the framing of queue files (spool.md 5.1, 5.2).
 *
 * A queue file is a sequence of records: a type byte, a length in groups of seven bits, the data.
 * Decoding looks at bytes the caller holds and copies nothing.
 */

#include <stddef.h>
#include <stdint.h>

typedef enum RecordType {
    RECORD_NONE = 0, /* ends the reading like the end of the file */
    RECORD_CANCELED = '/',
    RECORD_DSN_RET = '<',
    RECORD_REDIRECT = '>',
    RECORD_ATTRIBUTE = 'A',
    RECORD_SIZE = 'C',
    RECORD_DONE = 'D',
    RECORD_END = 'E',
    RECORD_FULL_NAME = 'F',
    RECORD_INSPECTOR = 'I',
    RECORD_KILLED = 'K',
    RECORD_FILTER = 'L',
    RECORD_MESSAGE = 'M',
    RECORD_ORIGINAL = 'O',
    RECORD_PRIORITY = 'P',
    RECORD_RECIPIENT = 'R',
    RECORD_SENDER = 'S',
    RECORD_ARRIVAL = 'T',
    RECORD_VERP = 'V',
    RECORD_WARN = 'W',
    RECORD_EXTRACTED = 'X',
    RECORD_CREATED = 'c',
    RECORD_ERRORS_TO = 'e',
    RECORD_DSN_ENVID = 'i',
    RECORD_DSN_NOTIFY = 'n',
    RECORD_DSN_ORIGINAL = 'o',
    RECORD_POINTER = 'p',
    RECORD_RETURN_RECEIPT = 'r',
} RecordType;

/* The newest releases read no more than four length bytes, and no program writes more. */
#define RECORD_LENGTH_MAX_BYTES 4
#define RECORD_HEADER_MAX_BYTES (1 + RECORD_LENGTH_MAX_BYTES)

typedef struct Record {
    uint8_t type;
    const char *data; /* borrowed, not NUL-terminated */
    size_t length;
    size_t size_bytes; /* of type, length and data together */
} Record;

typedef enum RecordStatus {
    RECORD_OK = 0,
    RECORD_MORE_HEADER, /* type or length is incomplete; `type` is set if there was a byte */
    RECORD_MORE_DATA,   /* all but `data` is set */
    RECORD_BAD_LENGTH,  /* more length bytes than allowed; `type` is set */
} RecordStatus;

/* Decodes the record at the beginning of `bytes`. */
RecordStatus record_decode(const uint8_t *bytes, size_t size_bytes, Record *ret_record);

/* The W record that says that the delay warning was sent (spool.md 6.2). */
#define RECORD_WARN_SENT       "W\x0f             -1"
#define RECORD_WARN_SENT_BYTES (sizeof RECORD_WARN_SENT - 1)

#endif

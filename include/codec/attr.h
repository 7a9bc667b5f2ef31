#ifndef EQMGR_CODEC_ATTR_H
#define EQMGR_CODEC_ATTR_H

/*
 * codec/attr: Postfix attribute lists, NUL variant (ipc.md 1).
 *
 * Writing appends to a GByteArray. Reading is strict and in order, as everywhere on the queue
 * manager's side. It reads the bytes received so far: a list that is not complete yet gives
 * ATTR_MORE and nothing is consumed; the caller tries again with more bytes, up to
 * ATTR_LIST_MAX_BYTES. An AttrProblem says what is wrong with a list.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define ATTR_LIST_MAX_BYTES (1024 * 1024)

void attr_put_str(GByteArray *out, const char *name, const char *value);
void attr_put_int(GByteArray *out, const char *name,
                  int32_t value); /* negative: 32-bit two's complement */
void attr_put_long(GByteArray *out, const char *name, int64_t value);
void attr_put_data(GByteArray *out, const char *name, const void *data, size_t size_bytes);
void attr_put_end(GByteArray *out);

typedef enum AttrStatus {
    ATTR_OK = 0,
    ATTR_MORE, /* incomplete so far */
    ATTR_BAD,  /* see the reader's problem */
} AttrStatus;

typedef enum AttrProblemKind {
    ATTR_PROBLEM_NONE = 0,
    ATTR_PROBLEM_MISSING,    /* list ended before `wanted` */
    ATTR_PROBLEM_UNEXPECTED, /* `found` where `wanted` (NULL: the end of the list) should be */
    ATTR_PROBLEM_BAD_NUMBER, /* value of `wanted` is not a number: `found` is the value */
    ATTR_PROBLEM_PROTOCOL,   /* announcement of another protocol: `found`, expected `wanted` */
    ATTR_PROBLEM_TOO_LONG,
} AttrProblemKind;

typedef struct AttrProblem {
    AttrProblemKind kind;
    const char *wanted;
    char found[100]; /* cut, NUL-terminated */
} AttrProblem;

/* The stock warning text, e.g. "unexpected attribute x from private/smtp socket (expecting: y)". */
char *attr_problem_str(const AttrProblem *problem, const char *peer);

typedef struct AttrReader {
    const uint8_t *data;
    size_t size_bytes, pos;
    AttrProblem problem;
} AttrReader;

void attr_reader_init(AttrReader *reader, const void *data, size_t size_bytes);

/* Strings are borrowed from the reader's data. */
AttrStatus attr_get_str(AttrReader *reader, const char *name, const char **ret_value);
AttrStatus attr_get_int(AttrReader *reader, const char *name, int32_t *ret_value);
AttrStatus attr_get_end(AttrReader *reader);

/*
 * The next attribute, whatever it is: for lists of our own, whose attributes come in any order. At
 * the end of the list *ret_name is NULL, and the reader goes on behind it.
 */
AttrStatus attr_get_any(AttrReader *reader, const char **ret_name, const char **ret_value);

/* A whole announcement list: protocol = `protocol` (ipc.md 1.3). */
AttrStatus attr_get_announcement(AttrReader *reader, const char *protocol);

#endif

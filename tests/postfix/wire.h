#ifndef EQMGR_TESTS_POSTFIX_WIRE_H
#define EQMGR_TESTS_POSTFIX_WIRE_H

/*
 * tests/postfix/wire: attribute lists as Postfix processes send them (ipc.md 1), read without any
 * expectation: whatever pairs come, in their order. Independent of the daemon's own codec, so that
 * the two cannot share a misunderstanding.
 */

#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#define WIRE_PAIRS_MAX 64

typedef struct WirePair {
    const char *name, *value; /* borrowed from the buffer that was parsed */
} WirePair;

typedef struct WireList {
    size_t count;
    WirePair pairs[WIRE_PAIRS_MAX];
} WireList;

/* The length of the first complete list in `bytes` (its pairs are in `ret_list`), 0 when more bytes
 * are needed, -1 for more pairs than any Postfix list has. */
ssize_t wire_take_list(const char *bytes, size_t count,
                       WireList *ret_list) G_GNUC_WARN_UNUSED_RESULT;

/* The value of the first pair with that name, or "". */
const char *wire_get(const WireList *list, const char *name);
int64_t wire_get_number(const WireList *list, const char *name);

void wire_put(GString *out, const char *name, const char *value);
void wire_put_number(GString *out, const char *name, int64_t value);
void wire_end(GString *out);

/* "name=value name=value", with everything quoted that could be mistaken. */
void wire_describe(const WireList *list, GString *out);
void wire_describe_text(const char *text, size_t count, GString *out);

#endif

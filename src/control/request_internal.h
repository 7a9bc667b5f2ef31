#ifndef EQMGR_CONTROL_REQUEST_INTERNAL_H
#define EQMGR_CONTROL_REQUEST_INTERNAL_H

/*
 * request: one request as a client sent it, with its arguments by name.
 *
 * The bytes are hostile: nothing is assumed of them but their number, CONTROL_REQUEST_MAX_BYTES at
 * most.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct Request {
    GHashTable *values; /* by name; both are strings of `bytes` */
    char *bytes;
    const char *verb; /* "" if none was named */
} Request;

typedef enum RequestStatus {
    REQUEST_OK = 0,
    REQUEST_MORE,      /* it is not complete yet */
    REQUEST_MALFORMED, /* too long, or the same attribute twice */
} RequestStatus;

/* Copies. *ret_used_bytes tells where the next request begins. Clear the result. */
RequestStatus request_parse(const void *data, size_t size_bytes, Request *ret_request,
                            size_t *ret_used_bytes) G_GNUC_WARN_UNUSED_RESULT;
void request_clear(Request *request);

/* The argument, or NULL. */
const char *request_text(const Request *request, const char *name);

/*
 * A whole number from `least` to `most`, or `otherwise` if it was not named. False: what was named
 * is not one.
 */
bool request_number(const Request *request, const char *name, int64_t least, int64_t most,
                    int64_t otherwise, int64_t *ret_value) G_GNUC_WARN_UNUSED_RESULT;

#endif

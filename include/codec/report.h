#ifndef EQMGR_CODEC_REPORT_H
#define EQMGR_CODEC_REPORT_H

/*
 * codec/report: requests to bounce, defer, trace, verify and flush (ipc.md 5 and 6).
 * All answer with one list that holds an int "status".
 */

#include <stdint.h>

#include <glib.h>

#include "codec/attr.h"
#include "codec/delivery.h"
#include "codec/envelope.h"

#define STATUS_PROTOCOL "delivery_status_protocol"
#define VERIFY_PROTOCOL "address_verification_prrotocol"
#define FLUSH_PROTOCOL  "queue_flush_protocol"

typedef enum ReportKind {
    REPORT_APPEND = 0,
    REPORT_FLUSH = 1,
    REPORT_WARN = 2,
    REPORT_FLUSH_VERP = 3,
    REPORT_TRACE = 5,
} ReportKind;

enum { REPORT_DELETE_RECIPIENTS = 2 };

typedef struct ReportAppend {
    int32_t flags; /* trace flags of the message */
    const char *queue_id;
    const Recipient *recipient;
    const char *status, *action, *reason;
} ReportAppend;

void report_append_encode(GByteArray *out, const ReportAppend *append);

/* REPORT_FLUSH, _WARN, _TRACE, and _FLUSH_VERP with the envelope's delimiters. */
void report_flush_encode(GByteArray *out, ReportKind kind, int32_t flags, const char *queue_id,
                         const Envelope *envelope, WireNames names);

/* recipient_status: 0 deliverable, 1 deferred, 2 bounced. */
void verify_update_encode(GByteArray *out, const char *address, int32_t recipient_status,
                          const char *reason);
void flush_add_encode(GByteArray *out, const char *site, const char *queue_id);

AttrStatus report_reply_decode(AttrReader *reader, int32_t *ret_status);

#endif

#ifndef EQMGR_CODEC_DELIVERY_H
#define EQMGR_CODEC_DELIVERY_H

/*
 * codec/delivery: delivery request and reply (ipc.md 3), and the wire names of a release.
 */

#include <stdint.h>

#include <glib.h>

#include "base/chain.h"
#include "base/release.h"
#include "codec/attr.h"
#include "codec/envelope.h"

#define DELIVERY_PROTOCOL "delivery_request_protocol"

enum {
    DELIVERY_MARK_SUCCESS = 1,
    DELIVERY_MARK_BOUNCED = 2,
    DELIVERY_SESSION_LOAD = 2048,
    DELIVERY_SESSION_STORE = 4096,
};

enum {
    SEND_OPTION_SMTPUTF8 = 1,
    SEND_OPTION_HEADER = 2,
    SEND_OPTION_SENDER = 4,
    SEND_OPTION_RECIPIENT = 8
};

/* Names on the wire that differ between releases (ipc.md 9.2). */
typedef struct WireNames {
    const char *send_options; /* "smtputf8" before 3.10, "sendopts" since */
    const char *verp_failed;  /* "verp" before 3.11, "verp-bounce" since */
} WireNames;

/* RELEASE() of Postfix. */
WireNames wire_names_for_release(int release);

typedef struct DeliveryRequest {
    int32_t flags;
    const char *queue_id, *nexthop;
    const char *sender; /* VERP-expanded if need be */
    const Envelope *envelope;
    int32_t send_options; /* the envelope's plus per-request bits */
    int64_t active_s;     /* when the message was moved to active */
    int32_t active_us;
    const Chain *recipients; /* of Recipient */
    int32_t recipient_count;
} DeliveryRequest;

/* Appends the whole request: the header list and the recipient lists. */
void delivery_request_encode(GByteArray *out, const DeliveryRequest *request, WireNames names);

/* sender local@domain, recipient r@d, delimiters "+=" -> "local+r=d@domain"; a new string. */
char *delivery_verp_sender(const char *sender, const char *delimiters, const Recipient *recipient);

/* Whether `address` is valid UTF-8 with at least one non-ASCII character. */
bool delivery_address_is_utf8(const char *address);

typedef struct DeliveryReply {
    int32_t status;           /* 0: all recipients are done */
    const char *dsn, *reason; /* borrowed from the decoded bytes; "" if none */
} DeliveryReply;

AttrStatus delivery_reply_decode(AttrReader *reader, DeliveryReply *ret_reply);

/* Enhanced status code: class 2, 4 or 5, two dotted numbers of 1-3 digits, then end or blank. */
bool dsn_is_valid(const char *dsn);

#endif

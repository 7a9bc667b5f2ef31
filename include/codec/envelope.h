#ifndef EQMGR_CODEC_ENVELOPE_H
#define EQMGR_CODEC_ENVELOPE_H

/*
 * codec/envelope: the envelope of a queue file as values (spool.md 5, behaviour.md 7).
 *
 * An Envelope is what a queue manager keeps of a message: plain numbers, and all strings in one
 * packed block, so that a message that waits costs little. An EnvelopeReader
 * (codec/envelope_reader) turns records into an Envelope and a chain of Recipients.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/chain.h"

/* Strings of an envelope. A string that was not in the file is "" (rewrite_context: "local"). */
typedef enum EnvelopeField {
    ENVELOPE_SENDER,
    ENVELOPE_ENCODING,
    ENVELOPE_DSN_ENVID,
    ENVELOPE_LOG_CLIENT_NAME,
    ENVELOPE_LOG_CLIENT_ADDRESS,
    ENVELOPE_LOG_CLIENT_PORT,
    ENVELOPE_LOG_PROTOCOL_NAME,
    ENVELOPE_LOG_HELO_NAME,
    ENVELOPE_SASL_METHOD,
    ENVELOPE_SASL_USERNAME,
    ENVELOPE_SASL_SENDER,
    ENVELOPE_LOG_IDENT,
    ENVELOPE_REWRITE_CONTEXT,
    ENVELOPE_CONTENT_FILTER, /* L record, "transport:nexthop" */
    ENVELOPE_INSPECTOR,      /* I record */
    ENVELOPE_REDIRECT,       /* > record */
    ENVELOPE_VERP_DELIMITERS /* two characters, or "" */,
    ENVELOPE_FIELD_COUNT
} EnvelopeField;

enum {
    TRACE_PROBE_BY_MTA = 256,   /* address verification probe */
    TRACE_PROBE_BY_USER = 512,  /* sendmail -bv */
    TRACE_RECORD = 1024,        /* sendmail -v */
    TRACE_DELAY_CLEARED = 8192, /* a delay was reported */
};

enum {
    ENVELOPE_FLAG_MIXED = 1,        /* recipients lie between other records */
    ENVELOPE_FLAG_NOTIFY_NEVER = 2, /* some recipient has it; the same for the next ones */
    ENVELOPE_FLAG_NOTIFY_SUCCESS = 4,
    ENVELOPE_FLAG_NOTIFY_FAILURE = 8,
    ENVELOPE_FLAG_NOTIFY_DELAY = 16,
};

enum { NOTIFY_NEVER = 1, NOTIFY_SUCCESS = 2, NOTIFY_FAILURE = 4, NOTIFY_DELAY = 8 };

#define RECIPIENT_PLAN_MAX 4095

typedef struct Recipient {
    Link link;      /* must be first; for the chain that holds the recipient */
    int64_t offset; /* of the record's type byte in the queue file */
    uint32_t address_at, original_at, dsn_original_at; /* into text; read through the accessors */
    uint16_t notify_flags : 4;                         /* NOTIFY_... or 0 */
    uint16_t plan : 12; /* the life's: when it is tried again (life/plans) */
    uint16_t asked_in;  /* the life's: after how many changes of maps it was resolved */
    char text[];        /* NUL-terminated strings; the three may share bytes */
} Recipient;

/* One allocation; release with g_free(). Empty strings are allowed everywhere. */
Recipient *recipient_new(const char *address, const char *original, const char *dsn_original,
                         uint8_t notify_flags, int64_t offset) G_GNUC_WARN_UNUSED_RESULT;

/* The same recipient with another address: takes ownership of `recipient` and may return it. */
Recipient *recipient_readdress(Recipient *recipient, const char *address) G_GNUC_WARN_UNUSED_RESULT;

/* Borrowed, valid as long as the recipient. Never NULL. */
const char *recipient_address(const Recipient *recipient);
const char *recipient_original(const Recipient *recipient);     /* O record or "" */
const char *recipient_dsn_original(const Recipient *recipient); /* ORCPT or "" */

/* Frees every Recipient of the chain and empties it. */
void recipients_free(Chain *recipients);

typedef struct Envelope {
    int64_t arrival_s;
    int64_t create_s; /* for expiry and backoff; the arrival time when the file has none */
    int32_t arrival_us;
    int32_t announced_count; /* nrcpt= of the log: by SIZE, minus those passed before the sender */
    int64_t unread_count;    /* SIZE record's count minus all recipient records passed; never < 0 */
    int64_t data_offset, data_size; /* content in the file: first byte, bytes up to the X record */
    int64_t content_size;           /* for logs and delivery requests */
    int64_t warn_offset, trace_offset; /* of the W and trace_flags records; 0: none */
    int64_t warn_s;                    /* >0: when to warn of delay; <0: was sent; 0: none */
    int64_t resume_offset;             /* where the next batch of recipients begins */
    int32_t size_flags;                /* ENVELOPE_FLAG_..., field 4 of SIZE */
    int32_t send_options;              /* field 6: 1 SMTPUTF8, 2 header, 4 sender, 16, 32 (3.10) */
    int32_t trace_flags;               /* TRACE_... as read from the file */
    uint8_t dsn_ret;                   /* 0, 1 FULL, 2 HDRS */
    bool fully_read;                   /* the END record was reached while collecting recipients */
    uint32_t texts;                    /* bit per EnvelopeField that is there */
    char *text; /* owned: those that are there, one after the other; read by envelope_text() */
} Envelope;

/* Borrowed, never NULL. */
const char *envelope_text(const Envelope *envelope, EnvelopeField field);

/* Whether the file has the field, even if it is empty. */
bool envelope_has_text(const Envelope *envelope, EnvelopeField field);

void envelope_clear(Envelope *envelope);

#endif

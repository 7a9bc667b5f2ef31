#ifndef EQMGR_CODEC_ENVELOPE_READER_INTERNAL_H
#define EQMGR_CODEC_ENVELOPE_READER_INTERNAL_H

/*
 * The parts of the envelope reader, each above those that it calls: envelope_reader.c moves through
 * the file, envelope_fields.c knows what the records mean, envelope_attributes.c what the named
 * ones mean, envelope_old_style.c finds the offsets that files of 2001 lack, and envelope_state.c
 * changes the state that all of them share.
 */

#include "codec/envelope_reader.h"
#include "codec/record.h"
#include "span_internal.h"

#define TEXT_CUT_BYTES  200 /* of foreign text in a warning */
#define SHORT_CUT_BYTES 100
#define LONG_CUT_BYTES  2000 /* stock does not cut at all; the log does */

/* For "%.*s". */
#define SPAN_ARGS(span, cut_bytes) (int)MIN((span).length, (size_t)(cut_bytes)), (span).text

/* Information for the next recipient. A text that is empty may have been there all the same. */
typedef struct Pending {
    GString *dsn_original, *original;
    bool has_dsn_original, has_original;
    int notify_flags;
} Pending;

/* The search for offsets in an old-style file (spool.md 5.10). */
typedef struct OldStyle {
    bool active;
    int64_t return_to; /* the record after SIZE */
    int64_t recipient_count;
    int64_t data_offset, data_size; /* 0: no M record seen */
} OldStyle;

struct EnvelopeReader {
    EnvelopeRules rules;
    EnvelopeProgress progress;

    bool first;             /* reads everything; otherwise recipients only */
    bool collecting;        /* recipients: the limit was not reached */
    int64_t offset;         /* of the current record */
    int64_t next_offset;    /* where reading goes on */
    size_t least_bytes;     /* which the window there must have */
    int64_t passed_bytes;   /* of records read so far, for loops */
    int64_t jump_target;    /* of the last jump */
    int reverse_jump_count; /* jumps that did not go forward */
    bool expects_extracted; /* the content was skipped: X must follow */

    Envelope envelope;                      /* without its text */
    GString *text;                          /* begins with an empty string */
    uint32_t text_at[ENVELOPE_FIELD_COUNT]; /* in `text`, the last of each field */
    bool log_attribute_seen;
    Pending pending;
    GString *address; /* scratch */
    OldStyle old_style;
    int32_t size_count; /* of recipients, as the SIZE record says */
    EnvelopeBatch batch;
};

/* ---- envelope_state.c ---- */

void envelope_state_warn(EnvelopeReader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Ends the reading: the file is damaged, and this is why. */
void envelope_state_reject(EnvelopeReader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Sets a string of the envelope, over an earlier one; rejects an envelope that grows too large. */
void envelope_state_set_text(EnvelopeReader *reader, EnvelopeField field, Span text);

/* ---- envelope_fields.c ---- */

/* Whether the type may stand where no content is (since 3.7). */
bool envelope_fields_is_legal(uint8_t type);

/* Enters what the current record says into the reader. */
void envelope_fields_parse(EnvelopeReader *reader, const Record *record);

/* Rejects an envelope that lacks a required record; names the first one only. */
void envelope_fields_check_required(EnvelopeReader *reader);

/* ---- envelope_attributes.c ---- */

/* True: the attribute stands for the record *ret_meant, whose bytes are those of `record`. */
bool envelope_attributes_parse(EnvelopeReader *reader, const Record *record, Record *ret_meant);

/* ---- envelope_old_style.c ---- */

void envelope_old_style_start(EnvelopeReader *reader);
void envelope_old_style_parse(EnvelopeReader *reader, const Record *record);

/* The file ended too early. */
void envelope_old_style_reject_end(EnvelopeReader *reader);

#endif

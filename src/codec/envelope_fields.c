#include <string.h>

#include "envelope_reader_internal.h"

/*
 * What each type of record means for the envelope, one function a type; the table at the end says
 * which of them count in which reading.
 */

#define SIZE_FIELD_COUNT      6
#define SIZE_FIELDS_NEW_STYLE 3

#define SIZE_FLAGS_ALL 31

/* From this release on, only the send options that it knows are passed on, ... */
#define RELEASE_OPTIONS_NEW RELEASE(3, 10, 0)
#define OPTIONS_NEW         63

/* ... and from these patch levels on within older releases; the others pass on all options. */
static const int releases_mask[] = {RELEASE(3, 6, 17), RELEASE(3, 7, 13), RELEASE(3, 8, 8),
                                    RELEASE(3, 9, 2)};
#define OPTIONS_OLD 15

/* Sums and differences of times must not overflow; no clock goes this far. */
#define TIME_MAX_S (INT64_C(1) << 40)

#define MICROSECONDS_MAX     999999
#define VERP_DELIMITER_COUNT 2
#define DSN_RET_MAX          2

static Span text_of(const Record *record)
{
    return span_until_nul(record->data, record->length);
}

/* ---- strings of the envelope ---- */

static void parse_filter(EnvelopeReader *reader, const Record *record)
{
    envelope_state_set_text(reader, ENVELOPE_CONTENT_FILTER, text_of(record));
}

static void parse_inspector(EnvelopeReader *reader, const Record *record)
{
    envelope_state_set_text(reader, ENVELOPE_INSPECTOR, text_of(record));
}

static void parse_redirect(EnvelopeReader *reader, const Record *record)
{
    envelope_state_set_text(reader, ENVELOPE_REDIRECT, text_of(record));
}

static void parse_dsn_envid(EnvelopeReader *reader, const Record *record)
{
    envelope_state_set_text(reader, ENVELOPE_DSN_ENVID, text_of(record));
}

/* ---- SIZE (spool.md 5.3) ---- */

static void reject_size(EnvelopeReader *reader, const char *what, Span text)
{
    envelope_state_reject(reader, "%s: invalid %s: %.*s", reader->rules.queue_id, what,
                          SPAN_ARGS(text, SHORT_CUT_BYTES));
}

/* An smtp(8) that meets an option it does not know returns the mail. */
static int32_t known_send_options(int release, int32_t options)
{
    if (release >= RELEASE_OPTIONS_NEW)
        return options & OPTIONS_NEW;
    for (size_t i = 0; i < G_N_ELEMENTS(releases_mask); i++)
        if (RELEASE_SAME_MINOR(release, releases_mask[i]) && release >= releases_mask[i])
            return options & OPTIONS_OLD;
    return options;
}

static void parse_new_style_size(EnvelopeReader *reader, Span text,
                                 const int64_t field[SIZE_FIELD_COUNT])
{
    Envelope *envelope = &reader->envelope;

    /* The count is compared even if the rest of the record is bad. Stock keeps 32 bits of it. */
    reader->size_count = (int32_t)field[2];
    envelope->unread_count = reader->size_count;
    if (field[0] <= 0 || field[1] <= 0) {
        reject_size(reader, "size record", text);
        return;
    }
    if ((field[3] & ~(int64_t)SIZE_FLAGS_ALL) != 0) {
        reject_size(reader, "flags in size record", text);
        return;
    }
    if (field[4] < 0) {
        reject_size(reader, "size record", text);
        return;
    }
    envelope->data_size = field[0];
    envelope->data_offset = field[1];
    envelope->size_flags = (int32_t)field[3];
    envelope->content_size = field[4] != 0 ? field[4] : field[0];
    envelope->send_options = known_send_options(reader->rules.release, (int32_t)field[5]);
}

/* Only the first one counts; files requeued by very old releases can have more. */
static void parse_size(EnvelopeReader *reader, const Record *record)
{
    Span text = text_of(record), rest = text;
    int64_t field[SIZE_FIELD_COUNT] = {[3] = ENVELOPE_FLAG_MIXED};
    int field_count = 0;

    if (reader->envelope.data_offset != 0)
        return;
    while (field_count < SIZE_FIELD_COUNT && span_parse_integer(&rest, &field[field_count]))
        field_count++;
    if (field_count >= SIZE_FIELDS_NEW_STYLE)
        parse_new_style_size(reader, text, field);
    else if (field_count == 1)
        envelope_old_style_start(reader);
    else
        envelope_state_reject(reader, "%s: message rejected: weird size record",
                              reader->rules.queue_id);
}

/* ---- times and flags (spool.md 5.7) ---- */

static int64_t bounded_time_s(int64_t time_s)
{
    return CLAMP(time_s, -TIME_MAX_S, TIME_MAX_S);
}

static void parse_arrival(EnvelopeReader *reader, const Record *record)
{
    Envelope *envelope = &reader->envelope;
    Span text = text_of(record);
    int64_t seconds = 0, microseconds = 0;

    if (envelope->arrival_s != 0 || !span_parse_integer(&text, &seconds))
        return;
    envelope->arrival_s = bounded_time_s(seconds);
    if (span_parse_integer(&text, &microseconds)) /* old files have no microseconds */
        envelope->arrival_us = (int32_t)CLAMP(microseconds, 0, MICROSECONDS_MAX);
}

static void parse_created(EnvelopeReader *reader, const Record *record)
{
    if (reader->envelope.create_s == 0)
        reader->envelope.create_s = bounded_time_s(span_integer(text_of(record)));
}

static void parse_warn(EnvelopeReader *reader, const Record *record)
{
    if (reader->envelope.warn_offset != 0)
        return;
    reader->envelope.warn_offset = reader->offset;
    reader->envelope.warn_s = bounded_time_s(span_integer(text_of(record)));
}

static void parse_dsn_ret(EnvelopeReader *reader, const Record *record)
{
    Span text = text_of(record);
    int64_t value = span_integer(text);

    if (span_is_digits(text) && value >= 1 && value <= DSN_RET_MAX)
        reader->envelope.dsn_ret = (uint8_t)value;
    else
        envelope_state_warn(reader,
                            "%s: ignoring malformed DSN RET flags in queue file record:%.*s",
                            reader->rules.queue_id, SPAN_ARGS(text, SHORT_CUT_BYTES));
}

static void parse_sender(EnvelopeReader *reader, const Record *record)
{
    EnvelopeBatch *batch = &reader->batch;

    if (batch->sender_seen)
        return;
    batch->sender_seen = true;
    batch->warnings_before_sender = batch->warnings->len;
    reader->envelope.announced_count =
        reader->rules.round_robin ? reader->size_count : (int32_t)reader->envelope.unread_count;
    envelope_state_set_text(reader, ENVELOPE_SENDER, text_of(record));
}

static bool are_verp_delimiters(const EnvelopeReader *reader, Span text)
{
    const char *filter = reader->rules.verp_delimiter_filter;

    return text.length == VERP_DELIMITER_COUNT && strchr(filter, text.text[0]) != NULL &&
           strchr(filter, text.text[1]) != NULL;
}

static void parse_verp(EnvelopeReader *reader, const Record *record)
{
    Span text = text_of(record);

    if (envelope_has_text(&reader->envelope, ENVELOPE_VERP_DELIMITERS))
        return;
    if (reader->text->str[reader->text_at[ENVELOPE_SENDER]] == '\0')
        envelope_state_warn(reader, "%s: ignoring VERP request for null sender",
                            reader->rules.queue_id);
    else if (!are_verp_delimiters(reader, text))
        envelope_state_warn(reader, "%s: ignoring bad VERP request: \"%.*s\"",
                            reader->rules.queue_id, SPAN_ARGS(text, SHORT_CUT_BYTES));
    else
        envelope_state_set_text(reader, ENVELOPE_VERP_DELIMITERS, text);
}

/* ---- recipients ---- */

static void warn_out_of_order(EnvelopeReader *reader, const char *what, const GString *text)
{
    envelope_state_warn(reader, "%s: ignoring out-of-order %s <%.*s>", reader->rules.queue_id, what,
                        TEXT_CUT_BYTES, text->str);
}

static void set_pending(GString *pending, Span text)
{
    g_string_truncate(pending, 0);
    g_string_append_len(pending, text.text, (gssize)text.length);
}

static void parse_dsn_original(EnvelopeReader *reader, const Record *record)
{
    Pending *pending = &reader->pending;

    if (pending->has_dsn_original)
        warn_out_of_order(reader, "DSN original recipient address", pending->dsn_original);
    pending->has_dsn_original = true;
    set_pending(pending->dsn_original, text_of(record));
}

static void parse_original(EnvelopeReader *reader, const Record *record)
{
    Pending *pending = &reader->pending;

    if (pending->has_original)
        warn_out_of_order(reader, "original recipient", pending->original);
    pending->has_original = true;
    set_pending(pending->original, text_of(record));
}

/* NEVER excludes the others. */
static bool are_notify_flags(int64_t flags)
{
    const int64_t with_others = NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY;

    return flags == NOTIFY_NEVER || (flags != 0 && (flags & ~with_others) == 0);
}

static void parse_dsn_notify(EnvelopeReader *reader, const Record *record)
{
    Span text = text_of(record);
    int64_t flags = span_integer(text);

    if (reader->pending.notify_flags != 0)
        envelope_state_warn(reader, "%s: ignoring out-of-order DSN notify flags <%d>",
                            reader->rules.queue_id, reader->pending.notify_flags);
    reader->pending.notify_flags = 0;
    if (span_is_digits(text) && are_notify_flags(flags))
        reader->pending.notify_flags = (int)flags;
    else
        envelope_state_warn(reader, "%s: ignoring malformed DSN notify flags <%.*s>",
                            reader->rules.queue_id, SPAN_ARGS(text, TEXT_CUT_BYTES));
}

static void forget_pending(Pending *pending)
{
    g_string_truncate(pending->dsn_original, 0);
    g_string_truncate(pending->original, 0);
    pending->has_dsn_original = false;
    pending->has_original = false;
    pending->notify_flags = 0;
}

/*
 * The batch is full. A first reading goes on to the END record, for the rest of the envelope. If
 * recipients come in one piece, those before the content can be skipped; those after it cannot,
 * since a pointer may have led there, past other records (spool.md 5.9).
 */
static void stop_collecting(EnvelopeReader *reader)
{
    Envelope *envelope = &reader->envelope;

    envelope->resume_offset = reader->next_offset;
    reader->collecting = false;
    if (!reader->first)
        reader->progress = ENVELOPE_READ;
    else if ((envelope->size_flags & ENVELOPE_FLAG_MIXED) == 0 &&
             reader->offset < envelope->data_offset)
        reader->next_offset = envelope->data_offset;
}

static void parse_recipient(EnvelopeReader *reader, const Record *record)
{
    Pending *pending = &reader->pending;
    Recipient *recipient;

    set_pending(reader->address, text_of(record));
    recipient =
        recipient_new(reader->address->str, pending->original->str, pending->dsn_original->str,
                      (uint8_t)pending->notify_flags, reader->offset);
    chain_append(&reader->batch.recipients, &recipient->link);
    forget_pending(pending);
    reader->envelope.unread_count--;
    if (++reader->batch.recipient_count >= reader->rules.recipient_limit)
        stop_collecting(reader);
}

static void parse_done(EnvelopeReader *reader, const Record *record)
{
    (void)record;
    forget_pending(&reader->pending);
    reader->envelope.unread_count--;
}

/* ---- the end ---- */

static void parse_end(EnvelopeReader *reader, const Record *record)
{
    const Pending *pending = &reader->pending;

    (void)record;
    reader->progress = ENVELOPE_READ;
    reader->envelope.fully_read = reader->collecting;
    if (pending->has_dsn_original)
        warn_out_of_order(reader, "DSN original recipient", pending->dsn_original);
    if (pending->has_original)
        warn_out_of_order(reader, "original recipient", pending->original);
}

void envelope_fields_check_required(EnvelopeReader *reader)
{
    const Envelope *envelope = &reader->envelope;
    const char *missing = envelope->arrival_s == 0     ? "arrival time"
                          : !reader->batch.sender_seen ? "sender"
                          : envelope->data_offset == 0 ? "size"
                                                       : NULL;

    if (missing != NULL)
        envelope_state_reject(reader, "%s: message rejected: missing %s record",
                              reader->rules.queue_id, missing);
}

/* ---- what each type means ---- */

/* Some attributes stand for a record of another type. */
static void parse_named(EnvelopeReader *reader, const Record *record)
{
    Record meant;

    if (envelope_attributes_parse(reader, record, &meant))
        envelope_fields_parse(reader, &meant);
}

typedef enum Relevance {
    NEVER,      /* legal, but of no use to a queue manager */
    FIRST_READ, /* about the message: in the first reading */
    COLLECTING, /* about recipients: while the batch has room */
    ALWAYS,
} Relevance;

typedef void ParseFn(EnvelopeReader *reader, const Record *record);

static void ignore_record(EnvelopeReader *reader, const Record *record)
{
    (void)reader;
    (void)record;
}

static const struct {
    Relevance relevance;
    ParseFn *parse; /* NULL: the type is illegal */
} meanings[UINT8_MAX + 1] = {
    [RECORD_MESSAGE] = {NEVER,      ignore_record     },
    [RECORD_FULL_NAME] = {NEVER,      ignore_record     },
    [RECORD_KILLED] = {NEVER,      ignore_record     },
    [RECORD_PRIORITY] = {NEVER,      ignore_record     },
    [RECORD_ERRORS_TO] = {NEVER,      ignore_record     },
    [RECORD_RETURN_RECEIPT] = {NEVER,      ignore_record     },
    [RECORD_SIZE] = {FIRST_READ, parse_size        },
    [RECORD_ARRIVAL] = {FIRST_READ, parse_arrival     },
    [RECORD_CREATED] = {FIRST_READ, parse_created     },
    [RECORD_INSPECTOR] = {FIRST_READ, parse_inspector   },
    [RECORD_FILTER] = {FIRST_READ, parse_filter      },
    [RECORD_REDIRECT] = {FIRST_READ, parse_redirect    },
    [RECORD_SENDER] = {FIRST_READ, parse_sender      },
    [RECORD_DSN_ENVID] = {FIRST_READ, parse_dsn_envid   },
    [RECORD_DSN_RET] = {FIRST_READ, parse_dsn_ret     },
    [RECORD_WARN] = {FIRST_READ, parse_warn        },
    [RECORD_VERP] = {FIRST_READ, parse_verp        },
    [RECORD_RECIPIENT] = {COLLECTING, parse_recipient   },
    [RECORD_DONE] = {COLLECTING, parse_done        },
    [RECORD_CANCELED] = {COLLECTING, parse_done        },
    [RECORD_ORIGINAL] = {COLLECTING, parse_original    },
    [RECORD_DSN_ORIGINAL] = {COLLECTING, parse_dsn_original},
    [RECORD_DSN_NOTIFY] = {COLLECTING, parse_dsn_notify  },
    [RECORD_ATTRIBUTE] = {ALWAYS,     parse_named       },
    [RECORD_END] = {ALWAYS,     parse_end         },
};

bool envelope_fields_is_legal(uint8_t type)
{
    return meanings[type].parse != NULL;
}

void envelope_fields_parse(EnvelopeReader *reader, const Record *record)
{
    Relevance relevance = meanings[record->type].relevance;

    if (relevance == ALWAYS || (relevance == FIRST_READ && reader->first) ||
        (relevance == COLLECTING && reader->collecting))
        meanings[record->type].parse(reader, record);
}

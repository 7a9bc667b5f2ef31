#include "codec/envelope_reader.h"

#include <inttypes.h>
#include <string.h>

#include "envelope_reader_internal.h"

/*
 * The way through the file: from record to record, over the content, along pointers. What a record
 * means is for envelope_fields.c; here nothing is trusted, and every way ends.
 */

/* Of jumps that do not go forward; stock gives up at the same number (spool.md 5.5). */
#define REVERSE_JUMPS_MAX 10000

/*
 * No byte of a sound file is read twice, except in old-style files, which are searched first. More
 * than twice the file is therefore a loop, or records laid over each other on purpose.
 */
#define PASSES_MAX          2
#define PASSED_ALWAYS_BYTES 65536

/* More than the texts of a usual reading need; what is larger is not kept for the next one. */
#define TEXT_KEPT_BYTES 4096

#define RELEASE_CHECKS_TYPES RELEASE(3, 7, 0)

EnvelopeReader *envelope_reader_new(void)
{
    EnvelopeReader *reader = g_new0(EnvelopeReader, 1);

    reader->text = g_string_new(NULL);
    reader->pending.dsn_original = g_string_new(NULL);
    reader->pending.original = g_string_new(NULL);
    reader->address = g_string_new(NULL);
    return reader;
}

void envelope_reader_begin(EnvelopeReader *reader, const EnvelopeRules *rules,
                           const Envelope *known)
{
    g_assert(rules->recipient_limit >= 1 && reader->batch.warnings == NULL);
    *reader = (EnvelopeReader){
        .rules = *rules,
        .progress = ENVELOPE_WANTS_BYTES,
        .first = known == NULL,
        .collecting = true,
        .least_bytes = 1,
        .text = reader->text,
        .pending = {.dsn_original = reader->pending.dsn_original,
                    .original = reader->pending.original},
        .address = reader->address,
    };
    g_string_append_c(reader->text, '\0');
    reader->batch.warnings = g_ptr_array_new_with_free_func(g_free);
    if (known != NULL) {
        reader->envelope = *known;
        reader->envelope.text = NULL;
        reader->next_offset = known->resume_offset;
        reader->envelope.resume_offset = 0;
    }
}

void envelope_reader_free(EnvelopeReader *reader)
{
    if (reader == NULL)
        return;
    g_string_free(reader->text, TRUE);
    g_string_free(reader->pending.dsn_original, TRUE);
    g_string_free(reader->pending.original, TRUE);
    g_string_free(reader->address, TRUE);
    envelope_batch_clear(&reader->batch);
    g_free(reader);
}

void envelope_batch_clear(EnvelopeBatch *batch)
{
    recipients_free(&batch->recipients);
    g_clear_pointer(&batch->warnings, g_ptr_array_unref);
    *batch = (EnvelopeBatch){0};
}

/* ---- moving through the file ---- */

/* There is no record here, so whatever had to come after this place is missing, too. */
static void reject_end(EnvelopeReader *reader)
{
    if (reader->old_style.active)
        envelope_old_style_reject_end(reader);
    else
        envelope_state_reject(reader, "%s: message rejected: missing end record",
                              reader->rules.queue_id);
}

/* The file ends within the record. */
static void reject_cut_record(EnvelopeReader *reader, RecordStatus status, const Record *record)
{
    if (status == RECORD_MORE_HEADER)
        envelope_state_reject(reader, "%s: unexpected EOF reading length, record type %d",
                              reader->rules.path, record->type);
    else
        envelope_state_reject(reader, "%s: unexpected EOF in data, record type %d length %zu",
                              reader->rules.path, record->type, record->length);
    reject_end(reader);
}

static void reject_length(EnvelopeReader *reader, RecordStatus status, const Record *record)
{
    if (status == RECORD_BAD_LENGTH)
        envelope_state_reject(reader, "%s: too many length bits, record type %d",
                              reader->rules.path, record->type);
    else
        envelope_state_reject(reader, "%s: illegal length %zu, record type %d", reader->rules.path,
                              record->length, record->type);
    reject_end(reader);
}

static void reject_loop(EnvelopeReader *reader)
{
    envelope_state_reject(reader, "%s: too many reverse jump records", reader->rules.path);
}

/* After a pointer without a target (0 or empty) the next record follows. */
static void follow_pointer(EnvelopeReader *reader, const Record *record)
{
    Span text = span_until_nul(record->data, record->length);
    int64_t target;

    span_skip_blanks(&text);
    target = span_integer(text);
    if (text.length > 0 && (!span_is_digits(text) || target == INT64_MAX)) {
        envelope_state_reject(reader, "%s: malformed pointer record value: %.*s",
                              reader->rules.path, SPAN_ARGS(text, LONG_CUT_BYTES));
        return;
    }
    reader->expects_extracted = false;
    if (target == 0)
        return;
    if (target <= reader->jump_target && ++reader->reverse_jump_count > REVERSE_JUMPS_MAX) {
        reject_loop(reader);
        return;
    }
    reader->jump_target = target;
    reader->next_offset = target;
}

static bool is_wanted_type(const EnvelopeReader *reader, uint8_t type)
{
    if (reader->rules.release < RELEASE_CHECKS_TYPES)
        return true;
    if (reader->expects_extracted)
        return type == RECORD_EXTRACTED;
    return envelope_fields_is_legal(type);
}

static void parse_record(EnvelopeReader *reader, const Record *record)
{
    reader->offset = reader->next_offset;
    reader->next_offset += (int64_t)record->size_bytes;
    reader->passed_bytes += (int64_t)record->size_bytes;
    if (reader->passed_bytes > PASSES_MAX * reader->rules.file_size + PASSED_ALWAYS_BYTES) {
        reject_loop(reader);
        return;
    }
    if (record->type == RECORD_POINTER) {
        follow_pointer(reader, record);
    } else if (record->type == RECORD_NONE) {
        reject_end(reader);
    } else if (reader->old_style.active) {
        envelope_old_style_parse(reader, record);
    } else if (!is_wanted_type(reader, record->type)) {
        envelope_state_reject(reader, "Unexpected record type '%c' at offset %" G_GINT64_FORMAT,
                              g_ascii_isprint(record->type) ? record->type : '?', reader->offset);
    } else {
        reader->expects_extracted = false;
        envelope_fields_parse(reader, record);
    }
}

/* The content is never asked for. */
static void skip_content(EnvelopeReader *reader)
{
    const Envelope *envelope = &reader->envelope;

    if (envelope->data_offset == 0 || reader->next_offset != envelope->data_offset)
        return;
    if (__builtin_add_overflow(envelope->data_offset, envelope->data_size, &reader->next_offset))
        reader->next_offset = INT64_MAX;
    reader->expects_extracted = true;
}

/* The record is not complete in the `here_bytes` that the window has of it. */
static void want_rest(EnvelopeReader *reader, RecordStatus status, const Record *record,
                      const EnvelopeWindow *window)
{
    size_t here_bytes = window->size_bytes - (size_t)(reader->next_offset - window->offset);
    uint64_t rest_bytes = (uint64_t)(reader->rules.file_size - reader->next_offset);
    size_t least_bytes = status == RECORD_MORE_DATA ? record->size_bytes : here_bytes + 1;

    if (window->ends_file || least_bytes > rest_bytes)
        reject_cut_record(reader, status, record);
    else if (least_bytes > ENVELOPE_RECORD_MAX_BYTES)
        reject_length(reader, status, record);
    else
        reader->least_bytes = least_bytes;
}

static void parse_or_reject(EnvelopeReader *reader, const EnvelopeWindow *window)
{
    size_t at = (size_t)(reader->next_offset - window->offset);
    Record record = {0};
    RecordStatus status = record_decode(window->bytes + at, window->size_bytes - at, &record);

    if (status == RECORD_OK)
        parse_record(reader, &record);
    else if (status == RECORD_BAD_LENGTH)
        reject_length(reader, status, &record);
    else
        want_rest(reader, status, &record, window);
}

/* Whether the next record begins in the window. */
static bool is_in_window(const EnvelopeReader *reader, const EnvelopeWindow *window)
{
    return reader->next_offset >= window->offset &&
           reader->next_offset - window->offset < (int64_t)window->size_bytes;
}

/* Whether the file ends before the place where the next record should be. */
static bool is_past_end(const EnvelopeReader *reader, const EnvelopeWindow *window)
{
    return reader->next_offset >= reader->rules.file_size ||
           (window->ends_file &&
            reader->next_offset - window->offset >= (int64_t)window->size_bytes);
}

int64_t envelope_reader_wanted(const EnvelopeReader *reader, size_t *ret_least_bytes)
{
    g_assert(reader->progress == ENVELOPE_WANTS_BYTES);
    *ret_least_bytes = reader->least_bytes;
    return reader->next_offset;
}

static void warn_of_wrong_count(EnvelopeReader *reader)
{
    int32_t unread_count = (int32_t)reader->envelope.unread_count; /* wraps, as stock's */

    if (unread_count >= 0 && (reader->envelope.resume_offset != 0 || unread_count == 0))
        return;
    if (!reader->rules.round_robin)
        envelope_state_warn(reader, "%s: rcpt count mismatch (%" PRId32 ")", reader->rules.queue_id,
                            unread_count);
    reader->envelope.unread_count = 0;
}

EnvelopeProgress envelope_reader_feed(EnvelopeReader *reader, const EnvelopeWindow *window)
{
    g_assert(reader->progress == ENVELOPE_WANTS_BYTES);
    reader->least_bytes = 0;
    while (reader->progress == ENVELOPE_WANTS_BYTES && reader->least_bytes == 0) {
        skip_content(reader);
        if (is_past_end(reader, window))
            reject_end(reader);
        else if (is_in_window(reader, window))
            parse_or_reject(reader, window);
        else
            reader->least_bytes = 1;
    }
    if (reader->progress != ENVELOPE_WANTS_BYTES)
        warn_of_wrong_count(reader);
    if (reader->progress == ENVELOPE_READ && reader->first)
        envelope_fields_check_required(reader);
    return reader->progress;
}

/* ---- the results ---- */

/* Puts all strings into one block, without those that were replaced by later ones. */
static void pack_text(EnvelopeReader *reader)
{
    Envelope *envelope = &reader->envelope;
    size_t bytes[ENVELOPE_FIELD_COUNT] = {0}, sum_bytes = 0;
    char *at;

    for (int field = 0; field < ENVELOPE_FIELD_COUNT; field++) {
        if (envelope_has_text(envelope, (EnvelopeField)field))
            bytes[field] = strlen(reader->text->str + reader->text_at[field]) + 1;
        sum_bytes += bytes[field];
    }
    at = envelope->text = g_malloc(sum_bytes);
    for (int field = 0; field < ENVELOPE_FIELD_COUNT; field++) {
        if (bytes[field] == 0)
            continue;
        memcpy(at, reader->text->str + reader->text_at[field], bytes[field]);
        at += bytes[field];
    }
}

static void forget_text(GString **text)
{
    if ((*text)->allocated_len <= TEXT_KEPT_BYTES) {
        g_string_truncate(*text, 0);
        return;
    }
    g_string_free(*text, TRUE);
    *text = g_string_new(NULL);
}

void envelope_reader_finish(EnvelopeReader *reader, Envelope *envelope, EnvelopeBatch *ret_batch)
{
    if (reader->progress != ENVELOPE_READ) {
        recipients_free(&reader->batch.recipients);
        reader->batch.recipient_count = 0;
    }
    *ret_batch = reader->batch;
    reader->batch = (EnvelopeBatch){0};
    if (reader->first) {
        if (reader->envelope.create_s == 0) /* files before 2.3 */
            reader->envelope.create_s = reader->envelope.arrival_s;
        pack_text(reader);
        *envelope = reader->envelope;
    } else if (reader->progress == ENVELOPE_READ) {
        envelope->unread_count = reader->envelope.unread_count;
        envelope->resume_offset = reader->envelope.resume_offset;
        envelope->fully_read = reader->envelope.fully_read;
    }
    forget_text(&reader->text);
    forget_text(&reader->pending.dsn_original);
    forget_text(&reader->pending.original);
    forget_text(&reader->address);
}

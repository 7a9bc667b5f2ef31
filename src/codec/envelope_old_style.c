#include "envelope_reader_internal.h"

/*
 * Files from before 2001 have the length of the content in the M record only, and no count of
 * recipients. So the whole file is searched first, then read as if SIZE had said both.
 */

void envelope_old_style_start(EnvelopeReader *reader)
{
    reader->old_style = (OldStyle){.active = true, .return_to = reader->next_offset};
    reader->next_offset = 0;
}

void envelope_old_style_reject_end(EnvelopeReader *reader)
{
    envelope_state_reject(reader, "%s: envelope records out of order", reader->rules.queue_id);
}

static void old_style_message(EnvelopeReader *reader, const Record *record)
{
    OldStyle *old = &reader->old_style;
    Span text = span_until_nul(record->data, record->length);
    int64_t extracted_offset = span_integer(text);

    if (old->data_offset != 0)
        return;
    if (extracted_offset <= reader->next_offset) {
        envelope_state_reject(reader, "bad extra offset %.*s file %s",
                              SPAN_ARGS(text, SHORT_CUT_BYTES), reader->rules.path);
        return;
    }
    old->data_offset = reader->next_offset;
    old->data_size = extracted_offset - reader->next_offset;
    reader->next_offset = extracted_offset;
}

static void old_style_end(EnvelopeReader *reader)
{
    OldStyle *old = &reader->old_style;
    Envelope *envelope = &reader->envelope;

    if (old->data_offset == 0) {
        envelope_old_style_reject_end(reader);
        return;
    }
    envelope->data_offset = old->data_offset;
    envelope->data_size = old->data_size;
    envelope->content_size = old->data_size;
    envelope->unread_count = old->recipient_count;
    envelope->size_flags = ENVELOPE_FLAG_MIXED;
    reader->next_offset = old->return_to;
    old->active = false;
}

void envelope_old_style_parse(EnvelopeReader *reader, const Record *record)
{
    switch (record->type) {
    case RECORD_RECIPIENT:
    case RECORD_DONE:
    case RECORD_CANCELED:
        reader->old_style.recipient_count++;
        break;
    case RECORD_MESSAGE:
        old_style_message(reader, record);
        break;
    case RECORD_END:
        old_style_end(reader);
        break;
    default:
        break;
    }
}

#include <stdarg.h>

#include "envelope_reader_internal.h"

/*
 * What every part of the reader does to its state: it warns, rejects the file, and keeps a string
 * of the envelope. It lies below the parts, so that none of them needs the one that calls it.
 */

/* The reason why a file is damaged comes once and must not be missing: it may pass the bound. */
static void add_warning(EnvelopeReader *reader, const char *format, va_list args)
{
    if (reader->batch.warnings->len < ENVELOPE_WARNINGS_MAX || reader->progress == ENVELOPE_DAMAGED)
        g_ptr_array_add(reader->batch.warnings, g_strdup_vprintf(format, args));
}

void envelope_state_warn(EnvelopeReader *reader, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_warning(reader, format, args);
    va_end(args);
}

void envelope_state_reject(EnvelopeReader *reader, const char *format, ...)
{
    va_list args;

    reader->progress = ENVELOPE_DAMAGED;
    va_start(args, format);
    add_warning(reader, format, args);
    va_end(args);
}

void envelope_state_set_text(EnvelopeReader *reader, EnvelopeField field, Span text)
{
    if (reader->text->len + text.length >= ENVELOPE_TEXT_MAX_BYTES) {
        envelope_state_reject(reader, "%s: message rejected: envelope is too large",
                              reader->rules.queue_id);
        return;
    }
    reader->envelope.texts |= UINT32_C(1) << field;
    reader->text_at[field] = (uint32_t)reader->text->len;
    g_string_append_len(reader->text, text.text, (gssize)text.length);
    g_string_append_c(reader->text, '\0');
}

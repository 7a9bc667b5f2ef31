#include "codec/envelope.h"

const char *envelope_text(const Envelope *envelope, EnvelopeField field)
{
    g_assert(field < ENVELOPE_FIELD_COUNT);
    if (envelope->text == NULL) /* zeroed, nothing read so far */
        return field == ENVELOPE_REWRITE_CONTEXT ? "local" : "";
    return envelope->text + envelope->text_at[field];
}

bool envelope_has_text(const Envelope *envelope, EnvelopeField field)
{
    g_assert(field < ENVELOPE_FIELD_COUNT);
    return envelope->text_at[field] != 0;
}

void envelope_clear(Envelope *envelope)
{
    g_free(envelope->text);
    *envelope = (Envelope){0};
}

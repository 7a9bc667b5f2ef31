#include "codec/envelope.h"

#include <string.h>

/*
 * The texts of an envelope lie one after the other in one block of memory, those that are there
 * only: a message that waits costs little.
 */

bool envelope_has_text(const Envelope *envelope, EnvelopeField field)
{
    g_assert(field < ENVELOPE_FIELD_COUNT);
    return (envelope->texts & (UINT32_C(1) << field)) != 0;
}

/* Most texts are short or not there, so going past them is cheaper than memory for offsets. */
const char *envelope_text(const Envelope *envelope, EnvelopeField field)
{
    const char *text = envelope->text;

    if (!envelope_has_text(envelope, field))
        return field == ENVELOPE_REWRITE_CONTEXT ? "local" : "";
    for (uint32_t before = 0; before < field; before++)
        if (envelope_has_text(envelope, (EnvelopeField)before))
            text += strlen(text) + 1;
    return text;
}

void envelope_clear(Envelope *envelope)
{
    g_free(envelope->text);
    *envelope = (Envelope){0};
}

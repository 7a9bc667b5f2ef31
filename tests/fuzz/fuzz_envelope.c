#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "codec/envelope_reader.h"
#include "tests/support/queue_file_reading.h"

#define BATCHES_MAX 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The size decides on windows and limits, so that the corpus is plain queue files. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};

    reading.window_bytes = size % 5 * 50;
    reading.rules.recipient_limit = 1 + (int)(size % 7);
    reading.rules.release = size % 2 == 0 ? RELEASE(3, 6, 0) : RELEASE(3, 10, 0);
    queue_file_read(&reading, data, size, false);
    for (int batch = 0;
         batch < BATCHES_MAX && reading.progress == ENVELOPE_READ && !reading.envelope.fully_read;
         batch++) {
        g_assert(reading.batch.recipient_count <= reading.rules.recipient_limit);
        envelope_batch_clear(&reading.batch);
        queue_file_read(&reading, data, size, true);
    }
    g_assert(reading.envelope.unread_count >= 0);
    for (int field = 0; field < ENVELOPE_FIELD_COUNT; field++)
        g_assert(strlen(envelope_text(&reading.envelope, (EnvelopeField)field)) <= 2 * size + 5);
    queue_file_reading_clear(&reading);
    return 0;
}

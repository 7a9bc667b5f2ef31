#include "tests/support/queue_file_reading.h"

#include <string.h>

/* One reader reads all files, as in the spool: nothing of the one before may be left. */
void queue_file_read(QueueFileReading *reading, const guint8 *bytes, size_t size, bool again)
{
    static EnvelopeReader *reader;

    if (reader == NULL)
        reader = envelope_reader_new();
    reading->rules.file_size = (int64_t)size;
    envelope_reader_begin(reader, &reading->rules, again ? &reading->envelope : NULL);
    reading->progress = ENVELOPE_WANTS_BYTES;
    while (reading->progress == ENVELOPE_WANTS_BYTES) {
        size_t least_bytes, offset = (size_t)envelope_reader_wanted(reader, &least_bytes);
        size_t rest_bytes = size > offset ? size - offset : 0;
        size_t window_bytes = reading->window_bytes == 0 ? size : reading->window_bytes;
        EnvelopeWindow window = {.bytes = bytes + MIN(offset, size), .offset = (int64_t)offset};

        g_assert(least_bytes > 0 && least_bytes <= ENVELOPE_RECORD_MAX_BYTES);
        window.size_bytes = MIN(MAX(window_bytes, least_bytes), rest_bytes);
        window.ends_file = window.size_bytes < least_bytes;
        reading->progress = envelope_reader_feed(reader, &window);
        reading->window_count++;
    }
    envelope_reader_finish(reader, &reading->envelope, &reading->batch);
}

void queue_file_reading_clear(QueueFileReading *reading)
{
    envelope_clear(&reading->envelope);
    envelope_batch_clear(&reading->batch);
}

/* ---- telling ---- */

void queue_file_tell_log(GString *out, const char *queue_id, const Envelope *envelope,
                         const EnvelopeBatch *batch)
{
    for (guint i = 0; i <= batch->warnings->len; i++) {
        if (batch->sender_seen && i == batch->warnings_before_sender)
            g_string_append_printf(
                out, "%s: from=<%s>, size=%" G_GINT64_FORMAT ", nrcpt=%d (queue active)\n",
                queue_id, envelope_text(envelope, ENVELOPE_SENDER), envelope->content_size,
                envelope->announced_count);
        if (i < batch->warnings->len)
            g_string_append_printf(out, "warning: %s\n",
                                   (const char *)g_ptr_array_index(batch->warnings, i));
    }
}

void queue_file_tell_recipients(GString *out, const Chain *recipients)
{
    for (const Link *link = chain_first(recipients); link != NULL;
         link = chain_next(recipients, link)) {
        const Recipient *recipient = (const Recipient *)link;

        g_string_append_printf(out, "%" G_GINT64_FORMAT " <%s> <%s> <%s> %d\n", recipient->offset,
                               recipient_address(recipient), recipient_original(recipient),
                               recipient_dsn_original(recipient), recipient->notify_flags);
    }
}

static void queue_file_tell_texts(GString *out, const Envelope *envelope)
{
    static const struct {
        const char *name;
        EnvelopeField field;
    } texts[] = {
        {"encoding",           ENVELOPE_ENCODING          },
        {"envid",              ENVELOPE_DSN_ENVID         },
        {"log_client_name",    ENVELOPE_LOG_CLIENT_NAME   },
        {"log_client_address", ENVELOPE_LOG_CLIENT_ADDRESS},
        {"log_client_port",    ENVELOPE_LOG_CLIENT_PORT   },
        {"log_protocol_name",  ENVELOPE_LOG_PROTOCOL_NAME },
        {"log_helo_name",      ENVELOPE_LOG_HELO_NAME     },
        {"sasl_method",        ENVELOPE_SASL_METHOD       },
        {"sasl_username",      ENVELOPE_SASL_USERNAME     },
        {"sasl_sender",        ENVELOPE_SASL_SENDER       },
        {"log_ident",          ENVELOPE_LOG_IDENT         },
        {"rewrite_context",    ENVELOPE_REWRITE_CONTEXT   },
        {"filter",             ENVELOPE_CONTENT_FILTER    },
        {"inspector",          ENVELOPE_INSPECTOR         },
        {"redirect",           ENVELOPE_REDIRECT          },
        {"verp",               ENVELOPE_VERP_DELIMITERS   },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *text = envelope_text(envelope, texts[i].field);

        if (*text != '\0')
            g_string_append_printf(out, "%s=%s\n", texts[i].name, text);
    }
}

void queue_file_tell_envelope(GString *out, const Envelope *envelope)
{
    g_string_append_printf(out, "arrival %" G_GINT64_FORMAT " %d\n", envelope->arrival_s,
                           envelope->arrival_us);
    g_string_append_printf(out, "create %" G_GINT64_FORMAT "\n", envelope->create_s);
    g_string_append_printf(out, "content %" G_GINT64_FORMAT " + %" G_GINT64_FORMAT "\n",
                           envelope->data_offset, envelope->data_size);
    g_string_append_printf(out, "flags %d %d\n", envelope->size_flags, envelope->send_options);
    if (envelope->warn_offset != 0)
        g_string_append_printf(out, "warn %" G_GINT64_FORMAT " at %" G_GINT64_FORMAT "\n",
                               envelope->warn_s, envelope->warn_offset);
    if (envelope->trace_flags != 0)
        g_string_append_printf(out, "trace %d at %" G_GINT64_FORMAT "\n", envelope->trace_flags,
                               envelope->trace_offset);
    if (envelope->dsn_ret != 0)
        g_string_append_printf(out, "ret %d\n", envelope->dsn_ret);
    queue_file_tell_texts(out, envelope);
}

char *queue_file_tell(const QueueFileReading *reading, bool only_log)
{
    GString *out = g_string_new(NULL);

    queue_file_tell_log(out, reading->rules.queue_id, &reading->envelope, &reading->batch);
    if (reading->progress == ENVELOPE_DAMAGED) {
        g_string_append(out, "damaged\n");
    } else if (!only_log) {
        queue_file_tell_envelope(out, &reading->envelope);
        queue_file_tell_recipients(out, &reading->batch.recipients);
    }
    return g_string_free(out, FALSE);
}

/* ---- samples ---- */

static void queue_file_sample_free(gpointer data)
{
    QueueFileSample *sample = data;

    g_free(sample->name);
    g_free(sample->expected);
    g_free(sample);
}

GPtrArray *queue_file_samples(const char *path)
{
    GPtrArray *samples = g_ptr_array_new_with_free_func(queue_file_sample_free);
    g_autofree char *text = NULL;
    g_auto(GStrv) sections = NULL;
    bool loaded = g_file_get_contents(path, &text, NULL, NULL);

    g_assert(loaded && text[0] == '[');
    sections = g_strsplit(text + 1, "\n\n[", -1);
    for (char **section = sections; *section != NULL; section++) {
        QueueFileSample *sample = g_new(QueueFileSample, 1);
        const char *end = strstr(*section, "]\n");

        g_assert(end != NULL);
        sample->name = g_strndup(*section, (gsize)(end - *section));
        sample->expected = g_strdup_printf("%s\n", g_strchomp(strstr(*section, "]\n") + 2));
        g_ptr_array_add(samples, sample);
    }
    return samples;
}

GByteArray *queue_file_load(const char *name)
{
    g_autofree char *path = g_strconcat(SAMPLES, name, NULL);
    char *bytes;
    gsize size;
    bool loaded = g_file_get_contents(path, &bytes, &size, NULL);

    g_assert(loaded);
    return g_byte_array_new_take((guint8 *)bytes, size);
}

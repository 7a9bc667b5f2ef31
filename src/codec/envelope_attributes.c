#include "envelope_reader_internal.h"

/* Named attributes (spool.md 5.6): facts of their own, or another way to write a record type. */

#define RELEASE_ATTRIBUTE_TEXT RELEASE(3, 7, 0)

#define TRACE_FLAGS_KNOWN \
    (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER | TRACE_RECORD | TRACE_DELAY_CLEARED)

static const struct {
    Span name;
    RecordType type; /* it is read as a record of this type */
} record_attributes[] = {
    {SPAN_OF("dsn_orig_rcpt"), RECORD_DSN_ORIGINAL},
    {SPAN_OF("notify_flags"),  RECORD_DSN_NOTIFY  },
    {SPAN_OF("envelope_id"),   RECORD_DSN_ENVID   },
    {SPAN_OF("ret_flags"),     RECORD_DSN_RET     },
    {SPAN_OF("create_time"),   RECORD_CREATED     },
};

typedef enum Repetition {
    LAST_WINS,
    FIRST_WINS,    /* and the others get a warning */
    ORIGIN,        /* last wins; from then on those of the actual client do not count */
    ACTUAL_CLIENT, /* first wins, unless there was an ORIGIN before */
} Repetition;

static const struct {
    Span name;
    EnvelopeField field;
    Repetition repetition;
} text_attributes[] = {
    {SPAN_OF("encoding"),           ENVELOPE_ENCODING,           LAST_WINS    },
    {SPAN_OF("log_client_name"),    ENVELOPE_LOG_CLIENT_NAME,    ORIGIN       },
    {SPAN_OF("log_client_address"), ENVELOPE_LOG_CLIENT_ADDRESS, ORIGIN       },
    {SPAN_OF("log_client_port"),    ENVELOPE_LOG_CLIENT_PORT,    ORIGIN       },
    {SPAN_OF("log_protocol_name"),  ENVELOPE_LOG_PROTOCOL_NAME,  ORIGIN       },
    {SPAN_OF("log_helo_name"),      ENVELOPE_LOG_HELO_NAME,      ORIGIN       },
    {SPAN_OF("client_name"),        ENVELOPE_LOG_CLIENT_NAME,    ACTUAL_CLIENT},
    {SPAN_OF("client_address"),     ENVELOPE_LOG_CLIENT_ADDRESS, ACTUAL_CLIENT},
    {SPAN_OF("client_port"),        ENVELOPE_LOG_CLIENT_PORT,    ACTUAL_CLIENT},
    {SPAN_OF("protocol_name"),      ENVELOPE_LOG_PROTOCOL_NAME,  ACTUAL_CLIENT},
    {SPAN_OF("helo_name"),          ENVELOPE_LOG_HELO_NAME,      ACTUAL_CLIENT},
    {SPAN_OF("sasl_method"),        ENVELOPE_SASL_METHOD,        FIRST_WINS   },
    {SPAN_OF("sasl_username"),      ENVELOPE_SASL_USERNAME,      FIRST_WINS   },
    {SPAN_OF("sasl_sender"),        ENVELOPE_SASL_SENDER,        FIRST_WINS   },
    {SPAN_OF("log_ident"),          ENVELOPE_LOG_IDENT,          FIRST_WINS   },
    {SPAN_OF("rewrite_context"),    ENVELOPE_REWRITE_CONTEXT,    FIRST_WINS   },
};

typedef struct Attribute {
    Span name, value;
} Attribute;

static size_t name_length(Span text)
{
    size_t length = 0;

    while (length < text.length && text.text[length] != '=' && !span_is_blank(text.text[length]))
        length++;
    return length;
}

/* NULL, or the reason why the text is not an attribute. */
static const char *parse_attribute(Span text, Attribute *ret_attribute)
{
    Span rest = text;

    span_skip_blanks(&rest);
    ret_attribute->name = (Span){rest.text, name_length(rest)};
    if (ret_attribute->name.length == 0)
        return "missing attribute name";
    span_drop(&rest, ret_attribute->name.length);
    span_skip_blanks(&rest);
    if (rest.length == 0 || *rest.text != '=')
        return "missing '=' after attribute name";
    span_drop(&rest, 1);
    span_skip_blanks(&rest);
    while (rest.length > 0 && span_is_blank(rest.text[rest.length - 1]))
        rest.length--;
    ret_attribute->value = rest;
    return NULL;
}

static void parse_trace_flags(EnvelopeReader *reader, Span value)
{
    Envelope *envelope = &reader->envelope;

    if (envelope->trace_flags != 0)
        return;
    envelope->trace_flags = (int32_t)(span_integer(value) & TRACE_FLAGS_KNOWN);
    if (envelope->trace_flags == TRACE_RECORD)
        envelope->trace_offset = reader->offset;
}

static void parse_text_attribute(EnvelopeReader *reader, size_t which, const Attribute *attribute)
{
    EnvelopeField field = text_attributes[which].field;

    switch (text_attributes[which].repetition) {
    case LAST_WINS:
        break;
    case FIRST_WINS:
        if (envelope_has_text(&reader->envelope, field)) {
            envelope_state_warn(reader, "%s: ignoring multiple %s attribute: %.*s",
                                reader->rules.queue_id, text_attributes[which].name.text,
                                SPAN_ARGS(attribute->value, LONG_CUT_BYTES));
            return;
        }
        break;
    case ORIGIN:
        reader->log_attribute_seen = true;
        break;
    case ACTUAL_CLIENT:
        if (reader->log_attribute_seen || envelope_has_text(&reader->envelope, field))
            return;
        break;
    }
    envelope_state_set_text(reader, field, attribute->value);
}

static void parse_information(EnvelopeReader *reader, const Attribute *attribute)
{
    static const Span trace_flags = SPAN_OF("trace_flags");

    if (span_equals(attribute->name, trace_flags)) {
        parse_trace_flags(reader, attribute->value);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(text_attributes); i++) {
        if (span_equals(attribute->name, text_attributes[i].name)) {
            parse_text_attribute(reader, i, attribute);
            return;
        }
    }
}

bool envelope_attributes_parse(EnvelopeReader *reader, const Record *record, Record *ret_meant)
{
    Span text = span_until_nul(record->data, record->length);
    Attribute attribute;
    const char *problem = parse_attribute(text, &attribute);

    if (problem != NULL) {
        envelope_state_reject(reader, "%s: %s: %s: %.*s", reader->rules.queue_id,
                              reader->rules.release < RELEASE_ATTRIBUTE_TEXT
                                  ? "ignoring bad attribute"
                                  : "bad attribute record",
                              problem, SPAN_ARGS(text, TEXT_CUT_BYTES));
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(record_attributes); i++) {
        if (span_equals(attribute.name, record_attributes[i].name)) {
            *ret_meant = (Record){.type = (uint8_t)record_attributes[i].type,
                                  .data = attribute.value.text,
                                  .length = attribute.value.length};
            return true;
        }
    }
    if (reader->first)
        parse_information(reader, &attribute);
    return false;
}

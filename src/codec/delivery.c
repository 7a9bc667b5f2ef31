#include "codec/delivery.h"

#include <string.h>
#include <sys/time.h>

#include "groups_internal.h"

/*
 * Delivery requests and replies. Releases of Postfix differ in two names on the wire, which are in
 * one table.
 */

#define RELEASE_VERP_BOUNCE  RELEASE(3, 11, 0)
#define RELEASE_SEND_OPTIONS RELEASE(3, 10, 0)

/* First release of each set of names, latest first (ipc.md 9.2). */
static const struct {
    int from_release;
    WireNames names;
} releases[] = {
    {RELEASE_VERP_BOUNCE,  {"sendopts", "verp-bounce"}},
    {RELEASE_SEND_OPTIONS, {"sendopts", "verp"}       },
    {0,                    {"smtputf8", "verp"}       },
};

/*
 * Message statistics as the receiver has them in memory: it is built for the same platform and
 * insists on exactly this size (ipc.md 3.4). The times of later stages stay zero.
 */
typedef struct MessageTimes {
    struct timeval incoming, active, handed_off, connected, done;
    int reuse_count;
} MessageTimes;

WireNames wire_names_for_release(int release)
{
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS(releases) && release < releases[i].from_release)
        i++;
    return releases[i].names;
}

static void put_times(GByteArray *out, const DeliveryRequest *request)
{
    MessageTimes times;

    memset(&times, 0, sizeof(times)); /* the padding is sent, too */
    times.incoming.tv_sec = request->envelope->arrival_s;
    times.incoming.tv_usec = request->envelope->arrival_us;
    times.active.tv_sec = request->active_s;
    times.active.tv_usec = request->active_us;
    attr_put_data(out, "time", &times, sizeof(times));
}

static void put_client(GByteArray *out, const Envelope *envelope)
{
    static const struct {
        const char *name;
        EnvelopeField field;
    } fields[] = {
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
    };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        attr_put_str(out, fields[i].name, envelope_text(envelope, fields[i].field));
}

static void delivery_put_header(GByteArray *out, const DeliveryRequest *request, WireNames names)
{
    const Envelope *envelope = request->envelope;

    attr_put_int(out, "flags", request->flags);
    attr_put_str(out, "queue_name", "active");
    attr_put_str(out, "queue_id", request->queue_id);
    attr_put_long(out, "offset", envelope->data_offset);
    attr_put_long(out, "size", envelope->content_size);
    attr_put_str(out, "nexthop", request->nexthop);
    attr_put_str(out, "encoding", envelope_text(envelope, ENVELOPE_ENCODING));
    attr_put_int(out, names.send_options, request->send_options);
    attr_put_str(out, "sender", request->sender);
    attr_put_str(out, "envelope_id", envelope_text(envelope, ENVELOPE_DSN_ENVID));
    attr_put_int(out, "ret_flags", envelope->dsn_ret);
    put_times(out, request);
    put_client(out, envelope);
    attr_put_int(out, "recipient_count", request->recipient_count);
    attr_put_end(out);
}

void delivery_request_encode(GByteArray *out, const DeliveryRequest *request, WireNames names)
{
    const Chain *recipients = request->recipients;
    int32_t count = 0;

    delivery_put_header(out, request, names);
    for (const Link *link = chain_first(recipients); link != NULL;
         link = chain_next(recipients, link)) {
        group_put_recipient(out, (const Recipient *)link);
        attr_put_end(out);
        count++;
    }
    g_assert(count == request->recipient_count);
}

/* `address` up to the last "@", and the domain after it: NULL if there is none. */
static size_t split_address(const char *address, const char **ret_domain)
{
    const char *at = strrchr(address, '@');

    *ret_domain = at != NULL && at[1] != '\0' ? at + 1 : NULL;
    return at != NULL ? (size_t)(at - address) : strlen(address);
}

char *delivery_verp_sender(const char *sender, const char *delimiters, const Recipient *recipient)
{
    const char *original = recipient_original(recipient);
    const char *to = *original != '\0' ? original : recipient_address(recipient);
    const char *domain, *to_domain;
    size_t local_bytes = split_address(sender, &domain);
    size_t to_local_bytes = split_address(to, &to_domain);
    GString *verp = g_string_new_len(sender, (gssize)local_bytes);

    g_assert(strlen(delimiters) == 2);
    g_string_append_c(verp, delimiters[0]);
    g_string_append_len(verp, to, (gssize)to_local_bytes);
    if (to_domain != NULL) {
        g_string_append_c(verp, delimiters[1]);
        g_string_append(verp, to_domain);
    }
    if (domain != NULL) {
        g_string_append_c(verp, '@');
        g_string_append(verp, domain);
    }
    return g_string_free(verp, FALSE);
}

bool delivery_address_is_utf8(const char *address)
{
    const char *rest = address;

    while (*rest != '\0' && ((unsigned char)*rest & 0x80) == 0)
        rest++;
    return *rest != '\0' && g_utf8_validate(rest, -1, NULL);
}

AttrStatus delivery_reply_decode(AttrReader *reader, DeliveryReply *ret_reply)
{
    size_t start = reader->pos;
    DsnGroup dsn;
    int32_t result;
    AttrStatus status = group_get_dsn(reader, &dsn);

    if (status == ATTR_OK)
        status = attr_get_int(reader, "status", &result);
    if (status == ATTR_OK)
        status = attr_get_end(reader);
    if (status != ATTR_OK) {
        reader->pos = start;
        return status;
    }
    *ret_reply = (DeliveryReply){.status = result, .dsn = dsn.status, .reason = dsn.reason};
    return ATTR_OK;
}

/* Moves *text past 1-3 digits. */
static bool delivery_skip_number(const char **text)
{
    const char *start = *text;

    while (g_ascii_isdigit(**text))
        (*text)++;
    return *text > start && *text - start <= 3;
}

bool dsn_is_valid(const char *dsn)
{
    if (dsn[0] == '\0' || strchr("245", dsn[0]) == NULL || dsn[1] != '.')
        return false;
    dsn += 2;
    if (!delivery_skip_number(&dsn) || *dsn++ != '.' || !delivery_skip_number(&dsn))
        return false;
    return *dsn == '\0' || g_ascii_isspace(*dsn);
}

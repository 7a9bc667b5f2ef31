#include "codec/report.h"

#include "groups_internal.h"

/*
 * Requests to the services that record, return and verify mail. All of their answers look the
 * same.
 */

void report_append_encode(GByteArray *out, const ReportAppend *append)
{
    attr_put_int(out, "nrequest", REPORT_APPEND);
    attr_put_int(out, "flags", append->flags);
    attr_put_str(out, "queue_id", append->queue_id);
    group_put_recipient(out, append->recipient);
    group_put_dsn(out, &(DsnGroup){append->status, append->action, append->reason});
    attr_put_end(out);
}

void report_flush_encode(GByteArray *out, ReportKind kind, int32_t flags, const char *queue_id,
                         const Envelope *envelope, WireNames names)
{
    g_assert(kind != REPORT_APPEND);
    attr_put_int(out, "nrequest", (int32_t)kind);
    attr_put_int(out, "flags", flags);
    attr_put_str(out, "queue_name", "active");
    attr_put_str(out, "queue_id", queue_id);
    attr_put_str(out, "encoding", envelope_text(envelope, ENVELOPE_ENCODING));
    attr_put_int(out, names.send_options, envelope->send_options);
    attr_put_str(out, "sender", envelope_text(envelope, ENVELOPE_SENDER));
    attr_put_str(out, "envelope_id", envelope_text(envelope, ENVELOPE_DSN_ENVID));
    attr_put_int(out, "ret_flags", envelope->dsn_ret);
    if (kind == REPORT_FLUSH_VERP)
        attr_put_str(out, "verp_delimiters", envelope_text(envelope, ENVELOPE_VERP_DELIMITERS));
    attr_put_end(out);
}

void verify_update_encode(GByteArray *out, const char *address, int32_t recipient_status,
                          const char *reason)
{
    attr_put_str(out, "request", "update");
    attr_put_str(out, "address", address);
    attr_put_int(out, "recipient_status", recipient_status);
    attr_put_str(out, "reason", reason);
    attr_put_end(out);
}

void flush_add_encode(GByteArray *out, const char *site, const char *queue_id)
{
    attr_put_str(out, "request", "add");
    attr_put_str(out, "site", site);
    attr_put_str(out, "queue_id", queue_id);
    attr_put_end(out);
}

AttrStatus report_reply_decode(AttrReader *reader, int32_t *ret_status)
{
    size_t start = reader->pos;
    int32_t result;
    AttrStatus status = attr_get_int(reader, "status", &result);

    if (status == ATTR_OK)
        status = attr_get_end(reader);
    if (status == ATTR_OK)
        *ret_status = result;
    else
        reader->pos = start;
    return status;
}

#include "groups_internal.h"

/* Attribute groups with a fixed list of names each: reading insists on all of them, in order. */

enum {
    DSN_STATUS,
    DSN_DIAG_TYPE,
    DSN_DIAG_TEXT,
    DSN_MTA_TYPE,
    DSN_MTA_NAME,
    DSN_ACTION,
    DSN_REASON,
    DSN_FIELD_COUNT
};

/* "mta_mname" is spelled like this on the wire. */
static const char *const dsn_names[DSN_FIELD_COUNT] = {
    "status", "diag_type", "diag_text", "mta_type", "mta_mname", "action", "reason"};

void group_put_recipient(GByteArray *out, const Recipient *recipient)
{
    attr_put_str(out, "original_recipient", recipient_original(recipient));
    attr_put_str(out, "recipient", recipient_address(recipient));
    attr_put_long(out, "offset", recipient->offset);
    attr_put_str(out, "dsn_orig_rcpt", recipient_dsn_original(recipient));
    attr_put_int(out, "notify_flags", recipient->notify_flags);
}

/* The queue manager knows nothing of diagnostics and remote hosts, so these are empty. */
void group_put_dsn(GByteArray *out, const DsnGroup *dsn)
{
    const char *const values[DSN_FIELD_COUNT] = {dsn->status, "",          "",         "",
                                                 "",          dsn->action, dsn->reason};

    for (size_t i = 0; i < DSN_FIELD_COUNT; i++)
        attr_put_str(out, dsn_names[i], values[i]);
}

AttrStatus group_get_dsn(AttrReader *reader, DsnGroup *ret_dsn)
{
    const char *values[DSN_FIELD_COUNT];
    size_t start = reader->pos;

    for (size_t i = 0; i < DSN_FIELD_COUNT; i++) {
        AttrStatus status = attr_get_str(reader, dsn_names[i], &values[i]);

        if (status != ATTR_OK) {
            reader->pos = start;
            return status;
        }
    }
    *ret_dsn = (DsnGroup){values[DSN_STATUS], values[DSN_ACTION], values[DSN_REASON]};
    return ATTR_OK;
}

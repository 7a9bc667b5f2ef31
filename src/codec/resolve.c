#include "codec/resolve.h"

/* Questions to trivial-rewrite(8) and its answers. */

void resolve_request_encode(GByteArray *out, const char *request, const char *sender,
                            const char *address)
{
    attr_put_str(out, "request", request);
    attr_put_str(out, "sender", sender);
    attr_put_str(out, "address", address);
    attr_put_end(out);
}

/* Two attributes are called "flags": the server's come first, the result's last (ipc.md 4.1). */
static AttrStatus get_resolved(AttrReader *reader, ResolveReply *ret_reply)
{
    AttrStatus status = attr_get_int(reader, "flags", &ret_reply->server_flags);

    if (status == ATTR_OK)
        status = attr_get_str(reader, "transport", &ret_reply->transport);
    if (status == ATTR_OK)
        status = attr_get_str(reader, "nexthop", &ret_reply->nexthop);
    if (status == ATTR_OK)
        status = attr_get_str(reader, "recipient", &ret_reply->recipient);
    if (status == ATTR_OK)
        status = attr_get_int(reader, "flags", &ret_reply->flags);
    return status == ATTR_OK ? attr_get_end(reader) : status;
}

AttrStatus resolve_reply_decode(AttrReader *reader, ResolveReply *ret_reply)
{
    size_t start = reader->pos;
    ResolveReply reply;
    AttrStatus status = get_resolved(reader, &reply);

    if (status == ATTR_OK)
        *ret_reply = reply;
    else
        reader->pos = start;
    return status;
}

void resolve_failure_encode(GByteArray *out, const char *address)
{
    attr_put_int(out, "flags", 0);
    attr_put_str(out, "transport", "retry");
    attr_put_str(out, "nexthop", "");
    attr_put_str(out, "recipient", address);
    attr_put_int(out, "flags", RESOLVE_FAIL);
    attr_put_end(out);
}

void rewrite_request_encode(GByteArray *out, const char *rule, const char *address)
{
    attr_put_str(out, "request", "rewrite");
    attr_put_str(out, "rule", rule);
    attr_put_str(out, "address", address);
    attr_put_end(out);
}

AttrStatus rewrite_reply_decode(AttrReader *reader, int32_t *ret_server_flags,
                                const char **ret_address)
{
    size_t start = reader->pos;
    int32_t server_flags;
    const char *address;
    AttrStatus status = attr_get_int(reader, "flags", &server_flags);

    if (status == ATTR_OK)
        status = attr_get_str(reader, "address", &address);
    if (status == ATTR_OK)
        status = attr_get_end(reader);
    if (status != ATTR_OK) {
        reader->pos = start;
        return status;
    }
    *ret_server_flags = server_flags;
    *ret_address = address;
    return ATTR_OK;
}

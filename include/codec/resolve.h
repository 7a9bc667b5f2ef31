#ifndef EQMGR_CODEC_RESOLVE_H
#define EQMGR_CODEC_RESOLVE_H

/*
 * codec/resolve: questions to trivial-rewrite and its answers (ipc.md 4).
 */

#include <stdint.h>

#include <glib.h>

#include "codec/attr.h"

#define REWRITE_PROTOCOL "trivial_rewrite_protocol"

enum {
    RESOLVE_FINAL = 1,
    RESOLVE_ROUTED = 2,
    RESOLVE_ERROR = 4,
    RESOLVE_FAIL = 8,
    RESOLVE_CLASS_LOCAL = 256,
    RESOLVE_CLASS_ALIAS = 512,
    RESOLVE_CLASS_VIRTUAL = 1024,
    RESOLVE_CLASS_RELAY = 2048,
    RESOLVE_CLASS_DEFAULT = 4096,
};

/* `request` is "resolve" or, for address probes, "verify". */
void resolve_request_encode(GByteArray *out, const char *request, const char *sender,
                            const char *address);

typedef struct ResolveReply {
    int32_t server_flags;                        /* not 0: close the connection after this reply */
    int32_t flags;                               /* RESOLVE_... */
    const char *transport, *nexthop, *recipient; /* borrowed from the decoded bytes */
} ResolveReply;

AttrStatus resolve_reply_decode(AttrReader *reader, ResolveReply *ret_reply);

/* The reply to use for an address when the server's own makes no sense. */
void resolve_failure_encode(GByteArray *out, const char *address);

/* `address` in external (quoted) form, not empty. */
void rewrite_request_encode(GByteArray *out, const char *rule, const char *address);
AttrStatus rewrite_reply_decode(AttrReader *reader, int32_t *ret_server_flags,
                                const char **ret_address);

#endif

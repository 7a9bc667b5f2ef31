#include <string.h>

#include "codec/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(size_t size, const char *text)
{
    g_assert(strlen(text) < size);
}

static void decode_resolved(const uint8_t *data, size_t size)
{
    AttrReader reader;
    ResolveReply reply;

    attr_reader_init(&reader, data, size);
    while (resolve_reply_decode(&reader, &reply) == ATTR_OK) {
        check_answer(size, reply.transport);
        check_answer(size, reply.nexthop);
        check_answer(size, reply.recipient);
    }
}

static void decode_rewritten(const uint8_t *data, size_t size)
{
    AttrReader reader;
    int32_t server_flags;
    const char *address;

    attr_reader_init(&reader, data, size);
    while (rewrite_reply_decode(&reader, &server_flags, &address) == ATTR_OK)
        check_answer(size, address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode_resolved(data, size);
    decode_rewritten(data, size);
    return 0;
}

#include <string.h>

#include "codec/delivery.h"
#include "tests/fuzz/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static AttrStatus decode(AttrReader *reader, void *ret_reply)
{
    return delivery_reply_decode(reader, ret_reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    DeliveryReply reply;

    if (fuzz_decode_pieces(data, size, decode, &reply) != ATTR_OK)
        return 0;
    g_assert(strlen(reply.dsn) < size && strlen(reply.reason) < size);
    (void)dsn_is_valid(reply.dsn);
    (void)dsn_is_valid(reply.reason);
    return 0;
}

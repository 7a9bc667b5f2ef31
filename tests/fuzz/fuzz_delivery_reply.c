#include <string.h>

#include "codec/delivery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes arrive in pieces: as long as more is wanted nothing may be consumed. */
static AttrStatus decode_pieces(const uint8_t *data, size_t size, DeliveryReply *ret_reply)
{
    AttrStatus status = ATTR_MORE;
    AttrReader reader;

    for (size_t have = 0; status == ATTR_MORE && have <= size; have++) {
        attr_reader_init(&reader, data, have);
        status = delivery_reply_decode(&reader, ret_reply);
        g_assert(reader.pos == (status == ATTR_OK ? have : 0));
    }
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    DeliveryReply reply;

    if (decode_pieces(data, size, &reply) != ATTR_OK)
        return 0;
    g_assert(strlen(reply.dsn) < size && strlen(reply.reason) < size);
    (void)dsn_is_valid(reply.dsn);
    (void)dsn_is_valid(reply.reason);
    return 0;
}

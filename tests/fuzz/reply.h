#ifndef EQMGR_TESTS_FUZZ_REPLY_H
#define EQMGR_TESTS_FUZZ_REPLY_H

/* Replies come in pieces: as long as more is wanted nothing may be consumed. */

#include "codec/attr.h"

typedef AttrStatus FuzzDecodeFn(AttrReader *reader, void *ret_reply);

static inline AttrStatus fuzz_decode_pieces(const uint8_t *data, size_t size, FuzzDecodeFn *decode,
                                            void *ret_reply)
{
    AttrStatus status = ATTR_MORE;
    AttrReader reader;

    for (size_t have = 0; status == ATTR_MORE && have <= size; have++) {
        attr_reader_init(&reader, data, have);
        status = decode(&reader, ret_reply);
        g_assert(reader.pos == (status == ATTR_OK ? have : 0));
    }
    return status;
}

#endif

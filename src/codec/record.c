#include "codec/record.h"

/*
 * One record: type, length in groups of seven bits, lowest first, and data. A decoder that lacks
 * bytes says how many it wants.
 */

#define LENGTH_BITS      7
#define LENGTH_MASK      0x7f
#define LENGTH_CONTINUES 0x80

RecordStatus record_decode(const uint8_t *bytes, size_t size_bytes, Record *ret_record)
{
    size_t length = 0, at = 1;
    uint8_t byte;

    if (size_bytes == 0)
        return RECORD_MORE_HEADER;
    *ret_record = (Record){.type = bytes[0]};
    do {
        if (at > RECORD_LENGTH_MAX_BYTES)
            return RECORD_BAD_LENGTH;
        if (at == size_bytes)
            return RECORD_MORE_HEADER;
        byte = bytes[at];
        length |= (size_t)(byte & LENGTH_MASK) << (LENGTH_BITS * (at - 1));
        at++;
    } while ((byte & LENGTH_CONTINUES) != 0);

    ret_record->length = length;
    ret_record->size_bytes = at + length;
    if (size_bytes - at < length)
        return RECORD_MORE_DATA;
    ret_record->data = (const char *)bytes + at;
    return RECORD_OK;
}

/*
 * One request: an attribute list, copied out of the input, and a table of its attributes.
 */

#include <string.h>

#include "base/element.h"
#include "codec/attr.h"
#include "codec/control.h"
#include "src/control/request_internal.h"

void request_clear(Request *request)
{
    g_clear_pointer(&request->values, g_hash_table_destroy);
    g_clear_pointer(&request->bytes, g_free);
}

RequestStatus request_parse(const void *data, size_t size_bytes, Request *ret_request,
                            size_t *ret_used_bytes)
{
    size_t taken_bytes = MIN(size_bytes, CONTROL_REQUEST_MAX_BYTES);
    Request request = {.values = g_hash_table_new(g_str_hash, g_str_equal),
                       .bytes = g_malloc(taken_bytes),
                       .verb = ""};
    AttrReader reader;
    const char *name = "", *value;
    AttrStatus status;

    if (taken_bytes > 0)
        memcpy(request.bytes, data, taken_bytes);
    attr_reader_init(&reader, request.bytes, taken_bytes);
    while ((status = attr_get_any(&reader, &name, &value)) == ATTR_OK && name != NULL)
        if (!g_hash_table_insert(request.values, element_at(name, 0), element_at(value, 0)))
            break;
    if (status == ATTR_OK && name == NULL) {
        value = g_hash_table_lookup(request.values, CONTROL_VERB);
        request.verb = value != NULL ? value : "";
        *ret_request = request;
        *ret_used_bytes = reader.pos;
        return REQUEST_OK;
    }
    request_clear(&request);
    return status == ATTR_MORE && size_bytes < CONTROL_REQUEST_MAX_BYTES ? REQUEST_MORE
                                                                         : REQUEST_MALFORMED;
}

const char *request_text(const Request *request, const char *name)
{
    return g_hash_table_lookup(request->values, name);
}

bool request_number(const Request *request, const char *name, int64_t least, int64_t most,
                    int64_t otherwise, int64_t *ret_value)
{
    const char *text = request_text(request, name);
    gint64 value = otherwise;

    if (text != NULL && !g_ascii_string_to_signed(text, 10, least, most, &value, NULL))
        return false;
    *ret_value = value;
    return true;
}

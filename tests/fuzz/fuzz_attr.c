#include <string.h>

#include "codec/attr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const AttrReader *reader)
{
    g_autofree char *text = attr_problem_str(&reader->problem, "peer");

    g_assert(text != NULL && strlen(reader->problem.found) < sizeof(reader->problem.found));
}

static void check_string(const AttrReader *reader, const char *text)
{
    const char *end = (const char *)reader->data + reader->pos;

    g_assert(text >= (const char *)reader->data && text + strlen(text) + 1 == end);
}

/* Whatever comes next: a string "s", a number "n" or the end of a list. */
static AttrStatus read_one(AttrReader *reader)
{
    const char *text;
    int32_t number;
    AttrStatus status = attr_get_str(reader, "s", &text);

    if (status == ATTR_OK)
        check_string(reader, text);
    if (status == ATTR_BAD)
        status = attr_get_int(reader, "n", &number);
    if (status == ATTR_BAD)
        status = attr_get_end(reader);
    return status;
}

/* Reads until no more can be read. */
static AttrStatus read_all(AttrReader *reader)
{
    AttrStatus status;

    do {
        size_t before = reader->pos;

        status = read_one(reader);
        g_assert((status == ATTR_OK) == (reader->pos > before));
    } while (status == ATTR_OK);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AttrReader reader;

    attr_reader_init(&reader, data, size);
    if (attr_get_announcement(&reader, "delivery_request_protocol") == ATTR_BAD)
        check_problem(&reader);
    if (read_all(&reader) == ATTR_BAD)
        check_problem(&reader);
    return 0;
}

#include "codec/attr.h"

#include <stdlib.h>
#include <string.h>

/*
 * Attribute lists: names and values as strings that each end with a NUL, and one NUL more at the
 * end of the list.
 */

#define UINT64_DIGITS_MAX 20

/* Makes room for `size_bytes` more bytes and returns where they go. */
static guint8 *extend(GByteArray *out, size_t size_bytes)
{
    guint at = out->len;

    g_assert(size_bytes < G_MAXUINT - at);
    g_byte_array_set_size(out, at + (guint)size_bytes);
    return out->data + at;
}

static void put_pair(GByteArray *out, const char *name, const char *value, size_t value_bytes)
{
    size_t name_bytes = strlen(name) + 1;
    guint8 *to = extend(out, name_bytes + value_bytes + 1);

    memcpy(to, name, name_bytes);
    memcpy(to + name_bytes, value, value_bytes);
    to[name_bytes + value_bytes] = '\0';
}

void attr_put_str(GByteArray *out, const char *name, const char *value)
{
    put_pair(out, name, value, strlen(value));
}

static void put_unsigned(GByteArray *out, const char *name, uint64_t value)
{
    char digits[UINT64_DIGITS_MAX];
    char *first = digits + sizeof(digits);

    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put_pair(out, name, first, (size_t)(digits + sizeof(digits) - first));
}

void attr_put_int(GByteArray *out, const char *name, int32_t value)
{
    put_unsigned(out, name, (uint32_t)value);
}

void attr_put_long(GByteArray *out, const char *name, int64_t value)
{
    put_unsigned(out, name, (uint64_t)value);
}

void attr_put_data(GByteArray *out, const char *name, const void *data, size_t size_bytes)
{
    size_t name_bytes = strlen(name) + 1;
    guint start = out->len;
    /* The most that g_base64_encode_step() and _close() write, and the NUL after the value. */
    char *to = (char *)extend(out, name_bytes + (size_bytes / 3 + 1) * 4 + 4 + 1);
    char *value = to + name_bytes;
    gint state = 0, save = 0;
    size_t used;

    memcpy(to, name, name_bytes);
    used = g_base64_encode_step(data, size_bytes, FALSE, value, &state, &save);
    used += g_base64_encode_close(FALSE, value + used, &state, &save);
    value[used] = '\0';
    g_byte_array_set_size(out, start + (guint)(name_bytes + used + 1));
}

void attr_put_end(GByteArray *out)
{
    *extend(out, 1) = '\0';
}

void attr_reader_init(AttrReader *reader, const void *data, size_t size_bytes)
{
    *reader = (AttrReader){.data = data, .size_bytes = size_bytes};
}

static AttrStatus attr_fail(AttrReader *reader, AttrProblemKind kind, const char *wanted,
                            const char *found)
{
    reader->problem.kind = kind;
    reader->problem.wanted = wanted;
    g_strlcpy(reader->problem.found, found, sizeof(reader->problem.found));
    return ATTR_BAD;
}

/* The NUL-terminated string at *pos; moves *pos past it. */
static AttrStatus next_string(AttrReader *reader, size_t *pos, const char **ret_text)
{
    const uint8_t *start = reader->data + *pos;
    size_t left_bytes = reader->size_bytes - *pos;
    const uint8_t *end = left_bytes > 0 ? memchr(start, '\0', left_bytes) : NULL;

    if (end == NULL && reader->size_bytes >= ATTR_LIST_MAX_BYTES)
        return attr_fail(reader, ATTR_PROBLEM_TOO_LONG, NULL, "");
    if (end == NULL)
        return ATTR_MORE;
    *pos += (size_t)(end - start) + 1;
    *ret_text = (const char *)start;
    return ATTR_OK;
}

AttrStatus attr_get_str(AttrReader *reader, const char *name, const char **ret_value)
{
    size_t pos = reader->pos;
    const char *found, *value;
    AttrStatus status = next_string(reader, &pos, &found);

    if (status != ATTR_OK)
        return status;
    if (*found == '\0')
        return attr_fail(reader, ATTR_PROBLEM_MISSING, name, "");
    if (strcmp(found, name) != 0)
        return attr_fail(reader, ATTR_PROBLEM_UNEXPECTED, name, found);
    status = next_string(reader, &pos, &value);
    if (status != ATTR_OK)
        return status;
    reader->pos = pos;
    *ret_value = value;
    return ATTR_OK;
}

/*
 * Accepts what scanf("%u") accepts: blanks, a sign, digits; beyond 64 bits the largest value. The
 * low 32 bits are the number (ipc.md 1.1), so "-1" and "4294967295" are the same.
 */
static bool parse_int(const char *text, int32_t *ret_value)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end != '\0')
        return false;
    *ret_value = (int32_t)(uint32_t)value;
    return true;
}

AttrStatus attr_get_int(AttrReader *reader, const char *name, int32_t *ret_value)
{
    size_t start = reader->pos;
    const char *text;
    AttrStatus status = attr_get_str(reader, name, &text);

    if (status != ATTR_OK)
        return status;
    if (!parse_int(text, ret_value)) {
        reader->pos = start;
        return attr_fail(reader, ATTR_PROBLEM_BAD_NUMBER, name, text);
    }
    return ATTR_OK;
}

AttrStatus attr_get_end(AttrReader *reader)
{
    size_t pos = reader->pos;
    const char *found;
    AttrStatus status = next_string(reader, &pos, &found);

    if (status != ATTR_OK)
        return status;
    if (*found != '\0')
        return attr_fail(reader, ATTR_PROBLEM_UNEXPECTED, NULL, found);
    reader->pos = pos;
    return ATTR_OK;
}

AttrStatus attr_get_any(AttrReader *reader, const char **ret_name, const char **ret_value)
{
    size_t pos = reader->pos;
    const char *name, *value = NULL;
    AttrStatus status = next_string(reader, &pos, &name);

    if (status == ATTR_OK && *name != '\0')
        status = next_string(reader, &pos, &value);
    if (status != ATTR_OK)
        return status;
    reader->pos = pos;
    *ret_name = value != NULL ? name : NULL;
    *ret_value = value;
    return ATTR_OK;
}

AttrStatus attr_get_announcement(AttrReader *reader, const char *protocol)
{
    size_t start = reader->pos;
    const char *found = NULL;
    AttrStatus status = attr_get_str(reader, "protocol", &found);

    if (status == ATTR_OK && strcmp(found, protocol) != 0)
        status = attr_fail(reader, ATTR_PROBLEM_PROTOCOL, protocol, found);
    if (status == ATTR_OK)
        status = attr_get_end(reader);
    if (status != ATTR_OK)
        reader->pos = start;
    return status;
}

char *attr_problem_str(const AttrProblem *problem, const char *peer)
{
    switch (problem->kind) {
    case ATTR_PROBLEM_MISSING:
        return g_strdup_printf("missing attribute %s in input from %s", problem->wanted, peer);
    case ATTR_PROBLEM_UNEXPECTED:
        return g_strdup_printf("unexpected attribute %s from %s (expecting: %s)", problem->found,
                               peer,
                               problem->wanted != NULL ? problem->wanted : "(list terminator)");
    case ATTR_PROBLEM_BAD_NUMBER:
        return g_strdup_printf("malformed numerical data from %s while reading input attribute "
                               "value: %s",
                               peer, problem->found);
    case ATTR_PROBLEM_PROTOCOL:
        return g_strdup_printf("unexpected protocol %s from %s (expected: %s)", problem->found,
                               peer, problem->wanted);
    case ATTR_PROBLEM_TOO_LONG:
        return g_strdup_printf("attribute list of more than %d bytes from %s", ATTR_LIST_MAX_BYTES,
                               peer);
    case ATTR_PROBLEM_NONE:
        break;
    }
    g_assert_not_reached();
}

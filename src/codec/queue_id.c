#include "codec/queue_id.h"

#include <string.h>

#include <glib.h>

/*
 * A file's hash directories come from the microseconds in its queue ID, which spread evenly: a
 * short queue ID begins with them, from a long one they are decoded.
 */

#define MICROSECOND_DIGITS 4  /* in base 52, before the 'z' of a long queue ID */
#define LONG_ID_Z_AT_LEAST 10 /* six digits of seconds and four of microseconds */
#define MICROSECOND_BASE   52

/* The digits, and all letters except vowels. */
static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

G_STATIC_ASSERT(sizeof digits == MICROSECOND_BASE + 1);

bool queue_id_is_valid(const char *name)
{
    size_t length = 0;

    for (; name[length] != '\0'; length++)
        if (length == QUEUE_ID_MAX_BYTES || (!g_ascii_isalnum(name[length]) && name[length] != '_'))
            return false;
    return length > 0;
}

/* A text that is not a number of microseconds counts as 0, as in stock (spool.md 1.2). */
static unsigned decode_microseconds(const char *text)
{
    unsigned value = 0;

    for (int i = 0; i < MICROSECOND_DIGITS; i++) {
        const char *digit = strchr(digits, text[i]);

        if (digit == NULL)
            return 0;
        value = value * MICROSECOND_BASE + (unsigned)(digit - digits);
    }
    return value;
}

void queue_id_hash_dirs(const char *queue_id, unsigned depth, char *ret_dirs)
{
    const char *z = strrchr(queue_id, 'z');
    char microseconds[16];
    const char *key = queue_id;

    if (z != NULL && z - queue_id >= LONG_ID_Z_AT_LEAST) {
        g_snprintf(microseconds, sizeof microseconds, "%05X",
                   decode_microseconds(z - MICROSECOND_DIGITS));
        key = microseconds;
    }
    for (unsigned level = 0; level < depth; level++) {
        *ret_dirs++ = *key != '\0' ? *key++ : '_';
        *ret_dirs++ = '/';
    }
    *ret_dirs = '\0';
}

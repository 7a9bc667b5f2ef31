#include <errno.h>
#include <stdlib.h>

#include "compat_internal.h"

/* A compatibility level as one number, so that comparing levels is comparing numbers. */

#define PARTS     3
#define PART_BITS 10 /* minor and patch are 0..1023 */
#define PART_MAX  ((1 << PART_BITS) - 1)
#define MAJOR_MAX (INT64_MAX >> (2 * PART_BITS))

/* A number as strtoll() reads it: stock accepts " 3" and "+3". */
static bool compat_parse_part(const char **text, int64_t max, int64_t *ret_part)
{
    char *end;
    long long part;

    errno = 0;
    part = strtoll(*text, &end, 10);
    if (end == *text || errno != 0 || part < 0 || part > max)
        return false;
    *text = end;
    *ret_part = part;
    return true;
}

bool compat_parse(const char *text, int64_t *ret_level)
{
    int64_t level, part;
    int shift = (PARTS - 1) * PART_BITS;

    if (!compat_parse_part(&text, MAJOR_MAX, &level))
        return false;
    level <<= shift;
    while (*text == '.' && shift > 0) {
        text++;
        shift -= PART_BITS;
        if (!compat_parse_part(&text, PART_MAX, &part))
            return false;
        level |= part << shift;
    }
    if (*text != '\0')
        return false;
    *ret_level = level;
    return true;
}

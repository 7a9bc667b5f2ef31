#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define NEAR_ENOUGH 2

void nearest_init(Nearest *nearest, const char *wanted)
{
    *nearest = (Nearest){.wanted = wanted};
}

void nearest_clear(Nearest *nearest)
{
    for (int i = 0; i < NEAREST_COUNT; i++)
        g_clear_pointer(&nearest->names[i], g_free);
}

static bool is_same_letter(char a, char b)
{
    return g_ascii_tolower(a) == g_ascii_tolower(b);
}

static void fill_row(const char *a, size_t i, const char *b, size_t length, unsigned *rows[3])
{
    rows[0][0] = (unsigned)i;
    for (size_t k = 1; k <= length; k++) {
        unsigned change = rows[1][k - 1] + !is_same_letter(a[i - 1], b[k - 1]);

        rows[0][k] = MIN(change, MIN(rows[1][k], rows[0][k - 1]) + 1);
        if (i > 1 && k > 1 && is_same_letter(a[i - 1], b[k - 2]) &&
            is_same_letter(a[i - 2], b[k - 1]))
            rows[0][k] = MIN(rows[0][k], rows[2][k - 2] + 1);
    }
}

unsigned nearest_distance(const char *a, const char *b)
{
    unsigned room[3][NEAREST_NAME_MAX_BYTES + 1]; /* of the usual table: this row, and two before */
    unsigned *rows[3] = {room[0], room[1], room[2]};
    size_t a_length = strlen(a), length = strlen(b);

    if (a_length > NEAREST_NAME_MAX_BYTES || length > NEAREST_NAME_MAX_BYTES)
        return G_MAXUINT;
    for (size_t k = 0; k <= length; k++)
        rows[0][k] = (unsigned)k;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *oldest = rows[2];

        rows[2] = rows[1];
        rows[1] = rows[0];
        rows[0] = oldest;
        fill_row(a, i, b, length, rows);
    }
    return rows[0][length];
}

static bool is_offered(const Nearest *nearest, const char *name)
{
    for (int i = 0; i < NEAREST_COUNT; i++)
        if (nearest->names[i] != NULL && g_str_equal(nearest->names[i], name))
            return true;
    return false;
}

static void insert(Nearest *nearest, int place, const char *name, unsigned distance)
{
    g_free(nearest->names[NEAREST_COUNT - 1]);
    for (int i = NEAREST_COUNT - 1; i > place; i--) {
        nearest->names[i] = nearest->names[i - 1];
        nearest->distances[i] = nearest->distances[i - 1];
    }
    nearest->names[place] = g_strdup(name);
    nearest->distances[place] = distance;
}

void nearest_offer(Nearest *nearest, const char *name)
{
    size_t wanted_length = strlen(nearest->wanted), length = strlen(name);
    unsigned distance;

    if (length > wanted_length + NEAR_ENOUGH || wanted_length > length + NEAR_ENOUGH)
        return;
    distance = nearest_distance(nearest->wanted, name);
    if (distance > NEAR_ENOUGH || is_offered(nearest, name))
        return;
    for (int i = 0; i < NEAREST_COUNT; i++) {
        if (nearest->names[i] == NULL || distance < nearest->distances[i]) {
            insert(nearest, i, name, distance);
            return;
        }
    }
}

char *nearest_text(const Nearest *nearest)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < NEAREST_COUNT && nearest->names[i] != NULL; i++)
        g_string_append_printf(text, "%s%s", i == 0 ? "; is it " : " or ", nearest->names[i]);
    if (text->len > 0)
        g_string_append_c(text, '?');
    return g_string_free(text, FALSE);
}

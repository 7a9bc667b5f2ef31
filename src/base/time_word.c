#include "base/time_word.h"

#include <string.h>

static const struct {
    char letter;
    int seconds;
} time_units[] = {
    {'w', 604800},
    {'d', 86400 },
    {'h', 3600  },
    {'m', 60    },
    {'s', 1     }
};

int time_word_unit_s(char unit)
{
    for (size_t i = 0; i < G_N_ELEMENTS(time_units); i++)
        if (time_units[i].letter == unit)
            return time_units[i].seconds;
    return 0;
}

bool time_word_parse(const char *word, int64_t most_s, int64_t *ret_time_s)
{
    size_t digits = strspn(word, "0123456789");
    int unit_s = time_word_unit_s(word[digits]);
    int64_t count;

    if (digits == 0 || unit_s == 0 || word[digits + 1] != '\0')
        return false;
    count = g_ascii_strtoll(word, NULL, 10); /* one that is too large is INT64_MAX */
    *ret_time_s = count > most_s / unit_s ? most_s + 1 : count * unit_s;
    return true;
}

char *time_word_format(int64_t time_s, char largest)
{
    int largest_s = time_word_unit_s(largest);
    size_t i = 0;

    g_assert(time_s >= 0 && largest_s > 0);
    if (time_s == 0)
        return g_strdup("0");
    while (time_units[i].seconds > largest_s || time_s % time_units[i].seconds != 0)
        i++;
    return g_strdup_printf("%" G_GINT64_FORMAT "%c", time_s / time_units[i].seconds,
                           time_units[i].letter);
}

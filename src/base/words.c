#include "base/words.h"

char **words_split(const char *text, const char *separators)
{
    char **words = g_strsplit_set(text, separators, -1), **kept = words;

    for (char **word = words; *word != NULL; word++) {
        if (**word != '\0')
            *kept++ = *word;
        else
            g_free(*word);
    }
    *kept = NULL;
    return words;
}

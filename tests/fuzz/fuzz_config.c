/* The text of main.cf, and the expansion of everything it sets. */

#include <stdint.h>

#include "src/config/expand_internal.h"
#include "src/config/maincf_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* This is the only rule for expanded text, which may still be an error. */
static void expand_one(const Lexicon *lexicon, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = expand_name(lexicon, name, &error);

    g_assert((text == NULL) == (error != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Lexicon lexicon;
    GHashTableIter iter;
    gpointer name;
    bool ok;

    lexicon_init(&lexicon, warnings);
    ok = maincf_parse(&lexicon, "main.cf", bytes, &error);
    g_assert(ok == (error == NULL));
    g_hash_table_iter_init(&iter, lexicon.values);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        expand_one(&lexicon, name);
    lexicon_clear(&lexicon);
    return 0;
}

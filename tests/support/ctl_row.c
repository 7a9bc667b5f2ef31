#include "tests/support/ctl_row.h"

Row row_of(const char *const *words)
{
    Row row = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};

    for (; words[0] != NULL; words += 2)
        (void)g_hash_table_insert(row.values, g_strdup(words[0]), g_strdup(words[1]));
    return row;
}

#ifndef EQMGR_TESTS_CTL_ROW_H
#define EQMGR_TESTS_CTL_ROW_H

/* Rows of an answer of the control socket, for tests of eqmgrctl. */

#include "src/ctl/session_internal.h"

/* Names and values in turn, NULL at the end. Free `values`. */
static inline Row row_of(const char *const *words)
{
    Row row = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};

    for (; words[0] != NULL; words += 2)
        (void)g_hash_table_insert(row.values, g_strdup(words[0]), g_strdup(words[1]));
    return row;
}
#define ROW(...) row_of((const char *const[]){__VA_ARGS__, NULL})

#endif

#ifndef EQMGR_TESTS_SUPPORT_CTL_ROW_H
#define EQMGR_TESTS_SUPPORT_CTL_ROW_H

/* tests/support/ctl_row: rows of an answer of the control socket, for tests of eqmgrctl. */

#include "src/ctl/session_internal.h"

/* `words` are names and values in turn, NULL at the end; they are copied. Free `values`. */
Row row_of(const char *const *words);

/* ROW("name", "value", ...) */
#define ROW(...) row_of((const char *const[]){__VA_ARGS__, NULL})

#endif

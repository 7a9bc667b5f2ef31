#ifndef EQMGR_CTL_TABLE_INTERNAL_H
#define EQMGR_CTL_TABLE_INTERNAL_H

/*
 * table: rows of one kind of object in columns, numbers at the right, as wide as what is in them.
 * The last column takes what is left of the terminal's width.
 */

#include <stdio.h>

#include "src/ctl/view_internal.h"

typedef struct Table Table;

Table *table_new(const View *view, int64_t now_s) G_GNUC_WARN_UNUSED_RESULT;
void table_free(Table *table);

void table_add(Table *table, const Row *row);

/* width: of the terminal; 0: nothing is cut. */
void table_print(const Table *table, FILE *out, int width);

#endif

#ifndef EQMGR_CTL_WEB_PARTS_INTERNAL_H
#define EQMGR_CTL_WEB_PARTS_INTERNAL_H

/*
 * web/parts: what pages are made of: values, states, bars, curves, tables. Values look as those of
 * eqmgrctl do, from the same table of fields.
 */

#include <stdbool.h>

#include "src/ctl/view_internal.h"
#include "src/ctl/web/asker_internal.h"
#include "src/ctl/web/html_internal.h"

bool part_is(const Row *row, const char *object);

/* The first row of this object, or NULL. */
const Row *part_find(const WebAnswer *answer, const char *object);

/* A number from 0 to PART_NUMBER_MAX, whatever it says: sums and products of such do not overflow.
 */
#define PART_NUMBER_MAX INT64_C(1000000000000000)
int64_t part_number(const Row *row, const char *field, int64_t otherwise);

/* A field for people; a new string. */
char *part_value(const Row *row, const char *field, int64_t now_s) G_GNUC_WARN_UNUSED_RESULT;
void part_put_value(Html *html, const Row *row, const char *field, int64_t now_s);

/* Each state of the row as a shape and a word. */
void part_put_states(Html *html, const Row *row);

/* The name of a destination or transport, with a link to its page. */
void part_put_link(Html *html, const Row *row);

/* How much of a limit is used. */
void part_put_bar(Html *html, const char *name, int64_t value, int64_t limit);

/* How far something has come. Both are not negative; nothing is put if there is nothing to do. */
void part_put_progress(Html *html, const char *name, int64_t done, int64_t all);

/* A row of numbers as a curve: "1,2,3". */
void part_put_curve(Html *html, const char *name, const char *numbers);

typedef enum PartKind {
    PART_END, /* no more columns */
    PART_VALUE,
    PART_STATES,
    PART_LINK, /* the row's head */
    PART_HEAD, /* the same, without a link */
    PART_TIME, /* of fixed width */
    PART_WHY,  /* takes what room there is */
} PartKind;

typedef struct PartColumn {
    const char *field, *heading;
    PartKind kind;
    const char *only; /* of rows of this object; NULL: of all */
} PartColumn;

#define PART_COLUMNS_MAX 10

typedef struct PartTable {
    const char *caption;
    const char *nothing; /* instead of a table without rows */
    PartColumn columns[PART_COLUMNS_MAX];
    bool (*shows)(const Row *row, int64_t now_s); /* which rows; NULL: all that have a view */
    bool is_newest_first;                         /* the rows come oldest first */
} PartTable;

/* Says how many rows are missing; or, if there is no answer, why. */
void part_put_table(Html *html, const PartTable *table, const WebAnswer *answer, int64_t now_s);

/* How many of how many rows are shown, if not all. */
void part_put_rest(Html *html, const WebAnswer *answer, guint shown);

/* True if the answer is there; otherwise says that it is not. */
bool part_has_answer(Html *html, const WebAnswer *answer);

#endif

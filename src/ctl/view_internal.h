#ifndef EQMGR_CTL_VIEW_INTERNAL_H
#define EQMGR_CTL_VIEW_INTERNAL_H

/*
 * view: what the rows of an answer mean and how they are shown: the one table from which come the
 * tables for people, the JSON for programs and its schema.
 *
 * Each data row names its object ("destination", "message", ...), and each object has a list of
 * fields. A field that is not listed is not shown.
 */

#include <stdbool.h>

#include "src/ctl/session_internal.h"

typedef enum FieldKind {
    FIELD_TEXT,
    FIELD_LIST,    /* words separated by commas; JSON: an array of strings */
    FIELD_NUMBERS, /* numbers separated by commas; JSON: an array of them */
    FIELD_COUNT,   /* JSON: a number, as are all that follow but the last */
    FIELD_NUMBER,  /* shown without commas */
    FIELD_TENTHS,  /* shown with a decimal */
    FIELD_SECONDS,
    FIELD_BYTES,
    FIELD_TIME,  /* shown as a clock time */
    FIELD_DUE,   /* the same; 0 is shown as "overdue" */
    FIELD_AGE,   /* a time in the past, shown as how long ago */
    FIELD_UNTIL, /* a time to come, shown as how long from now */
    FIELD_BOOL,
} FieldKind;

typedef struct Field {
    const char *name; /* on the wire and in JSON */
    FieldKind kind;
    const char *heading; /* of its column; NULL: not in tables */
    const char *meaning; /* for the schema */
} Field;

typedef struct View {
    const char *object;
    const Field *fields; /* a nameless one ends them */
} View;

/* NULL if there is none of that name. */
const View *view_find(const char *object);
const View *view_at(unsigned i); /* NULL after the last one */

/* NULL if it has none of that name. */
const Field *view_field(const View *view, const char *name);

/* The value for people, "-" where there is none; a new string. */
char *view_format(const Field *field, const Row *row, int64_t now_s) G_GNUC_WARN_UNUSED_RESULT;

/* Numbers are aligned at the right. */
bool view_is_number(const Field *field);

/* One line of JSON with all fields that the row has; with `object`. A new string. */
char *view_json(const View *view, const Row *row) G_GNUC_WARN_UNUSED_RESULT;

#endif

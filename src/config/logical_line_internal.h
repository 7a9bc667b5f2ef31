#ifndef EQMGR_CONFIG_LOGICAL_LINE_INTERNAL_H
#define EQMGR_CONFIG_LOGICAL_LINE_INTERNAL_H

/*
 * logical_line: the lines of main.cf and of files that are written like it (configuration.md 2): a
 * line that begins with white space continues the one before it; empty lines and comments do not
 * count.
 */

#include <glib.h>

/* Walks through the physical lines of a text. */
typedef struct LogicalReader {
    const char *next, *end;
    int line; /* number of the last line read */
} LogicalReader;

/*
 * Puts the next logical line into `logical`; returns the number of its first line, or 0 at the end.
 * White space at its begin is kept: only the first line of a text can have some.
 */
int logical_line_read(LogicalReader *reader, GString *logical);

#endif

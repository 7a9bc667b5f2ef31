#ifndef EQMGR_CTL_TEXT_INTERNAL_H
#define EQMGR_CTL_TEXT_INTERNAL_H

/*
 * text: values as people read them. Results are new strings.
 *
 * What comes from the daemon holds texts of remote servers: control characters, escape sequences,
 * bytes that are not UTF-8. Nothing reaches a terminal but through text_printable().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Control characters and what is not UTF-8 become '?'. */
char *text_printable(const char *bytes) G_GNUC_WARN_UNUSED_RESULT;

/* What is not UTF-8 becomes U+FFFD: for JSON and HTML, which have escapes of their own. */
char *text_utf8(const char *bytes) G_GNUC_WARN_UNUSED_RESULT;

/* From begin to end; the largest number if it is larger, and 0 if it is negative beyond all
 * numbers. */
int64_t text_seconds_between(int64_t begin_s, int64_t end_s);

/* "14:31:10" if it is within half a day of now, else "2026-11-28 14:31". In local time. */
char *text_clock(int64_t wall_s, int64_t now_s) G_GNUC_WARN_UNUSED_RESULT;

/* "5m", "1h", "2d", "90" (of so many seconds each) as seconds; false: not one. */
bool text_parse_duration(const char *text, int64_t unit_s,
                         int64_t *ret_duration_s) G_GNUC_WARN_UNUSED_RESULT;

/*
 * "18:30" (the next time that it is), "2026-11-30", "2026-11-30 18:30" with seconds or without, T
 * in place of the blank; local time. Or "@1764500000". False: not one.
 */
bool text_parse_time(const char *text, int64_t now_s,
                     int64_t *ret_wall_s) G_GNUC_WARN_UNUSED_RESULT;

/* Columns on a terminal. */
int text_width(const char *printable);

/* How many bytes of it take at most so many columns; whole characters. */
size_t text_fit(const char *printable, int width);

#endif

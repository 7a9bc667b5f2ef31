#ifndef EQMGR_BASE_TIME_WORD_H
#define EQMGR_BASE_TIME_WORD_H

/*
 * base/time_word: times as they stand in configuration files: a number and one unit, as in "15m".
 * The units are those of Postfix (postconf(5)): s, m, h, d and w.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

int time_word_unit_s(char unit); /* 0: it is none */

/* False: it is no time. What is above `most_s`, 0 or more, becomes most_s + 1. */
bool time_word_parse(const char *word, int64_t most_s,
                     int64_t *ret_time_s) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The time, 0 or more, in the largest unit in which it is a whole number; of those that are not
 * larger than `largest`. 0 is "0". The caller's.
 */
char *time_word_format(int64_t time_s, char largest) G_GNUC_WARN_UNUSED_RESULT;

#endif

#ifndef EQMGR_CONFIG_FEEDBACK_H
#define EQMGR_CONFIG_FEEDBACK_H

/*
 * config/feedback: the text of a concurrency feedback parameter as a number (scheduling.md 11.1).
 */

#include <stdbool.h>

/*
 * *ret_per_window: the number is to be divided by the window that it is applied to (type 1).
 * False if the text is malformed or unreasonable.
 */
bool feedback_parse(const char *text, double *ret_value, bool *ret_per_window);

#endif

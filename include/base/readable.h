#ifndef EQMGR_BASE_READABLE_H
#define EQMGR_BASE_READABLE_H

/* base/readable: numbers as people read them. Each result is a new string. */

#include <stdint.h>

#include <glib.h>

/* 48213 is "48,213", in any locale. */
char *readable_count(int64_t number) G_GNUC_WARN_UNUSED_RESULT;

/* "1 message", "48,213 messages": what follows the number, for 1 and for others. */
char *readable_counted(int64_t number, const char *one,
                       const char *others) G_GNUC_WARN_UNUSED_RESULT;

/* "41s", "3m05s", "3h05m", "3d05h"; a negative one is "0s". */
char *readable_duration(int64_t duration_s) G_GNUC_WARN_UNUSED_RESULT;

#endif

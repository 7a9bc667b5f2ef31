#ifndef EQMGR_TESTS_SUPPORT_SCHED_NOTICE_H
#define EQMGR_TESTS_SUPPORT_SCHED_NOTICE_H

/* tests/support/sched_notice: a notice of the scheduler as one line of text, with all its facts. */

#include "sched/sched.h"

/* Frees what the notice owns. Free the text with g_free(). */
char *notice_to_text(SchedNotice *notice);

#endif

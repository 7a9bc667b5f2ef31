#ifndef EQMGR_TESTS_SUPPORT_CTL_PLAYED_H
#define EQMGR_TESTS_SUPPORT_CTL_PLAYED_H

/*
 * tests/support/ctl_played: a daemon at a control socket that answers each request by rows from a
 * file, in a thread. The file has sections, each with the requests that it is for and its rows:
 *
 *   [destinations state=full]            the verb, and arguments that the request must have
 *   data object=destination window=20    a row; values as a shell quotes them; @-60: a minute ago
 *   end matched=214 truncated=1          or: error code=denied text='...'; none: an end row is said
 *
 * Of the sections that fit, the last one is taken. A verb without a section is a usage error. A
 * header row goes before each answer.
 */

#include <stdint.h>

typedef struct CtlPlayed CtlPlayed;

/* Listens in `queue_directory`, which must have its public directory. Fails the test if it cannot.
 */
CtlPlayed *ctl_played_start(const char *queue_directory, const char *answers_path, int64_t now_s);
void ctl_played_stop(CtlPlayed *played);

#endif

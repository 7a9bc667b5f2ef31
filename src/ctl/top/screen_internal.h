#ifndef EQMGR_CTL_TOP_SCREEN_INTERNAL_H
#define EQMGR_CTL_TOP_SCREEN_INTERNAL_H

/* screen: the terminal, by ncurses. Between screen_open() and screen_close() nothing else writes to
 * it. */

#include "src/ctl/top/frame_internal.h"

#define SCREEN_NO_KEY (-1)

/* False if the terminal cannot do it, say why: *ret_problem is a literal. */
bool screen_open(const char **ret_problem);
void screen_close(void); /* the terminal as it was; no-op if it is not open */

FrameSize screen_size(void);
void screen_paint(const GPtrArray *lines); /* of Line * */

/* The next key (a character or a WishKey) within so many milliseconds, or SCREEN_NO_KEY. */
int screen_key(int timeout_ms);

#endif

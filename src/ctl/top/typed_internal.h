#ifndef EQMGR_CTL_TOP_TYPED_INTERNAL_H
#define EQMGR_CTL_TOP_TYPED_INTERNAL_H

/*
 * typed: a line that is being typed: printable ASCII, in which the last character can be taken
 * back.
 */

#include <stdbool.h>

#define TYPED_MAX 255

#define TYPED_ESCAPE 0x1b

bool typed_is_end(int key); /* Enter */

/* Adds the character, or takes back the last one. `text` has room for TYPED_MAX and its end. */
void typed_take_key(char *text, int key, bool with_blanks);

#endif

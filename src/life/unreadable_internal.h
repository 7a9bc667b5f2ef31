#ifndef EQMGR_LIFE_UNREADABLE_INTERNAL_H
#define EQMGR_LIFE_UNREADABLE_INTERNAL_H

/*
 * unreadable: what becomes of a message whose file can be neither opened nor read.
 */

#include "src/life/message_internal.h"

/* True if the error has its cause in the file. */
bool unreadable_is_about_the_file(int error);

/* The way out of a message whose file could not be opened or read because of this error. */
WayOut unreadable_way_out(const Message *message, int error);

#endif

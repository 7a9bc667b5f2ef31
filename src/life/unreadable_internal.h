#ifndef EQMGR_LIFE_UNREADABLE_INTERNAL_H
#define EQMGR_LIFE_UNREADABLE_INTERNAL_H

/*
 * unreadable: what becomes of a message whose file can be neither opened nor read.
 */

#include "src/life/message_internal.h"

/* The error would be another one if the file were all right. */
bool unreadable_is_about_the_file(int error);

/* Of a message whose file could not be opened or read, for this error. */
WayOut unreadable_way_out(const Message *message, int error);

#endif

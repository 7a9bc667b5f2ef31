#ifndef EQMGR_IPC_CONNECT_INTERNAL_H
#define EQMGR_IPC_CONNECT_INTERNAL_H

/*
 * ipc/connect: non-blocking connections to UNIX stream sockets (ipc.md 2.2).
 *
 * On Linux such a connect() is complete when it returns: it has connected (the server may not have
 * accepted yet) or failed. A full listen queue is EAGAIN, and no event says when there is room
 * again: the caller tries again a little later.
 */

#include <stdbool.h>
#include <sys/un.h>

#include <glib.h>

/* False if the path does not fit; then ret_address has a cut one, for texts. */
bool connect_address_init(struct sockaddr_un *ret_address, const char *path);

/* Returns a connected, non-blocking, close-on-exec descriptor, or a negative errno. */
int connect_try(const struct sockaddr_un *address) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the cause is not the server: the descriptor table is full, or the system lacks memory or
 * room for one more descriptor to watch. */
bool connect_lacks_room(int error);

/* Whether the failure may pass within moments: a lack of room, or a full listen queue. */
bool connect_may_recover(int error);

#endif

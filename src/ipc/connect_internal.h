#ifndef EQMGR_IPC_CONNECT_INTERNAL_H
#define EQMGR_IPC_CONNECT_INTERNAL_H

/*
 * ipc/connect: non-blocking connections to UNIX stream sockets (ipc.md 2.2, house-style.md 29).
 *
 * On Linux such a connect() is over when it returns: connected (which says nothing about a server
 * having accepted it) or failed. A full listen queue is EAGAIN, and no event tells when there is
 * room again: the caller tries again a little later.
 */

#include <stdbool.h>
#include <sys/un.h>

#include <glib.h>

/* False if the path does not fit; then ret_address has a cut one, for texts. */
bool connect_address_init(struct sockaddr_un *ret_address, const char *path);

/* Returns a connected, non-blocking, close-on-exec descriptor, or a negative errno. */
int connect_try(const struct sockaddr_un *address) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is not the server's fault: the descriptor table is full, or the system short of memory
 * or of room for one more descriptor to watch. */
bool connect_lacks_room(int error);

/* Whether the failure may pass within moments: that, or the listen queue is full. */
bool connect_may_recover(int error);

#endif

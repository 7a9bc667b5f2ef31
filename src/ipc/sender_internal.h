#ifndef EQMGR_IPC_SENDER_INTERNAL_H
#define EQMGR_IPC_SENDER_INTERNAL_H

/*
 * ipc/sender: which process writes into the other end of a UNIX stream socket.
 *
 * SO_PEERCRED tells who began to listen, which is master(8) for all of its services. But the kernel
 * notes with each piece of data who wrote it, for those who ask.
 */

#include <stddef.h>
#include <sys/types.h>

/* Asks for it; what the peer writes from now on tells. */
void sender_ask(int fd);

/* recv(), and the process if it is told (unchanged if not); no more is asked for then. */
ssize_t sender_receive(int fd, void *ret_bytes, size_t size_bytes, pid_t *ret_pid);

#endif

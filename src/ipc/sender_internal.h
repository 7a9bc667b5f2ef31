#ifndef EQMGR_IPC_SENDER_INTERNAL_H
#define EQMGR_IPC_SENDER_INTERNAL_H

/*
 * ipc/sender: which process writes into the other end of a UNIX stream socket.
 *
 * SO_PEERCRED names the process that called listen(), which is master(8) for all of its services.
 * But on request the kernel attaches the process that wrote it to each piece of data.
 */

#include <stddef.h>
#include <sys/types.h>

/* Requests it for all that the peer writes from now on. */
void sender_ask(int fd);

/* Like recv(). Sets *ret_pid if the process is known, and then stops requesting it. */
ssize_t sender_receive(int fd, void *ret_bytes, size_t size_bytes, pid_t *ret_pid);

#endif

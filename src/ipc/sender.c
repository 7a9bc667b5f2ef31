#include <string.h>
#include <sys/socket.h>

#include "src/ipc/sender_internal.h"

/*
 * Credentials of a peer: the kernel attaches the process that has written the bytes. Of the
 * connected socket it only knows the process that called listen(), which is master(8).
 */

static void set_asking(int fd, int is_on)
{
    (void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &is_on, sizeof is_on);
}

void sender_ask(int fd)
{
    set_asking(fd, 1);
}

/* 0: the process is one that we cannot see, or wrote before we asked. */
static pid_t told_pid(struct msghdr *message)
{
    struct ucred who = {.pid = 0};

    for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each != NULL;
         each = CMSG_NXTHDR(message, each))
        if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_CREDENTIALS &&
            each->cmsg_len == CMSG_LEN(sizeof who))
            memcpy(&who, CMSG_DATA(each), sizeof who);
    return who.pid;
}

ssize_t sender_receive(int fd, void *ret_bytes, size_t size_bytes, pid_t *ret_pid)
{
    union {
        struct cmsghdr header; /* for its alignment */
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec piece = {.iov_base = ret_bytes, .iov_len = size_bytes};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(fd, &message, 0);
    pid_t pid = got > 0 ? told_pid(&message) : 0;

    if (pid != 0) {
        *ret_pid = pid;
        set_asking(fd, 0);
    }
    return got;
}

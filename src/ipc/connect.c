#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/ipc/connect_internal.h"

/*
 * One attempt to connect, and what its error means: whether it is worth another try, and whether
 * the server or our own machine is to blame.
 */

bool connect_address_init(struct sockaddr_un *ret_address, const char *path)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    return g_strlcpy(ret_address->sun_path, path, sizeof(ret_address->sun_path)) <
           sizeof(ret_address->sun_path);
}

int connect_try(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc, error;

    if (fd < 0)
        return -errno;
    do {
        rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    } while (rc < 0 && errno == EINTR);
    if (rc == 0)
        return fd;
    error = errno;
    (void)close(fd);
    return -error;
}

bool connect_lacks_room(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
           error == ENOSPC;
}

bool connect_may_recover(int error)
{
    return error == EAGAIN || connect_lacks_room(error);
}

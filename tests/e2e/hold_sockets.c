/*
 * Keeps the sockets of a process open, as a child that it has just forked does.
 *
 *   hold_sockets PID
 *
 * Prints "held" when it has a copy of each socket that the process has now, and keeps them until
 * its standard input ends. Exit status 77: this kernel gives no copies.
 */

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

enum { NOT_HERE = 77 };

static bool is_socket(DIR *descriptors, const char *name)
{
    char target[16] = "";

    return readlinkat(dirfd(descriptors), name, target, sizeof target - 1) > 0 &&
           g_str_has_prefix(target, "socket:");
}

/* False: not permitted, or not known to this kernel. A descriptor that was closed meanwhile does
 * not matter. */
static bool hold(int pidfd, const char *name)
{
    return syscall(SYS_pidfd_getfd, pidfd, atoi(name), 0) >= 0 || errno == EBADF;
}

int main(int argc, char **argv)
{
    g_autofree char *path = argc == 2 ? g_strdup_printf("/proc/%s/fd", argv[1]) : NULL;
    DIR *descriptors = path != NULL ? opendir(path) : NULL;
    const struct dirent *entry;
    int pidfd;

    if (descriptors == NULL) {
        (void)fprintf(stderr, "usage: hold_sockets PID\n");
        return EXIT_FAILURE;
    }
    pidfd = (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0);
    while ((entry = readdir(descriptors)) != NULL)
        if (is_socket(descriptors, entry->d_name) && !hold(pidfd, entry->d_name))
            return NOT_HERE;
    (void)puts("held");
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    return EXIT_SUCCESS;
}

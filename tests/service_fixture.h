#ifndef EQMGR_TESTS_SERVICE_FIXTURE_H
#define EQMGR_TESTS_SERVICE_FIXTURE_H

/*
 * The stage for tests of daemon/service: a directory with a listen socket or FIFO, a status channel
 * whose other end is the test's, and clients.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/service.h"
#include "tests/runner.h"

enum { GENERATION = 42, WAITING_MAX = 100 };

static struct {
    char *directory, *path; /* of the listen socket or FIFO */
    int listen_fd, status_fd, master_fd;
    struct event_base *base;
    Service *service;
    GString *handled; /* the triggers in order: "<W\0>" as "W." in brackets */
    int trigger_count;
} world;

static inline struct sockaddr_un listen_address(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    ck_assert_uint_lt(g_strlcpy(address.sun_path, world.path, sizeof address.sun_path),
                      sizeof address.sun_path);
    return address;
}

static inline int make_listen_fd(ListenType type)
{
    struct sockaddr_un address = listen_address();
    int fd;

    if (type == LISTEN_FIFO) {
        ck_assert_int_eq(mkfifo(world.path, 0600), 0);
        return open(world.path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 2 * WAITING_MAX), 0);
    return fd;
}

static inline void set_up(void)
{
    int pair[2];

    world.directory = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    world.path = g_build_filename(world.directory, "qmgr", NULL);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    world.status_fd = pair[0];
    world.master_fd = pair[1];
    world.base = event_base_new();
    ck_assert_int_eq(event_base_priority_init(world.base, 3), 0);
    world.handled = g_string_new(NULL);
    world.trigger_count = 0;
}

static inline void tear_down(void)
{
    service_free(world.service);
    world.service = NULL;
    event_base_free(world.base);
    g_string_free(world.handled, TRUE);
    (void)close(world.listen_fd);
    (void)close(world.status_fd);
    (void)close(world.master_fd);
    (void)unlink(world.path);
    (void)rmdir(world.directory);
    g_free(world.path);
    g_free(world.directory);
}

static inline int connect_client(void)
{
    struct sockaddr_un address = listen_address();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void say(int fd, const char *bytes, size_t count)
{
    ck_assert_int_eq(write(fd, bytes, count), (ssize_t)count);
}

#endif

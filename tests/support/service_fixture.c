#include "tests/support/service_fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

ServiceStage stage;

static struct sockaddr_un listen_address(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    ck_assert_uint_lt(g_strlcpy(address.sun_path, stage.path, sizeof address.sun_path),
                      sizeof address.sun_path);
    return address;
}

int make_listen_fd(ListenType type)
{
    struct sockaddr_un address = listen_address();
    int fd;

    if (type == LISTEN_FIFO) {
        ck_assert_int_eq(mkfifo(stage.path, 0600), 0);
        return open(stage.path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 2 * WAITING_MAX), 0);
    return fd;
}

void set_up(void)
{
    int pair[2];

    stage.directory = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    stage.path = g_build_filename(stage.directory, "qmgr", NULL);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    stage.status_fd = pair[0];
    stage.master_fd = pair[1];
    stage.base = event_base_new();
    ck_assert_int_eq(event_base_priority_init(stage.base, 3), 0);
    stage.handled = g_string_new(NULL);
    stage.trigger_count = 0;
}

void tear_down(void)
{
    service_free(stage.service);
    stage.service = NULL;
    event_base_free(stage.base);
    g_string_free(stage.handled, TRUE);
    (void)close(stage.listen_fd);
    (void)close(stage.status_fd);
    (void)close(stage.master_fd);
    (void)unlink(stage.path);
    (void)rmdir(stage.directory);
    g_free(stage.path);
    g_free(stage.directory);
}

int connect_client(void)
{
    struct sockaddr_un address = listen_address();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void say(int fd, const char *bytes, size_t count)
{
    ck_assert_int_eq(write(fd, bytes, count), (ssize_t)count);
}

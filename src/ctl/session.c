/* Questions and answers over a blocking socket: a client has nothing else to do while it waits. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "codec/control.h"
#include "src/ctl/session_internal.h"

#define READ_BYTES 16384

struct Session {
    int fd;
    int timeout_s;
    int64_t end_us; /* of the time for the present answer, monotonic */
};

void session_close(Session *session)
{
    if (session == NULL)
        return;
    (void)close(session->fd);
    g_free(session);
}

static SessionStatus problem_of_connect(const char *path, int error, char **ret_problem)
{
    if (error == EACCES || error == EPERM) {
        *ret_problem = g_strdup_printf(
            "%s: %s; root, the mail owner and members of the group of its directory (postdrop) "
            "get there, and then eqmgr_summary_users in eqmgr.cf says who may ask",
            path, g_strerror(error));
        return SESSION_DENIED;
    }
    if (error == ENOENT || error == ECONNREFUSED) {
        *ret_problem = g_strdup_printf("no eqmgr listens at %s", path);
        return SESSION_NO_DAEMON;
    }
    *ret_problem = g_strdup_printf("%s: %s", path, g_strerror(error));
    return error == EAGAIN ? SESSION_INCOMPLETE : SESSION_NO_DAEMON;
}

static int make_socket(int timeout_s)
{
    const struct timeval limit = {timeout_s, 0};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (timeout_s == 0 ? SOCK_NONBLOCK : 0), 0);

    if (fd >= 0 && timeout_s > 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
         setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

SessionStatus session_connect(const char *queue_directory, int timeout_s, int *ret_fd,
                              char **ret_problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *path = g_build_filename(queue_directory, CONTROL_SOCKET, NULL);
    SessionStatus status;
    int fd = make_socket(timeout_s);

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
    } else if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        *ret_fd = fd;
        return SESSION_OK;
    }
    status = problem_of_connect(path, errno, ret_problem);
    if (fd >= 0)
        (void)close(fd);
    return status;
}

SessionStatus session_open(const char *queue_directory, int timeout_s, Session **ret_session,
                           char **ret_problem)
{
    int fd;
    SessionStatus status = session_connect(queue_directory, timeout_s, &fd, ret_problem);

    if (status != SESSION_OK)
        return status;
    *ret_session = g_new0(Session, 1);
    **ret_session = (Session){.fd = fd, .timeout_s = timeout_s};
    return SESSION_OK;
}

static SessionStatus problem_of_io(const Session *session, ssize_t result, char **ret_problem)
{
    if (result == 0)
        *ret_problem = g_strdup("the answer was cut off: the daemon ended or was reloaded");
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
        *ret_problem = g_strdup_printf("no whole answer within %d s", session->timeout_s);
    else
        *ret_problem = g_strdup_printf("the connection was lost: %s", g_strerror(errno));
    return SESSION_INCOMPLETE;
}

static SessionStatus send_request(Session *session, const char *verb, const char *const *arguments,
                                  char **ret_problem)
{
    g_autoptr(GByteArray) request = reply_request(verb, arguments, ret_problem);
    ssize_t sent;

    if (request == NULL)
        return SESSION_USAGE;
    /* It is shorter than any socket buffer: it goes at once, or not at all. */
    sent = send(session->fd, request->data, request->len, MSG_NOSIGNAL);
    return sent == (ssize_t)request->len ? SESSION_OK
                                         : problem_of_io(session, sent == 0 ? 0 : -1, ret_problem);
}

/* Of what is left of the time, so that an answer that comes in drops ends, too. False: nothing is.
 */
static bool set_limit(const Session *session)
{
    int64_t left_us = session->end_us - g_get_monotonic_time();
    const struct timeval limit = {left_us / G_USEC_PER_SEC, left_us % G_USEC_PER_SEC};

    errno = EAGAIN;
    return left_us > 0 &&
           setsockopt(session->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0;
}

static SessionStatus receive(Session *session, Reply *reply)
{
    uint8_t bytes[READ_BYTES];
    ssize_t count = set_limit(session) ? recv(session->fd, bytes, sizeof(bytes), 0) : -1;

    if (count <= 0)
        return problem_of_io(session, count, &reply->answer.problem);
    return reply_add(reply, bytes, (size_t)count);
}

SessionStatus session_ask(Session *session, const char *verb, const char *const *arguments,
                          SessionRowFn *on_row, void *ctx, SessionAnswer *ret_answer)
{
    SessionStatus status;
    Reply reply;

    session->end_us = g_get_monotonic_time() + session->timeout_s * G_USEC_PER_SEC;
    reply_init(&reply, on_row, ctx);
    status = send_request(session, verb, arguments, &reply.answer.problem);
    while (status == SESSION_OK && !reply.is_over)
        status = receive(session, &reply);
    *ret_answer = reply.answer;
    reply.answer = (SessionAnswer){.problem = NULL};
    reply_clear(&reply);
    return status;
}

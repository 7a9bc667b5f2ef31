#include "tests/support/ipc_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "codec/attr.h"

#define SETTLING_TURNS 100 /* more than any conversation here has steps */

struct event_base *base;
static char *test_dir, *start_dir;

void ipc_setup(void)
{
    start_dir = g_get_current_dir();
    test_dir = g_dir_make_tmp("eqmgr-ipc-XXXXXX", NULL);
    ck_assert_ptr_nonnull(test_dir);
    ck_assert_int_eq(chdir(test_dir), 0);
    ck_assert_int_eq(mkdir("private", 0700), 0);
    base = event_base_new();
}

void ipc_teardown(void)
{
    event_base_free(base);
    ck_assert_int_eq(rmdir("private"), 0); /* each peer has removed its socket */
    ck_assert_int_eq(chdir(start_dir), 0);
    ck_assert_int_eq(rmdir(test_dir), 0);
    g_clear_pointer(&test_dir, g_free);
    g_clear_pointer(&start_dir, g_free);
}

void run_loop(void)
{
    struct timeval guard = {PEER_GUARD_S, 0};

    event_base_loopexit(base, &guard);
    event_base_dispatch(base);
    ck_assert_msg(event_base_got_break(base), "nothing happened for %d s", PEER_GUARD_S);
}

static void on_run_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(arg);
}

/* On a busy machine the time may be over before the first turn. */
void run_for_ms(int ms)
{
    struct timeval timeout = {ms / 1000, (ms % 1000) * 1000};
    struct event *timer = evtimer_new(base, on_run_over, base);

    event_add(timer, &timeout);
    run_loop();
    event_free(timer);
    for (int i = 0; i < SETTLING_TURNS; i++)
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static void session_say(PeerSession *session, const void *bytes, size_t size)
{
    (void)!send(session->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void session_announce(PeerSession *session, const char *protocol, bool half)
{
    GByteArray *bytes = g_byte_array_new();

    attr_put_str(bytes, "protocol", protocol);
    attr_put_end(bytes);
    session_say(session, bytes->data, half ? bytes->len / 2 : bytes->len);
    g_byte_array_unref(bytes);
}

void peer_session_close(PeerSession *session)
{
    if (session->fd < 0)
        return;
    event_del(session->event);
    event_del(session->timer);
    close(session->fd);
    session->fd = -1;
    session->peer->open_count--;
}

/* False: wait. */
static bool session_take_request(PeerSession *session)
{
    uint8_t bytes[65536];
    ssize_t got = recv(session->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (got == 0 || (got < 0 && errno != EAGAIN))
        peer_session_close(session);
    if (got <= 0)
        return false;
    g_byte_array_append(session->request, bytes, (guint)got);
    if (!session->peer->answer(session->request, session->peer->reply))
        return false;
    session->peer->question_count++;
    g_byte_array_set_size(session->request, 0);
    return true;
}

/* Goes on with the first `total` bytes of the reply, at most `chunk` at a time. False: wait. */
static bool session_reply(PeerSession *session, guint total, guint chunk)
{
    static const struct timeval soon = {0, 0};
    const guint8 *bytes = session->peer->reply->data;
    ssize_t sent = send(session->fd, bytes + session->replied, MIN(chunk, total - session->replied),
                        MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0 && errno != EAGAIN)
        return true; /* the other side is free to go */
    session->replied += sent > 0 ? (guint)sent : 0;
    if (session->replied < total) {
        event_add(session->timer, &soon);
        return false;
    }
    session->replied = 0;
    return true;
}

/* Called twice: before the rest, and after it. */
static bool session_rest(PeerSession *session, int ms)
{
    const struct timeval rest = {0, ms * 1000};

    session->is_resting = !session->is_resting;
    if (session->is_resting)
        event_add(session->timer, &rest);
    return !session->is_resting;
}

static bool session_step(PeerSession *session)
{
    const Peer *peer = session->peer;
    char byte;

    switch (*session->step) {
    case 'A':
    case 'a':
        session_announce(session, peer->protocol, *session->step == 'a');
        return true;
    case 'W':
        session_announce(session, "other_protocol", false);
        return true;
    case 'G':
        session_say(session, "garbage\0in\0\0", 12);
        return true;
    case 'b':
        session_say(session, "b", 1);
        return true;
    case 't':
        return session_rest(session, 10);
    case 'T':
        return session_rest(session, 500);
    case 'Q':
        return session_take_request(session);
    case 'P':
        return recv(session->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    case 'R':
        return session_reply(session, peer->reply->len, peer->reply->len);
    case 'r':
        return session_reply(session, peer->reply->len / 2, peer->reply->len);
    case 'B':
        return session_reply(session, peer->reply->len, 1);
    case 'X':
        peer_session_close(session);
        return false;
    default:
        ck_abort_msg("bad script");
    }
}

static void session_play(PeerSession *session)
{
    char byte;

    while (*session->step != '\0') {
        if (*session->step == '*')
            session->step = strchr(session->script, 'Q');
        if (!session_step(session))
            return;
        session->step++;
    }
    if (recv(session->fd, &byte, 1, MSG_DONTWAIT) == 0)
        peer_session_close(session);
}

static void on_session(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    session_play(arg);
}

static void session_start(Peer *peer, int fd)
{
    PeerSession *session = g_new0(PeerSession, 1);

    session->peer = peer;
    session->fd = fd;
    session->request = g_byte_array_new();
    session->event = event_new(peer->base, fd, EV_READ | EV_PERSIST, on_session, session);
    session->timer = evtimer_new(peer->base, on_session, session);
    event_add(session->event, NULL);
    session->script = session->step = *peer->scripts;
    if (peer->scripts[1] != NULL)
        peer->scripts++;
    g_ptr_array_add(peer->sessions, session);
    peer->accepted_count++;
    peer->open_count++;
    peer->max_open_count = MAX(peer->max_open_count, peer->open_count);
    session_play(session);
}

static void on_peer_accept(evutil_socket_t listener, short what, void *arg)
{
    int fd;

    (void)what;
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        session_start(arg, fd);
}

int peer_listen(const char *path, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    return fd;
}

void peer_start(Peer *peer, const char *path, const char *protocol, const char *const *scripts,
                PeerAnswerFn *answer, GByteArray *reply)
{
    *peer = (Peer){.base = base,
                   .protocol = protocol,
                   .scripts = scripts,
                   .answer = answer,
                   .reply = reply,
                   .listener = peer_listen(path, 100),
                   .sessions = g_ptr_array_new()};
    peer->event = event_new(base, peer->listener, EV_READ | EV_PERSIST, on_peer_accept, peer);
    event_add(peer->event, NULL);
}

void peer_stop(Peer *peer, const char *path)
{
    for (guint i = 0; i < peer->sessions->len; i++) {
        PeerSession *session = g_ptr_array_index(peer->sessions, i);

        peer_session_close(session);
        event_free(session->event);
        event_free(session->timer);
        g_byte_array_unref(session->request);
        g_free(session);
    }
    g_ptr_array_unref(peer->sessions);
    event_free(peer->event);
    close(peer->listener);
    unlink(path);
    g_byte_array_unref(peer->reply);
}

GArray *fill_listen_queue(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    for (;;) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

        g_array_append_val(fds, fd);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            continue;
        ck_assert_int_eq(errno, EAGAIN);
        return fds;
    }
}

void close_all(GArray *fds)
{
    for (guint i = 0; i < fds->len; i++)
        close(g_array_index(fds, int, i));
    g_array_unref(fds);
}

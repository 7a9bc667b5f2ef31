/*
 * The socket and its clients. Work is handed out in turn, in steps, of three kinds with an
 * allowance each: the status; the first step of any other answer, which is all of a short one, and
 * changes; the rest of listings. So whoever lists without end keeps no short question waiting, and
 * whoever asks these without end not the status. What has used up its allowance waits among the
 * next kind.
 *
 * Time that other programs had the core is not charged: else a busy machine would use up the
 * allowances, and the daemon would answer late when it has the core again.
 */

#include "control/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/listener.h>

#include "base/clock.h"
#include "base/cpu_clock.h"
#include "base/loop.h"
#include "life/inspect.h"
#include "src/control/client_internal.h"
#include "src/control/pace_internal.h"

#define CLIENT_MAX           8
#define CLIENT_MAX_OF_UID    3
#define CLIENT_KEPT_FOR_ROOT 1
#define BACKLOG              32
#define OBJECTS_OF_STEP      64
#define PAUSE_S              1 /* after accept() failed */

typedef bool IsClient(const Client *client);

/* Those that come first first. */
static const struct {
    IsClient *has_it;
    double least_share; /* of time, for it */
} kinds_of_work[] = {
    {client_is_brief,  PACE_LEAST_SHARE  }, /* the status */
    {client_is_urgent, PACE_LEAST_SHARE  }, /* first steps of answers; changes */
    {client_is_ready,  PACE_LISTING_SHARE}, /* all steps */
};

#define KIND_COUNT G_N_ELEMENTS(kinds_of_work)

TAILQ_HEAD(ClientList, Client);

struct Control {
    ControlSettings settings;
    ControlSubject subject;
    ClientHost host;
    struct evconnlistener *listener;
    struct ClientList clients; /* the next one to be worked for is the first */
    unsigned client_count;
    Pace paces[KIND_COUNT];
    int64_t paced_us;       /* how far these are */
    int64_t others_busy_us; /* since then */
    struct event *wake;     /* when the pace allows more */
    struct event *pause;    /* until connections are accepted again */
};

static void on_wanted(void *ctx)
{
    Control *control = ctx;

    event_active(control->wake, EV_TIMEOUT, 0);
}

static void on_client_ended(Client *client, void *ctx)
{
    Control *control = ctx;

    TAILQ_REMOVE(&control->clients, client, in_control);
    control->client_count--;
    client_free(client);
}

static unsigned count_of_uid(const Control *control, uid_t uid)
{
    const Client *client;
    unsigned count = 0;

    TAILQ_FOREACH (client, &control->clients, in_control)
        count += client->uid == uid;
    return count;
}

/* NULL if there is room for one more of this user, else what to tell him. */
static const char *reason_to_refuse(const Control *control, uid_t uid)
{
    unsigned room = uid == 0 ? CLIENT_MAX : CLIENT_MAX - CLIENT_KEPT_FOR_ROOT;

    if (control->client_count >= room)
        return "too many connections to the control socket; try again";
    if (count_of_uid(control, uid) >= CLIENT_MAX_OF_UID)
        return "too many connections of this user to the control socket; try again";
    return NULL;
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *address, int length, void *ctx)
{
    Control *control = ctx;
    struct ucred peer;
    socklen_t size_bytes = sizeof(peer);
    const char *refusal;
    Client *client;

    (void)listener;
    (void)address;
    (void)length;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size_bytes) != 0) {
        (void)close(fd);
        return;
    }
    refusal = reason_to_refuse(control, peer.uid);
    client = client_new(&control->host, fd, peer.uid, peer.gid);
    if (client == NULL)
        return;
    TAILQ_INSERT_TAIL(&control->clients, client, in_control);
    control->client_count++;
    if (refusal != NULL)
        client_refuse(client, refusal);
}

/* Want of descriptors, as a rule: those who wait are accepted a little later. */
static void on_accept_failed(struct evconnlistener *listener, void *ctx)
{
    const struct timeval pause = {PAUSE_S, 0};
    Control *control = ctx;

    (void)evconnlistener_disable(listener);
    loop_add(control->pause, &pause);
}

static void control_on_pause_over(evutil_socket_t fd, short what, void *ctx)
{
    Control *control = ctx;

    (void)fd;
    (void)what;
    if (evconnlistener_enable(control->listener) != 0)
        on_accept_failed(control->listener, control);
}

/* The loop is awake: control_turn() does the rest. */
static void control_on_wake(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
}

static int listen_at(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) < sizeof(address.sun_path) &&
        fd >= 0 && (unlink(path) == 0 || errno == ENOENT) &&
        bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && chmod(path, 0666) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "control socket %s: %s", path,
                g_strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

Control *control_new(struct event_base *base, const ControlSettings *settings,
                     const ControlSubject *subject, GError **error)
{
    int fd = listen_at(settings->path, error);
    Control *control;

    if (fd < 0)
        return NULL;
    control = g_new0(Control, 1);
    control->settings = *settings;
    control->subject = *subject;
    control->host = (ClientHost){.base = base,
                                 .settings = &control->settings,
                                 .subject = &control->subject,
                                 .wants_turn = on_wanted,
                                 .ended = on_client_ended,
                                 .ctx = control};
    TAILQ_INIT(&control->clients);
    for (size_t i = 0; i < KIND_COUNT; i++)
        pace_init(&control->paces[i], clock_mono_us(), kinds_of_work[i].least_share);
    control->wake = evtimer_new(base, control_on_wake, control);
    control->pause = evtimer_new(base, control_on_pause_over, control);
    control->listener =
        evconnlistener_new(base, on_connection, control, LEV_OPT_CLOSE_ON_FREE, 0, fd);
    if (control->listener == NULL) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "control socket %s: cannot be watched: %s", settings->path, g_strerror(errno));
        (void)close(fd);
        control_free(control);
        return NULL;
    }
    evconnlistener_set_error_cb(control->listener, on_accept_failed);
    return control;
}

void control_free(Control *control)
{
    Client *client;

    if (control == NULL)
        return;
    while ((client = TAILQ_FIRST(&control->clients)) != NULL)
        on_client_ended(client, control);
    if (control->listener != NULL)
        evconnlistener_free(control->listener);
    event_free(control->wake);
    event_free(control->pause);
    g_free(control);
}

/* NULL: there is none. */
static Client *first_client(const Control *control, IsClient *is_wanted)
{
    Client *client;

    TAILQ_FOREACH (client, &control->clients, in_control)
        if (is_wanted(client))
            return client;
    return NULL;
}

/* The first such client, moved to the end of the line; or NULL. */
static Client *next_client(Control *control, IsClient *is_wanted)
{
    Client *client = first_client(control, is_wanted);

    if (client == NULL)
        return NULL;
    TAILQ_REMOVE(&control->clients, client, in_control);
    TAILQ_INSERT_TAIL(&control->clients, client, in_control);
    return client;
}

/* Works for such clients as long as the pace grants it. Returns when it ended. */
static int64_t work_for(Control *control, IsClient *is_wanted, Pace *pace, int64_t begin_us)
{
    int64_t now_us = begin_us, granted_us = pace_grant_us(pace), ran_us;
    const Now *now = life_clock(control->subject.life);
    Client *client;

    if (granted_us == 0 || first_client(control, is_wanted) == NULL)
        return begin_us;
    ran_us = cpu_clock_us();
    while (now_us - begin_us < granted_us && (client = next_client(control, is_wanted)) != NULL) {
        client_work(client, now, OBJECTS_OF_STEP);
        now_us = clock_mono_us();
    }
    pace_spend(pace, MIN(now_us - begin_us, cpu_clock_us() - ran_us));
    return now_us;
}

/* How long until there is work that is granted; 0: there is; -1: there is no work. */
static int64_t wait_us(const Control *control)
{
    int64_t least_us = -1;

    for (size_t i = 0; i < KIND_COUNT; i++) {
        int64_t us;

        if (first_client(control, kinds_of_work[i].has_it) == NULL)
            continue;
        us = pace_wait_us(&control->paces[i]);
        least_us = least_us < 0 ? us : MIN(least_us, us);
    }
    return least_us;
}

static void advance_paces(Control *control, int64_t now_us)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        pace_advance(&control->paces[i], now_us, control->others_busy_us);
    control->paced_us = now_us;
    control->others_busy_us = 0;
}

bool control_turn(Control *control, int64_t now_us, int64_t others_busy_us)
{
    int64_t at_us = now_us, left_us;

    control->others_busy_us += others_busy_us;
    if (TAILQ_EMPTY(&control->clients) && now_us < control->paced_us + PACE_STEP_US)
        return false;
    advance_paces(control, now_us);
    for (size_t i = 0; i < KIND_COUNT; i++)
        at_us = work_for(control, kinds_of_work[i].has_it, &control->paces[i], at_us);
    left_us = wait_us(control);
    if (left_us > 0) {
        const struct timeval wait = {left_us / 1000000, left_us % 1000000};

        loop_add(control->wake, &wait);
    }
    return left_us == 0;
}

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "ipc/trace.h"
#include "src/ipc/connect_internal.h"
#include "src/ipc/sender_internal.h"
#include "src/ipc/talk_internal.h"

/*
 * A talk is a machine of few states, each with one step function; they are called until one has to
 * wait. Nothing is known of a peer in advance: it may announce itself late, wrongly or never, and
 * may answer before it was asked.
 */

static void talk_on_timer(evutil_socket_t fd, short what, void *arg);
static void talk_on_io(evutil_socket_t fd, short what, void *arg);

static IpcTraceFn *trace;

/* Whose owner is being told of its turn, if the turn ended with a read that emptied the socket. */
static const Talk *just_emptied;

void ipc_trace_to(IpcTraceFn *new_trace)
{
    trace = new_trace;
}

static const char *talk_state_str(TalkState state)
{
    static const char *const names[] = {
        [TALK_CONNECTING] = "connecting", [TALK_GREETING] = "waiting for its announcement",
        [TALK_READY] = "ready",           [TALK_ASKING] = "asked",
        [TALK_ENDED] = "ended",
    };

    return names[state];
}

/* Why the conversation ended. Without a problem or an errno it was an orderly EOF. */
static const char *reason_to_end(const Talk *talk)
{
    if (talk->problem != NULL)
        return talk->problem;
    return talk->error != 0 ? g_strerror(talk->error) : "the other side has closed it";
}

/* The only way to another state. */
static void talk_move_to(Talk *talk, TalkState state)
{
    TalkState before = talk->state;

    talk->state = state;
    if (trace != NULL && state != before)
        trace(talk_path(talk), talk_state_str(before), talk_state_str(state),
              state == TALK_ENDED ? reason_to_end(talk) : NULL);
}

struct timeval talk_common_timeout(struct event_base *base, int64_t timeout_ms)
{
    const struct timeval timeout = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
    const struct timeval *common;

    if (timeout_ms <= 0)
        return (struct timeval){0, 0};
    common = event_base_init_common_timeout(base, &timeout);
    return common != NULL ? *common : timeout;
}

const char *talk_path(const Talk *talk)
{
    return talk->address.sun_path;
}

bool talk_is_ahead(const Talk *talk)
{
    return talk->unsent != NULL || talk->input_pos < talk->input_end;
}

static const struct timeval *time_limit(const Talk *talk)
{
    return timerisset(&talk->timeout) ? &talk->timeout : NULL;
}

static void drop_unsent(Talk *talk)
{
    if (talk->unsent == NULL)
        return;
    (void)event_del(&talk->unsent->writable);
    g_byte_array_unref(talk->unsent->bytes);
    g_clear_pointer(&talk->unsent, g_free);
}

static TalkState talk_end_turn(Talk *talk, TalkOutcome outcome, TalkState next)
{
    talk->outcome = outcome;
    talk->turn_over = true;
    return next;
}

static TalkState end_with(Talk *talk, TalkOutcome outcome)
{
    (void)event_del(&talk->event);
    drop_unsent(talk);
    return talk_end_turn(talk, outcome, TALK_ENDED);
}

/* Pauses grow: a moment more does no harm after a long wait, and frequent attempts cost much. */
static void retry_later(Talk *talk)
{
    int64_t pause_ms = MAX(talk->tried_ms / 20, 50);
    const struct timeval pause = {pause_ms / 1000, (pause_ms % 1000) * 1000};

    talk->tried_ms += pause_ms;
    loop_add(&talk->event, &pause);
}

/* Returns 0 or an errno. A connection that cannot be watched counts as failed. */
static int try_to_connect(Talk *talk)
{
    struct event_base *base = event_get_base(&talk->event);
    int fd = connect_try(&talk->address);
    int error;

    if (fd < 0)
        return -fd;
    (void)event_assign(&talk->event, base, fd, EV_READ | EV_PERSIST, talk_on_io, talk);
    talk->fd = fd;
    if (talk->wants_peer)
        sender_ask(fd);
    if (loop_try_add(&talk->event, time_limit(talk)))
        return 0;
    error = errno;
    (void)event_assign(&talk->event, base, -1, 0, talk_on_timer, talk);
    talk->fd = -1;
    (void)close(fd);
    return error;
}

static TalkState step_connect(Talk *talk)
{
    talk->error = try_to_connect(talk);
    if (talk->error == 0)
        return TALK_GREETING;
    if (!connect_may_recover(talk->error) || talk->tried_ms >= talk->role->patience_ms)
        return end_with(talk, TALK_NO_CONNECTION);
    retry_later(talk);
    return TALK_CONNECTING;
}

/* Makes room for at least one byte after input_end, unless the input has its largest size. */
static void make_room(Talk *talk)
{
    size_t used = talk->input_end - talk->input_pos;
    size_t grown_size = MIN(2 * talk->input_size, ATTR_LIST_MAX_BYTES);
    uint8_t *grown;

    if (talk->input_pos > 0) {
        memmove(talk->input, talk->input + talk->input_pos, used);
        talk->input_pos = 0;
        talk->input_end = used;
    }
    if (used < talk->input_size)
        return;
    grown = g_malloc(grown_size);
    memcpy(grown, talk->input, used);
    if (talk->input != talk->small_input)
        g_free(talk->input);
    talk->input = grown;
    talk->input_size = grown_size;
}

static ssize_t receive_some(Talk *talk)
{
    uint8_t *at = talk->input + talk->input_end;
    size_t size = talk->input_size - talk->input_end;

    if (talk->wants_peer && talk->peer == 0)
        return sender_receive(talk->fd, at, size, &talk->peer);
    return recv(talk->fd, at, size, 0);
}

static void talk_receive(Talk *talk)
{
    size_t room;
    ssize_t got;

    make_room(talk);
    room = talk->input_size - talk->input_end;
    do {
        got = receive_some(talk);
    } while (got < 0 && errno == EINTR);
    talk->short_read = got > 0 && (size_t)got < room;
    talk->drained = got < 0 && errno == EAGAIN;
    talk->eof = got <= 0 && !talk->drained;
    if (got > 0)
        talk->input_end += (size_t)got;
    else if (got < 0 && !talk->drained && talk->error == 0)
        talk->error = errno;
}

/* Stock's text for a list that stops in the middle, by EOF or time-out (verified with 3.7.11).
 * Names and values alternate. */
static void note_unfinished(Talk *talk)
{
    size_t nul_count = 0;

    if (talk->input_pos == talk->input_end)
        return;
    for (size_t i = talk->input_pos; i < talk->input_end; i++)
        nul_count += talk->input[i] == '\0';
    g_free(talk->problem);
    talk->problem =
        g_strdup_printf("unexpected end-of-input from %s socket while reading input attribute %s",
                        talk_path(talk), nul_count % 2 == 0 ? "name" : "value");
}

static TalkState end_bad(Talk *talk, const AttrReader *reader)
{
    g_autofree char *peer = g_strdup_printf("%s socket", talk_path(talk));

    g_free(talk->problem);
    talk->problem = attr_problem_str(&reader->problem, peer);
    return end_with(talk, TALK_BAD_PEER);
}

/* Nothing was asked, so the input is not an answer: this peer has lost count of its turns. */
static TalkState end_early(Talk *talk)
{
    g_free(talk->problem);
    talk->problem =
        g_strdup_printf("unexpected input from %s socket before the request", talk_path(talk));
    return end_with(talk, TALK_BAD_PEER);
}

/* An incomplete list: waits, unless nothing more can come. */
static TalkState wait_for_more(Talk *talk)
{
    if (!talk->eof && !(talk->write_failed && talk->drained))
        return talk->state;
    note_unfinished(talk);
    return end_with(talk, talk->write_failed ? TALK_WRITE_FAILED : TALK_LOST);
}

static TalkState step_greeting(Talk *talk)
{
    AttrReader reader;

    talk_receive(talk);
    attr_reader_init(&reader, talk->input + talk->input_pos, talk->input_end - talk->input_pos);
    switch (attr_get_announcement(&reader, talk->role->protocol)) {
    case ATTR_OK:
        talk->input_pos += reader.pos;
        if (talk->input_pos < talk->input_end)
            return end_early(talk);
        return talk_end_turn(talk, TALK_OK, TALK_READY);
    case ATTR_MORE:
        return wait_for_more(talk);
    case ATTR_BAD:
        break;
    }
    return end_bad(talk, &reader);
}

/* Stops watching, because an unread EOF would wake us for ever. */
static TalkState step_ready(Talk *talk)
{
    (void)event_del(&talk->event);
    return talk_end_turn(talk, TALK_STIRRED, TALK_READY);
}

/* Returns how many bytes went out; a failure is noted as .error. */
static size_t transmit(Talk *talk, const void *data, size_t size_bytes)
{
    ssize_t sent;

    do {
        sent = send(talk->fd, data, size_bytes, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN) {
        talk->write_failed = true;
        talk->error = errno;
    }
    return sent < 0 ? 0 : (size_t)sent;
}

static void transmit_unsent(Talk *talk)
{
    TalkUnsent *unsent = talk->unsent;

    unsent->pos +=
        transmit(talk, unsent->bytes->data + unsent->pos, unsent->bytes->len - unsent->pos);
    if (unsent->pos == unsent->bytes->len || talk->write_failed)
        drop_unsent(talk);
}

/* An agent that dislikes a request answers before it has read all of it. */
static TalkState step_ask(Talk *talk)
{
    AttrReader reader;

    talk_receive(talk);
    attr_reader_init(&reader, talk->input + talk->input_pos, talk->input_end - talk->input_pos);
    switch (talk->role->decode(talk, &reader)) {
    case ATTR_OK:
        talk->input_pos += reader.pos;
        return talk_end_turn(talk, TALK_OK, TALK_READY);
    case ATTR_MORE:
        return wait_for_more(talk);
    case ATTR_BAD:
        break;
    }
    return end_bad(talk, &reader);
}

static void talk_tell(Talk *talk)
{
    talk->turn_over = false;
    just_emptied = talk->short_read ? talk : NULL;
    talk->role->on_turn(talk, talk->outcome);
    just_emptied = NULL;
}

/* `talk` may be gone when this returns. */
static void talk_advance(Talk *talk)
{
    static TalkState (*const steps[])(Talk *) = {
        [TALK_CONNECTING] = step_connect,
        [TALK_GREETING] = step_greeting,
        [TALK_READY] = step_ready,
        [TALK_ASKING] = step_ask,
    };

    if (talk->state != TALK_ENDED)
        talk_move_to(talk, steps[talk->state](talk));
    if (talk->turn_over)
        talk_tell(talk);
}

static void talk_on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    talk_advance(arg);
}

/* If the rest cannot be sent, step_ask() ends the conversation, after it has looked for a reply. */
static void talk_on_writable(evutil_socket_t fd, short what, void *arg)
{
    Talk *talk = arg;

    (void)fd;
    (void)what;
    transmit_unsent(talk);
    if (talk->write_failed)
        talk_advance(talk);
    else
        loop_add(&talk->event, time_limit(talk)); /* anew */
}

static void talk_on_io(evutil_socket_t fd, short what, void *arg)
{
    Talk *talk = arg;

    (void)fd;
    if (what != EV_TIMEOUT) {
        talk_advance(talk);
    } else if (talk->state != TALK_READY) { /* a peer that we ask nothing may be silent */
        note_unfinished(talk);
        talk->error = ETIMEDOUT;
        talk_move_to(talk, end_with(talk, TALK_TIMED_OUT));
        talk_tell(talk);
    }
}

void talk_start(Talk *talk, struct event_base *base, const TalkRole *role, const char *path,
                int timeout_s, void *owner)
{
    *talk = (Talk){.role = role, .owner = owner, .fd = -1};
    talk->timeout = talk_common_timeout(base, timeout_s * INT64_C(1000));
    talk->input = talk->small_input;
    talk->input_size = sizeof(talk->small_input);
    (void)event_assign(&talk->event, base, -1, 0, talk_on_timer, talk);
    if (connect_address_init(&talk->address, path)) {
        talk_move_to(talk, step_connect(talk));
    } else {
        talk->error = ENAMETOOLONG;
        talk_move_to(talk, end_with(talk, TALK_NO_CONNECTION));
    }
    if (talk->state == TALK_ENDED) /* unlike equal timers, these come in their order */
        event_active(&talk->event, EV_TIMEOUT, 0);
}

void talk_want_peer(Talk *talk)
{
    talk->wants_peer = true;
    if (talk->fd >= 0)
        sender_ask(talk->fd);
}

/* EOF is not input: then the write of the request fails, with a more useful error. */
static bool has_input(const Talk *talk)
{
    char byte;

    return talk->input_pos < talk->input_end ||
           (talk != just_emptied && recv(talk->fd, &byte, 1, MSG_PEEK) > 0);
}

/* This has an event of its own: the event for reading would have to be removed to change it, and
 * then it might not be possible to add it again. */
static void send_rest_later(Talk *talk, const uint8_t *rest, size_t size_bytes)
{
    talk->unsent = g_new(TalkUnsent, 1);
    talk->unsent->pos = 0;
    talk->unsent->bytes = g_byte_array_sized_new((guint)size_bytes);
    g_byte_array_append(talk->unsent->bytes, rest, (guint)size_bytes);
    (void)event_assign(&talk->unsent->writable, event_get_base(&talk->event), talk->fd,
                       EV_WRITE | EV_PERSIST, talk_on_writable, talk);
    loop_add(&talk->unsent->writable, NULL);
}

static TalkState start_asking(Talk *talk, const void *request, size_t size_bytes)
{
    size_t sent;

    /* Before it told us of input, libevent has set the time limit anew. */
    if (talk != just_emptied && !loop_try_add(&talk->event, time_limit(talk))) {
        talk->error = errno;
        return end_with(talk, TALK_WRITE_FAILED);
    }
    sent = transmit(talk, request, size_bytes);
    if (sent < size_bytes && !talk->write_failed)
        send_rest_later(talk, (const uint8_t *)request + sent, size_bytes - sent);
    return TALK_ASKING;
}

void talk_send(Talk *talk, const void *request, size_t size_bytes)
{
    g_assert(talk->state == TALK_READY && talk->unsent == NULL);
    talk_move_to(talk, has_input(talk) ? end_early(talk) : start_asking(talk, request, size_bytes));
    if (talk->write_failed || talk->turn_over)
        event_active(&talk->event, EV_READ, 0);
}

void talk_end(Talk *talk)
{
    just_emptied = just_emptied == talk ? NULL : just_emptied;
    (void)event_del(&talk->event);
    drop_unsent(talk);
    if (talk->fd >= 0)
        (void)close(talk->fd);
    talk->fd = -1;
    if (talk->input != talk->small_input)
        g_free(talk->input);
    talk->input = talk->small_input;
    g_clear_pointer(&talk->problem, g_free);
}

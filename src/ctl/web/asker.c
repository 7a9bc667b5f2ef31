/*
 * One connection and a queue of questions. Connecting to a UNIX socket succeeds or fails at once,
 * and a request fits into any socket buffer: only the answer takes time, and one timer bounds it.
 */

#include <errno.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "codec/control.h"
#include "src/ctl/session_internal.h"
#include "src/ctl/web/asker_internal.h"

#define READ_BYTES    65536
#define US_PER_MS     1000
#define NOT_CONNECTED (-1)

typedef struct Question {
    GByteArray *request; /* or NULL and a problem */
    char *problem;
    int64_t limit_us; /* when it must have been answered */
    AskerDoneFn *done;
    void *ctx;
    TAILQ_ENTRY(Question) link;
} Question;

struct Asker {
    struct event_base *base;
    char *queue_directory;
    TAILQ_HEAD(, Question) questions; /* the first one is being answered, if `answer` is there */
    int fd;
    struct event *readable;
    struct event *timer; /* the time limit of the first question; or at once, to begin with it */
    WebAnswer *answer;   /* while it arrives */
    Reply reply;
    size_t received_bytes;
};

/* ---- answers ---- */

WebAnswer *web_answer_new(void)
{
    WebAnswer *answer = g_new0(WebAnswer, 1);

    g_ref_count_init(&answer->references);
    answer->rows = g_ptr_array_new_with_free_func(row_free);
    return answer;
}

WebAnswer *web_answer_ref(WebAnswer *answer)
{
    g_ref_count_inc(&answer->references);
    return answer;
}

void web_answer_unref(WebAnswer *answer)
{
    if (answer == NULL || !g_ref_count_dec(&answer->references))
        return;
    g_ptr_array_free(answer->rows, TRUE);
    session_answer_clear(&answer->ends);
    g_free(answer->problem);
    g_free(answer);
}

void web_answer_add(const Row *row, void *answer)
{
    g_ptr_array_add(((WebAnswer *)answer)->rows, row_copy(row));
}

/* ---- the first question ---- */

static void asker_disconnect(Asker *asker)
{
    if (asker->fd == NOT_CONNECTED)
        return;
    g_clear_pointer(&asker->readable, event_free);
    (void)close(asker->fd);
    asker->fd = NOT_CONNECTED;
}

/* When to look at the queue again: at once if nothing is being answered. */
static void set_timer(Asker *asker)
{
    const Question *first = TAILQ_FIRST(&asker->questions);
    int64_t wait_us;

    if (first == NULL) {
        (void)event_del(asker->timer);
        return;
    }
    wait_us = asker->answer != NULL ? MAX(first->limit_us - clock_mono_us(), 0) : 0;
    loop_add(asker->timer, &(struct timeval){wait_us / G_USEC_PER_SEC, wait_us % G_USEC_PER_SEC});
}

static void free_question(Question *question)
{
    if (question->request != NULL)
        g_byte_array_unref(question->request);
    g_free(question->problem);
    g_free(question);
}

/* The first question is over; `problem` is taken. The asker may be asked again in `done`. */
static void finish_question(Asker *asker, SessionStatus status, char *problem)
{
    Question *question = TAILQ_FIRST(&asker->questions);
    WebAnswer *answer = g_steal_pointer(&asker->answer);

    if (answer == NULL)
        answer = web_answer_new();
    else {
        answer->ends = asker->reply.answer;
        asker->reply.answer = (SessionAnswer){.problem = NULL};
        reply_clear(&asker->reply);
    }
    answer->status = status;
    answer->problem = problem;
    if (status != SESSION_OK)
        g_ptr_array_set_size(answer->rows, 0);
    TAILQ_REMOVE(&asker->questions, question, link);
    if (status != SESSION_OK || TAILQ_EMPTY(&asker->questions))
        asker_disconnect(asker);
    set_timer(asker);
    question->done(answer, question->ctx);
    free_question(question);
}

static void asker_receive(Asker *asker)
{
    uint8_t bytes[READ_BYTES];
    ssize_t count = recv(asker->fd, bytes, sizeof(bytes), 0);
    SessionStatus status;

    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        finish_question(asker, SESSION_INCOMPLETE,
                        g_strdup("the answer was cut off: the daemon ended or was reloaded"));
        return;
    }
    asker->received_bytes += (size_t)count;
    if (asker->received_bytes > ASKER_ANSWER_MAX_BYTES) {
        finish_question(asker, SESSION_INCOMPLETE, g_strdup("the answer is too long"));
        return;
    }
    status = reply_add(&asker->reply, bytes, (size_t)count);
    if (status != SESSION_OK || asker->reply.is_over)
        finish_question(asker, status, g_steal_pointer(&asker->reply.answer.problem));
}

static void on_asker_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    asker_receive(arg);
}

static SessionStatus asker_connect(Asker *asker, char **ret_problem)
{
    SessionStatus status;

    if (asker->fd != NOT_CONNECTED)
        return SESSION_OK;
    status = session_connect(asker->queue_directory, 0, &asker->fd, ret_problem);
    if (status != SESSION_OK)
        return status;
    asker->readable =
        event_new(asker->base, asker->fd, EV_READ | EV_PERSIST, on_asker_readable, asker);
    if (loop_try_add(asker->readable, NULL))
        return SESSION_OK;
    *ret_problem = g_strdup_printf("cannot watch the connection: %s", g_strerror(errno));
    asker_disconnect(asker);
    return SESSION_INCOMPLETE;
}

static void begin_question(Asker *asker, const Question *question)
{
    char *problem = NULL;
    SessionStatus status = SESSION_USAGE;

    if (question->request == NULL)
        problem = g_strdup(question->problem);
    else
        status = asker_connect(asker, &problem);
    if (status == SESSION_OK && send(asker->fd, question->request->data, question->request->len,
                                     MSG_NOSIGNAL) != (ssize_t)question->request->len) {
        problem = g_strdup_printf("the connection was lost: %s", g_strerror(errno));
        status = SESSION_INCOMPLETE;
    }
    if (status != SESSION_OK) {
        finish_question(asker, status, problem);
        return;
    }
    asker->answer = web_answer_new();
    asker->received_bytes = 0;
    reply_init(&asker->reply, web_answer_add, asker->answer);
    set_timer(asker);
}

static void on_asker_timer(evutil_socket_t fd, short what, void *arg)
{
    Asker *asker = arg;
    Question *first = TAILQ_FIRST(&asker->questions);

    (void)fd;
    (void)what;
    if (first == NULL)
        return;
    if (clock_mono_us() >= first->limit_us)
        finish_question(asker, SESSION_INCOMPLETE,
                        g_strdup_printf("no answer within %d s",
                                        ASKER_LIMIT_MS / (int)G_TIME_SPAN_MILLISECOND));
    else if (asker->answer == NULL)
        begin_question(asker, first);
    else
        set_timer(asker); /* libevent's clock is coarser than ours: it may come too early */
}

/* ---- the asker ---- */

Asker *asker_new(struct event_base *base, const char *queue_directory)
{
    Asker *asker = g_new0(Asker, 1);

    asker->base = base;
    asker->queue_directory = g_strdup(queue_directory);
    asker->fd = NOT_CONNECTED;
    TAILQ_INIT(&asker->questions);
    asker->timer = evtimer_new(base, on_asker_timer, asker);
    return asker;
}

void asker_free(Asker *asker)
{
    Question *question;

    if (asker == NULL)
        return;
    while ((question = TAILQ_FIRST(&asker->questions)) != NULL) {
        TAILQ_REMOVE(&asker->questions, question, link);
        free_question(question);
    }
    if (asker->answer != NULL)
        reply_clear(&asker->reply);
    web_answer_unref(asker->answer);
    asker_disconnect(asker);
    event_free(asker->timer);
    g_free(asker->queue_directory);
    g_free(asker);
}

void asker_ask(Asker *asker, const char *verb, const char *const *arguments, AskerDoneFn *done,
               void *ctx)
{
    Question *question = g_new0(Question, 1);
    g_autoptr(GArray) all = g_array_new(TRUE, FALSE, sizeof(const char *));
    const char *const level[] = {CONTROL_LEVEL, "summary"};

    g_array_append_vals(all, level, G_N_ELEMENTS(level));
    for (; arguments != NULL && *arguments != NULL; arguments += 2)
        g_array_append_vals(all, arguments, 2);
    question->request =
        reply_request(verb, (const char *const *)(void *)all->data, &question->problem);
    question->limit_us = clock_mono_us() + (int64_t)ASKER_LIMIT_MS * US_PER_MS;
    question->done = done;
    question->ctx = ctx;
    TAILQ_INSERT_TAIL(&asker->questions, question, link);
    if (TAILQ_FIRST(&asker->questions) == question)
        set_timer(asker);
}

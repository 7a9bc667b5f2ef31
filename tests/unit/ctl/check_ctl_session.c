#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "codec/control.h"
#include "src/ctl/session_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

#define HEADER            "row\0header\0format\0001\0host\0mx.example\0\0"
#define DATA              "row\0data\0object\0thing\0name\0a\0\0"
#define END               "row\0end\0rows\0002\0matched\0002\0truncated\0000\0\0"
#define ERROR(code, text) "row\0error\0code\0" code "\0text\0" text "\0\0"

/* How the peer ends. */
typedef enum Manner { CLOSES, STAYS_SILENT, IN_SINGLE_BYTES, DRIPS, REPEATS } Manner;

#define DROP_US 100000

/* A daemon that reads one request and says what it was told to say, in a thread of its own. */
typedef struct Daemon {
    char directory[64];
    char *path;
    int listener;
    const void *answer;
    size_t answer_bytes;
    Manner manner;
    GByteArray *request;
    GThread *thread;
} Daemon;

static void read_request(Daemon *daemon, int fd)
{
    uint8_t bytes[CONTROL_REQUEST_MAX_BYTES + 1];
    ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

    g_byte_array_append(daemon->request, bytes, (guint)MAX(count, 0));
}

static void say(const Daemon *daemon, int fd)
{
    const char *answer = daemon->answer;
    bool in_bytes = daemon->manner == IN_SINGLE_BYTES || daemon->manner == DRIPS;
    size_t step = in_bytes ? 1 : daemon->answer_bytes;

    for (size_t sent = 0; sent < daemon->answer_bytes; sent += step) {
        if (send(fd, answer + sent, step, MSG_NOSIGNAL) < 0)
            return;
        if (daemon->manner == DRIPS)
            g_usleep(DROP_US);
    }
}

static void *serve(void *ctx)
{
    Daemon *daemon = ctx;
    int fd = accept(daemon->listener, NULL, NULL);
    struct pollfd gone = {fd, POLLIN, 0};

    read_request(daemon, fd);
    say(daemon, fd);
    for (int i = 0; daemon->manner == REPEATS && i < 100000; i++)
        if (send(fd, daemon->answer, daemon->answer_bytes, MSG_NOSIGNAL) < 0)
            break;
    if (daemon->manner == STAYS_SILENT)
        (void)poll(&gone, 1, 10000);
    (void)close(fd);
    return NULL;
}

static void start(Daemon *daemon, const void *answer, size_t answer_bytes, Manner manner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *public = NULL;

    *daemon = (Daemon){.directory = "/tmp/eqmgr-session-XXXXXX",
                       .answer = answer,
                       .answer_bytes = answer_bytes,
                       .manner = manner,
                       .request = g_byte_array_new()};
    ck_assert_ptr_nonnull(mkdtemp(daemon->directory));
    public = g_build_filename(daemon->directory, "public", NULL);
    ck_assert_int_eq(mkdir(public, 0700), 0);
    daemon->path = g_build_filename(daemon->directory, CONTROL_SOCKET, NULL);
    (void)g_strlcpy(address.sun_path, daemon->path, sizeof(address.sun_path));
    daemon->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(daemon->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(daemon->listener, 5), 0);
    daemon->thread = g_thread_new("daemon", serve, daemon);
}

static void stop(Daemon *daemon)
{
    g_autofree char *public = g_path_get_dirname(daemon->path);

    (void)g_thread_join(daemon->thread);
    (void)close(daemon->listener);
    (void)unlink(daemon->path);
    (void)rmdir(public);
    (void)rmdir(daemon->directory);
    g_free(daemon->path);
    (void)g_byte_array_free(daemon->request, TRUE);
}

static void count_row(const Row *row, void *ctx)
{
    unsigned *count = ctx;

    if (g_strcmp0(row_text(row, "object"), "thing") == 0)
        ++*count;
}

#define BYTES(literal) literal, sizeof(literal) - 1
#define CASE(literal, manner, status, row_count, problem)  \
    {                                                      \
        BYTES(literal), manner, status, row_count, problem \
    }

static const struct {
    const char *answer;
    size_t answer_bytes;
    Manner manner;
    SessionStatus status;
    unsigned row_count;
    const char *problem; /* NULL: none */
} cases[] = {
    CASE(HEADER DATA DATA END, CLOSES, SESSION_OK, 2, NULL),
    CASE(HEADER DATA DATA END, STAYS_SILENT, SESSION_OK, 2, NULL),
    CASE(HEADER DATA DATA END, IN_SINGLE_BYTES, SESSION_OK, 2, NULL),
    CASE(HEADER "row\0later\0x\0y\0\0" DATA END, CLOSES, SESSION_OK, 1, NULL),
    /* not whole */
    CASE("", CLOSES, SESSION_INCOMPLETE, 0, "cut off"),
    CASE(HEADER, CLOSES, SESSION_INCOMPLETE, 0, "cut off"),
    CASE(HEADER DATA "row\0da", CLOSES, SESSION_INCOMPLETE, 1, "cut off"),
    CASE(HEADER DATA, CLOSES, SESSION_INCOMPLETE, 1, "cut off"),
    CASE("", STAYS_SILENT, SESSION_INCOMPLETE, 0, "no whole answer within 1 s"),
    CASE(HEADER DATA "row\0da", STAYS_SILENT, SESSION_INCOMPLETE, 1, "no whole answer within 1 s"),
    CASE(HEADER DATA DATA END, DRIPS, SESSION_INCOMPLETE, 0, "no whole answer within 1 s"),
    /* not an answer */
    CASE("\0\0\0\0", CLOSES, SESSION_PROTOCOL, 0, "not an answer"),
    CASE("protocol\0postqueue\0\0", CLOSES, SESSION_PROTOCOL, 0, "not an answer"),
    CASE(DATA END, CLOSES, SESSION_PROTOCOL, 0, "not an answer"),
    CASE(END, CLOSES, SESSION_PROTOCOL, 0, "not an answer"),
    CASE("row\0header\0format\0odd\0\0" END, CLOSES, SESSION_PROTOCOL, 0, "not an answer"),
    CASE("220 mx.example ESMTP Postfix\r\n", REPEATS, SESSION_PROTOCOL, 0, "not an answer"),
    CASE("row\0header\0format\0002\0\0" END, CLOSES, SESSION_PROTOCOL, 0,
         "answers in format 2, this program understands format 1"),
    /* the daemon says why not */
    CASE(ERROR("usage", "no such state: odd"), CLOSES, SESSION_USAGE, 0, "no such state: odd"),
    CASE(HEADER ERROR("not-found", "no such thing"), CLOSES, SESSION_NOT_FOUND, 0, "no such thing"),
    CASE(HEADER ERROR("denied", "level view"), CLOSES, SESSION_DENIED, 0, "level view"),
    CASE(ERROR("busy", "too many"), CLOSES, SESSION_INCOMPLETE, 0, "too many"),
    CASE(ERROR("malformed", "what?"), CLOSES, SESSION_PROTOCOL, 0, "what?"),
    CASE(ERROR("of-later", "new"), CLOSES, SESSION_PROTOCOL, 0, "new"),
    CASE("row\0error\0\0", CLOSES, SESSION_PROTOCOL, 0, "does not say why"),
    CASE(HEADER DATA ERROR("busy", "gave up"), CLOSES, SESSION_INCOMPLETE, 1, "gave up"),
};

/* As long as a busy machine may take, unless that there is an end is what the case is about. */
static int patience_s(int i)
{
    return cases[i].problem != NULL && strstr(cases[i].problem, "within 1 s") != NULL ? 1 : 60;
}

static void assert_asked(Daemon *daemon, int i)
{
    unsigned row_count = 0;
    Session *session = NULL;
    char *problem = NULL;
    SessionAnswer answer;
    SessionStatus status;

    ck_assert_int_eq(session_open(daemon->directory, patience_s(i), &session, &problem),
                     SESSION_OK);
    ck_assert_ptr_null(problem);
    status = session_ask(session, "status", NULL, count_row, &row_count, &answer);
    ck_assert_msg(status == cases[i].status, "status %d: %s", status, answer.problem);
    ck_assert_uint_eq(row_count, cases[i].row_count);
    ck_assert_msg(cases[i].problem == NULL ? answer.problem == NULL
                                           : strstr(answer.problem, cases[i].problem) != NULL,
                  "'%s'", answer.problem);
    ck_assert_int_eq(row_number(&answer.end, "matched", -1), status == SESSION_OK ? 2 : -1);
    session_answer_clear(&answer);
    session_close(session);
}

START_TEST(each_answer_has_its_exit_status_and_its_words)
{
    Daemon daemon;

    start(&daemon, cases[_i].answer, cases[_i].answer_bytes, cases[_i].manner);
    assert_asked(&daemon, _i);
    stop(&daemon);
}
END_TEST

START_TEST(a_request_is_one_list_without_what_is_not_said)
{
    static const char *const arguments[] = {"limit", "20", "level", NULL, "state", "full", NULL};
    static const char want[] = "verb\0destinations\0limit\00020\0state\0full\0";
    Daemon daemon;
    Session *session = NULL;
    char *problem = NULL;
    SessionAnswer answer;
    unsigned row_count = 0;

    start(&daemon, BYTES(HEADER DATA DATA END), CLOSES);
    ck_assert_int_eq(session_open(daemon.directory, 5, &session, &problem), SESSION_OK);
    ck_assert_int_eq(
        session_ask(session, "destinations", arguments, count_row, &row_count, &answer),
        SESSION_OK);
    ck_assert_uint_eq(daemon.request->len, sizeof(want));
    ck_assert_mem_eq(daemon.request->data, want, sizeof(want));
    ck_assert_str_eq(row_text(&answer.header, "host"), "mx.example");
    session_answer_clear(&answer);
    session_close(session);
    stop(&daemon);
}
END_TEST

START_TEST(a_request_that_is_too_long_is_not_sent)
{
    g_autofree char *pattern = g_strnfill(CONTROL_REQUEST_MAX_BYTES, 'x');
    const char *const arguments[] = {"pattern", pattern, NULL};
    Daemon daemon;
    Session *session = NULL;
    char *problem = NULL;
    SessionAnswer answer;
    unsigned row_count = 0;

    start(&daemon, BYTES(""), CLOSES);
    ck_assert_int_eq(session_open(daemon.directory, 5, &session, &problem), SESSION_OK);
    ck_assert_int_eq(
        session_ask(session, "destinations", arguments, count_row, &row_count, &answer),
        SESSION_USAGE);
    ck_assert_str_eq(answer.problem, "the request is longer than 4096 bytes");
    session_answer_clear(&answer);
    session_close(session);
    stop(&daemon);
    ck_assert_uint_eq(row_count, 0);
}
END_TEST

static void assert_not_open(const char *directory, SessionStatus want, const char *says)
{
    Session *session = NULL;
    char *problem = NULL;

    ck_assert_int_eq(session_open(directory, 1, &session, &problem), want);
    ck_assert_ptr_null(session);
    ck_assert_msg(strstr(problem, says) != NULL, "'%s'", problem);
    g_free(problem);
}

START_TEST(nobody_listens)
{
    g_autofree char *deep = g_strnfill(200, 'x');
    Daemon daemon;

    assert_not_open("/nonexistent", SESSION_NO_DAEMON,
                    "no eqmgr listens at /nonexistent/public/eqmgr");
    assert_not_open(deep, SESSION_NO_DAEMON, "File name too long");
    start(&daemon, BYTES(HEADER DATA DATA END), CLOSES);
    assert_asked(&daemon, 0);
    (void)close(daemon.listener); /* the socket is left, as after a kill */
    assert_not_open(daemon.directory, SESSION_NO_DAEMON, "no eqmgr listens at ");
    stop(&daemon);
}
END_TEST

START_TEST(numbers_that_are_none)
{
    static const char *const texts[] = {"12 ", "", "9223372036854775808", "-12"};
    static const int64_t numbers[] = {7, 7, 7, -12};
    Row row = {NULL};

    ck_assert_ptr_null(row_text(&row, "x"));
    ck_assert_int_eq(row_number(&row, "x", 7), 7);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        row = ROW("x", texts[i]);
        ck_assert_int_eq(row_number(&row, "x", 7), numbers[i]);
        g_hash_table_destroy(row.values);
    }
}
END_TEST

int main(void)
{
    TCase *asked = tcase_create("asked");

    tcase_add_loop_test(asked, each_answer_has_its_exit_status_and_its_words, 0,
                        G_N_ELEMENTS(cases));
    tcase_add_test(asked, a_request_is_one_list_without_what_is_not_said);
    tcase_add_test(asked, a_request_that_is_too_long_is_not_sent);
    tcase_add_test(asked, nobody_listens);
    tcase_add_test(asked, numbers_that_are_none);
    return run_suite("ctl/session", asked, NULL);
}

/*
 * Questions and answers over a blocking socket: a client has nothing else to do while it waits. The
 * answer is read in pieces, and each row is handed out as soon as it is whole, so a listing of any
 * length takes the memory of its longest row.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "codec/attr.h"
#include "codec/control.h"
#include "src/ctl/session_internal.h"

#define READ_BYTES    16384
#define ROW_MAX_BYTES (256 * 1024)

struct Session {
    int fd;
    int timeout_s;
    char *path;
    GByteArray *input; /* from `pos` on not handed out yet */
    gsize pos;
};

const char *row_text(const Row *row, const char *name)
{
    return row->values != NULL ? g_hash_table_lookup(row->values, name) : NULL;
}

int64_t row_number(const Row *row, const char *name, int64_t otherwise)
{
    const char *text = row_text(row, name);
    gint64 value = otherwise;

    if (text != NULL && !g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &value, NULL))
        return otherwise;
    return value;
}

static void clear_row(Row *row)
{
    g_clear_pointer(&row->values, g_hash_table_destroy);
}

void session_answer_clear(SessionAnswer *answer)
{
    clear_row(&answer->header);
    clear_row(&answer->end);
    g_clear_pointer(&answer->problem, g_free);
}

void session_close(Session *session)
{
    if (session == NULL)
        return;
    if (session->fd >= 0)
        (void)close(session->fd);
    g_byte_array_unref(session->input);
    g_free(session->path);
    g_free(session);
}

static SessionStatus problem_of_connect(const Session *session, int error, char **ret_problem)
{
    if (error == EACCES || error == EPERM) {
        *ret_problem = g_strdup_printf(
            "%s: %s; only root, the mail owner and members of the group of its directory get "
            "there",
            session->path, g_strerror(error));
        return SESSION_DENIED;
    }
    if (error == ENOENT || error == ECONNREFUSED) {
        *ret_problem = g_strdup_printf("no eqmgr listens at %s", session->path);
        return SESSION_NO_DAEMON;
    }
    *ret_problem = g_strdup_printf("%s: %s", session->path, g_strerror(error));
    return error == EAGAIN ? SESSION_INCOMPLETE : SESSION_NO_DAEMON;
}

SessionStatus session_open(const char *queue_directory, int timeout_s, Session **ret_session,
                           char **ret_problem)
{
    const struct timeval limit = {timeout_s, 0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    Session *session = g_new0(Session, 1);
    SessionStatus status;

    session->timeout_s = timeout_s;
    session->path = g_build_filename(queue_directory, CONTROL_SOCKET, NULL);
    session->input = g_byte_array_new();
    session->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (g_strlcpy(address.sun_path, session->path, sizeof(address.sun_path)) >=
        sizeof(address.sun_path))
        errno = ENAMETOOLONG;
    else if (session->fd >= 0 &&
             setsockopt(session->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
             setsockopt(session->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
             connect(session->fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        *ret_session = session;
        return SESSION_OK;
    }
    status = problem_of_connect(session, errno, ret_problem);
    session_close(session);
    return status;
}

static SessionStatus problem_of_io(const Session *session, ssize_t result, char **ret_problem)
{
    if (result == 0)
        *ret_problem = g_strdup("the answer was cut off: the daemon ended or was reloaded");
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
        *ret_problem = g_strdup_printf("no answer within %d s", session->timeout_s);
    else
        *ret_problem = g_strdup_printf("the connection was lost: %s", g_strerror(errno));
    return SESSION_INCOMPLETE;
}

static SessionStatus send_request(Session *session, const char *verb, const char *const *arguments,
                                  char **ret_problem)
{
    g_autoptr(GByteArray) request = g_byte_array_new();
    ssize_t sent = 0;

    attr_put_str(request, CONTROL_VERB, verb);
    for (; arguments != NULL && arguments[0] != NULL; arguments += 2)
        if (arguments[1] != NULL)
            attr_put_str(request, arguments[0], arguments[1]);
    attr_put_end(request);
    if (request->len > CONTROL_REQUEST_MAX_BYTES) {
        *ret_problem =
            g_strdup_printf("the request is longer than %d bytes", CONTROL_REQUEST_MAX_BYTES);
        return SESSION_USAGE;
    }
    /* It is shorter than any socket buffer: it goes at once, or not at all. */
    sent = send(session->fd, request->data, request->len, MSG_NOSIGNAL);
    return sent == (ssize_t)request->len ? SESSION_OK
                                         : problem_of_io(session, sent == 0 ? 0 : -1, ret_problem);
}

/* The next row of the input, if it is whole: ATTR_OK and *ret_row. */
static AttrStatus parse_row(Session *session, Row *ret_row)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    AttrReader reader;
    const char *name, *value;
    AttrStatus status;

    attr_reader_init(&reader, session->input->data + session->pos,
                     session->input->len - session->pos);
    while ((status = attr_get_any(&reader, &name, &value)) == ATTR_OK && name != NULL)
        (void)g_hash_table_insert(values, g_strdup(name), g_strdup(value));
    if (status == ATTR_MORE && reader.size_bytes >= ROW_MAX_BYTES)
        return ATTR_BAD;
    if (status != ATTR_OK)
        return status;
    session->pos += reader.pos;
    ret_row->values = g_steal_pointer(&values);
    return ATTR_OK;
}

static SessionStatus receive_row(Session *session, Row *ret_row, char **ret_problem)
{
    AttrStatus status;

    while ((status = parse_row(session, ret_row)) == ATTR_MORE) {
        guint used;
        ssize_t count;

        g_byte_array_remove_range(session->input, 0, (guint)session->pos);
        session->pos = 0;
        used = session->input->len;
        g_byte_array_set_size(session->input, used + READ_BYTES);
        count = recv(session->fd, session->input->data + used, READ_BYTES, 0);
        g_byte_array_set_size(session->input, used + (guint)MAX(count, 0));
        if (count <= 0)
            return problem_of_io(session, count, ret_problem);
    }
    if (status == ATTR_OK)
        return SESSION_OK;
    *ret_problem = g_strdup_printf("%s: what came is not an answer", session->path);
    return SESSION_PROTOCOL;
}

static SessionStatus status_of_error_row(const Row *row, char **ret_problem)
{
    static const struct {
        const char *code;
        SessionStatus status;
    } codes[] = {
        {CONTROL_ERROR_USAGE,     SESSION_USAGE     },
        {CONTROL_ERROR_NOT_FOUND, SESSION_NOT_FOUND },
        {CONTROL_ERROR_DENIED,    SESSION_DENIED    },
        {CONTROL_ERROR_BUSY,      SESSION_INCOMPLETE},
        {CONTROL_ERROR_MALFORMED, SESSION_PROTOCOL  },
    };
    const char *code = row_text(row, "code"), *text = row_text(row, "text");

    *ret_problem = g_strdup(text != NULL ? text : "the daemon does not say why");
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_strcmp0(code, codes[i].code) == 0)
            return codes[i].status;
    return SESSION_PROTOCOL;
}

static bool is_row(const Row *row, const char *kind)
{
    return g_strcmp0(row_text(row, CONTROL_ROW), kind) == 0;
}

/* An answer of another format, or no header at all. */
static SessionStatus check_header(SessionAnswer *answer)
{
    int64_t format = row_number(&answer->header, "format", 0);

    if (format == CONTROL_FORMAT)
        return SESSION_OK;
    answer->problem =
        format == 0 ? g_strdup("what came is not an answer")
                    : g_strdup_printf("the daemon answers in format %" PRId64 ", this program "
                                      "understands format %d: install the same version of both",
                                      format, CONTROL_FORMAT);
    return SESSION_PROTOCOL;
}

/* What a row means for the answer, which takes it. *ret_is_over: it was the last one. */
static SessionStatus handle_row(SessionAnswer *answer, Row *row, SessionRowFn *on_row, void *ctx,
                                bool *ret_is_over)
{
    SessionStatus status = SESSION_OK;

    *ret_is_over = is_row(row, CONTROL_ROW_END) || is_row(row, CONTROL_ROW_ERROR);
    if (is_row(row, CONTROL_ROW_HEADER) && answer->header.values == NULL) {
        answer->header = *row;
        return check_header(answer);
    }
    if (is_row(row, CONTROL_ROW_END) && answer->header.values != NULL) {
        answer->end = *row;
        return SESSION_OK;
    }
    if (is_row(row, CONTROL_ROW_ERROR))
        status = status_of_error_row(row, &answer->problem);
    else if (answer->header.values == NULL)
        status = check_header(answer);
    else
        on_row(row, ctx);
    clear_row(row);
    return status;
}

SessionStatus session_ask(Session *session, const char *verb, const char *const *arguments,
                          SessionRowFn *on_row, void *ctx, SessionAnswer *ret_answer)
{
    SessionStatus status;
    bool is_over = false;

    *ret_answer = (SessionAnswer){.problem = NULL};
    status = send_request(session, verb, arguments, &ret_answer->problem);
    while (status == SESSION_OK && !is_over) {
        Row row;

        status = receive_row(session, &row, &ret_answer->problem);
        if (status == SESSION_OK)
            status = handle_row(ret_answer, &row, on_row, ctx, &is_over);
    }
    return status;
}

#include "tests/support/ctl_played.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>
#include <glib.h>

#include "codec/attr.h"
#include "codec/control.h"

struct CtlPlayed {
    char **lines;
    int64_t now_s;
    int listener;
    int stop[2]; /* closing the first ends the thread */
    GThread *thread;
};

/* "@-60" is a minute ago. */
static void put_value(GByteArray *out, const char *name, const char *value, int64_t now_s)
{
    if (*value == '@')
        attr_put_long(out, name, now_s + g_ascii_strtoll(value + 1, NULL, 10));
    else
        attr_put_str(out, name, value);
}

static void put_row(GByteArray *out, char *const *words, int64_t now_s)
{
    attr_put_str(out, CONTROL_ROW, words[0]);
    for (words++; *words != NULL; words++) {
        const char *value = strchr(*words, '=');
        g_autofree char *name = g_strndup(*words, (gsize)(value - *words));

        put_value(out, name, value + 1, now_s);
    }
    attr_put_end(out);
}

static void put_line(GByteArray *out, const char *line, int64_t now_s)
{
    g_auto(GStrv) words = NULL;

    ck_assert_msg(g_shell_parse_argv(line, NULL, &words, NULL), "%s", line);
    put_row(out, words, now_s);
}

static GHashTable *read_request(const uint8_t *bytes, size_t count)
{
    GHashTable *request = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *name, *value;
    AttrReader reader;

    attr_reader_init(&reader, bytes, count);
    while (attr_get_any(&reader, &name, &value) == ATTR_OK && name != NULL)
        (void)g_hash_table_insert(request, g_strdup(name), g_strdup(value));
    return request;
}

/* "[verb name=value ...]" */
static bool fits(const char *heading, GHashTable *request)
{
    g_autofree char *inside = g_strndup(heading + 1, strcspn(heading + 1, "]"));
    g_auto(GStrv) words = NULL;

    ck_assert_msg(g_shell_parse_argv(inside, NULL, &words, NULL), "%s", heading);
    if (g_strcmp0(g_hash_table_lookup(request, CONTROL_VERB), words[0]) != 0)
        return false;
    for (char **word = words + 1; *word != NULL; word++) {
        const char *value = strchr(*word, '=');
        g_autofree char *name = g_strndup(*word, (gsize)(value - *word));

        if (g_strcmp0(g_hash_table_lookup(request, name), value + 1) != 0)
            return false;
    }
    return true;
}

static GByteArray *answer_to(const CtlPlayed *played, GHashTable *request)
{
    GByteArray *out = g_byte_array_new();
    g_autofree char *header =
        g_strdup_printf("header format=%d host=mx.example.com queue=/var/spool/postfix version=1.0 "
                        "release=3.7.11 level=control pid=4711 time=%" PRId64,
                        CONTROL_FORMAT, played->now_s);
    const char *last = "error code=usage text='this verb is not played'";
    char **line = NULL;

    for (char **heading = played->lines; *heading != NULL; heading++)
        if (**heading == '[' && fits(*heading, request))
            line = heading + 1;
    put_line(out, header, played->now_s);
    for (; line != NULL && *line != NULL && **line != '['; line++) {
        if (g_str_has_prefix(*line, "data "))
            put_line(out, *line, played->now_s);
        last = **line != '\0' && **line != '#' ? *line : last;
    }
    put_line(out, g_str_has_prefix(last, "data ") ? "end truncated=0" : last, played->now_s);
    return out;
}

static void answer_client(const CtlPlayed *played, int fd)
{
    struct pollfd both[] = {
        {fd,              POLLIN, 0},
        {played->stop[1], POLLIN, 0}
    };
    uint8_t bytes[CONTROL_REQUEST_MAX_BYTES];

    while (poll(both, 2, -1) > 0 && both[1].revents == 0) {
        ssize_t count = recv(fd, bytes, sizeof(bytes), 0);
        GHashTable *request;
        GByteArray *answer;

        if (count <= 0)
            break;
        request = read_request(bytes, (size_t)count);
        answer = answer_to(played, request);
        (void)send(fd, answer->data, answer->len, MSG_NOSIGNAL);
        (void)g_byte_array_free(answer, TRUE);
        g_hash_table_destroy(request);
    }
    (void)close(fd);
}

static void *play(void *ctx)
{
    const CtlPlayed *played = ctx;
    struct pollfd both[] = {
        {played->listener, POLLIN, 0},
        {played->stop[1],  POLLIN, 0}
    };

    while (poll(both, 2, -1) > 0 && both[1].revents == 0)
        answer_client(played, accept(played->listener, NULL, NULL));
    return NULL;
}

CtlPlayed *ctl_played_start(const char *queue_directory, const char *answers_path, int64_t now_s)
{
    CtlPlayed *played = g_new0(CtlPlayed, 1);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *text = NULL, *path = g_build_filename(queue_directory, CONTROL_SOCKET, NULL);

    ck_assert_msg(g_file_get_contents(answers_path, &text, NULL, NULL), "%s", answers_path);
    played->lines = g_strsplit(text, "\n", -1);
    played->now_s = now_s;
    (void)g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    played->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(played->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(played->listener, 5), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, played->stop), 0);
    played->thread = g_thread_new("played", play, played);
    return played;
}

void ctl_played_stop(CtlPlayed *played)
{
    (void)close(played->stop[0]);
    (void)g_thread_join(played->thread);
    (void)close(played->stop[1]);
    (void)close(played->listener);
    g_strfreev(played->lines);
    g_free(played);
}

/* The step that asks eqmgr something by its control socket, as eqmgrctl(1) does. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lab/stamp.h"
#include "tests/lab/steps.h"
#include "tests/postfix/wire.h"

#define SOCKET_PATH "public/eqmgr"
#define CHUNK_BYTES 4096

/* Real time: a rule is on the disk before it is acknowledged. */
#define PATIENCE_MS 120000

static int control_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void put_request(char **words, GString *out)
{
    wire_put(out, "verb", words[0]);
    for (char **word = words + 1; *word != NULL; word++) {
        const char *value = strchr(*word, '=');
        g_autofree char *name = value != NULL ? g_strndup(*word, (gsize)(value - *word)) : NULL;

        wire_put(out, name != NULL ? name : *word, value != NULL ? value + 1 : "");
    }
    wire_end(out);
}

/* The user of the queue manager has another number elsewhere. */
static bool is_owner(const Core *core, const char *name, const char *value)
{
    g_autofree char *uid = g_strdup_printf("%u", (unsigned)core->owner_uid);

    return core->owner_uid != 0 && strcmp(name, "uid") == 0 && strcmp(value, uid) == 0;
}

/* The header has what differs between two runs. */
static void note_row(const Lab *lab, const WireList *row)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GPtrArray) stamps = g_ptr_array_new_with_free_func(g_free);
    WireList shown = *row;

    for (size_t i = 0; i < shown.count; i++) {
        char *stamp = is_owner(&lab->core, shown.pairs[i].name, shown.pairs[i].value)
                          ? g_strdup("owner")
                          : stamp_describe_second(shown.pairs[i].value);

        if (stamp == NULL)
            continue;
        shown.pairs[i].value = stamp;
        g_ptr_array_add(stamps, stamp);
    }
    wire_describe(&shown, text);
    (void)g_string_replace(text, lab->core.directory, "$Q", 0);
    trace_add(lab->core.trace, TRACE_NOTES, NULL, "control: %s", text->str);
}

/* True: the last row of the answer was there. */
static bool note_rows(const Lab *lab, GByteArray *in)
{
    WireList row;
    ssize_t used;

    while ((used = wire_take_list((const char *)in->data, in->len, &row)) > 0) {
        const char *kind = wire_get(&row, "row");
        bool is_last = strcmp(kind, "end") == 0 || strcmp(kind, "error") == 0;

        if (strcmp(kind, "header") != 0)
            note_row(lab, &row);
        g_byte_array_remove_range(in, 0, (guint)used);
        if (is_last)
            return true;
    }
    return false;
}

/*
 * No time passes: the daemon needs none to answer. What it does meanwhile in a thread, as writing a
 * rule, takes real time.
 */
static const char *hear(Lab *lab, int fd)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    struct pollfd answer = {.fd = fd, .events = POLLIN};

    lab_settle(lab);
    while (poll(&answer, 1, PATIENCE_MS) > 0) {
        guint8 bytes[CHUNK_BYTES];
        ssize_t count = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

        if (count <= 0)
            return "hung up";
        g_byte_array_append(in, bytes, (guint)count);
        if (note_rows(lab, in))
            return NULL;
    }
    return "no answer";
}

/* control VERB [NAME=VALUE...] */
bool step_control(Play *play, char **args, GError **error)
{
    g_autoptr(GString) request = g_string_new(NULL);
    const char *trouble = NULL;
    int fd;

    if (args[0] == NULL) {
        g_set_error(error, LAB_ERROR, 0, "usage: control VERB [NAME=VALUE...]");
        return false;
    }
    put_request(args, request);
    fd = control_connect();
    if (fd < 0)
        trouble = "no socket";
    else if (send(fd, request->str, request->len, MSG_NOSIGNAL) != (ssize_t)request->len)
        trouble = "cannot ask";
    else
        trouble = hear(play->lab, fd);
    if (trouble != NULL)
        trace_add(play->lab->core.trace, TRACE_NOTES, NULL, "control: %s", trouble);
    if (fd >= 0)
        (void)close(fd);
    lab_settle(play->lab);
    return true;
}

/* Queue files in the bare loop: from incoming to active, and their end. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/bare/bare.h"

#define FILE_BYTES    4096 /* the envelope is in the first of these */
#define PATH_BYTES    (BARE_ID_BYTES + 32)
#define GROUP_BITS    7
#define GROUP_MASK    0x7f
#define MORE_FOLLOWS  0x80
#define LONGEST_SHIFT 21

static void format_path(char *path, const char *queue, const char *id)
{
    if (g_snprintf(path, PATH_BYTES, "%s/%s", queue, id) >= PATH_BYTES)
        g_error("%s: too long", id);
}

/* A record: its type is at `at`, its text at `text`, the next one at `next`. false: the envelope
 * ends, or the bytes do. */
static bool find_record(const char *bytes, size_t used, size_t at, size_t *ret_text,
                        size_t *ret_next)
{
    size_t len = 0, pos = at + 1;
    unsigned shift = 0;

    for (; pos < used && shift <= LONGEST_SHIFT; shift += GROUP_BITS) {
        unsigned char group = (unsigned char)bytes[pos++];

        len |= (size_t)(group & GROUP_MASK) << shift;
        if ((group & MORE_FOLLOWS) == 0)
            break;
    }
    *ret_text = pos;
    *ret_next = pos + len;
    return at < used && pos + len < used && bytes[at] != 'M';
}

static size_t envelope_bytes(const char *bytes, size_t used)
{
    size_t at = 0, text, next;

    while (find_record(bytes, used, at, &text, &next))
        at = next;
    return at;
}

static void note_attribute(BareLetter *letter, const char *text)
{
    if (g_str_has_prefix(text, "dsn_orig_rcpt="))
        letter->dsn_original = strchr(text, '=') + 1;
    else if (letter->attribute_count < BARE_ATTRIBUTES_MAX)
        letter->attributes[letter->attribute_count++] = text;
}

static void note_record(BareLetter *letter, char type, size_t at, const char *text)
{
    long seconds, microseconds;

    switch (type) {
    case 'C':
        if (sscanf(text, "%*s %" SCNd64 " %*s %*s %" SCNd64, &letter->content_offset,
                   &letter->content_bytes) != 2)
            g_error("%s: no size", letter->id);
        break;
    case 'T':
        if (sscanf(text, "%ld %ld", &seconds, &microseconds) != 2)
            g_error("%s: no time", letter->id);
        letter->arrival = (struct timeval){seconds, microseconds};
        break;
    case 'S':
        letter->sender = text;
        break;
    case 'A':
        note_attribute(letter, text);
        break;
    case 'O':
        letter->original = text;
        break;
    case 'R':
        letter->recipient = text;
        letter->recipient_offset = (int64_t)at;
        break;
    default:
        g_error("%s: a record of type %c", letter->id, type);
    }
}

/* The type of the next record gives way to the end of the text, so each is read before that. */
static void parse(BareLetter *letter, size_t used)
{
    size_t at = 0, text, next;
    char type = letter->bytes[0];

    while (find_record(letter->bytes, used, at, &text, &next)) {
        char next_type = letter->bytes[next];

        letter->bytes[next] = '\0';
        note_record(letter, type, at, letter->bytes + text);
        at = next;
        type = next_type;
    }
    if (letter->sender == NULL || letter->recipient == NULL || letter->content_offset == 0)
        g_error("%s: no letter of the benchmark", letter->id);
}

/* Keeps the envelope alone. */
static BareLetter *read_letter(const char *id, int fd)
{
    static char bytes[FILE_BYTES];
    BareLetter *letter;
    ssize_t used;
    size_t kept;

    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        g_error("%s: %s", id, g_strerror(errno));
    used = pread(fd, bytes, sizeof(bytes), 0);
    if (used <= 0)
        g_error("%s: %s", id, g_strerror(errno));
    kept = envelope_bytes(bytes, (size_t)used) + 1;
    letter = g_malloc(sizeof(*letter) + kept);
    *letter = (BareLetter){0};
    (void)g_strlcpy(letter->id, id, sizeof(letter->id));
    memcpy(letter->bytes, bytes, kept);
    parse(letter, kept);
    return letter;
}

/* What stays of an attempt that a crash has ended is removed before the next one. */
static void remove_defer_log(const char *id)
{
    char path[PATH_BYTES];

    (void)g_snprintf(path, sizeof(path), "defer/%c/%s", id[0], id);
    if (unlink(path) < 0 && errno != ENOENT)
        g_error("%s: %s", path, g_strerror(errno));
}

BareLetter *bare_letter_take(const char *id)
{
    char from[PATH_BYTES], to[PATH_BYTES];
    BareLetter *letter = NULL;
    struct stat st;
    int fd;

    format_path(from, "incoming", id);
    format_path(to, "active", id);
    fd = open(from, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        g_error("%s: %s", from, g_strerror(errno));
    if ((st.st_mode & S_IRWXU) == S_IRWXU) {
        if (rename(from, to) < 0)
            g_error("%s: %s", from, g_strerror(errno));
        letter = read_letter(id, fd);
    }
    (void)close(fd);
    if (letter == NULL)
        return NULL;
    remove_defer_log(id);
    (void)gettimeofday(&letter->active, NULL);
    bare_log("%s: from=<%s>, size=%" PRId64 ", nrcpt=1 (queue active)", id, letter->sender,
             letter->content_bytes);
    return letter;
}

/* Agents say in the bounce log what they have refused, and nowhere else. */
void bare_letter_remove(BareLetter *letter)
{
    char path[PATH_BYTES];
    struct stat st;

    format_path(path, "bounce", letter->id);
    if (stat(path, &st) == 0)
        g_error("%s: it was refused", letter->id);
    format_path(path, "active", letter->id);
    if (unlink(path) < 0)
        g_error("%s: %s", path, g_strerror(errno));
    bare_log("%s: removed", letter->id);
    g_free(letter->transport);
    g_free(letter->nexthop);
    g_free(letter->address);
    g_free(letter);
}

const char *bare_letter_attribute(const BareLetter *letter, const char *name)
{
    size_t len = strlen(name);

    for (unsigned i = 0; i < letter->attribute_count; i++)
        if (strncmp(letter->attributes[i], name, len) == 0 && letter->attributes[i][len] == '=')
            return letter->attributes[i] + len + 1;
    return "";
}

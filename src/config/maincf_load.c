#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "maincf_internal.h"

/*
 * Reading the file: like stock it waits while somebody seems to be writing, and then reads again.
 */

#define FILE_MAX_BYTES   (16 * 1024 * 1024) /* far more than any configuration has */
#define CHUNK_BYTES      65536
#define COOL_DOWN_MS     300
#define COOL_DOWN_PASSES 40 /* 12 s: then a file that is still being written is read as it is */

static bool fail_errno(GError **error, const char *what, const char *path)
{
    g_set_error(error, config_error_quark(), errno == ENOENT ? CONFIG_NO_FILE : CONFIG_INVALID,
                "%s %s: %s", what, path, g_strerror(errno));
    return false;
}

static bool read_all(int fd, const char *path, GByteArray *into, GError **error)
{
    ssize_t got;

    do {
        guint before = into->len;

        g_byte_array_set_size(into, before + CHUNK_BYTES);
        got = read(fd, into->data + before, CHUNK_BYTES);
        g_byte_array_set_size(into, before + (got > 0 ? (guint)got : 0));
        if (into->len > FILE_MAX_BYTES)
            return config_fail(error, "read %s: %s", path, g_strerror(EFBIG));
    } while (got > 0 || (got < 0 && errno == EINTR));
    return got == 0 || fail_errno(error, "read", path);
}

/* Reads once. *ret_quiet: the file is old enough to be complete (configuration.md 2.4). */
static GBytes *read_once(const char *path, bool *ret_quiet, GError **error)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    Clock clock;
    int64_t before_s;
    struct stat st;
    bool ok;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        (void)fail_errno(error, "open", path);
        return NULL;
    }
    clock_init(&clock);
    before_s = clock.now.wall_s;
    ok = read_all(fd, path, content, error);
    if (ok && fstat(fd, &st) < 0)
        ok = fail_errno(error, "fstat", path);
    (void)close(fd);
    if (!ok)
        return NULL;
    (void)clock_read(&clock);
    *ret_quiet = st.st_mtime < before_s - 1 || st.st_mtime > clock.now.wall_s;
    return g_byte_array_free_to_bytes(g_steal_pointer(&content));
}

/* Stock parses and logs at every pass; here only the text that is used is parsed. */
static GBytes *read_when_quiet(const char *path, GError **error)
{
    bool quiet = false;
    GBytes *bytes = read_once(path, &quiet, error);

    for (int pass = 1; bytes != NULL && !quiet && pass < COOL_DOWN_PASSES; pass++) {
        g_bytes_unref(bytes);
        clock_sleep_ms(COOL_DOWN_MS);
        bytes = read_once(path, &quiet, error);
    }
    return bytes;
}

bool maincf_load(Lexicon *lexicon, const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = read_when_quiet(path, error);

    return bytes != NULL && maincf_parse(lexicon, path, bytes, error);
}

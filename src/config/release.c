#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings.h"
#include "release_internal.h"

#define MARK              "mail_version="
#define VERSION_BYTES     "0123456789abcdefghijklmnopqrstuvwxyz.-"
#define VERSION_MAX_BYTES 40
#define PROGRAM_MAX_BYTES (32 * 1024 * 1024)

/* qmgr comes last: it may be eqmgr by now, which is no part of the installation. */
static const char *const programs[] = {"master", "discard", "error", "smtp", "bounce", "qmgr"};

static bool take_part(const char **text, int *ret_part)
{
    const char *p = *text;
    int part = 0;

    while (g_ascii_isdigit(*p) && part <= RELEASE_PART_MAX)
        part = part * 10 + (*p++ - '0');
    if (p == *text || part > RELEASE_PART_MAX)
        return false;
    *text = p;
    *ret_part = part;
    return true;
}

int release_parse(const char *version)
{
    int major, minor, patch = RELEASE_PART_MAX;

    if (!take_part(&version, &major) || *version++ != '.' || !take_part(&version, &minor))
        return 0;
    if (major == 0 || strchr(".-", *version) == NULL)
        return 0;
    if (*version++ == '.' && !take_part(&version, &patch))
        patch = RELEASE_PART_MAX;
    return RELEASE(major, minor, patch);
}

char *release_version_in(const char *bytes, size_t length)
{
    const char *end = bytes + length, *p = bytes;

    while ((p = memmem(p, (size_t)(end - p), MARK, strlen(MARK))) != NULL) {
        size_t room;
        g_autofree char *version = NULL;

        p += strlen(MARK);
        room = MIN((size_t)(end - p), VERSION_MAX_BYTES);
        version = g_strndup(p, room);
        version[strspn(version, VERSION_BYTES)] = '\0';
        if (release_parse(version) > 0)
            return g_steal_pointer(&version);
    }
    return NULL;
}

static GByteArray *read_program(const char *path)
{
    struct stat st;
    g_autoptr(GByteArray) content = g_byte_array_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = -1;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= PROGRAM_MAX_BYTES) {
        g_byte_array_set_size(content, (guint)st.st_size);
        got = read(fd, content->data, content->len);
    }
    (void)close(fd);
    return got > 0 && (guint)got == content->len ? g_steal_pointer(&content) : NULL;
}

char *release_version_of(const char *path)
{
    g_autoptr(GByteArray) content = read_program(path);

    return content != NULL ? release_version_in((const char *)content->data, content->len) : NULL;
}

char *release_find_version(const char *daemon_directory)
{
    char *version = NULL;

    for (size_t i = 0; version == NULL && i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_build_filename(daemon_directory, programs[i], NULL);

        version = release_version_of(path);
    }
    return version;
}

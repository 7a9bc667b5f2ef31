#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings.h"
#include "release_internal.h"

/*
 * The release of Postfix that is installed, looked for in the bytes of its programs: those are
 * what we talk to, whatever main.cf says.
 */

#define MARK              "mail_version="
#define VERSION_BYTES     "0123456789abcdefghijklmnopqrstuvwxyz.-"
#define VERSION_MAX_BYTES 40
#define PROGRAM_MAX_BYTES (32 * 1024 * 1024)

/* qmgr comes last: it may be eqmgr by now, which is not a part of the installation. */
static const char *const programs[] = {"discard", "error", "smtp", "bounce", "qmgr"};

/* Finds a version in a program; NULL if there is none. */
typedef char *VersionFn(const char *bytes, size_t length);

static bool release_parse_part(const char **text, int *ret_part)
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

    if (!release_parse_part(&version, &major) || *version++ != '.' ||
        !release_parse_part(&version, &minor))
        return 0;
    if (major == 0 || strchr(".-", *version) == NULL)
        return 0;
    if (*version++ == '.' && !release_parse_part(&version, &patch))
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

/* Three numbers, or two and the date of a snapshot. */
static bool is_full_version(const char *text)
{
    const char *p = text;
    int part;

    if (release_parse(text) == 0)
        return false;
    (void)release_parse_part(&p, &part);
    p++;
    (void)release_parse_part(&p, &part);
    if (*p == '-')
        return g_ascii_isdigit(p[1]);
    return *p++ == '.' && release_parse_part(&p, &part) && *p == '\0';
}

/* The text from `p` to its NUL, which must come soon; or NULL. */
static char *short_text(const char *p, const char *end)
{
    size_t room = (size_t)MIN(end - p, VERSION_MAX_BYTES);

    return memchr(p, '\0', room) != NULL ? g_strdup(p) : NULL;
}

char *release_lone_version_in(const char *bytes, size_t length)
{
    const char *end = bytes + length, *p = bytes;
    g_autofree char *version = NULL;

    while (p < end) {
        g_autofree char *text = g_ascii_isdigit(*p) ? short_text(p, end) : NULL;
        const char *nul = memchr(p, '\0', (size_t)(end - p));

        if (text != NULL && is_full_version(text)) {
            if (version != NULL && strcmp(version, text) != 0)
                return NULL;
            g_free(version);
            version = g_steal_pointer(&text);
        }
        p = nul != NULL ? nul + 1 : end;
    }
    return g_steal_pointer(&version);
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

static char *version_of(const char *path, VersionFn *version_in)
{
    g_autoptr(GByteArray) content = read_program(path);

    return content != NULL ? version_in((const char *)content->data, content->len) : NULL;
}

char *release_version_of_master(const char *path)
{
    char *version = version_of(path, release_version_in);

    return version != NULL ? version : version_of(path, release_lone_version_in);
}

char *release_find_version(const char *daemon_directory)
{
    g_autofree char *master = g_build_filename(daemon_directory, "master", NULL);
    char *version = release_version_of_master(master);

    for (size_t i = 0; version == NULL && i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_build_filename(daemon_directory, programs[i], NULL);

        version = version_of(path, release_version_in);
    }
    return version;
}

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/rule_store.h"
#include "policy/rule_file.h"

/* Rule_load: the file of rules is read, once, before the first scan. */

int rule_store_open_directory(const char *directory)
{
    return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool read_bytes(int fd, GByteArray *bytes)
{
    guint8 piece[8192];
    ssize_t got;

    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            g_byte_array_append(bytes, piece, (guint)got);
        if (bytes->len > RULE_FILE_MAX_BYTES) {
            errno = EFBIG;
            return false;
        }
    }
    return true;
}

/* NULL with errno: it cannot be read. */
static GByteArray *read_file(int directory_fd)
{
    int fd = openat(directory_fd, RULE_STORE_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    GByteArray *bytes;
    struct stat status;

    if (fd < 0)
        return NULL;
    bytes = g_byte_array_new();
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
        errno = EINVAL;
    else if (read_bytes(fd, bytes)) {
        (void)close(fd);
        return bytes;
    }
    g_byte_array_unref(bytes);
    (void)close(fd);
    return NULL;
}

/* One link more, so that the file survives the next change, which replaces it. */
static bool keep_broken(int directory_fd)
{
    (void)unlinkat(directory_fd, RULE_STORE_BROKEN, 0);
    return linkat(directory_fd, RULE_STORE_FILE, directory_fd, RULE_STORE_BROKEN, 0) == 0;
}

RuleLoad rule_store_load(int directory_fd, Rules *rules, char **ret_problem)
{
    g_autoptr(GByteArray) bytes = read_file(directory_fd);
    RuleFileReport report;

    *ret_problem = NULL;
    if (bytes == NULL && errno == ENOENT)
        return RULE_LOAD_OK;
    if (bytes == NULL) {
        *ret_problem = g_strdup_printf("%s: %s: the rules of the administrator are not known, and "
                                       "none is in force",
                                       RULE_STORE_FILE, g_strerror(errno));
        return RULE_LOAD_FAILED;
    }
    rule_file_parse(rules, (const char *)bytes->data, bytes->len, &report);
    if (report.fault_count == 0)
        return RULE_LOAD_OK;
    *ret_problem =
        g_strdup_printf("%s: %s (%u fault%s); %u rule%s in force%s", RULE_STORE_FILE,
                        report.first_fault, report.fault_count, report.fault_count == 1 ? "" : "s",
                        rules_count(rules), rules_count(rules) == 1 ? " is" : "s are",
                        keep_broken(directory_fd) ? "; it is kept as " RULE_STORE_BROKEN : "");
    g_free(report.first_fault);
    return RULE_LOAD_BROKEN;
}

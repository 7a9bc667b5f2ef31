#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"
#include "policy_reader_internal.h"

/* What is shared by all that reads a policy file. */

#define LIST_PREFIX "file:"

static char *policy_message(const PolicyReader *reader, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);

    if (reader->site != NULL)
        return g_strdup_printf("%s, line %d: [site %s]: %s", reader->path, reader->line,
                               reader->site->name, text);
    if (reader->reply != NULL)
        return g_strdup_printf("%s, line %d: [reply %s]: %s", reader->path, reader->line,
                               reader->reply->name, text);
    return g_strdup_printf("%s, line %d: %s", reader->path, reader->line, text);
}

void policy_fail(PolicyReader *reader, const char *format, ...)
{
    va_list args;

    if (reader->errors->len > POLICY_FILE_ERRORS_MAX)
        return;
    if (reader->errors->len == POLICY_FILE_ERRORS_MAX) {
        g_ptr_array_add(reader->errors, g_strdup_printf("%s: there are more errors", reader->path));
        return;
    }
    va_start(args, format);
    g_ptr_array_add(reader->errors, policy_message(reader, format, args));
    va_end(args);
}

void policy_warn(PolicyReader *reader, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(reader->warnings, policy_message(reader, format, args));
    va_end(args);
}

void policy_note_line(PolicyReader *reader, const char *name, unsigned *line)
{
    if (*line != 0)
        policy_fail(reader, "%s: it stands in line %u already", name, *line);
    *line = (unsigned)reader->line;
}

/* ---- files ---- */

/* NULL: the file may be read. */
static char *refusal(const char *path, const struct stat *st, size_t most_bytes)
{
    if (!S_ISREG(st->st_mode))
        return g_strdup_printf("%s is not a regular file", path);
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return g_strdup_printf("%s belongs to uid %ld: it must belong to root", path,
                               (long)st->st_uid);
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return g_strdup_printf("%s may be written by others: chmod go-w it", path);
    if (st->st_size < 0 || (size_t)st->st_size > most_bytes)
        return g_strdup_printf("%s has more than %zu bytes", path, most_bytes);
    return NULL;
}

static char *errno_text(const char *what, const char *path)
{
    return g_strdup_printf("%s %s: %s", what, path, g_strerror(errno));
}

/* A byte more than the file has: so a file that grows meanwhile is noticed. */
static GBytes *read_content(int fd, const char *path, size_t size_bytes, char **ret_problem)
{
    g_autofree char *content = g_malloc(size_bytes + 1);
    size_t length = 0;
    ssize_t got;

    do {
        got = read(fd, content + length, size_bytes + 1 - length);
        length += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && length <= size_bytes) || (got < 0 && errno == EINTR));
    if (got < 0) {
        *ret_problem = errno_text("read", path);
        return NULL;
    }
    if (length != size_bytes) {
        *ret_problem = g_strdup_printf("%s is being written: try again", path);
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&content), length);
}

GBytes *policy_read_protected(const char *path, size_t most_bytes, char **ret_problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    g_autofree char *problem = NULL;
    GBytes *content = NULL;
    struct stat st;

    if (fd < 0) {
        *ret_problem = errno_text("open", path);
        return NULL;
    }
    if (fstat(fd, &st) < 0)
        problem = errno_text("fstat", path);
    else
        problem = refusal(path, &st, most_bytes);
    if (problem == NULL)
        content = read_content(fd, path, (size_t)st.st_size, &problem);
    (void)close(fd);
    if (content == NULL)
        *ret_problem = g_steal_pointer(&problem);
    return content;
}

/* ---- words ---- */

static void take_word(PolicyReader *reader, SiteCondition condition, const char *word)
{
    const char *fault = sites_add_word(reader->sites, condition, word);

    if (fault != NULL)
        policy_fail(reader, "%s: \"%.60s\": %s", site_condition_str(condition), word, fault);
}

/* The line of the first NUL byte; 0: there is none. */
static int line_of_nul(const char *text, size_t length)
{
    const char *nul = memchr(text, '\0', length);
    int line = 1;

    if (nul == NULL)
        return 0;
    for (; text < nul; text++)
        line += *text == '\n';
    return line;
}

/*
 * Each file is read once, however many sections name it; as long as all of them together are not
 * larger than one may be. NULL with a problem.
 */
static GBytes *list_content(PolicyReader *reader, const char *path, char **ret_problem)
{
    GBytes *bytes = g_hash_table_lookup(reader->lists, path);

    if (bytes != NULL)
        return g_bytes_ref(bytes);
    bytes = policy_read_protected(path, POLICY_LIST_MAX_BYTES, ret_problem);
    if (bytes != NULL && reader->lists_bytes + g_bytes_get_size(bytes) <= POLICY_LIST_MAX_BYTES) {
        reader->lists_bytes += g_bytes_get_size(bytes);
        (void)g_hash_table_insert(reader->lists, g_strdup(path), g_bytes_ref(bytes));
    }
    return bytes;
}

/* NULL: a comment, or a word that is taken. */
static const char *take_list_line(PolicyReader *reader, SiteCondition condition, const char *line,
                                  unsigned *word_count)
{
    if (*line == '\0' || *line == '#')
        return NULL;
    ++*word_count;
    return sites_add_word(reader->sites, condition, line);
}

/* One word a line. What people are told of it is its name and how many words it has. */
static void take_list(PolicyReader *reader, SiteCondition condition, const char *name,
                      GString *spelt)
{
    g_autofree char *directory = g_path_get_dirname(reader->path);
    g_autofree char *path = *name == '/' ? g_strdup(name) : g_build_filename(directory, name, NULL);
    g_autofree char *problem = NULL, *text = NULL;
    g_autoptr(GBytes) bytes = list_content(reader, path, &problem);
    const char *content;
    size_t length;
    char *next;
    unsigned word_count = 0;
    int line = 0;

    if (bytes == NULL) {
        policy_fail(reader, "%s: %s", site_condition_str(condition), problem);
        return;
    }
    content = g_bytes_get_data(bytes, &length);
    text = g_strndup(length > 0 ? content : "", length);
    if (length > 0 && line_of_nul(content, length) > 0)
        policy_fail(reader, "%s: %s, line %d: there is a NUL byte in it",
                    site_condition_str(condition), path, line_of_nul(content, length));
    for (char *at = text; at != NULL; at = next) {
        const char *fault;

        line++;
        next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        at = g_strstrip(at);
        fault = take_list_line(reader, condition, at, &word_count);
        if (fault != NULL)
            policy_fail(reader, "%s: %s, line %d: \"%.60s\": %s", site_condition_str(condition),
                        path, line, at, fault);
    }
    g_string_append_printf(spelt, LIST_PREFIX "%s (%u words)", name, word_count);
}

void policy_take_words(PolicyReader *reader, SiteCondition condition, const char *text)
{
    g_auto(GStrv) words = words_split(text, POLICY_SEPARATORS);
    g_autoptr(GString) spelt = g_string_new(NULL);
    guint before = reader->errors->len;

    for (char **word = words; *word != NULL; word++) {
        if (spelt->len > 0)
            g_string_append_c(spelt, ' ');
        if (g_str_has_prefix(*word, LIST_PREFIX)) {
            take_list(reader, condition, *word + strlen(LIST_PREFIX), spelt);
        } else {
            take_word(reader, condition, *word);
            g_string_append(spelt, *word);
        }
    }
    sites_spell(reader->sites, condition, spelt->str);
    if (!sites_has_words(reader->sites, condition) && reader->errors->len == before)
        policy_fail(reader, "%s: there is no word in it: leave the line out, or say *",
                    site_condition_str(condition));
}

#include "tests/lab/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lab/queue_file.h"
#include "tests/lab/stamp.h"
#include "tests/lab/trace.h"
#include "tests/postfix/wire.h"

#define FILE_MAX_BYTES      (64 * 1024 * 1024)
#define RECORD_LENGTH_BYTES 4

static const char *const queues[] = {"incoming", "active", "deferred", "hold",  "corrupt",
                                     "bounce",   "defer",  "trace",    "saved", "maildrop"};

struct Spool {
    const Core *core;
    GHashTable *originals; /* queue ID -> GByteArray */
};

Spool *spool_new(const Core *core)
{
    Spool *spool = g_new0(Spool, 1);

    spool->core = core;
    spool->originals =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_byte_array_unref);
    for (size_t i = 0; i < G_N_ELEMENTS(queues); i++) {
        g_autofree char *path = g_strdup_printf("%s/", queues[i]);

        core_make_directories(core, path);
    }
    core_make_directories(core, "public/");
    core_make_directories(core, "private/");
    core_make_directories(core, "pid/");
    return spool;
}

void spool_free(Spool *spool)
{
    if (spool == NULL)
        return;
    g_hash_table_destroy(spool->originals);
    g_free(spool);
}

static void set_attributes(const QueueFile *file, const char *path)
{
    const struct timespec times[2] = {{.tv_sec = file->mtime_s}, {.tv_sec = file->mtime_s}};

    if (chmod(path, file->mode) < 0 || utimensat(AT_FDCWD, path, times, 0) < 0)
        g_error("%s: %s", path, g_strerror(errno));
    for (unsigned i = 1; i < file->link_count; i++) {
        g_autofree char *name = g_strdup_printf("hold/link.%u", i);

        if (link(path, name) < 0)
            g_error("link %s: %s", path, g_strerror(errno));
    }
}

bool spool_put(Spool *spool, const char *queue, const char *id, const GPtrArray *lines,
               int64_t now_s, GError **error)
{
    g_autofree char *path = core_queue_path(spool->core, queue, id);
    QueueFile file;

    if (!queue_file_build(lines, now_s, &file, error))
        return false;
    core_write_file(spool->core, path, file.bytes->data, file.bytes->len, false);
    set_attributes(&file, path);
    (void)g_hash_table_replace(spool->originals, g_strdup(id), g_steal_pointer(&file.bytes));
    return true;
}

char *spool_find(const Spool *spool, const char *name)
{
    const char *slash = strchr(name, '/');
    g_autofree char *queue = NULL;

    if (slash == NULL || g_file_test(name, G_FILE_TEST_EXISTS))
        return g_strdup(name);
    queue = g_strndup(name, (gsize)(slash - name));
    return core_queue_path(spool->core, queue, strrchr(name, '/') + 1);
}

/* The length of the record at `at` with its type and length bytes; 0: no record. */
static gsize record_length(const GByteArray *bytes, gsize at)
{
    gsize data_len = 0;

    for (gsize i = 1; at + i < bytes->len && i <= RECORD_LENGTH_BYTES; i++) {
        data_len |= (gsize)(bytes->data[at + i] & 0x7f) << (7 * (i - 1));
        if ((bytes->data[at + i] & 0x80) == 0)
            return at + i + 1 + data_len <= bytes->len ? i + 1 + data_len : 0;
    }
    return 0;
}

/* Whole records, since old contents (times, say) differ from run to run. */
static void describe_changes(GString *out, const GByteArray *before, const guint8 *after,
                             gsize after_len)
{
    gsize common = MIN(before->len, after_len);

    if (before->len != after_len)
        g_string_append_printf(out, " length %u->%zu", before->len, after_len);
    for (gsize at = 0, len; at < common; at += len) {
        len = record_length(before, at);
        if (len == 0 || at + len > common)
            len = common - at;
        if (memcmp(before->data + at, after + at, len) == 0)
            continue;
        g_string_append_printf(out, " @%zu:%c->", at, before->data[at]);
        if (memcmp(before->data + at + 1, after + at + 1, len - 1) == 0)
            g_string_append_c(out, (char)after[at]);
        else
            wire_describe_text((const char *)after + at, len, out);
    }
}

static void describe_content(const Spool *spool, const char *path, const char *id, GString *out)
{
    const GByteArray *before = g_hash_table_lookup(spool->originals, id);
    g_autofree char *after = NULL;
    gsize after_len = 0;

    if (!g_file_get_contents(path, &after, &after_len, NULL) || after_len > FILE_MAX_BYTES)
        return;
    if (before == NULL || g_str_has_prefix(path, "bounce/") || g_str_has_prefix(path, "defer/") ||
        g_str_has_prefix(path, "trace/"))
        g_string_append_printf(out, " %zu bytes", after_len);
    else
        describe_changes(out, before, (const guint8 *)after, after_len);
}

static char *describe(const Spool *spool, const char *path, const char *id, const struct stat *st)
{
    g_autofree char *stamp = stamp_describe_file_time(st->st_mtim);
    GString *out = g_string_new(path);

    g_string_append_printf(out, "%s mode %04o", S_ISDIR(st->st_mode) ? "/" : "",
                           st->st_mode & 07777);
    if (S_ISREG(st->st_mode)) {
        g_string_append_printf(out, " mtime %s", stamp);
        if (st->st_nlink != 1)
            g_string_append_printf(out, " links %u", (unsigned)st->st_nlink);
        describe_content(spool, path, id, out);
    } else if (!S_ISDIR(st->st_mode)) {
        g_string_append(out, " special");
    }
    return g_string_free(out, FALSE);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *list_directory(const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    DIR *dir = opendir(path);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
    if (dir != NULL)
        (void)closedir(dir);
    g_ptr_array_sort(names, by_name);
    return names;
}

/* The names of a directory are listed before any of it is described, so recursion is bounded by
 * the depth of hashing. */
static void describe_directory(const Spool *spool, const char *path, TraceStream stream)
{
    g_autoptr(GPtrArray) names = list_directory(path);

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *full = g_strdup_printf("%s/%s", path, name);
        g_autofree char *text = NULL;
        struct stat st;

        if (lstat(full, &st) < 0)
            continue;
        text = describe(spool, full, name, &st);
        trace_add(spool->core->trace, stream, NULL, "%s", text);
        if (S_ISDIR(st.st_mode))
            describe_directory(spool, full, stream);
    }
}

void spool_describe(const Spool *spool, bool as_note)
{
    for (size_t i = 0; i < G_N_ELEMENTS(queues); i++)
        describe_directory(spool, queues[i], as_note ? TRACE_NOTES : TRACE_SPOOL);
}

#include "tests/lab/report_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOTIFY_FAILURE 4

#define RECORD_TO_DO "R"
#define RECORD_DONE  "D"

#define LENGTH_MASK      0x7f
#define LENGTH_CONTINUES 0x80
#define LENGTH_BITS      7

static void add_record(const Core *core, const char *path, const ReportLogEntry *entry)
{
    g_autofree char *record = g_strdup_printf(
        "recipient=%s\noffset=%" G_GINT64_FORMAT "\nstatus=%s\nreason=%s\n\n", entry->recipient,
        entry->offset, entry->status != NULL ? entry->status : "4.0.0",
        entry->reason != NULL ? entry->reason : "as the scenario says");

    core_write_file(core, path, record, strlen(record), true);
}

void report_log_add(const Core *core, const char *log, const char *id, const ReportLogEntry *entry)
{
    g_autofree char *path = core_queue_path(core, log, id);
    g_autofree char *line = g_strdup_printf("<%s> %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                                            entry->recipient, entry->offset, entry->notify_flags);

    core_write_file(core, path, line, strlen(line), true);
    if (core->whole_records)
        add_record(core, path, entry);
}

static void mark(int fd, int64_t offset)
{
    char type = '\0';

    if (pread(fd, &type, 1, offset) == 1 && type == *RECORD_TO_DO)
        (void)!pwrite(fd, RECORD_DONE, 1, offset);
}

/* False: the line is not one of ours. */
static bool mark_entry(int fd, const char *line, bool is_verp)
{
    const char *end = strrchr(line, '>');
    long long offset, notify;

    if (end == NULL || sscanf(end, "> %lld %lld", &offset, &notify) != 2)
        return false;
    if (!is_verp || notify == 0 || (notify & NOTIFY_FAILURE) != 0)
        mark(fd, offset);
    return true;
}

/* The files of scenarios consist of records alone. */
static void mark_all(int fd, const guint8 *bytes, gsize count)
{
    gsize at = 0;

    while (at < count) {
        gsize begin = at++, length = 0;
        unsigned shift = 0;

        while (at < count && (bytes[at] & LENGTH_CONTINUES) != 0 && shift < 4 * LENGTH_BITS) {
            length |= (gsize)(bytes[at++] & LENGTH_MASK) << shift;
            shift += LENGTH_BITS;
        }
        if (at == count)
            return;
        length |= (gsize)bytes[at++] << shift;
        mark(fd, (int64_t)begin);
        at += length;
    }
}

static void mark_by(const char *log, const char *file_path, int fd, bool is_verp)
{
    g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
    g_autofree char *bytes = NULL;
    gsize count = 0;
    bool any = false;

    for (char **line = lines; *line != NULL; line++)
        any = mark_entry(fd, *line, is_verp) || any;
    if (!any && *log != '\0' && g_file_get_contents(file_path, &bytes, &count, NULL))
        mark_all(fd, (const guint8 *)bytes, count);
}

void report_log_mark_returned(const Core *core, const char *log, const char *queue, const char *id,
                              bool is_verp)
{
    g_autofree char *log_path = core_queue_path(core, log, id);
    g_autofree char *file_path = core_queue_path(core, queue, id);
    g_autofree char *text = NULL;
    int fd = open(file_path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    if (g_file_get_contents(log_path, &text, NULL, NULL))
        mark_by(text, file_path, fd, is_verp);
    (void)close(fd);
}

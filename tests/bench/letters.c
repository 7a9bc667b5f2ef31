#include "tests/bench/letters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/postfix/record_writer.h"

#define US_PER_S      1000000U
#define SCATTER       7919U /* a prime: successive letters go to different hash directories */
#define ID_TIME_CHARS 5
#define CONTENT_LINES 28
#define PATH_BYTES    64

static const char content_line[] =
    "Nothing of this is ever looked at, yet a letter has a size, and so do queue files.";

void letter_format_id(unsigned serial, char ret_id[LETTER_ID_BYTES])
{
    (void)g_snprintf(ret_id, LETTER_ID_BYTES, "%05X%06X", serial * SCATTER % US_PER_S, serial);
}

unsigned letter_parse_serial(const char *id)
{
    return strlen(id) > ID_TIME_CHARS ? (unsigned)strtoul(id + ID_TIME_CHARS, NULL, 16) : 0;
}

void letter_format_address(char ret_address[LETTER_ADDRESS_BYTES], unsigned user, const char *word,
                           unsigned site)
{
    (void)g_snprintf(ret_address, LETTER_ADDRESS_BYTES, "user%u@%s%u.test", user, word, site);
}

/* Letters arrive in the order of their numbers. */
static void put_prolog(RecordWriter *writer, int64_t now_s, unsigned serial)
{
    g_autofree char *arrival = g_strdup_printf("%" PRId64 " %u", now_s, serial % US_PER_S);

    record_put(writer, 'T', arrival);
    record_put_attribute(writer, "rewrite_context", "local");
    record_put(writer, 'S', "sender@origin.test");
    record_put_attribute(writer, "log_client_name", "client.origin.test");
    record_put_attribute(writer, "log_client_address", "192.0.2.25");
    record_put_attribute(writer, "log_client_port", "40404");
    record_put_attribute(writer, "log_message_origin", "client.origin.test[192.0.2.25]");
    record_put_attribute(writer, "log_helo_name", "client.origin.test");
    record_put_attribute(writer, "log_protocol_name", "ESMTP");
}

static void put_recipient(RecordWriter *writer, const char *address)
{
    g_autofree char *original = g_strconcat("rfc822;", address, NULL);

    record_put_attribute(writer, "dsn_orig_rcpt", original);
    record_put(writer, 'O', address);
    record_put(writer, 'R', address);
    writer->recipient_count++;
}

static void put_content(RecordWriter *writer)
{
    record_put(writer, 'M', "");
    writer->data_offset = writer->bytes->len;
    for (int i = 0; i < CONTENT_LINES; i++)
        record_put(writer, 'N', content_line);
    writer->extracted_offset = writer->bytes->len;
    record_put(writer, 'X', "");
    record_put(writer, 'E', "");
}

static void write_file(const Core *core, const char *path, const GByteArray *bytes, int64_t mtime_s)
{
    const struct timespec times[2] = {{.tv_sec = mtime_s}, {.tv_sec = mtime_s}};
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

    if (fd < 0 || write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len ||
        (core->as_root && fchown(fd, core->owner_uid, core->owner_gid) < 0) ||
        futimens(fd, times) < 0 || close(fd) < 0)
        g_error("%s: %s", path, g_strerror(errno));
}

void letter_write(const Core *core, const char *queue, unsigned serial, const GPtrArray *recipients,
                  int64_t due_in_s)
{
    int64_t now_s = time(NULL);
    char id[LETTER_ID_BYTES];
    g_autofree char *path = NULL;
    RecordWriter writer;

    record_writer_init(&writer, false, false);
    put_prolog(&writer, now_s, serial);
    for (guint i = 0; i < recipients->len; i++)
        put_recipient(&writer, g_ptr_array_index(recipients, i));
    put_content(&writer);
    record_writer_finish(&writer, NULL);
    letter_format_id(serial, id);
    path = core_queue_path(core, queue, id);
    write_file(core, path, writer.bytes, now_s + due_in_s);
    record_writer_clear(&writer);
}

void letter_write_to(const Core *core, const char *queue, unsigned serial, const char *recipient,
                     int64_t due_in_s)
{
    char *copy = g_strdup(recipient);
    gpointer pointers[1] = {copy};
    const GPtrArray one = {.pdata = pointers, .len = 1};

    letter_write(core, queue, serial, &one, due_in_s);
    g_free(copy);
}

void letter_arrive(unsigned serial)
{
    char id[LETTER_ID_BYTES], from[PATH_BYTES], to[PATH_BYTES];

    letter_format_id(serial, id);
    (void)g_snprintf(from, sizeof(from), LETTERS_STAGE "/%s", id);
    (void)g_snprintf(to, sizeof(to), "incoming/%s", id);
    if (rename(from, to) < 0)
        g_error("%s: %s", from, g_strerror(errno));
}

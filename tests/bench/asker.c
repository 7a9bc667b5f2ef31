#include "tests/bench/asker.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "codec/control.h"

#define TAIL_BYTES 65536
#define US_PER_MS  1e3

int asker_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = CONTROL_SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        g_error("cannot reach %s", CONTROL_SOCKET);
    return fd;
}

static bool is_end(const GByteArray *tail)
{
    static const char end_row[] = "row\0end", error_row[] = "row\0error";

    return tail->len > 2 && tail->data[tail->len - 1] == 0 && tail->data[tail->len - 2] == 0 &&
           (memmem(tail->data, tail->len, end_row, sizeof(end_row)) != NULL ||
            memmem(tail->data, tail->len, error_row, sizeof(error_row)) != NULL);
}

uint64_t asker_ask(int fd, const char *request, size_t size_bytes, GByteArray *tail)
{
    uint64_t total_bytes = 0;

    g_byte_array_set_size(tail, 0);
    if (send(fd, request, size_bytes, MSG_NOSIGNAL) != (ssize_t)size_bytes)
        _exit(EXIT_FAILURE);
    do {
        uint8_t bytes[32768];
        ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

        if (count <= 0)
            _exit(EXIT_FAILURE);
        total_bytes += (uint64_t)count;
        if (tail->len > TAIL_BYTES)
            g_byte_array_remove_range(tail, 0, tail->len - 1024);
        g_byte_array_append(tail, bytes, (guint)count);
    } while (!is_end(tail));
    return total_bytes;
}

/* The numbers of an attribute "1,2,3" after its name. */
static unsigned parse_numbers(const GByteArray *row, const char *name, double *numbers)
{
    size_t length = strlen(name) + 1;
    const char *at = memmem(row->data, row->len, name, length);
    unsigned count = 0;

    if (at == NULL)
        return 0;
    for (at += length; count < LOOP_BUSY_BUCKETS_MAX && *at != '\0'; count++) {
        char *end;

        numbers[count] = strtod(at, &end);
        at = *end == ',' ? end + 1 : end;
    }
    return count;
}

void asker_read_loop(int fd, LoopBusy *busy)
{
    static const char metrics[] = "verb\0metrics\0";
    static const char name[] = "eqmgr_loop_busy_seconds";
    g_autoptr(GByteArray) tail = g_byte_array_new();
    const uint8_t *row;

    (void)asker_ask(fd, metrics, sizeof(metrics), tail);
    row = memmem(tail->data, tail->len, name, sizeof(name));
    if (row == NULL)
        return;
    g_byte_array_remove_range(tail, 0, (guint)(row - tail->data));
    busy->bucket_count = parse_numbers(tail, "bounds_us", busy->bounds_us);
    (void)parse_numbers(tail, "buckets", busy->counts);
    (void)parse_numbers(tail, "count", &busy->count);
}

/* The bound of the bucket in which the share of 0.99 is. */
double loop_busy_p99_ms(const LoopBusy *before, const LoopBusy *after)
{
    for (unsigned i = 0; i < after->bucket_count; i++)
        if (after->counts[i] - before->counts[i] >= 0.99 * (after->count - before->count))
            return after->bounds_us[i] / US_PER_MS;
    return 0;
}

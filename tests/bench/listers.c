#include "tests/bench/listers.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "codec/control.h"
#include "tests/bench/meter.h"

#define LISTER_COUNT    2
#define LISTER_PRIORITY 10 /* the driver comes first on their core */
#define STATUS_EACH_US  100000
#define TAIL_BYTES      65536
#define BUCKETS_MAX     32
#define NS_PER_MS       1e6
#define US_PER_MS       1e3

/* Written by the children, read by the driver. */
typedef struct Shared {
    volatile int is_over;
    volatile unsigned listings[LISTER_COUNT];
    volatile uint64_t bytes[LISTER_COUNT];
    unsigned status_count;
    double status_ms[LISTERS_STATUS_MAX];
    double bounds_us[BUCKETS_MAX];
    double before[BUCKETS_MAX + 1], after[BUCKETS_MAX + 1]; /* counts up to each, and of all */
    unsigned bucket_count;
} Shared;

struct Listers {
    Shared *shared;
    pid_t pids[LISTER_COUNT + 1]; /* 0: has ended */
};

/* ---- asking, in a child ---- */

static int ask_connect(void)
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

/* `request` as on the wire. Keeps the end of the answer; returns how long it was. */
static uint64_t ask(int fd, const char *request, size_t size_bytes, GByteArray *tail)
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

static void list_forever(Shared *shared, int which)
{
    static const char destinations[] = "verb\0destinations\0limit\0000\0";
    static const char messages[] = "verb\0messages\0limit\0000\0";
    GByteArray *tail = g_byte_array_new();
    int fd = ask_connect();

    while (!shared->is_over) {
        shared->bytes[which] += ask(fd, destinations, sizeof(destinations), tail);
        shared->bytes[which] += ask(fd, messages, sizeof(messages), tail);
        shared->listings[which]++;
    }
}

/* ---- the loop's histogram ---- */

/* The numbers of an attribute "1,2,3" after its name. */
static unsigned parse_numbers(const GByteArray *row, const char *name, double *numbers)
{
    size_t length = strlen(name) + 1;
    const char *at = memmem(row->data, row->len, name, length);
    unsigned count = 0;

    if (at == NULL)
        return 0;
    for (at += length; count < BUCKETS_MAX && *at != '\0'; count++) {
        char *end;

        numbers[count] = strtod(at, &end);
        at = *end == ',' ? end + 1 : end;
    }
    return count;
}

static void read_loop(Shared *shared, int fd, double *counts)
{
    static const char metrics[] = "verb\0metrics\0";
    static const char name[] = "eqmgr_loop_busy_seconds";
    g_autoptr(GByteArray) tail = g_byte_array_new();
    const uint8_t *row;

    (void)ask(fd, metrics, sizeof(metrics), tail);
    row = memmem(tail->data, tail->len, name, sizeof(name));
    if (row == NULL)
        return;
    g_byte_array_remove_range(tail, 0, (guint)(row - tail->data));
    shared->bucket_count = parse_numbers(tail, "bounds_us", shared->bounds_us);
    (void)parse_numbers(tail, "buckets", counts);
    (void)parse_numbers(tail, "count", counts + BUCKETS_MAX);
}

static void probe_forever(Shared *shared)
{
    static const char status[] = "verb\0status\0";
    GByteArray *tail = g_byte_array_new();
    int fd = ask_connect();

    read_loop(shared, fd, shared->before);
    while (!shared->is_over && shared->status_count < LISTERS_STATUS_MAX) {
        int64_t begun_ns = meter_now_ns();

        (void)ask(fd, status, sizeof(status), tail);
        shared->status_ms[shared->status_count++] = (double)(meter_now_ns() - begun_ns) / NS_PER_MS;
        (void)usleep(STATUS_EACH_US);
    }
    read_loop(shared, fd, shared->after);
}

/* ---- in the driver ---- */

static pid_t start_child(Shared *shared, int which)
{
    pid_t pid = fork();

    if (pid < 0)
        g_error("cannot fork");
    if (pid > 0)
        return pid;
    if (which < LISTER_COUNT) {
        (void)setpriority(PRIO_PROCESS, 0, LISTER_PRIORITY);
        list_forever(shared, which);
    } else {
        probe_forever(shared);
    }
    _exit(EXIT_SUCCESS);
}

Listers *listers_start(void)
{
    Listers *listers = g_new0(Listers, 1);

    listers->shared =
        mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert(listers->shared != MAP_FAILED);
    for (int i = 0; i <= LISTER_COUNT; i++)
        listers->pids[i] = start_child(listers->shared, i);
    return listers;
}

void listers_end(Listers *listers)
{
    listers->shared->is_over = 1;
}

int listers_are_running(Listers *listers)
{
    int count = 0;

    for (int i = 0; i <= LISTER_COUNT; i++) {
        int status;

        if (listers->pids[i] != 0 && waitpid(listers->pids[i], &status, WNOHANG) > 0) {
            listers->pids[i] = 0;
            if (status != 0)
                g_error("a client of the control socket failed");
        }
        count += listers->pids[i] != 0;
    }
    return count;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* The bound of the bucket in which the share of 0.99 is; 0: nothing was counted. */
static double loop_p99_ms(const Shared *shared)
{
    double total = shared->after[BUCKETS_MAX] - shared->before[BUCKETS_MAX];

    for (unsigned i = 0; i < shared->bucket_count; i++)
        if (shared->after[i] - shared->before[i] >= 0.99 * total)
            return shared->bounds_us[i] / US_PER_MS;
    return 0;
}

ListersResult listers_result(const Listers *listers)
{
    Shared *shared = listers->shared;
    unsigned count = shared->status_count;
    ListersResult result = {.status_count = count, .loop_p99_ms = loop_p99_ms(shared)};

    for (int i = 0; i < LISTER_COUNT; i++) {
        result.listings += shared->listings[i];
        result.bytes += shared->bytes[i];
    }
    qsort(shared->status_ms, count, sizeof(double), compare_doubles);
    if (count > 0) {
        result.status_p99_ms = shared->status_ms[(count - 1) * 99 / 100];
        result.status_max_ms = shared->status_ms[count - 1];
    }
    return result;
}

void listers_free(Listers *listers)
{
    if (listers == NULL)
        return;
    for (int i = 0; i <= LISTER_COUNT; i++) {
        if (listers->pids[i] == 0)
            continue;
        (void)kill(listers->pids[i], SIGKILL);
        (void)waitpid(listers->pids[i], NULL, 0);
    }
    (void)munmap(listers->shared, sizeof(Shared));
    g_free(listers);
}

#include "tests/bench/listers.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "tests/bench/asker.h"
#include "tests/bench/meter.h"

#define LISTER_COUNT    2
#define LISTER_PRIORITY 10 /* the driver comes first on their core */
#define STATUS_EACH_US  100000
#define NS_PER_MS       1e6

/* Written by the children, read by the driver. */
typedef struct Shared {
    volatile int is_over;
    volatile unsigned listings[LISTER_COUNT];
    volatile uint64_t bytes[LISTER_COUNT];
    unsigned status_count;
    double status_ms[LISTERS_STATUS_MAX];
    LoopBusy before, after;
} Shared;

struct Listers {
    Shared *shared;
    pid_t pids[LISTER_COUNT + 1]; /* 0: has ended */
};

/* ---- in a child ---- */

static void list_forever(Shared *shared, int which)
{
    static const char destinations[] = "verb\0destinations\0limit\0000\0";
    static const char messages[] = "verb\0messages\0limit\0000\0";
    GByteArray *tail = g_byte_array_new();
    int fd = asker_connect();

    while (!shared->is_over) {
        shared->bytes[which] += asker_ask(fd, destinations, sizeof(destinations), tail);
        shared->bytes[which] += asker_ask(fd, messages, sizeof(messages), tail);
        shared->listings[which]++;
    }
}

static void probe_forever(Shared *shared)
{
    static const char status[] = "verb\0status\0";
    GByteArray *tail = g_byte_array_new();
    int fd = asker_connect();

    asker_read_loop(fd, &shared->before);
    while (!shared->is_over && shared->status_count < LISTERS_STATUS_MAX) {
        int64_t begun_ns = meter_now_ns();

        (void)asker_ask(fd, status, sizeof(status), tail);
        shared->status_ms[shared->status_count++] = (double)(meter_now_ns() - begun_ns) / NS_PER_MS;
        (void)usleep(STATUS_EACH_US);
    }
    asker_read_loop(fd, &shared->after);
}

/* ---- in the driver ---- */

/* Otherwise epoll goes on telling the driver of sockets that it has closed. */
static void close_inherited(void)
{
    if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        g_error("cannot close what the driver has open");
}

static pid_t start_child(Shared *shared, int which)
{
    pid_t pid = fork();

    if (pid < 0)
        g_error("cannot fork");
    if (pid > 0)
        return pid;
    close_inherited();
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

ListersResult listers_result(const Listers *listers)
{
    Shared *shared = listers->shared;
    unsigned count = shared->status_count;
    ListersResult result = {.status_count = count,
                            .loop_p99_ms = loop_busy_p99_ms(&shared->before, &shared->after)};

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

/*
 * bench: measures one queue manager in one workload, once, and prints the results: workload, metric
 * and value, with tabs between them.
 *
 *   bench --program FILE [--parent DIRECTORY] [--scale FACTOR] [--observer COMMAND] [--quiet]
 *         WORKLOAD
 *   bench --list [WORD...]      workloads of these names or families, or all
 *   bench --write QUEUE [--scale FACTOR] WORKLOAD     its mail to QUEUE/stage; prints the
 * recipients
 *
 * Exit status: 0 measured, 2 the command line is wrong; anything else: there is no result.
 */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/letters.h"
#include "tests/bench/place.h"
#include "tests/bench/workload.h"

#define STATUS_WRONG    2
#define PRIORITY        (-10)
#define LOG_QUEUE_FILE  "/proc/sys/net/unix/max_dgram_qlen"
#define LOG_QUEUE_LINES "512" /* as systemd sets it; the kernel's own default is 10 */

typedef struct CommandLine {
    char *program, *parent, *observer, *queue;
    double scale;
    gboolean list, quiet;
    char **words;
} CommandLine;

#define OPTION(name, kind, target, what)                    \
    {                                                       \
        name, 0, 0, G_OPTION_ARG_##kind, target, what, NULL \
    }

static bool parse(int argc, char **argv, CommandLine *ret_line, GError **error)
{
    const GOptionEntry entries[] = {
        OPTION("program", FILENAME, &ret_line->program, "the queue manager"),
        OPTION("parent", FILENAME, &ret_line->parent, "where the queue is made"),
        OPTION("scale", DOUBLE, &ret_line->scale, "of the sizes"),
        OPTION("observer", STRING, &ret_line->observer, "a command such as strace"),
        OPTION("write", FILENAME, &ret_line->queue, "only writes files there"),
        OPTION("quiet", NONE, &ret_line->quiet, "W10 to W13, T1 to T3 without what they are about"),
        OPTION("list", NONE, &ret_line->list, "names of workloads"),
        OPTION(G_OPTION_REMAINING, STRING_ARRAY, &ret_line->words, "workloads"),
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, &argc, &argv, error);
}

static void clear(CommandLine *line)
{
    g_free(line->program);
    g_free(line->parent);
    g_free(line->observer);
    g_free(line->queue);
    g_strfreev(line->words);
}

static const Workload *find(const char *name)
{
    for (size_t i = 0; i < workload_count; i++)
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    return NULL;
}

/* "W3" chooses W3-one and W3-twenty. Rows of traffic are part of another tool. */
static bool is_chosen(const char *name, char *const *words)
{
    if (words == NULL)
        return name[0] != 'T';
    for (; *words != NULL; words++) {
        size_t len = strlen(*words);

        if (strncmp(name, *words, len) == 0 && (name[len] == '\0' || name[len] == '-'))
            return true;
    }
    return false;
}

static void list(char *const *words)
{
    for (size_t i = 0; i < workload_count; i++)
        if (is_chosen(workloads[i].name, words))
            (void)puts(workloads[i].name);
}

static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* A network of our own, with a log socket that takes as many lines as on a machine with systemd. */
static void make_log_queue_usual(void)
{
    bool is_ours = unshare(CLONE_NEWNET) == 0 && raise_loopback();
    int fd = is_ours ? open(LOG_QUEUE_FILE, O_WRONLY | O_CLOEXEC) : -1;

    if (fd < 0 || write(fd, LOG_QUEUE_LINES, strlen(LOG_QUEUE_LINES)) < 0)
        g_printerr("bench: the queue of the log socket stays as it is: %s\n", g_strerror(errno));
    if (fd >= 0)
        (void)close(fd);
}

/* Goes before the other programs on the machine, which belong to no workload. */
static void raise_priority(void)
{
    if (setpriority(PRIO_PROCESS, 0, PRIORITY) < 0)
        g_printerr("bench: the priority stays as it is: %s\n", g_strerror(errno));
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static double scale_of(const CommandLine *line)
{
    return line->scale > 0 ? line->scale : 1;
}

static void measure(const CommandLine *line, const Workload *workload)
{
    g_autofree char *program = g_canonicalize_filename(line->program, NULL);
    const StandOptions options = {
        .program = program,
        .parent = line->parent != NULL ? line->parent : g_get_tmp_dir(),
        .observer = line->observer,
        .scale = scale_of(line),
        .quiet = line->quiet,
    };
    Stand *stand;

    make_log_queue_usual();
    raise_priority();
    raise_file_limit();
    stand = stand_new(&options);
    stand_configure(stand, workload->settings);
    if (workload->own != NULL)
        place_configure_own(workload->own);
    workload->run(stand, workload);
    workload_result(workload, "troubles", (double)logtap_counts(stand->logtap).troubles);
    stand_free(stand);
}

static void write_only(const CommandLine *line, const Workload *workload)
{
    char *no_hashing[] = {NULL};
    Core core = {.hash_names = no_hashing};

    core_set_owner(&core);
    if (chdir(line->queue) < 0)
        g_error("%s: %s", line->queue, g_strerror(errno));
    (void)printf("%u\n", workload_write_stage(&core, workload, scale_of(line)));
}

static bool act(const CommandLine *line)
{
    const Workload *workload;

    if (line->list) {
        list(line->words);
        return true;
    }
    workload = line->words != NULL ? find(line->words[0]) : NULL;
    if (workload == NULL)
        return false;
    if (line->queue != NULL)
        write_only(line, workload);
    else if (line->program != NULL && workload->run != NULL)
        measure(line, workload);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    CommandLine line = {0};
    g_autoptr(GError) error = NULL;
    bool ok = parse(argc, argv, &line, &error) && act(&line);

    if (!ok)
        g_printerr("bench: %s\n", error != NULL ? error->message : "see tests/bench/README.md");
    clear(&line);
    return ok ? EXIT_SUCCESS : STATUS_WRONG;
}

#include "tests/bench/place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/letters.h"
#include "tests/lab/spool.h"
#include "tests/lab/trace.h"

#define MAIN_CF_AGE_S      3600 /* a file changed just now is read again and again */
#define REMOVE_DESCRIPTORS 16

static const char base_config[] = "compatibility_level = 3.6\n"
                                  "myhostname = bench.test\n"
                                  "mydomain = test\n"
                                  "mydestination =\n"
                                  "inet_protocols = ipv4\n"
                                  "qmgr_clog_warn_time = 0\n";

static const char *make_directory(const char *parent)
{
    g_autofree char *path = g_build_filename(parent, "bench.XXXXXX", NULL);

    if (mkdtemp(path) == NULL || chmod(path, 0755) < 0 || chdir(path) < 0)
        g_error("%s: %s", path, g_strerror(errno));
    if (mkdir("etc", 0755) < 0 || mkdir(LETTERS_STAGE, 0755) < 0)
        g_error("%s: %s", path, g_strerror(errno));
    return g_intern_string(path);
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    (void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

/* Makes the hash directories, too, with all names that they can have. */
static void make_queues(const Core *core)
{
    static const char digits[] = "0123456789ABCDEF";
    Spool *spool = spool_new(core);

    for (const char *digit = digits; *digit != '\0'; digit++) {
        g_autofree char *deferred = g_strdup_printf("deferred/%c/", *digit);

        core_make_directories(core, deferred);
    }
    spool_free(spool);
}

void place_make(Core *core, const char *parent)
{
    *core = (Core){
        .directory = make_directory(parent),
        .base = make_base(),
        .trace = trace_new(false),
        .hash_depth = 1,
        .hash_names = g_strsplit("deferred,defer", ",", -1),
    };
    core_set_owner(core);
    make_queues(core);
    core_make_directories(core, "data/");
}

void place_configure(const Core *core, const char *lines)
{
    const struct timespec old = {.tv_sec = time(NULL) - MAIN_CF_AGE_S};
    const struct timespec times[2] = {old, old};
    const char *directory = core->directory;
    g_autofree char *text =
        g_strdup_printf("queue_directory = %s\ndata_directory = %s/data\n"
                        "maillog_file = %s/log\n"
                        "maillog_file_prefixes = %s\n%s%s",
                        directory, directory, directory, directory, base_config, lines);
    g_autoptr(GError) error = NULL;

    if (!g_file_set_contents("etc/main.cf", text, -1, &error))
        g_error("main.cf: %s", error->message);
    if (chmod("etc/main.cf", 0644) < 0 || utimensat(AT_FDCWD, "etc/main.cf", times, 0) < 0)
        g_error("main.cf: %s", g_strerror(errno));
}

void place_configure_own(const char *lines)
{
    g_autoptr(GError) error = NULL;

    if (!g_file_set_contents("etc/eqmgr.cf", lines, -1, &error))
        g_error("eqmgr.cf: %s", error->message);
    if (chmod("etc/eqmgr.cf", 0644) < 0)
        g_error("eqmgr.cf: %s", g_strerror(errno));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void place_clear(Core *core, bool keep_directory)
{
    trace_free(core->trace);
    event_base_free(core->base);
    g_strfreev(core->hash_names);
    if (!keep_directory)
        (void)nftw(core->directory, remove_entry, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

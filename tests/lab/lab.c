#include "tests/lab/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lab/clock_page.h"
#include "tests/lab/peer.h"
#include "tests/lab/stamp.h"

#define NS_PER_S           1000000000LL
#define NS_PER_MS          1000000LL
#define REST_LIMIT_S       120 /* real time within which the daemon must come to rest */
#define SHORT_WAIT_NS      (50 * NS_PER_MS) /* a wait that belongs to the same moment */
#define SHORT_WAITS_MAX    5
#define MAIN_CF_AGE_S      3600 /* a file changed just now is read again and again */
#define AGENT_CONCURRENCY  1
#define REMOVE_DESCRIPTORS 16

static const char base_config[] = "compatibility_level = 3.6\n"
                                  "myhostname = lab.test\n"
                                  "mydomain = test\n"
                                  "mydestination =\n"
                                  "inet_protocols = ipv4\n"
                                  "maillog_file_prefixes = /tmp, /var\n"
                                  "qmgr_clog_warn_time = 0\n"
                                  "in_flow_delay = 0\n";

static void make_directory(Lab *lab)
{
    g_autofree char *template = g_strdup_printf("%s/lab.XXXXXX", g_get_tmp_dir());

    if (mkdtemp(template) == NULL || chmod(template, 0755) < 0 || chdir(template) < 0)
        g_error("%s: %s", template, g_strerror(errno));
    lab->directory = g_steal_pointer(&template);
    if (mkdir("etc", 0755) < 0)
        g_error("etc: %s", g_strerror(errno));
}

static Manner manner_of(MannerKind kind)
{
    return (Manner){.kind = kind, .dsn = g_strdup(""), .reason = g_strdup("")};
}

static void add_agents(Lab *lab)
{
    static const struct {
        const char *name;
        MannerKind kind;
    } usual[] = {
        {"smtp",  MANNER_OK    },
        {"local", MANNER_OK    },
        {"retry", MANNER_DEFER },
        {"error", MANNER_BOUNCE},
    };

    lab->agents = agents_new(&lab->core);
    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        agents_set(
            lab->agents, usual[i].name,
            (AgentSettings){.concurrency = AGENT_CONCURRENCY, .usually = manner_of(usual[i].kind)});
}

/* The program directory of another installation (POSTFIX): our daemon learns its release there. */
static char *daemon_directory_line(const Lab *lab)
{
    const char *postfix = g_getenv("POSTFIX");

    if (postfix == NULL || *postfix == '\0' || strstr(lab->config->str, "daemon_directory") != NULL)
        return g_strdup("");
    return g_strdup_printf("daemon_directory = %s/sbin\n", postfix);
}

static void write_main_cf(const Lab *lab)
{
    g_autofree char *daemons = daemon_directory_line(lab);
    const struct timespec old = {.tv_sec = time(NULL) - MAIN_CF_AGE_S};
    const struct timespec times[2] = {old, old};
    g_autofree char *text = g_strdup_printf(
        "queue_directory = %s\ndata_directory = %s/data\nmaillog_file = %s/log\n%s%s",
        lab->directory, lab->directory, lab->directory, daemons, lab->config->str);
    g_autoptr(GError) error = NULL;

    if (!g_file_set_contents("etc/main.cf", text, -1, &error))
        g_error("main.cf: %s", error->message);
    (void)chmod("etc/main.cf", 0644);
    if (utimensat(AT_FDCWD, "etc/main.cf", times, 0) < 0)
        g_error("main.cf: %s", g_strerror(errno));
}

Lab *lab_new(const LabOptions *options)
{
    Lab *lab = g_new0(Lab, 1);
    bool measuring = options->clock_library == NULL;

    lab->options = *options;
    lab->config = g_string_new(base_config);
    make_directory(lab);
    write_main_cf(lab);
    core_set_owner(&lab->core);
    lab->core.base = event_base_new();
    lab->core.directory = lab->directory;
    lab->core.stage = stage_new(measuring);
    lab->core.trace = trace_new(!measuring);
    lab->core.hash_depth = 1;
    lab->core.hash_names = g_strsplit("deferred,defer", ",", -1);
    lab->spool = spool_new(&lab->core);
    if (!measuring) {
        lab->clock = vclock_new(lab->core.base);
        stamp_set_start(vclock_start_wall_ns(lab->clock));
    }
    lab->postlog = postlog_new(&lab->core, lab->clock);
    lab->daemon = daemon_new(&lab->core, lab->clock);
    lab->resolver = resolver_new(&lab->core);
    lab->services = services_new(&lab->core);
    add_agents(lab);
    return lab;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void lab_free(Lab *lab)
{
    if (lab == NULL)
        return;
    daemon_free(lab->daemon);
    agents_free(lab->agents);
    resolver_free(lab->resolver);
    services_free(lab->services);
    postlog_free(lab->postlog);
    spool_free(lab->spool);
    vclock_free(lab->clock);
    trace_free(lab->core.trace);
    stage_free(lab->core.stage);
    event_base_free(lab->core.base);
    g_strfreev(lab->core.hash_names);
    if (!lab->options.keep_directory)
        (void)nftw(lab->directory, remove_entry, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    g_string_free(lab->config, TRUE);
    g_strfreev(lab->arguments);
    g_strfreev(lab->own_arguments);
    g_strfreev(lab->environment);
    g_free(lab->argv0);
    g_free(lab->directory);
    g_free(lab);
}

/* Settings that also decide where we put files. */
static void note_hashing(Lab *lab, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "=", 2);
    const char *name = g_strstrip(parts[0]);
    const char *value = parts[1] != NULL ? g_strstrip(parts[1]) : "";

    if (strcmp(name, "hash_queue_depth") == 0) {
        lab->core.hash_depth = (unsigned)strtoul(value, NULL, 10);
    } else if (strcmp(name, "hash_queue_names") == 0) {
        g_strfreev(lab->core.hash_names);
        lab->core.hash_names = g_strsplit_set(value, ", ", -1);
    }
}

/* Removes an earlier setting of the same name: the daemon would warn of two. */
static void remove_setting(GString *config, const char *line)
{
    const char *equals = strchr(line, '=');
    g_autofree char *name = g_strndup(line, equals != NULL ? (gsize)(equals - line) : strlen(line));
    g_autofree char *start = g_strdup_printf("\n%s =", g_strstrip(name));
    const char *found = strstr(config->str, start);
    gssize at = found != NULL ? found + 1 - config->str : 0;

    if (found != NULL)
        g_string_erase(config, at, strchr(config->str + at, '\n') + 1 - (config->str + at));
}

void lab_configure(Lab *lab, const char *line)
{
    remove_setting(lab->config, line);
    g_string_append_printf(lab->config, "%s\n", line);
    note_hashing(lab, line);
}

void lab_start(Lab *lab)
{
    g_autofree char *path =
        g_build_filename(lab->options.program_directory, lab->options.program_name, NULL);
    const DaemonProgram program = {
        .path = path,
        .name = lab->argv0 != NULL ? lab->argv0 : lab->options.program_name,
        .clock_library = lab->options.clock_library,
        .arguments = (const char *const *)lab->arguments,
        .own_arguments = (const char *const *)lab->own_arguments,
        .environment = (const char *const *)lab->environment,
    };

    write_main_cf(lab);
    daemon_start(lab->daemon, &program);
    postlog_set_pid(lab->postlog, daemon_pid(lab->daemon));
}

int64_t lab_now_s(const Lab *lab)
{
    return lab->clock != NULL ? vclock_wall_ns(lab->clock) / NS_PER_S : time(NULL);
}

static void drain(Lab *lab)
{
    uint64_t before;

    do {
        before = peer_activity();
        (void)event_base_loop(lab->core.base, EVLOOP_NONBLOCK);
    } while (peer_activity() != before);
}

static void on_no_rest(evutil_socket_t fd, short what, void *arg)
{
    Lab *lab = arg;

    (void)fd;
    (void)what;
    lab->stuck = true;
    trace_add(lab->core.trace, TRACE_NOTES, NULL, "does not come to rest: killed");
    daemon_signal(lab->daemon, SIGKILL);
}

/* A ping answered, and nothing at all has come in since it was sent: what we did before it is used
 * up, and we did nothing after it (a connection, say, is greeted the moment it comes in). */
static void reach_rest(Lab *lab)
{
    const struct timeval limit = {.tv_sec = REST_LIMIT_S};
    struct event *alarm = evtimer_new(lab->core.base, on_no_rest, lab);
    uint64_t before;

    (void)event_add(alarm, &limit);
    do {
        before = peer_activity();
        vclock_ping(lab->clock);
        while (daemon_is_running(lab->daemon) && !vclock_is_answered(lab->clock))
            (void)event_base_loop(lab->core.base, EVLOOP_ONCE);
        drain(lab);
    } while (peer_activity() != before);
    event_free(alarm);
}

static void move_clock(Lab *lab, int64_t duration_ns)
{
    vclock_advance(lab->clock, duration_ns);
    trace_set_time(lab->core.trace, vclock_since_start_ns(lab->clock));
    stage_set_time(lab->core.stage, vclock_since_start_ns(lab->clock));
}

static int64_t daemon_wait_ns(const Lab *lab)
{
    return daemon_is_running(lab->daemon) ? vclock_daemon_wait_ns(lab->clock) : CLOCK_NEVER_NS;
}

void lab_settle(Lab *lab)
{
    int short_waits = 0;

    for (;;) {
        reach_rest(lab);
        if (daemon_wait_ns(lab) <= SHORT_WAIT_NS && short_waits++ < SHORT_WAITS_MAX)
            move_clock(lab, daemon_wait_ns(lab));
        else if (!stage_perform_next(lab->core.stage, STAGE_ANSWER))
            return;
    }
}

bool lab_act(Lab *lab)
{
    if (!stage_perform_next(lab->core.stage, STAGE_ANNOUNCE))
        return false;
    lab_settle(lab);
    return true;
}

void lab_run(Lab *lab)
{
    lab_settle(lab);
    while (lab_act(lab))
        ;
}

bool lab_jump(Lab *lab, int64_t limit_ms)
{
    int64_t due_ns = stage_next_due_ns(lab->core.stage);
    int64_t wait_ns = daemon_wait_ns(lab);

    if (due_ns != CLOCK_NEVER_NS)
        wait_ns = MIN(wait_ns, due_ns - stage_time_ns(lab->core.stage));
    if (wait_ns > limit_ms * NS_PER_MS)
        return false;
    move_clock(lab, MAX(wait_ns, 0));
    lab_settle(lab);
    return true;
}

void lab_advance(Lab *lab, int64_t duration_ms)
{
    int64_t end_ns = vclock_since_start_ns(lab->clock) + duration_ms * NS_PER_MS;
    int64_t left_ns;

    lab_run(lab);
    while ((left_ns = end_ns - vclock_since_start_ns(lab->clock)) > 0) {
        if (!lab_jump(lab, left_ns / NS_PER_MS)) {
            move_clock(lab, left_ns);
            lab_settle(lab);
        }
        lab_run(lab);
    }
}

static void on_real_time_over(evutil_socket_t fd, short what, void *arg)
{
    bool *over = arg;

    (void)fd;
    (void)what;
    *over = true;
}

void lab_wait_real(Lab *lab, int64_t duration_ms)
{
    const struct timeval limit = {duration_ms / 1000, (duration_ms % 1000) * 1000};
    bool over = false;
    struct event *alarm = evtimer_new(lab->core.base, on_real_time_over, &over);

    (void)event_add(alarm, &limit);
    while (daemon_is_running(lab->daemon) && !over)
        (void)event_base_loop(lab->core.base, EVLOOP_ONCE);
    event_free(alarm);
}

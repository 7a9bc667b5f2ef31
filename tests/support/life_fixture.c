#include "tests/support/life_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "src/life/deliver_internal.h"
#include "src/life/scan_internal.h"
#include "tests/postfix/queue_file.h"
#include "tests/support/transport_params.h"

#define TOLD_SHOWN_BYTES 3000

World world;

/* ---- settings ---- */

static SchedTransportParams world_params(const char *transport, void *ctx)
{
    (void)transport;
    (void)ctx;
    return world.params;
}

static LifeSettings default_settings(void)
{
    return (LifeSettings){
        .message_active_limit = 20000,
        .resolving_max = 1000,
        .initial_destination_concurrency = 5,
        .message_recipient_limit = 20000,
        .queue_run_delay_s = 300,
        .minimal_backoff_s = 300,
        .maximal_backoff_s = 4000,
        .maximal_queue_lifetime_s = 432000,
        .bounce_queue_lifetime_s = 432000,
        .ipc_timeout_s = 60,
        .daemon_timeout_s = 18000,
        .probe_limit = 1000,
        .resolver_connections = 1,
        .resolver_services = "",
        .resolver_cache_s = 30,
        .ipc_idle_s = 5,
        .ipc_ttl_s = 1000,
        .verify_negative_cache = true,
        .smtputf8 = true,
        .defer_transports = "",
        .default_filter_nexthop = "",
        .myhostname = "host.test",
        .names = {.recipient_delimiter = "", .double_bounce_sender = "double-bounce"},
        .bounce_service = "bounce",
        .defer_service = "defer",
        .trace_service = "trace",
        .verify_service = "verify",
        .flush_service = "flush",
        .rewrite_service = "rewrite",
        .fast_flush_domains = "",
        .delay_resolution_limit = 2,
        .wire = wire_names_for_release(RELEASE(3, 7, 11)),
        .transport_params = world_params,
    };
}

/* ---- telling ---- */

static void on_log_line(LogSeverity severity, const char *text, void *ctx)
{
    g_autofree char *timeless =
        g_regex_replace(world.delays, text, -1, 0, "delay=D, delays=D,", 0, NULL);
    g_autofree char *line = g_regex_replace(world.uid, timeless, -1, 0, "uid N:", 0, NULL);

    (void)severity;
    (void)ctx;
    g_string_append_printf(world.told, "%s\n", line);
}

static void add_place(GString *places, const char *queue, const char *name)
{
    g_autofree char *path = g_build_filename(queue, name, NULL);
    struct stat st;
    long since_s;

    ck_assert_int_eq(lstat(path, &st), 0);
    since_s = (long)(st.st_mtime - world.start_s);
    g_string_append_printf(places, "%s %s %+ld %04o\n", queue, name, since_s - since_s % 10,
                           (unsigned)st.st_mode & 07777);
}

char *world_places(void)
{
    static const char *const queues[] = {"active", "corrupt", "deferred", "incoming"};
    GString *places = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(queues); i++) {
        g_autoptr(GDir) directory = g_dir_open(queues[i], 0, NULL);
        const char *name;

        while (directory != NULL && (name = g_dir_read_name(directory)) != NULL)
            add_place(places, queues[i], name);
    }
    return g_string_free(places, FALSE);
}

void world_expect(const char *text)
{
    ck_assert_str_eq(world.told->str, text);
}

void world_expect_places(const char *text)
{
    g_autofree char *places = world_places();

    ck_assert_str_eq(places, text);
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *sorted_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    qsort(lines, g_strv_length(lines), sizeof(*lines), compare_lines);
    return g_strjoinv("\n", lines);
}

bool was_told(const char *text)
{
    return strstr(world.told->str, text) != NULL;
}

unsigned times_told(const char *text)
{
    unsigned count = 0;

    for (const char *at = world.told->str; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

int64_t world_due_in_s(const char *id)
{
    g_autofree char *path = g_build_filename("deferred", id, NULL);
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mtime - world.start_s : -1;
}

/* ---- the world ---- */

/* What was told last; a message of Check has 4 KB at most. */
static const char *end_of_told(void)
{
    return world.told->str + MAX((gssize)world.told->len - TOLD_SHOWN_BYTES, 0);
}

/* As long as something happens nothing hangs, however slow the machine is. */
static void world_guard_again(void)
{
    const struct timeval guard = {WORLD_GUARD_S, 0};

    event_add(world.guard, &guard);
}

static void on_world_guard(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    world.is_late = true;
}

static Service *world_service(const char *path, ServiceKind kind)
{
    Service *service = service_open(world.base, path, kind, world.told);

    g_ptr_array_add(world.services, service);
    return service;
}

Service *world_agent(const char *name)
{
    g_autofree char *path = g_strconcat("private/", name, NULL);

    return world_service(path, SERVICE_AGENT);
}

Service *world_find(const char *name)
{
    for (guint i = 0; i < world.services->len; i++) {
        Service *service = g_ptr_array_index(world.services, i);

        if (g_str_equal(service->name, name))
            return service;
    }
    return NULL;
}

void world_remove_service(const char *name)
{
    Service *service = world_find(name);

    g_ptr_array_remove(world.services, service);
}

static void world_open_services(void)
{
    static const char *const status[] = {"private/bounce", "private/defer", "private/trace",
                                         "private/verify", "public/flush"};
    static const char *const agents[] = {"smtp", "local", "error", "retry"};

    world_service("private/rewrite", SERVICE_REWRITE);
    for (size_t i = 0; i < G_N_ELEMENTS(status); i++)
        world_service(status[i], SERVICE_STATUS);
    for (size_t i = 0; i < G_N_ELEMENTS(agents); i++)
        world_agent(agents[i]);
}

void world_setup(void)
{
    static const char *const directories[] = {"incoming", "active", "deferred", "corrupt",
                                              "bounce",   "defer",  "private",  "public"};

    memset(&world, 0, sizeof(world));
    world.start_directory = g_get_current_dir();
    world.directory = g_dir_make_tmp("eqmgr-life-XXXXXX", NULL);
    ck_assert_int_eq(chdir(world.directory), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
        ck_assert_int_eq(mkdir(directories[i], 0700), 0);
    world.start_s = g_get_real_time() / G_USEC_PER_SEC;
    world.base = event_base_new();
    world.guard = evtimer_new(world.base, on_world_guard, NULL);
    world_guard_again();
    world.told = g_string_new(NULL);
    world.delays = g_regex_new("delay=[0-9.]+, delays=[0-9./]+,", 0, 0, NULL);
    world.uid = g_regex_new("uid [0-9]+:", 0, 0, NULL);
    log_set_sink(on_log_line, NULL);
    world.settings = default_settings();
    world.sched_settings = usual_sched_settings();
    world.params = usual_transport_params();
    world.spool_settings = (SpoolSettings){
        .hash_queue_names = "", .release = RELEASE(3, 7, 11), .verp_delimiter_filter = "-=+"};
    world.services = g_ptr_array_new_with_free_func((GDestroyNotify)service_close);
    service_routes = NULL;
    world_open_services();
}

void world_open(void)
{
    world.spool = spool_new(&world.spool_settings);
    world.sched = sched_new(&world.sched_settings);
    world.life = life_new(world.base, world.spool, world.sched, &world.settings);
    world.life->deliveries->agents_understand = true; /* those of the stories record nothing */
}

void world_start(void)
{
    world_open();
    life_start(world.life);
}

void world_close(void)
{
    life_free(world.life);
    sched_free(world.sched);
    spool_free(world.spool);
    world.life = NULL;
    world.sched = NULL;
    world.spool = NULL;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void world_teardown(void)
{
    world_close();
    g_ptr_array_unref(world.services);
    event_free(world.guard);
    event_base_free(world.base);
    log_set_sink(NULL, NULL);
    ck_assert_int_eq(chdir(world.start_directory), 0);
    (void)nftw(world.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    g_free(world.directory);
    g_free(world.start_directory);
    g_string_free(world.told, TRUE);
    g_regex_unref(world.delays);
    g_regex_unref(world.uid);
}

/* ---- mail ---- */

static const char *or_else(const char *text, const char *fallback)
{
    return text != NULL ? text : fallback;
}

void world_set_due(const char *path, int64_t due_s)
{
    const struct timespec times[2] = {{.tv_sec = due_s}, {.tv_sec = due_s}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static GByteArray *mail_make(const Mail *mail)
{
    GString *envelope = g_string_new(NULL), *recipients = g_string_new(NULL);
    g_auto(GStrv) each = g_strsplit(or_else(mail->recipients, "a@smtp.test"), " ", -1);
    int64_t create_s = world.start_s - mail->age_s;
    g_autofree char *tail = g_strdup_printf("%u %s", mail->silent_count + g_strv_length(each),
                                            or_else(mail->size_flags, "0"));
    GByteArray *file;

    for (int i = 0; i < mail->silent_count; i++)
        g_string_append_printf(recipients, "|n1|Rsilent%d@smtp.test", i);
    for (char **one = each; *one != NULL; one++)
        g_string_append_printf(recipients, "|%s|R%s", or_else(mail->before_each, ""),
                               g_str_equal(*one, "<>") ? "" : *one);
    g_string_append_printf(envelope, "T%" G_GINT64_FORMAT " 0|c%" G_GINT64_FORMAT "|S%s|%s%s",
                           create_s, create_s, or_else(mail->sender, "sender@test"),
                           or_else(mail->records, ""), recipients->str);
    file = queue_file_make(&(QueueFileParts){.envelope = envelope->str, .size_tail = tail});
    g_string_free(envelope, TRUE);
    g_string_free(recipients, TRUE);
    return file;
}

void world_mail(const Mail *mail)
{
    g_autoptr(GByteArray) file = mail_make(mail);
    g_autofree char *path =
        g_build_filename(or_else(mail->queue, "incoming"), or_else(mail->id, "A1"), NULL);

    ck_assert(
        g_file_set_contents(path, (const char *)file->data, file->len - mail->cut_bytes, NULL));
    ck_assert_int_eq(chmod(path, mail->mode != 0 ? mail->mode : 0700), 0);
    world_set_due(path, world.start_s + mail->due_in_s);
}

void world_file(const char *path, const char *text)
{
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* ---- running ---- */

bool world_is_quiet(void)
{
    return sched_message_count(world.sched) == 0 &&
           !scan_is_running(&world.life->scans->incoming) &&
           !scan_is_running(&world.life->scans->deferred);
}

/*
 * As the daemon's loop: whoever forgets to say that there is more to do makes the test hang. Does
 * not wait if `text` has been told.
 */
static void world_turn_until(const char *text)
{
    gsize told_bytes = world.told->len;
    bool more = life_turn(world.life) || world_is_quiet() || was_told(text);

    sched_check(world.sched);
    life_check(world.life);
    life_before_wait(world.life);
    event_base_loop(world.base, EVLOOP_ONCE | (more ? EVLOOP_NONBLOCK : 0));
    life_check(world.life);
    /* Check notes assertions that hold, too, and a child that is killed would leave half a note. */
    if (world.is_late)
        ck_abort_msg("nothing happens any more; so far:\n%s", end_of_told());
    if (more || world.told->len != told_bytes)
        world_guard_again();
}

void world_turn(void)
{
    world_turn_until("\n\n"); /* which nobody tells */
}

void world_run(void)
{
    do {
        world_turn();
    } while (!world_is_quiet());
}

void world_run_until(const char *text)
{
    while (!was_told(text))
        world_turn_until(text);
}

static void on_nothing(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

void world_turn_at_most_ms(int ms)
{
    const struct timeval pause = {0, ms * 1000};
    struct event *timer = evtimer_new(world.base, on_nothing, NULL);

    event_add(timer, &pause);
    world_turn();
    event_free(timer);
}

void world_forget(void)
{
    g_string_truncate(world.told, 0);
}

TCase *world_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, world_setup, world_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    return tcase;
}

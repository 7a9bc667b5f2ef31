#include <sys/stat.h>

#include "codec/resolve.h"
#include "tests/support/life_story.h"

/*
 * Everything at once: services that answer, refuse, lie and hang up as chance will have it, files
 * that vanish or get damaged, triggers at any time. Whatever happens, no message is lost: its file
 * is somewhere, or was removed for a reason that was told; and none lies in active that is not in
 * memory. Half of the worlds end in the midst of it.
 */

#define MESSAGES     40
#define TURNS        200
#define MANNER_CHARS 2000
#define SEEDS        16

typedef struct Chaos {
    GRand *rand;
    GHashTable *unlinked; /* queue IDs whose files vanished */
    char manners[MANNER_CHARS + 1];
} Chaos;

static Chaos chaos;

/* Each service begins at a random place of one long manner. */
static void choose_manners(const char *letters)
{
    for (int i = 0; i < MANNER_CHARS; i++)
        chaos.manners[i] = letters[g_rand_int_range(chaos.rand, 0, (int)strlen(letters))];
}

static bool one_in(int chances)
{
    return g_rand_int_range(chaos.rand, 0, chances) == 0;
}

/* The reply of a service differs each time; now and then the service changes the file. */
static void act_by_chance(const Service *service, const Request *request)
{
    Service *changed = world_find(service->name);
    g_autofree char *path = request_file(request);

    changed->status = one_in(3) ? -1 : 0;
    changed->dsn = changed->status != 0 && one_in(3) ? "4.4.1" : "";
    changed->reason = one_in(4) ? "by chance" : "";
    if (*request_get(request, "queue_id") == '\0')
        return;
    if (one_in(12) && unlink(path) == 0)
        g_hash_table_add(chaos.unlinked, g_strdup(request_get(request, "queue_id")));
    else if (one_in(20))
        (void)chmod(path, 0400);
    else if (service->kind == SERVICE_AGENT && one_in(4) && access(path, F_OK) == 0)
        mark_first_done(service, request);
    else if (service->kind == SERVICE_AGENT && one_in(4))
        write_bounce_log(service, request);
}

static void make_services_odd(bool with_silence)
{
    choose_manners(with_silence ? "aaaaaaaaqgxws" : "aaaaaaaaqgxw");
    for (guint i = 0; i < world.services->len; i++) {
        Service *service = g_ptr_array_index(world.services, i);

        service->effect = act_by_chance;
        if (service->kind != SERVICE_REWRITE)
            service->manner = chaos.manners + g_rand_int_range(chaos.rand, 0, MANNER_CHARS / 2);
    }
}

static void write_mail_by_chance(int number)
{
    static const char *const records[] = {"",
                                          "Atrace_flags=256",
                                          "Atrace_flags=512",
                                          "Atrace_flags=1024",
                                          "V+=",
                                          "Lsmtp:filter.test",
                                          "Lnone:filter.test",
                                          ">bob@local.test",
                                          "W     1000000000"};
    static const char *const recipients[] = {
        "a@smtp.test", "a@smtp.test b@smtp.test c@local.test d@none.test e@smtp.test f@local.test",
        "a@none.test b@none.test", "double-bounce@local.test <> x@retry.test", "a@error.test"};
    g_autofree char *id = g_strdup_printf("M%d", number);

    world_mail(&(Mail){
        .id = id,
        .queue = one_in(3)   ? "deferred"
                 : one_in(5) ? "active"
                             : "incoming",
        .records = records[g_rand_int_range(chaos.rand, 0, G_N_ELEMENTS(records))],
        .recipients = recipients[g_rand_int_range(chaos.rand, 0, G_N_ELEMENTS(recipients))],
        .before_each = one_in(2) ? "n2|Oalias@test" : "",
        .age_s = one_in(5) ? 432000 : 0,
        .mode = one_in(5) ? 0750 : 0700,
        .cut_bytes = one_in(10) ? 2 : 0,
        .size_flags = one_in(4) ? "4" : "0",
    });
    if (one_in(4)) {
        g_autofree char *path = g_strconcat("defer/", id, NULL);

        world_file(path, "log");
    }
}

static void choose_settings(int seed)
{
    static const Route routes[] = {
        {"double-bounce@local.test", "local", "host.test", "double-bounce@local.test",
         RESOLVE_CLASS_LOCAL},
        {"",               "smtp", "host.test", "", 0},
        {0       },
    };

    service_routes = routes;
    if (seed % 2 == 1)
        story_set("round_robin", "yes");
    world.settings.resolver_connections = 1 + seed % 4;
    world.settings.message_active_limit = 3 + seed % 10;
    world.settings.fast_flush_domains = "smtp.test";
    world.settings.probe_limit = 2;
    world.settings.verify_negative_cache = seed % 3 == 0;
    world.sched_settings.message_recipient_limit = 2 + seed % 5;
    world.sched_settings.message_recipient_minimum = 1;
    world.settings.message_recipient_limit = world.sched_settings.message_recipient_limit;
    world.params.destination_recipient_limit = 1 + seed % 3;
    world.params.recipient_limit = seed % 2 * 3;
}

static void trigger_by_chance(void)
{
    static const char *const triggers[] = {"W", "WD", "WDFA", "A", "F", "WA"};
    const char *bytes = triggers[g_rand_int_range(chaos.rand, 0, G_N_ELEMENTS(triggers))];

    life_trigger(world.life, bytes, strlen(bytes));
}

static bool was_removed(const char *id)
{
    g_autofree char *line = g_strdup_printf("\n%s: removed\n", id);

    return was_told(line);
}

static bool file_exists(const char *queue, const char *id)
{
    g_autofree char *path = g_build_filename(queue, id, NULL);

    return access(path, F_OK) == 0;
}

static void expect_no_message_lost(int seed)
{
    for (int i = 0; i < MESSAGES; i++) {
        g_autofree char *id = g_strdup_printf("M%d", i);
        int places = file_exists("incoming", id) + file_exists("active", id) +
                     file_exists("deferred", id) + file_exists("corrupt", id);
        bool is_removed = was_removed(id);
        bool is_unlinked = g_hash_table_contains(chaos.unlinked, id);

        ck_assert_msg(places == 1 || (places == 0 && (is_removed || is_unlinked)),
                      "seed %d: %s is in %d places\n%s", seed, id, places, world.told->str);
        ck_assert_msg(!world_is_quiet() || !file_exists("active", id),
                      "seed %d: %s lies in active\n%s", seed, id, world.told->str);
    }
}

static void chaos_begin(void)
{
    world_setup();
    chaos.unlinked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void chaos_end(void)
{
    for (guint i = 0; i < world.services->len; i++) {
        Service *service = g_ptr_array_index(world.services, i);

        service->effect = NULL;
    }
    world_teardown();
    g_hash_table_destroy(chaos.unlinked);
    g_rand_free(chaos.rand);
}

START_TEST(no_message_is_lost)
{
    bool to_the_end = _i % 4 < 2;

    chaos.rand = g_rand_new_with_seed((guint32)_i + 1);
    choose_settings(_i);
    make_services_odd(!to_the_end);
    for (int i = 0; i < MESSAGES; i++)
        write_mail_by_chance(i);
    world_start();
    for (int i = 0; i < TURNS; i++) {
        if (one_in(20))
            trigger_by_chance();
        world_turn_at_most_ms(1);
    }
    if (to_the_end)
        world_run();
    expect_no_message_lost(_i);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("chaos");

    tcase_add_checked_fixture(tcase, chaos_begin, chaos_end);
    tcase_set_timeout(tcase, 2 * WORLD_GUARD_S);
    tcase_add_loop_test(tcase, no_message_is_lost, 0, SEEDS);
    return run_suite("life/chaos", tcase, NULL);
}

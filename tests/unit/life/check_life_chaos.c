#include <sys/stat.h>

#include "codec/resolve.h"
#include "life/expedite.h"
#include "life/jobs.h"
#include "tests/support/life_rules.h"
#include "tests/support/life_story.h"

/*
 * Everything at once: services that answer, refuse, lie and hang up as chance will have it, files
 * that vanish or get damaged, triggers at any time. Whatever happens, no message is lost: its file
 * is somewhere, or was removed for a reason that was told; and none lies in active that is not in
 * memory. Half of the worlds end in the midst of it. In the second half of the seeds there are
 * shares of the active queue, sites that share, rates, and an administrator who makes and ends
 * rules and jobs.
 */

#define MESSAGES     40
#define TURNS        200
#define MANNER_CHARS 2000
#define SEEDS        32
#define PLAIN_SEEDS  16

typedef struct Chaos {
    GRand *rand;
    GHashTable *unlinked; /* queue IDs whose files vanished */
    GArray *rules;        /* numbers of those in force */
    Sites *sites;
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

/* ---- what an administrator wants ---- */

static const char *const sites_of_chaos[] = {"smtp.test", "local.test", "none.test"};

static const char *site_by_chance(void)
{
    return sites_of_chaos[g_rand_int_range(chaos.rand, 0, G_N_ELEMENTS(sites_of_chaos))];
}

static bool rate_of_chaos(const char *transport, TransportRate rate, MeterLimit *ret_limit,
                          char **ret_name, void *ctx)
{
    (void)ctx;
    *ret_limit = rate == TRANSPORT_RATE_WHOLE ? (MeterLimit){500, 1, 20} : (MeterLimit){300, 1, 5};
    if (ret_name != NULL)
        *ret_name = g_strconcat(transport, "_rate", NULL);
    return !g_str_equal(transport, "retry") && !g_str_equal(transport, "error");
}

static void share_sites(int seed)
{
    Site *site;

    chaos.sites = sites_new();
    site = sites_add(chaos.sites, "both", 1);
    ck_assert_pstr_eq(sites_add_word(chaos.sites, SITE_DOMAIN, "smtp.test"), NULL);
    ck_assert_pstr_eq(sites_add_word(chaos.sites, SITE_DOMAIN, "none.test"), NULL);
    site->shared = seed % 3 == 0 ? SITE_SHARED_OVER_TRANSPORTS : SITE_SHARED_YES;
    site->concurrency = 1 + seed % 3;
    site->setting_lines[SITE_CONCURRENCY] = 2;
    sites_seal(chaos.sites);
    world.settings.sites = chaos.sites;
}

static void choose_policies(int seed)
{
    world.settings.rules = life_rules;
    world.settings.destination_share_percent = 10 + seed % 3 * 10;
    world.settings.destination_horizon_s = 300;
    world.sched_settings.counts_messages = true;
    world.settings.new_mail_reserve_percent = seed % 2 * 30;
    if (seed % 4 != 0)
        world.settings.transport_rate = rate_of_chaos;
    if (seed % 5 != 0)
        share_sites(seed);
}

static void make_rule(RuleKind kind)
{
    RuleMeasure measure = kind == RULE_SUSPEND ? RULE_NOTHING
                          : one_in(2)          ? RULE_RATE
                                               : RULE_CONCURRENCY;
    const Rule rule = {.kind = kind,
                       .measure = measure,
                       .object = RULE_DOMAIN,
                       .name = site_by_chance(),
                       .most = kind == RULE_LIMIT ? g_rand_int_range(chaos.rand, 1, 6) : 0,
                       .period_s = measure == RULE_RATE,
                       .made_s = 1,
                       .end_s = RULE_FOREVER,
                       .reason = "by chance"};
    uint32_t number = rules_put(life_rules, &rule)->number;

    g_array_append_val(chaos.rules, number);
    life_rules_changed(world.life);
}

static void end_rule(guint place, LifeRelease release)
{
    Rules *before = rules_copy(life_rules);
    uint32_t number = g_array_index(chaos.rules, uint32_t, place);

    (void)g_array_remove_index_fast(chaos.rules, place);
    if (rules_remove(life_rules, number)) /* the same rule may be there twice */
        life_rule_ended(world.life, rules_find(before, number), release, -1);
    rules_free(before);
}

static bool is_of_site(const Rule *about, const char *transport, const char *destination)
{
    (void)transport;
    return g_str_has_suffix(destination, about->name);
}

static void start_job(void)
{
    const Rule about = {.object = RULE_DOMAIN, .name = site_by_chance()};
    const LifeJobOrder order = {.about = &about, .matches = is_of_site, .verb = "flush"};
    g_autofree char *problem = NULL;

    (void)life_job_start(world.life, &order, &problem);
}

static void expedite_one(void)
{
    g_autofree char *id = g_strdup_printf("M%d", g_rand_int_range(chaos.rand, 0, MESSAGES));

    (void)life_expedite(world.life, id, one_in(2) ? SPOOL_DEFERRED : SPOOL_INCOMING, one_in(2));
}

static void administer_by_chance(void)
{
    switch (g_rand_int_range(chaos.rand, 0, 8)) {
    case 0:
    case 1:
        make_rule(RULE_SUSPEND);
        break;
    case 2:
        make_rule(RULE_LIMIT);
        break;
    case 3:
    case 4:
        if (chaos.rules->len > 0)
            end_rule((guint)g_rand_int_range(chaos.rand, 0, (gint32)chaos.rules->len),
                     (LifeRelease)g_rand_int_range(chaos.rand, 0, 3));
        break;
    case 5:
        start_job();
        break;
    case 6:
        (void)life_job_cancel(world.life, (uint32_t)g_rand_int_range(chaos.rand, 1, 9), 0);
        break;
    default:
        expedite_one();
    }
}

static void end_all_rules(void)
{
    while (chaos.rules->len > 0)
        end_rule(0, one_in(2) ? LIFE_RELEASE_NOW : LIFE_RELEASE_BY_JOB);
}

/* ---- the worlds ---- */

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
    rules_world_setup();
    world.settings.rules = NULL;
    chaos.rules = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    chaos.unlinked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void chaos_end(void)
{
    for (guint i = 0; i < world.services->len; i++) {
        Service *service = g_ptr_array_index(world.services, i);

        service->effect = NULL;
    }
    rules_world_teardown();
    g_hash_table_destroy(chaos.unlinked);
    g_array_unref(chaos.rules);
    sites_free(g_steal_pointer(&chaos.sites));
    g_rand_free(chaos.rand);
}

START_TEST(no_message_is_lost)
{
    bool to_the_end = _i % 4 < 2, has_policies = _i >= PLAIN_SEEDS;

    chaos.rand = g_rand_new_with_seed((guint32)_i + 1);
    choose_settings(_i);
    if (has_policies)
        choose_policies(_i);
    make_services_odd(!to_the_end);
    for (int i = 0; i < MESSAGES; i++)
        write_mail_by_chance(i);
    world_start();
    for (int i = 0; i < TURNS; i++) {
        if (one_in(20))
            trigger_by_chance();
        if (has_policies && one_in(10))
            administer_by_chance();
        world_turn_at_most_ms(1);
    }
    end_all_rules();
    if (to_the_end)
        world_run();
    expect_no_message_lost(_i);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("chaos");

    tcase_add_checked_fixture(tcase, chaos_begin, chaos_end);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, no_message_is_lost, 0, SEEDS);
    return run_suite("life/chaos", tcase, NULL);
}

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "src/life/intake_internal.h"
#include "src/life/locked_internal.h"
#include "src/life/takeover_internal.h"
#include "tests/support/life_story.h"

/* Intake: tests/data/life/intake.stories, and what cannot be told as a story. */

/* ---- order and limits (behaviour.md 4.1) ---- */

#define EACH 4 /* files in each queue */

static void write_mail_in_both_queues(void)
{
    for (int i = 0; i < EACH; i++) {
        g_autofree char *incoming = g_strdup_printf("I%d", i);
        g_autofree char *deferred = g_strdup_printf("D%d", i);

        world_mail(&(Mail){.id = incoming});
        world_mail(&(Mail){.id = deferred, .queue = "deferred"});
    }
}

/* First letters of the queue IDs in the order of activation. */
static char *activations(void)
{
    g_auto(GStrv) lines = g_strsplit(world.told->str, "\n", -1);
    GString *letters = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++)
        if (g_str_has_suffix(*line, "(queue active)"))
            g_string_append_c(letters, **line);
    return g_string_free(letters, FALSE);
}

static void expect_activations(const char *wanted)
{
    g_autofree char *order = activations();

    ck_assert_str_eq(order, wanted);
}

/* Until an agent has something to do, and a little longer. */
static void run_to_a_standstill(void)
{
    world_run_until("smtp: ");
    for (int i = 0; i < 3; i++)
        world_turn_at_most_ms(10);
}

START_TEST(both_queues_take_turns)
{
    write_mail_in_both_queues();
    world_start();
    world_run();
    expect_activations("IDIDIDID");
}
END_TEST

START_TEST(active_limit_holds_and_new_mail_comes_first)
{
    world.settings.message_active_limit = 1;
    world_find("smtp")->manner = "sa";
    write_mail_in_both_queues();
    world_start();
    run_to_a_standstill();
    expect_activations("I");
    service_hang_up(world_find("smtp"));
    world_run();
    expect_activations("IIIIDDDD");
}
END_TEST

/* oqmgr: recipients in memory count as well. */
START_TEST(recipient_limit_holds_for_round_robin)
{
    story_set("round_robin", "yes");
    world.settings.message_recipient_limit = 2;
    world_find("smtp")->manner = "s";
    write_mail_in_both_queues();
    world_start();
    run_to_a_standstill();
    expect_activations("ID");
}
END_TEST

/* ---- locks ---- */

static int lock_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_SH | LOCK_NB), 0);
    return fd;
}

#define SKIPPED "A1: skipped, still being delivered\n"

START_TEST(locked_file_waits_for_its_lock)
{
    int fd;

    world_mail(&(Mail){0});
    fd = lock_file("incoming/A1");
    world_start();
    world_run();
    world_expect(SKIPPED);
    world_expect_places("incoming A1 +60 0700\n");
    (void)close(fd);
    world_run_until("A1: removed");
}
END_TEST

/* However often the file is met, it is waited for once. */
START_TEST(locked_file_is_waited_for_once)
{
    int fd;

    world_mail(&(Mail){0});
    fd = lock_file("incoming/A1");
    world_start();
    world_run();
    for (int i = 0; i < 3; i++) {
        life_trigger(world.life, "WA", 2);
        world_run();
    }
    world_expect(SKIPPED SKIPPED SKIPPED SKIPPED);
    ck_assert_uint_eq(world.life->locked->queue_ids->len, 1);
    (void)close(fd);
    world_forget();
    world_run_until("A1: removed");
    ck_assert_uint_eq(world.life->locked->queue_ids->len, 0);
}
END_TEST

START_TEST(waiting_for_a_lock_ends_when_the_file_is_gone)
{
    int fd;

    world_mail(&(Mail){0});
    fd = lock_file("incoming/A1");
    world_start();
    world_run();
    ck_assert_int_eq(unlink("incoming/A1"), 0);
    while (world.life->locked->queue_ids->len > 0)
        world_turn();
    (void)close(fd);
    world_expect(SKIPPED);
}
END_TEST

/* ---- no descriptors ---- */

static void set_descriptor_limit(rlim_t limit)
{
    struct rlimit rlimit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &rlimit), 0);
    rlimit.rlim_cur = limit;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &rlimit), 0);
}

static rlim_t descriptor_limit(void)
{
    struct rlimit rlimit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &rlimit), 0);
    return rlimit.rlim_cur;
}

START_TEST(without_descriptors_files_are_put_back)
{
    rlim_t before = descriptor_limit();
    int lowest_free;

    world_mail(&(Mail){0});
    world_start(); /* the directories are open now */
    lowest_free = dup(STDIN_FILENO);
    (void)close(lowest_free);
    set_descriptor_limit((rlim_t)lowest_free);
    (void)life_turn(world.life);
    set_descriptor_limit(before);
    world_expect("warning: open active A1: Too many open files\n");
    world_expect_places("incoming A1 +60 0700\n");
    life_trigger(world.life, "WA", 2);
    world_run_until("A1: removed");
}
END_TEST

START_TEST(without_descriptors_scans_wait)
{
    rlim_t before = descriptor_limit();
    int lowest_free = dup(STDIN_FILENO);

    (void)close(lowest_free);
    world_open();
    set_descriptor_limit((rlim_t)lowest_free);
    life_trigger(world.life, "W", 1);
    set_descriptor_limit(before);
    world_expect("warning: scan_dir_push: open directory incoming: Too many open files\n");
    world_mail(&(Mail){0});
    life_trigger(world.life, "W", 1);
    world_run();
    ck_assert(was_told("A1: removed"));
}
END_TEST

/* ---- a previous process ---- */

#define LEFT_BEHIND 100 /* more than go back in one turn */

START_TEST(many_files_left_behind_go_back_a_piece_per_turn)
{
    for (int i = 0; i < LEFT_BEHIND; i++) {
        g_autofree char *id = g_strdup_printf("L%02d", i);

        world_mail(&(Mail){.id = id, .queue = "active", .due_in_s = -100});
    }
    world_start();
    ck_assert_ptr_nonnull(world.life->takeover->names);
    world_run();
    ck_assert_ptr_null(world.life->takeover->names);
    world_expect_places("");
}
END_TEST

START_TEST(what_cannot_go_back_stays_and_is_tried_again)
{
    world_mail(&(Mail){.queue = "active"});
    ck_assert_int_eq(rmdir("incoming"), 0);
    world_start();
    world_run();
    world_expect(
        "warning: qmgr_move: rename A1 from active to incoming: No such file or directory\n"
        "warning: scan_dir_push: open directory incoming: No such file or directory\n");
    world_expect_places("active A1 +0 0700\n");
    ck_assert_int_eq(mkdir("incoming", 0700), 0);
    do_retry();
    world_run_until("A1: removed");
}
END_TEST

/* ---- time ---- */

START_TEST(deferred_queue_is_looked_at_now_and_then)
{
    world.settings.queue_run_delay_s = 1;
    world_mail(&(Mail){.queue = "deferred", .due_in_s = 2});
    world_start();
    world_run_until("A1: removed");
    ck_assert_int_ge(g_get_real_time() / G_USEC_PER_SEC, world.start_s + 1);
}
END_TEST

/* ---- flow tokens (behaviour.md 5) ---- */

static int token_count;

static int count_tokens(void *ctx)
{
    (void)ctx;
    return token_count;
}

static void put_tokens(int count, void *ctx)
{
    (void)ctx;
    token_count += count;
}

static void take_tokens(int count, void *ctx)
{
    (void)ctx;
    token_count -= count;
}

static const struct {
    const char *title;
    int before, mail_count, after;
    bool scan_goes_on;
} flows[] = {
    {"too many are taken away",                  20, 0, 5,  false},
    {"without a scan the rest comes at once",    0,  0, 5,  false},
    {"as many as there should be",               5,  1, 5,  false},
    {"each message brings one",                  0,  2, 2,  true },
    {"but no more than there should be",         4,  3, 5,  true },
    {"nothing comes while a scan finds nothing", 0,  0, 0,  true },
    {"what cannot be counted is left alone",     -1, 0, -1, false},
};

/* A turn takes in all there is, so a scan that goes on is made by hand. */
START_TEST(tokens_follow_the_rules)
{
    world.settings.flow = (LifeFlow){count_tokens, put_tokens, take_tokens, NULL, 5};
    world_open();
    token_count = flows[_i].before;
    life_trigger(world.life, flows[_i].scan_goes_on ? "W" : "", flows[_i].scan_goes_on ? 1 : 0);
    world.life->intake->taken_from_incoming = flows[_i].mail_count;
    intake_flow_control(world.life);
    ck_assert_msg(token_count == flows[_i].after, "%s: %d", flows[_i].title, token_count);
}
END_TEST

START_TEST(tokens_come_back_with_mail)
{
    world.settings.flow = (LifeFlow){count_tokens, put_tokens, take_tokens, NULL, 5};
    token_count = 0;
    world_mail(&(Mail){0});
    world_start();
    (void)life_turn(world.life);
    ck_assert_int_eq(token_count, 1);
    world_run();
    ck_assert_int_eq(token_count, 5);
}
END_TEST

int main(void)
{
    TCase *order = world_tcase("order"), *locks = world_tcase("locks");
    TCase *limits = world_tcase("limits"), *flow = world_tcase("flow");

    tcase_add_test(order, both_queues_take_turns);
    tcase_add_test(order, active_limit_holds_and_new_mail_comes_first);
    tcase_add_test(order, recipient_limit_holds_for_round_robin);
    tcase_add_test(locks, locked_file_waits_for_its_lock);
    tcase_add_test(locks, locked_file_is_waited_for_once);
    tcase_add_test(locks, waiting_for_a_lock_ends_when_the_file_is_gone);
    tcase_add_test(limits, without_descriptors_files_are_put_back);
    tcase_add_test(limits, without_descriptors_scans_wait);
    tcase_add_test(limits, many_files_left_behind_go_back_a_piece_per_turn);
    tcase_add_test(limits, what_cannot_go_back_stays_and_is_tried_again);
    tcase_add_test(limits, deferred_queue_is_looked_at_now_and_then);
    tcase_add_loop_test(flow, tokens_follow_the_rules, 0, G_N_ELEMENTS(flows));
    tcase_add_test(flow, tokens_come_back_with_mail);
    return run_suite("life/intake", stories_tcase("intake"), order, locks, limits, flow, NULL);
}

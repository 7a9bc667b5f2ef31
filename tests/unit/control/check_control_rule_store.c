#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/rule_file.h"
#include "tests/support/control_fixture.h"
#include "tests/support/daemon_child.h"
#include "tests/support/thread_faults.h"

/*
 * The file of rules, with a fault or a kill at each system call by which it is written, in turn.
 *
 * What must hold: a change is acknowledged only when it is on the disk; if it is not acknowledged
 * because of an error, the file is the one before; and after a kill at any moment the file is one
 * of the two, whole, and the new one if it was acknowledged.
 */

/* ---- the world ---- */

static bool is_told, is_done;
static char *told_problem;

static void on_told(const Rule *rule, const char *problem, void *ctx)
{
    (void)ctx;
    is_told = true;
    is_done = rule != NULL;
    g_free(told_problem);
    told_problem = g_strdup(problem);
}

static void setup(void)
{
    world_setup();
    start_control();
    thread_faults_set(NULL);
}

static void teardown(void)
{
    thread_faults_set(NULL);
    end_control();
    world_teardown();
    g_clear_pointer(&told_problem, g_free);
}

static void put(const char *domain)
{
    const Rule rule = {.kind = RULE_SUSPEND,
                       .object = RULE_DOMAIN,
                       .name = domain,
                       .made_s = 1,
                       .end_s = RULE_FOREVER,
                       .reason = "test"};

    is_told = is_done = false;
    steer_put(steer, &rule, on_told, NULL);
    while (!is_told)
        turn_control();
}

/* The domains in the file; a fault of it fails the test. */
static char *file_content(void)
{
    GString *names = g_string_new(NULL);
    Rules *read = rules_new();
    char *problem = NULL;
    int fd = data_file_open_directory(".");

    ck_assert_int_eq(rule_store_load(fd, read, &problem), RULE_LOAD_OK);
    ck_assert_ptr_null(problem);
    for (unsigned i = 0; i < rules_count(read); i++)
        g_string_append_printf(names, "%s ", rules_at(read, i)->name);
    rules_free(read);
    (void)close(fd);
    return g_string_free(names, FALSE);
}

static void expect_file(const char *domains)
{
    g_autofree char *content = file_content();

    ck_assert_str_eq(content, domains);
}

static char *rules_in_force(void)
{
    GString *names = g_string_new(NULL);

    for (unsigned i = 0; i < rules_count(rules); i++)
        g_string_append_printf(names, "%s ", rules_at(rules, i)->name);
    return g_string_free(names, FALSE);
}

static void expect_in_force(const char *domains)
{
    g_autofree char *names = rules_in_force();

    ck_assert_str_eq(names, domains);
}

/* ---- errors ---- */

static const int errors[] = {ENOSPC, EIO, EROFS, EDQUOT};

static void check_after_error(int n)
{
    if (is_done) { /* a call whose failure does not matter, or there is no such call */
        expect_in_force("a.test b.test ");
        expect_file("a.test b.test ");
        return;
    }
    ck_assert_msg(strstr(told_problem, "; nothing has changed") != NULL, "%d: %s", n, told_problem);
    ck_assert(was_told("control: cannot write ./eqmgr-control: "));
    expect_in_force("a.test ");
    expect_file("a.test ");
    ck_assert_int_ne(access(RULE_STORE_NEW, F_OK), 0);
}

/* Returns whether there is such a call. */
static bool fail_at(int n, int error)
{
    bool is_hit;

    thread_faults_set(&(ThreadFaults){.fail_from = n, .fail_to = n, .error = error});
    put("b.test");
    is_hit = thread_faults_was_hit();
    thread_faults_set(NULL);
    check_after_error(n);
    if (is_done) { /* back to what it was */
        steer_remove(steer, rules_at(rules, 1)->number, 0, LIFE_RELEASE_NOW, on_told, NULL);
        for (is_told = false; !is_told;)
            turn_control();
    }
    return is_hit;
}

START_TEST(failed_call_changes_nothing)
{
    int n = 1, refused = 0;

    put("a.test");
    ck_assert(is_done);
    while (fail_at(n, errors[_i])) {
        refused += told_problem != NULL;
        n++;
    }
    ck_assert_int_ge(n, 7);       /* unlinkat openat write fsync close renameat fsync */
    ck_assert_int_ge(refused, 6); /* all but the first one matter */
    put("b.test");
    ck_assert(is_done);
    expect_file("a.test b.test ");
}
END_TEST

START_TEST(short_write_goes_on)
{
    thread_faults_set(&(ThreadFaults){.short_at = 3});
    put("a.test");
    ck_assert(is_done && thread_faults_was_hit());
    expect_file("a.test ");
}
END_TEST

/* ---- kills ---- */

/* In the child: the change; says when it is acknowledged. */
static void run_until_killed(void *ctx)
{
    (void)event_reinit(world.base);
    thread_faults_set(ctx);
    put("b.test");
    if (is_done)
        (void)!write(STDOUT_FILENO, "x", 1);
    (void)raise(SIGKILL);
}

/* Returns whether it was acknowledged. */
static bool kill_at(int n)
{
    ThreadFaults faults = {.kill_at = n};
    ChildEnd end = run_child(run_until_killed, &faults, STDOUT_FILENO);

    ck_assert_int_eq(end.signal, SIGKILL);
    return g_str_equal(end.output, "x");
}

START_TEST(killed_at_any_call_it_is_in_force_or_was_never_acknowledged)
{
    bool is_acknowledged = false;
    int n = 1, seen_before = 0;

    put("a.test");
    for (; !is_acknowledged; n++) {
        g_autofree char *content = NULL;

        is_acknowledged = kill_at(n);
        content = file_content();
        if (is_acknowledged || !g_str_equal(content, "a.test "))
            ck_assert_str_eq(content, "a.test b.test ");
        else
            seen_before++;
    }
    ck_assert_int_eq(n - 1, 8); /* the seven calls, and none */
    ck_assert_int_eq(seen_before, 6);
}
END_TEST

/* ---- starts ---- */

START_TEST(broken_file_counts_as_far_as_it_goes_and_is_kept)
{
    static const char broken[] = "eqmgr-control 1\nsuspend 4 domain=c.test made=1 until=forever "
                                 "uid=0 reason=x\nsuspend x\n";
    Rules *read = rules_new();
    g_autofree char *problem = NULL, *kept = NULL;
    int fd = data_file_open_directory(".");

    world_file(RULE_STORE_FILE, broken);
    ck_assert_int_eq(rule_store_load(fd, read, &problem), RULE_LOAD_BROKEN);
    ck_assert_uint_eq(rules_count(read), 1);
    ck_assert(strstr(problem, "line 3") != NULL && strstr(problem, RULE_STORE_BROKEN) != NULL);
    put("a.test"); /* which replaces the file */
    ck_assert(g_file_get_contents(RULE_STORE_BROKEN, &kept, NULL, NULL));
    ck_assert_str_eq(kept, broken);
    rules_free(read);
    (void)close(fd);
}
END_TEST

START_TEST(file_that_is_none_is_a_failure)
{
    Rules *read = rules_new();
    g_autofree char *problem = NULL;
    int fd = data_file_open_directory(".");

    ck_assert_int_eq(mkdir(RULE_STORE_FILE, 0700), 0);
    ck_assert_int_eq(rule_store_load(fd, read, &problem), RULE_LOAD_FAILED);
    ck_assert_uint_eq(rules_count(read), 0);
    ck_assert_ptr_nonnull(problem);
    rules_free(read);
    (void)close(fd);
}
END_TEST

START_TEST(no_file_is_no_rule)
{
    Rules *read = rules_new();
    char *problem = NULL;
    int fd = data_file_open_directory(".");

    ck_assert_int_eq(rule_store_load(fd, read, &problem), RULE_LOAD_OK);
    ck_assert_ptr_null(problem);
    ck_assert_int_lt(data_file_open_directory("nowhere"), 0);
    rules_free(read);
    (void)close(fd);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rule_store");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, failed_call_changes_nothing, 0, G_N_ELEMENTS(errors));
    tcase_add_test(tcase, short_write_goes_on);
    tcase_add_test(tcase, killed_at_any_call_it_is_in_force_or_was_never_acknowledged);
    tcase_add_test(tcase, broken_file_counts_as_far_as_it_goes_and_is_kept);
    tcase_add_test(tcase, file_that_is_none_is_a_failure);
    tcase_add_test(tcase, no_file_is_no_rule);
    return run_suite("control/rule_store", tcase, NULL);
}

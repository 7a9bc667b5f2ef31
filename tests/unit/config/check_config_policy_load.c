#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/policy_file.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/runner.h"

/* Which files are read, the policy file and those that it names, and which are refused. */

static Sites *load(void)
{
    g_autofree char *path = policy_fixture_path("policy");

    return policy_file_load(path, policy_fixture.settings, policy_fixture.errors,
                            policy_fixture.warnings);
}

START_TEST(a_list_has_one_word_a_line)
{
    Sites *sites;

    policy_fixture_put("policy", "[site a]\ndomain = file:list c.test\n", 0644);
    policy_fixture_put("list", "# ours\n  a.test \n\n!x.a.test\n.a.test", 0600);
    sites = load();
    ck_assert_ptr_nonnull(sites);
    ck_assert_ptr_nonnull(sites_match(sites, "smtp", "a.test"));
    ck_assert_ptr_nonnull(sites_match(sites, "smtp", "c.test"));
    ck_assert_ptr_nonnull(sites_match(sites, "smtp", "b.a.test"));
    ck_assert_ptr_null(sites_match(sites, "smtp", "x.a.test"));
    sites_free(sites);
}
END_TEST

static unsigned list_open_count;

int open(const char *path, int flags, ...)
{
    static int (*real)(const char *path, int flags, ...);
    va_list arguments;
    mode_t mode = 0;

    va_start(arguments, flags);
    if ((flags & O_CREAT) != 0)
        mode = va_arg(arguments, mode_t);
    va_end(arguments);
    if (real == NULL)
        real = (__typeof__(&open))dlsym(RTLD_NEXT, "open");
    list_open_count += g_str_has_suffix(path, "/list");
    return real(path, flags, mode);
}

START_TEST(a_list_that_many_sections_name_is_read_once)
{
    GString *text = g_string_new(NULL);
    Sites *sites;

    for (int i = 0; i < SITES_MAX; i++)
        g_string_append_printf(text, "[site s%d]\ntransport = t%d\ndomain = file:list\n", i, i);
    policy_fixture_put("policy", text->str, 0644);
    policy_fixture_put("list", "a.test\n", 0600);
    list_open_count = 0;
    sites = load();
    ck_assert_ptr_nonnull(sites);
    ck_assert_uint_eq(list_open_count, 1);
    ck_assert_ptr_eq(sites_match(sites, "t999", "a.test"), sites_at(sites, 999));
    sites_free(sites);
    g_string_free(text, TRUE);
}
END_TEST

START_TEST(an_error_in_a_list_is_told_with_its_line)
{
    policy_fixture_put("policy", "[site a]\ndomain = file:list\n", 0644);
    policy_fixture_put("list", "a.test\nb.test c.test\n", 0644);
    ck_assert_ptr_null(load());
    ck_assert(strstr(policy_fixture.errors->pdata[0], "policy, line 2: [site a]: domain: ") !=
              NULL);
    ck_assert(strstr(policy_fixture.errors->pdata[0], "list, line 2: \"b.test c.test\": ") != NULL);
}
END_TEST

/* Else what stands behind it would be lost without a word. */
START_TEST(a_nul_byte_in_a_list_is_told_with_its_line)
{
    static const char list[] = "a.test\nb.\0test\nc.test\n";
    g_autofree char *path = policy_fixture_path("list");

    policy_fixture_put("policy", "[site a]\ndomain = file:list\n", 0644);
    policy_fixture_put("list", "", 0644);
    ck_assert(g_file_set_contents(path, list, sizeof(list) - 1, NULL));
    ck_assert_ptr_null(load());
    ck_assert_uint_eq(policy_fixture.errors->len, 1);
    ck_assert(strstr(policy_fixture.errors->pdata[0], "policy, line 2: [site a]: domain: ") !=
              NULL);
    ck_assert(g_str_has_suffix(policy_fixture.errors->pdata[0],
                               "list, line 2: there is a NUL byte in it"));
}
END_TEST

static const struct {
    const char *name;
    mode_t mode;
} writable[] = {
    {"policy", 0664},
    {"policy", 0646},
    {"list",   0664},
    {"list",   0602}
};

START_TEST(a_file_that_others_may_write_is_refused)
{
    policy_fixture_put("policy", "[site a]\ndomain = file:list\n", 0644);
    policy_fixture_put("list", "a.test\n", 0644);
    sites_free(load());
    ck_assert_uint_eq(policy_fixture.errors->len, 0);
    policy_fixture_put(writable[_i].name, "a.test\n", writable[_i].mode);
    if (g_str_equal(writable[_i].name, "policy"))
        policy_fixture_put("policy", "[site a]\ndomain = file:list\n", writable[_i].mode);
    ck_assert_ptr_null(load());
    ck_assert(g_str_has_suffix(policy_fixture.errors->pdata[0],
                               " may be written by others: chmod go-w it"));
}
END_TEST

START_TEST(a_file_of_somebody_else_is_refused)
{
    g_autofree char *path = policy_fixture_path("policy");

    if (geteuid() != 0)
        return; /* only root can give files away */
    policy_fixture_put("policy", "[site a]\ndomain = a.test\n", 0644);
    ck_assert_int_eq(chown(path, 12345, 0), 0);
    ck_assert_ptr_null(load());
    ck_assert(g_str_has_suffix(policy_fixture.errors->pdata[0],
                               " belongs to uid 12345: it must belong to root"));
}
END_TEST

START_TEST(what_is_no_file_or_too_large_is_refused)
{
    g_autofree char *path = policy_fixture_path("policy");

    ck_assert_ptr_null(load());
    ck_assert(
        g_str_has_suffix(policy_fixture.errors->pdata[0], "policy: No such file or directory"));
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(load());
    ck_assert(g_str_has_suffix(policy_fixture.errors->pdata[1], "policy is not a regular file"));
    policy_fixture_remove("policy");
    policy_fixture_put("policy", "", 0644);
    ck_assert_int_eq(truncate(path, POLICY_FILE_MAX_BYTES + 1), 0);
    ck_assert_ptr_null(load());
    ck_assert(
        g_str_has_suffix(policy_fixture.errors->pdata[2], "policy has more than 4194304 bytes"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("files");

    tcase_add_checked_fixture(tcase, policy_fixture_set_up, policy_fixture_tear_down);
    tcase_add_test(tcase, a_list_has_one_word_a_line);
    tcase_add_test(tcase, a_list_that_many_sections_name_is_read_once);
    tcase_add_test(tcase, an_error_in_a_list_is_told_with_its_line);
    tcase_add_test(tcase, a_nul_byte_in_a_list_is_told_with_its_line);
    tcase_add_loop_test(tcase, a_file_that_others_may_write_is_refused, 0, G_N_ELEMENTS(writable));
    tcase_add_test(tcase, a_file_of_somebody_else_is_refused);
    tcase_add_test(tcase, what_is_no_file_or_too_large_is_refused);
    return run_suite("config/policy_load", tcase, NULL);
}

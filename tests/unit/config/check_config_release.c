#include <string.h>

#include <glib/gstdio.h>

#include "config/settings.h"
#include "src/config/release_internal.h"
#include "tests/support/runner.h"

static const struct {
    const char *text;
    int want;
} releases[] = {
    {"3.7.11",        30711},
    {"3.7",           30799},
    {"3.10.2",        31002},
    {"3.12-20260821", 31299},
    {"4.0.0",         40000},
    {"",              0    },
    {"3",             0    },
    {"3.",            0    },
    {".7",            0    },
    {"0.7",           0    },
    {"3.7x",          0    },
    {"3.7.",          30799},
    {"3.7.x",         30799},
    {"3.7.11x",       30711},
    {"3.7.100",       30799},
    {"3.7.11-RC1",    30711},
    {"3.100",         0    },
    {"100.1",         0    },
    {"three",         0    },
};

START_TEST(releases_are_parsed)
{
    ck_assert_int_eq(release_parse(releases[_i].text), releases[_i].want);
}
END_TEST

/* A text with its length, which may hold NUL bytes. */
#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct {
    const char *bytes;
    size_t length;
    const char *want;
} programs[] = {
    {BYTES("\177ELF\0mail_version=3.7.11\0more"),       "3.7.11"},
    {BYTES("mail_version=%s\0x mail_version=3.10.2\0"), "3.10.2"},
    {BYTES("mail_version=3.8.1"),                       "3.8.1" },
    {BYTES("mail_version=3.8.1\nrest"),                 "3.8.1" },
    {BYTES("mail_version=\0mail_version"),              NULL    },
    {BYTES("mail_version="),                            NULL    },
    {BYTES("nothing"),                                  NULL    },
};

START_TEST(versions_are_found_in_programs)
{
    g_autofree char *got = release_version_in(programs[_i].bytes, programs[_i].length);

    ck_assert_pstr_eq(got, programs[_i].want);
}
END_TEST

static const struct {
    const char *bytes;
    size_t length;
    const char *want;
} masters[] = {
    {BYTES("\177ELF\0mail_version\0003.11.7\0more\0"), "3.11.7"       },
    {BYTES("3.10.13\0"),                               "3.10.13"      },
    {BYTES("x\0003.12-20260821\0"),                    "3.12-20260821"},
    {BYTES("x\0003.11.7\0y\0003.11.7\0"),              "3.11.7"       },
    {BYTES("x\0003.11.7\0y\0005.0.0\0"),               NULL           },
    {BYTES("x\0003.11.7"),                             NULL           },
    {BYTES("x\0003.11\0"),                             NULL           },
    {BYTES("x\0003.6-x\0"),                            NULL           },
    {BYTES("x\000127.0.0.1\0"),                        NULL           },
    {BYTES("x\000v3.11.7\0"),                          NULL           },
    {BYTES("x\0003.11.7 \0"),                          NULL           },
    {BYTES("x\0003.11.7.\0"),                          NULL           },
    {BYTES(""),                                        NULL           },
    {BYTES("\0"),                                      NULL           },
};

START_TEST(lone_versions_are_found_in_master)
{
    g_autofree char *got = release_lone_version_in(masters[_i].bytes, masters[_i].length);

    ck_assert_pstr_eq(got, masters[_i].want);
}
END_TEST

/* As in Debian's 3.11.7: no program has the mark, and a status code of an agent is not a version.
 */
START_TEST(master_without_the_mark_will_do)
{
    static const char agent[] = "x\0005.0.0\0";
    static const char text[] = "mail_version\0003.11.7\0";
    g_autofree char *directory = g_dir_make_tmp("eqmgr-release-XXXXXX", NULL);
    g_autofree char *master = g_build_filename(directory, "master", NULL);
    g_autofree char *error_agent = g_build_filename(directory, "error", NULL);
    g_autofree char *found = NULL;

    ck_assert(g_file_set_contents(error_agent, agent, sizeof(agent), NULL));
    ck_assert_ptr_null(release_find_version(directory));
    ck_assert(g_file_set_contents(master, text, sizeof(text), NULL));
    found = release_find_version(directory);
    ck_assert_pstr_eq(found, "3.11.7");
    ck_assert_int_eq(g_unlink(error_agent), 0);
    ck_assert_int_eq(g_unlink(master), 0);
    ck_assert_int_eq(g_rmdir(directory), 0);
}
END_TEST

START_TEST(any_daemon_will_do)
{
    static const char text[] = "x\0mail_version=3.9.4\0";
    g_autofree char *directory = g_dir_make_tmp("eqmgr-release-XXXXXX", NULL);
    g_autofree char *error_agent = g_build_filename(directory, "error", NULL);
    g_autofree char *found = NULL;

    ck_assert_ptr_null(release_find_version(directory));
    ck_assert(g_file_set_contents(error_agent, text, sizeof(text), NULL));
    found = release_find_version(directory);
    ck_assert_pstr_eq(found, "3.9.4");
    ck_assert_int_eq(g_unlink(error_agent), 0);
    ck_assert_int_eq(g_rmdir(directory), 0);
    ck_assert_ptr_null(release_find_version(directory));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("release");

    tcase_add_loop_test(tc, releases_are_parsed, 0, G_N_ELEMENTS(releases));
    tcase_add_loop_test(tc, versions_are_found_in_programs, 0, G_N_ELEMENTS(programs));
    tcase_add_loop_test(tc, lone_versions_are_found_in_master, 0, G_N_ELEMENTS(masters));
    tcase_add_test(tc, master_without_the_mark_will_do);
    tcase_add_test(tc, any_daemon_will_do);
    return run_suite("config/release", tc, NULL);
}

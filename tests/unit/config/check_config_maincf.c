#include <string.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "src/config/maincf_internal.h"
#include "tests/support/runner.h"

#define PATH    "/etc/postfix/main.cf"
#define WARN    "warning: " PATH
#define FATAL   "fatal: " PATH
#define LEADING WARN ": logical line must not start with whitespace: "

/* A text with its length, which may hold NUL bytes. */
#define TEXT(literal) (literal), sizeof(literal) - 1

static GPtrArray *warnings;
static Lexicon lexicon;

static void make_lexicon(void)
{
    warnings = g_ptr_array_new_with_free_func(g_free);
    lexicon_init(&lexicon, warnings);
}

static void free_lexicon(void)
{
    lexicon_clear(&lexicon);
    g_clear_pointer(&warnings, g_ptr_array_unref);
}

/* Every row was seen on the real qmgr 3.7.11. */
static const struct {
    const char *text;
    size_t length;
    const char *want_a; /* NULL: not set */
    const char *want_said;
} cases[] = {
    {TEXT(""),                                      NULL,        ""                                                               },
    {TEXT("a = x"),                                 "x",         ""                                                               }, /* no LF at the end */
    {TEXT("a = x\n  y\n"),                          "x  y",      ""                                                               },
    {TEXT("a = x\n#c\n  y\nb=1\n"),                 "x  y",      ""                                                               },
    {TEXT("a = x\n\n  y"),                          "x  y",      ""                                                               },
    {TEXT("a = x\n \n\ty"),                         "x\ty",      ""                                                               },
    {TEXT("a = x # y\n  # comment\n"),              "x # y",     ""                                                               },
    {TEXT("a = x\\\n y"),                           "x\\ y",     ""                                                               },
    {TEXT("a =\n b\n\n"),                           "b",         ""                                                               },
    {TEXT("a\n = b"),                               "b",         ""                                                               },
    {TEXT("a=b = c=d"),                             "b = c=d",   ""                                                               },
    {TEXT("a=\nb=1"),                               "",          ""                                                               },
    {TEXT("a = \"q\" {b}"),                         "\"q\" {b}", ""                                                               },
    {TEXT("a = \v x \f \n"),                        "x",         ""                                                               },
    {TEXT("a=x\r\nb=y\r\n"),                        "x",         ""                                                               },
    {TEXT("a=x\r\n y\r\n"),                         "x\r y",     ""                                                               },
    {TEXT("\xa0"
          "a=x\n"),
     NULL,                                                       ""                                                               }, /* not white space, but part of the name */
    {TEXT("a=x\xa0\n"),                             "x\xa0",     ""                                                               },
    {TEXT("a=1\n = x"),                             "1 = x",     ""                                                               },
 /* NUL ends the logical line, silently */
    {TEXT("a=x\0y\n z\nb=1"),                       "x",         ""                                                               },
    {TEXT("a\0b=c\n"),                              NULL,        FATAL ", line 1: missing '=' after attribute name: \"a\"\n"      },
    {TEXT("\0a=c\n"),                               NULL,        FATAL ", line 1: missing attribute name: \"\"\n"                 },
    {TEXT("a=1\n\0\n"),                             "1",         FATAL ", line 2: missing attribute name: \"\"\n"                 },
 /* nothing to continue */
    {TEXT("  a=1\nb=2\n"),                          NULL,        LEADING "\"  a=1\"\n"                                            },
    {TEXT("# c\n  a=1\n b=2\na=3\n"),               "3",         LEADING "\"  a=1 b=2\"\n"                                        },
    {TEXT("\n  a=12345678901234567890123456\na=2"), "2",
     LEADING "\"  a=12345678901234567890123456\"\n"                                                                               },
    {TEXT("  a=123456789012345678901234567\n"),     NULL,
     LEADING "\"  a=12345678901234567890123456...\"\n"                                                                            },
 /* errors */
    {TEXT("foo bar\n"),                             NULL,        FATAL ", line 1: missing '=' after attribute name: \"foo bar\"\n"},
    {TEXT("a b = c\n"),                             NULL,        FATAL ", line 1: missing '=' after attribute name: \"a b = c\"\n"},
    {TEXT("\n\n#x\n\nfoo\n\nbar"),                  NULL,
     FATAL ", line 5: missing '=' after attribute name: \"foo\"\n"                                                                },
    {TEXT("a=1\nfoo\n bar  \nb=1\n"),               "1",
     FATAL ", line 2: missing '=' after attribute name: \"foo bar  \"\n"                                                          },
    {TEXT("= x\n"),                                 NULL,        FATAL ", line 1: missing attribute name: \"= x\"\n"              },
 /* duplicates */
    {TEXT("a=1\na=1\n"),                            "1",         ""                                                               },
    {TEXT("a=1\n\n#\na\n =\n 2\n"),                 "2",         WARN ", line 4: overriding earlier entry: a=1\n"                 },
    {TEXT("a=1\na=2\na=1\n"),                       "1",
     WARN ", line 2: overriding earlier entry: a=1\n" WARN
          ", line 3: overriding earlier entry: a=2\n"                                                                             },
    {TEXT("a=1\n b\na=2\n"),                        "2",         WARN ", line 3: overriding earlier entry: a=1 b\n"               },
};

START_TEST(text_is_read_as_by_stock)
{
    g_autoptr(GBytes) bytes = g_bytes_new(cases[_i].text, cases[_i].length);
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    bool ok = maincf_parse(&lexicon, PATH, bytes, &error);

    ck_assert(ok == (error == NULL));
    for (guint i = 0; i < warnings->len; i++)
        g_string_append_printf(said, "warning: %s\n", (char *)warnings->pdata[i]);
    if (error != NULL)
        g_string_append_printf(said, "fatal: %s\n", error->message);
    ck_assert_str_eq(said->str, cases[_i].want_said);
    ck_assert_pstr_eq(lexicon_get(&lexicon, "a"), cases[_i].want_a);
}
END_TEST

/* --- files --- */

static void write_file(const char *path, const char *text, time_t age_s)
{
    time_t then = time(NULL) - age_s;

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = then, .modtime = then}), 0);
}

static char *put_file(const char *text, time_t age_s)
{
    char *path = NULL;
    int fd = g_file_open_tmp("eqmgr-maincf-XXXXXX", &path, NULL);

    ck_assert_int_ge(fd, 0);
    ck_assert(g_close(fd, NULL));
    write_file(path, text, age_s);
    return path;
}

/* The pauses of the loader take no time; in them the file is completed, long ago. */
static const char *incomplete_file;
static int64_t paused_ms;

int nanosleep(const struct timespec *pause, struct timespec *rest)
{
    (void)rest;
    paused_ms += pause->tv_sec * 1000 + pause->tv_nsec / 1000000;
    write_file(incomplete_file, "a = 2\n", 3600);
    return 0;
}

START_TEST(file_that_may_still_be_written_is_read_again_later)
{
    g_autofree char *path = put_file("a = 1\n", 0);
    time_t begin_s;

    incomplete_file = path;
    paused_ms = 0;
    do { /* before the file counts as old */
        begin_s = time(NULL);
        write_file(path, "a = 1\n", 0);
        ck_assert(maincf_load(&lexicon, path, NULL));
    } while (paused_ms == 0 && time(NULL) - begin_s > 1);
    ck_assert_int_ge(paused_ms, 300);
    ck_assert_str_eq(lexicon_get(&lexicon, "a"), "2");
    ck_assert_int_eq(g_unlink(path), 0);
}
END_TEST

START_TEST(file_from_the_future_is_read_at_once)
{
    g_autofree char *path = put_file("a = 1\n", -3600);

    paused_ms = 0;
    ck_assert(maincf_load(&lexicon, path, NULL));
    ck_assert_int_eq(paused_ms, 0);
    ck_assert_int_eq(g_unlink(path), 0);
}
END_TEST

START_TEST(missing_file_is_told_from_other_trouble)
{
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) no_file = NULL;

    ck_assert(!maincf_load(&lexicon, "/no/such/main.cf", &missing));
    ck_assert(g_error_matches(missing, config_error_quark(), CONFIG_NO_FILE));
    ck_assert_str_eq(missing->message, "open /no/such/main.cf: No such file or directory");
    ck_assert(!maincf_load(&lexicon, "/", &no_file));
    ck_assert(g_error_matches(no_file, config_error_quark(), CONFIG_INVALID));
    ck_assert_str_eq(no_file->message, "read /: Is a directory");
}
END_TEST

START_TEST(huge_file_is_refused)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = put_file("", 3600);
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 32L * 1024 * 1024, SEEK_SET), 0);
    ck_assert_int_eq(fputc('\n', file), '\n');
    ck_assert_int_eq(fclose(file), 0);
    ck_assert(!maincf_load(&lexicon, path, &error));
    ck_assert(g_str_has_suffix(error->message, ": File too large"));
    ck_assert_int_eq(g_unlink(path), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("maincf");

    tcase_add_checked_fixture(tc, make_lexicon, free_lexicon);
    tcase_add_loop_test(tc, text_is_read_as_by_stock, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, file_that_may_still_be_written_is_read_again_later);
    tcase_add_test(tc, file_from_the_future_is_read_at_once);
    tcase_add_test(tc, missing_file_is_told_from_other_trouble);
    tcase_add_test(tc, huge_file_is_refused);
    return run_suite("config/maincf", tc, NULL);
}

/* The screen of eqmgrctl top: keys, frames as golden text, rates. */

#include <string.h>

#include "src/ctl/top/frame_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

#define NOW_S 1000000

static const FrameSize screen = {.width = 120, .height = 24, .is_utf8 = false};

/* ---- keys ---- */

static const struct {
    const char *keys;
    const char *want; /* sort, then what is on: p(aused) t(hrottled) h(elp) e(diting) d(etails) q */
    unsigned chosen;
    const char *filter;
} key_rows[] = {
    {"",                "waiting",   0, ""     },
    {"2",               "running",   0, ""     },
    {"5",               "name",      0, ""     },
    {"6",               "waiting",   0, ""     },
    {">>",              "deferred",  0, ""     },
    {"<",               "name",      0, ""     },
    {"5>",              "waiting",   0, ""     },
    {" ",               "waiting p", 0, ""     },
    {"  ",              "waiting",   0, ""     },
    {"t",               "waiting t", 0, ""     },
    {"tt",              "waiting",   0, ""     },
    {"?",               "waiting h", 0, ""     },
    {"?2",              "waiting",   0, ""     },
    {"?q",              "waiting q", 0, ""     },
    {"q",               "waiting q", 0, ""     },
    {"jj",              "waiting",   2, ""     },
    {"jjjjj",           "waiting",   3, ""     },
    {"jjk",             "waiting",   1, ""     },
    {"k",               "waiting",   0, ""     },
    {"jj2",             "running",   0, ""     },
    {"\r",              "waiting d", 0, ""     },
    {"\r\r",            "waiting",   0, ""     },
    {"\r\033",          "waiting",   0, ""     },
    {"\rq",             "waiting",   0, ""     },
    {"/",               "waiting e", 0, ""     },
    {"/gmail",          "waiting e", 0, ""     },
    {"/gmail\r",        "waiting",   0, "gmail"},
    {"jj/q2t\r",        "waiting",   0, "q2t"  },
    {"/gx\177mail\r",   "waiting",   0, "gmail"},
    {"/gmail\033",      "waiting",   0, ""     },
    {"/a\r/\177\177\r", "waiting",   0, ""     },
    {"/a b\tc\r",       "waiting",   0, "abc"  },
    {"/a\r/b\r",        "waiting",   0, "ab"   },
};

static char *wish_text(const Wish *wish)
{
    GString *text = g_string_new(wish_sort_str(wish->sort));

    g_string_append_printf(text, "%s%s%s%s%s%s", wish->is_paused ? " p" : "",
                           wish->throttled_only ? " t" : "", wish->shows_help ? " h" : "",
                           wish->is_editing ? " e" : "", wish->shows_details ? " d" : "",
                           wish->is_over ? " q" : "");
    return g_string_free(text, FALSE);
}

START_TEST(a_key_changes_what_is_shown)
{
    Wish wish = {.sort = WISH_WAITING};
    g_autofree char *text = NULL;

    for (const char *key = key_rows[_i].keys; *key != '\0'; key++)
        (void)wish_take_key(&wish, (unsigned char)*key, 4);
    text = wish_text(&wish);
    ck_assert_str_eq(text, key_rows[_i].want);
    ck_assert_uint_eq(wish.chosen, key_rows[_i].chosen);
    ck_assert_str_eq(wish.filter, key_rows[_i].filter);
}
END_TEST

START_TEST(keys_of_the_keyboard_stay_within_the_rows)
{
    Wish wish = {.sort = WISH_WAITING};

    (void)wish_take_key(&wish, KEY_OF_PAGE_DOWN, 25);
    ck_assert_uint_eq(wish.chosen, 10);
    (void)wish_take_key(&wish, KEY_OF_PAGE_DOWN, 12);
    ck_assert_uint_eq(wish.chosen, 11);
    (void)wish_take_key(&wish, KEY_OF_HOME, 12);
    (void)wish_take_key(&wish, KEY_OF_DOWN, 0);
    (void)wish_take_key(&wish, KEY_OF_UP, 0);
    ck_assert_uint_eq(wish.chosen, 0);
}
END_TEST

START_TEST(a_filter_that_is_too_long_is_cut)
{
    Wish wish = {.sort = WISH_WAITING};

    (void)wish_take_key(&wish, '/', 1);
    for (int i = 0; i < 3 * WISH_FILTER_MAX; i++)
        (void)wish_take_key(&wish, 'x', 1);
    (void)wish_take_key(&wish, '\r', 1);
    ck_assert_uint_eq(strlen(wish.filter), WISH_FILTER_MAX);
}
END_TEST

static const struct {
    const char *filter, *pattern;
} pattern_rows[] = {
    {"",        NULL     },
    {"gmail",   "*gmail*"},
    {"*.com",   "*.com"  },
    {"google*", "google*"},
};

START_TEST(a_filter_finds_it_anywhere_in_the_name)
{
    Wish wish = {.sort = WISH_WAITING};
    g_autofree char *pattern = NULL;

    (void)g_strlcpy(wish.filter, pattern_rows[_i].filter, sizeof(wish.filter));
    pattern = wish_pattern(&wish);
    ck_assert_pstr_eq(pattern, pattern_rows[_i].pattern);
}
END_TEST

/* ---- orders ---- */

#define HOW_LONG "suspend b.test: for how long (30m, 6h, 2d): "
#define WHY      "suspend b.test: why (senders see it in notices): "
#define WHICH    "resume: which rule (number or domain): "
#define CHOICE   "_   Enter: take it   Esc: leave it"

static const struct {
    const char *keys, *question, *order; /* NULL: no question, none is given */
    const char *rule;
} order_rows[] = {
    {"s",                   HOW_LONG CHOICE,                                                       NULL,                                                             NULL},
    {"s6h",                 HOW_LONG "6h" CHOICE,                                                  NULL,                                                             NULL},
    {"sx\r",                HOW_LONG "x_   a time, please, such as 30m, 6h or 2d",                 NULL,                                                             NULL},
    {"s0\r",                HOW_LONG "0_   a time, please, such as 30m, 6h or 2d",                 NULL,                                                             NULL},
    {"sx\r\1776h\r",        WHY CHOICE,                                                            NULL,                                                             NULL},
    {"s6h\r\r",             WHY "_   a reason, please: who finds the mail wants to know",          NULL,                                                             NULL},
    {"s6h\rticket 47q11 r", WHY "ticket 47q11 r" CHOICE,                                           NULL,                                                             NULL},
    {"s6h\rticket 1\r",     NULL,                                                                  "suspend what destination name b.test for 21600 reason ticket 1",
     NULL                                                                                                                                                                },
    {"s\033",               NULL,                                                                  NULL,                                                             NULL},
    {"s6h\rbecause\033",    NULL,                                                                  NULL,                                                             NULL},
    {"r",                   WHICH CHOICE,                                                          NULL,                                                             NULL},
    {"r\r",                 WHICH "_   a number, please, as eqmgrctl rules shows it, or a domain", NULL,                                                             NULL},
    {"r",                   WHICH "7" CHOICE,                                                      NULL,                                                             "7" },
    {"r\r",                 NULL,                                                                  "resume what 7",                                                  "7" },
    {"r\177a.test\r",       NULL,                                                                  "resume what a.test",                                             "7" },
    {"rq\033",              NULL,                                                                  NULL,                                                             "7" },
};

static void press_keys(Wish *wish, const char *keys, const Row *destination, const char *level)
{
    for (const char *key = keys; *key != '\0'; key++) {
        (void)wish_take_key(wish, (unsigned char)*key, 4);
        if (wish->begins != WISH_NO_ERRAND)
            wish_begin_errand(wish, destination, level);
    }
}

START_TEST(a_change_is_asked_for_by_questions)
{
    Wish wish = {.sort = WISH_WAITING};
    Row destination = ROW("object", "destination", "destination", "b.test");
    g_autofree char *question = NULL, *order = NULL;
    g_auto(GStrv) arguments = NULL;

    if (order_rows[_i].rule != NULL)
        g_hash_table_insert(destination.values, g_strdup("rule"), g_strdup(order_rows[_i].rule));
    press_keys(&wish, order_rows[_i].keys, &destination, "control");
    g_hash_table_destroy(destination.values);
    ck_assert_int_eq(wish.errand.step == ERRAND_READY, order_rows[_i].order != NULL);
    ck_assert_int_eq(errand_is_asking(&wish.errand), order_rows[_i].question != NULL);
    ck_assert(!wish.is_over && !wish.is_paused);
    question = errand_is_asking(&wish.errand) ? errand_question(&wish.errand) : NULL;
    ck_assert_pstr_eq(question, order_rows[_i].question);
    if (order_rows[_i].order == NULL)
        return;
    arguments = errand_arguments(&wish.errand);
    question = g_strjoinv(" ", arguments);
    order = g_strdup_printf("%s %s", errand_verb(&wish.errand), question);
    ck_assert_str_eq(order, order_rows[_i].order);
}
END_TEST

START_TEST(who_may_not_change_anything_is_told_at_once)
{
    Wish wish = {.sort = WISH_WAITING};
    Row destination = ROW("object", "destination", "destination", "b.test");

    press_keys(&wish, "s", &destination, "view");
    ck_assert(!errand_is_asking(&wish.errand));
    ck_assert_ptr_nonnull(
        strstr(wish.notice, "to suspend needs level control, and you have level view"));
    press_keys(&wish, "t", &destination, "view");
    ck_assert_str_eq(wish.notice, "");
    press_keys(&wish, "s", NULL, "control");
    ck_assert_ptr_nonnull(strstr(wish.notice, "there is no destination to suspend"));
    press_keys(&wish, "r", NULL, "control");
    ck_assert(errand_is_asking(&wish.errand));
    g_hash_table_destroy(destination.values);
}
END_TEST

/* ---- frames ---- */

static void add_row(Look *look, Row row)
{
    Row *copy = g_new(Row, 1);

    *copy = row;
    g_ptr_array_add(look->rows, copy);
}

static Look *look_of(int64_t steady_s, const char *done, const char *deferred)
{
    Look *look = look_failed(SESSION_OK, NULL);

    look->steady_us = steady_s * G_USEC_PER_SEC;
    look->now_s = NOW_S;
    look->matched = 214;
    g_hash_table_destroy(look->state.values);
    look->state =
        ROW("started", "990000", "active", "412", "active_limit", "20000", "deferred", "48213",
            "overdue", "12", "resolving", "3", "waiting", "372", "delivering", "37",
            "transports_dead", "1", "in_minute", "8", "done_minute", "4", "deferred_minute", "0",
            "in_minutes", "0,1,8", "done_minutes", "4", "deferred_minutes", "", "taken_total", done,
            "removed_total", done, "deferred_total", deferred);
    add_row(look, ROW("object", "destination", "transport", "smtp", "destination", "gmail.com",
                      "state", "full", "running", "20", "window", "20", "waiting", "180",
                      "deferred", "913", "deliveries_done", done, "deliveries_deferred", deferred,
                      "why", "destination_concurrency_limit"));
    add_row(look, ROW("object", "destination", "transport", "smtp", "destination", "b.test",
                      "state", "throttled", "running", "0", "window", "0", "waiting", "0",
                      "deferred", "4120", "deliveries_done", "1", "deliveries_deferred", "5",
                      "until", "1000190", "why", "4.4.1 \033[31mtimed out"));
    return look;
}

/* Each line with a mark of its kind, without blanks at its end. */
static char *frame_text(const Look *look, const Look *before, const Wish *wish, const char *problem,
                        FrameSize size)
{
    static const char marks[] = {' ', '=', '>', '!', '?'};
    g_autoptr(GPtrArray) lines = frame_lines(look, before, wish, problem, size);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < lines->len; i++) {
        const Line *line = lines->pdata[i];
        g_autofree char *stripped = g_strchomp(g_strdup(line->text));

        g_string_append_printf(text, "%c%s\n", marks[line->kind], stripped);
    }
    return g_string_free(text, FALSE);
}

static void assert_frame(Look *look, Look *before, const Wish *wish, const char *problem,
                         FrameSize size, const char *want)
{
    g_autofree char *text = frame_text(look, before, wish, problem, size);

    ck_assert_str_eq(text, want);
    look_free(look);
    look_free(before);
}

#define MINUTES_57 "                                                         "
#define TOP                                                                                   \
    " 13:46:40  up 2h46m  active 412 of 20,000, delivering 37  deferred 48,213, overdue 12\n" \
    " in/min         8  " MINUTES_57 " .#\n"                                                  \
    " done/min       4  " MINUTES_57 "  =\n"                                                  \
    " defer/min      0\n"

START_TEST(a_frame_has_the_status_and_the_destinations)
{
    const Wish wish = {.sort = WISH_WAITING, .chosen = 1};

    assert_frame(
        look_of(12, "121", "9"), look_of(10, "100", "8"), &wish, NULL, screen,
        TOP
        " 2 of 214 destinations by waiting\n"
        "=TRANSPORT  DESTINATION  STATE      RUN  WINDOW  WAIT  DEFERRED  DONE/S  DEFER/S  UNTIL"
        "  WHY\n"
        " smtp       gmail.com    full        20      20   180       913    10.5      0.5      -"
        "  destination_concurrency_limit\n"
        ">smtp       b.test       throttled    0       0     0     4,120     0.0      0.0  3m10s"
        "  4.4.1 ?[31mtimed out\n"
        "?"
        "?: help  space: stop  1-5: sort  /: filter  t: throttled  s: suspend  r: resume  "
        "Enter: details  q: quit\n");
}
END_TEST

START_TEST(what_is_asked_and_what_came_of_it_is_in_the_last_line)
{
    Wish wish = {.sort = WISH_WAITING};
    Row destination = ROW("object", "destination", "destination", "b\033.test");
    Look *look = look_of(12, "121", "9");
    g_autofree char *asked = NULL, *told = NULL;

    press_keys(&wish, "s6h", &destination, "control");
    asked = frame_text(look, NULL, &wish, NULL, screen);
    ck_assert_ptr_nonnull(
        strstr(asked, "?suspend b?.test: for how long (30m, 6h, 2d): 6h_   Enter"));
    press_keys(&wish, "\033", NULL, NULL);
    wish_tell(&wish, "not done: suspend: \033[2J");
    told = frame_text(look, NULL, &wish, NULL, screen);
    ck_assert_ptr_nonnull(strstr(told, "?not done: suspend: ?[2J\n"));
    look_free(look);
    g_hash_table_destroy(destination.values);
}
END_TEST

START_TEST(there_are_no_rates_before_the_second_look)
{
    const Wish wish = {.sort = WISH_NAME, .is_paused = true, .throttled_only = true, .filter = "x"};
    Look *look = look_of(12, "121", "9");
    g_autofree char *text = frame_text(look, NULL, &wish, NULL, screen);

    ck_assert_ptr_nonnull(strstr(text, "913       -        -      -  dest"));
    ck_assert_ptr_nonnull(
        strstr(text, " 2 of 214 destinations that are throttled by name, names like x   PAUSED\n"));
    look_free(look);
}
END_TEST

START_TEST(without_an_answer_the_last_frame_stays_and_says_so)
{
    const Wish wish = {.sort = WISH_WAITING};
    Look *look = look_of(12, "121", "9");
    g_autofree char *text = frame_text(look, NULL, &wish, "no eqmgr listens", screen);
    g_autofree char *never = frame_text(NULL, NULL, &wish, "no eqmgr listens", screen);

    ck_assert(g_str_has_prefix(text, "!! no answer since 13:46:40: no eqmgr listens\n" TOP));
    ck_assert(g_str_has_prefix(never, "!! no answer: no eqmgr listens\n?"));
    look_free(look);
}
END_TEST

START_TEST(what_wants_attention_comes_before_the_table)
{
    const Wish wish = {.sort = WISH_WAITING};
    Look *look = look_of(12, "121", "9");
    g_autofree char *text = NULL;

    for (int i = 0; i < 5; i++)
        g_ptr_array_add(look->attention, g_strdup_printf("trouble \a%d", i));
    text = frame_text(look, NULL, &wish, NULL, screen);
    ck_assert(g_str_has_prefix(text, TOP "!! trouble ?0\n!! trouble ?1\n!! trouble ?2\n 2 of "));
    look_free(look);
}
END_TEST

START_TEST(blocks_are_for_terminals_that_have_them)
{
    const Wish wish = {.sort = WISH_WAITING};
    Look *look = look_of(12, "121", "9");
    g_autofree char *text = frame_text(look, NULL, &wish, NULL,
                                       (FrameSize){.width = 120, .height = 24, .is_utf8 = true});

    ck_assert_ptr_nonnull(strstr(text, MINUTES_57 " ▁█\n"));
    look_free(look);
}
END_TEST

/* However small the screen is, no line is wider, and there are no more lines than it has. */
START_TEST(a_frame_fits_the_screen)
{
    Wish wish = {.sort = WISH_WAITING, .shows_help = _i % 2 == 1};
    FrameSize size = {.width = 1 + _i * 3, .height = 1 + _i % 30, .is_utf8 = _i % 3 == 0};
    Look *look = look_of(12, "121", "9");
    g_autoptr(GPtrArray) lines = frame_lines(look, NULL, &wish, "away", size);

    ck_assert_uint_le(lines->len, (unsigned)size.height);
    for (guint i = 0; i < lines->len; i++)
        ck_assert_int_le((int)g_utf8_strlen(((Line *)lines->pdata[i])->text, -1), size.width);
    look_free(look);
}
END_TEST

START_TEST(details_have_a_table_for_each_kind_of_row)
{
    const Wish wish = {.sort = WISH_WAITING, .shows_details = true};
    Look *look = look_of(12, "121", "9");
    g_autofree char *text = NULL, *gone = NULL;

    add_row(look,
            ROW("object", "trouble", "time", "999000", "status", "4.4.1", "reason", "slow\n"));
    text = frame_text(look, NULL, &wish, NULL, screen);
    ck_assert_ptr_nonnull(strstr(text, "\n=    TIME  STATUS  REASON\n 13:30:00  4.4.1   slow?\n"));
    ck_assert_ptr_nonnull(strstr(text, "?Enter, Esc: back   s: suspend   r: resume\n"));
    g_ptr_array_set_size(look->rows, 0);
    gone = frame_text(look, NULL, &wish, NULL, screen);
    ck_assert_ptr_nonnull(strstr(gone, "It is not known any more: it has no mail.\n"));
    look_free(look);
}
END_TEST

START_TEST(a_line_of_batch_has_what_came_in_between)
{
    Look *look = look_of(20, "121", "9"), *before = look_of(10, "100", "8");
    g_autofree char *first = frame_batch_line(before, NULL);
    g_autofree char *line = frame_batch_line(look, before);
    g_autofree char *heading = frame_batch_heading();

    ck_assert_str_eq(line, "13:46:40      412      3      372      37     48213       12      2.1"
                           "      2.1      0.1    1");
    ck_assert_str_eq(first, "13:46:40      412      3      372      37     48213       12        -"
                            "        -        -    1");
    ck_assert_uint_eq(strlen(heading), strlen(line));
    look_free(look);
    look_free(before);
}
END_TEST

START_TEST(counters_of_any_size_overflow_nothing)
{
    Look *look = look_of(20, "9223372036854775807", "-9223372036854775808");
    Look *before = look_of(10, "-9223372036854775808", "9223372036854775807");
    const Wish wish = {.sort = WISH_WAITING};
    g_autofree char *line = frame_batch_line(look, before);
    g_autofree char *text = frame_text(look, before, &wish, NULL, screen);

    ck_assert_ptr_nonnull(strstr(line, "1844674407370955264.0"));
    ck_assert_ptr_nonnull(strstr(text, "gmail.com"));
    look_free(look);
    look_free(before);
}
END_TEST

/* A reload begins all counts anew: that is no negative rate. */
START_TEST(a_counter_that_went_back_is_no_rate)
{
    Look *look = look_of(20, "1", "0"), *before = look_of(10, "100", "8");
    g_autofree char *line = frame_batch_line(look, before);
    const Wish wish = {.sort = WISH_WAITING};
    g_autofree char *text = frame_text(look, before, &wish, NULL, screen);

    ck_assert_ptr_nonnull(strstr(line, " 0.0      0.0      0.0 "));
    ck_assert_ptr_nonnull(strstr(text, "913     0.0      0.0      -  dest"));
    look_free(look);
    look_free(before);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("top");

    g_setenv("TZ", "UTC", TRUE);
    tcase_add_loop_test(tests, a_key_changes_what_is_shown, 0, G_N_ELEMENTS(key_rows));
    tcase_add_test(tests, keys_of_the_keyboard_stay_within_the_rows);
    tcase_add_test(tests, a_filter_that_is_too_long_is_cut);
    tcase_add_loop_test(tests, a_filter_finds_it_anywhere_in_the_name, 0,
                        G_N_ELEMENTS(pattern_rows));
    tcase_add_loop_test(tests, a_change_is_asked_for_by_questions, 0, G_N_ELEMENTS(order_rows));
    tcase_add_test(tests, who_may_not_change_anything_is_told_at_once);
    tcase_add_test(tests, what_is_asked_and_what_came_of_it_is_in_the_last_line);
    tcase_add_test(tests, a_frame_has_the_status_and_the_destinations);
    tcase_add_test(tests, there_are_no_rates_before_the_second_look);
    tcase_add_test(tests, without_an_answer_the_last_frame_stays_and_says_so);
    tcase_add_test(tests, what_wants_attention_comes_before_the_table);
    tcase_add_test(tests, blocks_are_for_terminals_that_have_them);
    tcase_add_loop_test(tests, a_frame_fits_the_screen, 0, 60);
    tcase_add_test(tests, details_have_a_table_for_each_kind_of_row);
    tcase_add_test(tests, a_line_of_batch_has_what_came_in_between);
    tcase_add_test(tests, a_counter_that_went_back_is_no_rate);
    tcase_add_test(tests, counters_of_any_size_overflow_nothing);
    return run_suite("ctl/top", tests, NULL);
}

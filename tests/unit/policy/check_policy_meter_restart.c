#include <inttypes.h>
#include <string.h>

#include "policy/meter_book.h"
#include "tests/support/runner.h"

/*
 * Processes that follow each other, on a machine whose wall clock is set meanwhile: what the next
 * one takes of what the one before owed, by the clocks and the boot that the file tells.
 */

#define S    INT64_C(1000000)
#define WALL (INT64_C(1764380000) * S)
#define MONO (INT64_C(86400) * S)

static const MeterName name = {METER_DELIVERIES, "", "smtp", "a.test"};
static const MeterBookOwner first_boot = {"h", "i", "boot one"}, second_boot = {"h", "i", "two"},
                            unknown_boot = {"h", "i", NULL};

typedef struct Process {
    MeterBook *book;
    MeterPage *page;
    Meter meter;
} Process;

static Process start(const char *text, const MeterBookOwner *owner, const char *rate,
                     int64_t mono_us, int64_t wall_us)
{
    Process process = {.book = meter_book_new(mono_us, true)};
    MeterLimit limit;

    ck_assert_pstr_eq(meter_limit_parse(rate, &limit), NULL);
    if (text != NULL)
        ck_assert_pstr_eq(
            meter_book_read(process.book, text, strlen(text), owner, mono_us, wall_us), NULL);
    process.page = meter_book_hold(process.book, &name, &limit, mono_us, &process.meter);
    return process;
}

/* What is written of it; it ends. */
static char *end_with_file(Process *process, const MeterBookOwner *owner, int64_t mono_us,
                           int64_t wall_us)
{
    GString *text = meter_book_write(process->book, owner, mono_us, wall_us);

    meter_book_written(process->book, true);
    meter_book_free(process->book);
    return g_string_free(text, FALSE);
}

/* A debt of ten hours, at MONO. */
static char *file_with_debt(const MeterBookOwner *owner)
{
    Process process = start(NULL, owner, "1/1h burst 20", MONO, WALL);

    (void)meter_charge(&process.meter, 10, MONO);
    meter_book_update(process.book, process.page, &process.meter, MONO);
    return end_with_file(&process, owner, MONO, WALL);
}

static const struct {
    const MeterBookOwner *before, *after;
    int64_t mono_s, wall_s; /* that have gone by, as these clocks say */
    int64_t worked_off_s;
} clocks[] = {
    {&first_boot,   &first_boot,   60,     60,     60   }, /* as it should be */
    {&first_boot,   &first_boot,   60,     3660,   60   }, /* set forward */
    {&first_boot,   &first_boot,   60,     -3540,  0    }, /* set back */
    {&first_boot,   &first_boot,   60,     30,     30   }, /* a little */
    {&first_boot,   &first_boot,   -80000, 60,     60   }, /* another monotonic clock */
    {&first_boot,   &second_boot,  -80000, 3660,   3660 }, /* started anew */
    {&first_boot,   &second_boot,  60,     3660,   3660 },
    {&first_boot,   &second_boot,  60,     -3540,  0    },
    {&first_boot,   &unknown_boot, 60,     3660,   3660 },
    {&unknown_boot, &first_boot,   60,     3660,   3660 },
    {&first_boot,   &first_boot,   20000,  999999, 20000},
};

START_TEST(no_more_is_worked_off_than_both_clocks_say)
{
    int64_t mono_us = MONO + clocks[_i].mono_s * S, debt_us[2];
    g_autofree char *text = file_with_debt(clocks[_i].before);
    Process same = start(text, clocks[_i].before, "1/1h burst 20", MONO, WALL);
    Process next =
        start(text, clocks[_i].after, "1/1h burst 20", mono_us, WALL + clocks[_i].wall_s * S);

    debt_us[0] = meter_clear_us(&same.meter) - MONO;
    debt_us[1] = meter_clear_us(&next.meter) - mono_us;
    ck_assert_int_ge(debt_us[0], 10 * 3600 * S);
    ck_assert_int_le(llabs(debt_us[0] - debt_us[1] - clocks[_i].worked_off_s * S), 3600);
    meter_book_free(same.book);
    meter_book_free(next.book);
}
END_TEST

static bool is_written_anew(const char *text, int64_t wall_us)
{
    MeterBook *book = meter_book_new(MONO, true);
    bool is_due;

    ck_assert_pstr_eq(meter_book_read(book, text, strlen(text), &unknown_boot, MONO, wall_us),
                      NULL);
    is_due = meter_book_is_due(book);
    meter_book_check(book);
    meter_book_free(book);
    return is_due;
}

/* The clock was set back: with the old file each later process would find nothing worked off. */
START_TEST(file_of_the_future_is_written_anew)
{
    g_autofree char *text = file_with_debt(&unknown_boot);

    ck_assert(is_written_anew(text, WALL - 1800 * S));
    ck_assert(!is_written_anew(text, WALL));
    ck_assert(!is_written_anew(text, WALL + 1800 * S));
}
END_TEST

/* Each asks for a mark only when it is about to need it: else reloads would hold mail for ever. */
START_TEST(process_that_begins_nothing_costs_nothing)
{
    static const char *const rates[] = {"1/1h", "2000/1d burst 10", "1/1h burst 1"};
    int64_t mono_us = MONO, free_us = 0;
    g_autofree char *text = NULL;

    for (int i = 0; i < 12; i++) {
        Process process = start(text, &first_boot, rates[_i], mono_us, WALL + mono_us);
        int64_t next_us = meter_next_free_us(&process.meter);

        if (i == 0) { /* as long as a burst, and a mark for it */
            (void)meter_charge(&process.meter, 12, mono_us);
            meter_book_update(process.book, process.page, &process.meter, mono_us);
        } else if (i > 1) {
            ck_assert_int_le(next_us, free_us + 3600);
        }
        free_us = next_us;
        mono_us += 10 * S;
        meter_book_update(process.book, process.page, &process.meter, mono_us);
        ck_assert(i == 0 || !meter_book_is_due(process.book));
        g_free(text);
        text = end_with_file(&process, &first_boot, mono_us, WALL + mono_us);
    }
}
END_TEST

#define HEAD  "eqmgr-state 1\nhost h\ninstance i\n"
#define PAGE  "meter deliveries % smtp a.test 36000000 1764380000000000 2000000\n"
#define FAULT "line 4: the boot is not as it would be written"

static const struct {
    const char *text, *fault;
} files[] = {
    {HEAD "boot x 0 0\nend 3\n",                                  NULL                                                     },
    {HEAD "boot % 86400000000 1764380000000000\n" PAGE "end 4\n", NULL                                                     },
    {HEAD "boot boot%20one 1 2\nend 3\n",                         NULL                                                     },
    {HEAD "boot x 0\nend 3\n",                                    FAULT                                                    },
    {HEAD "boot x 0 0 0\nend 3\n",                                FAULT                                                    },
    {HEAD "boot  0 0\nend 3\n",                                   FAULT                                                    },
    {HEAD "boot x%2e 0 0\nend 3\n",                               FAULT                                                    },
    {HEAD "boot x -1 0\nend 3\n",                                 FAULT                                                    },
    {HEAD "boot x 0 9223372036854775807\nend 3\n",                FAULT                                                    },
    {HEAD "boot x 9223372036854775807 0\nend 3\n",                FAULT                                                    },
    {HEAD "boots x 0 0\nend 3\n",                                 "line 4: this is neither a meter nor a level"            },
    {HEAD "boot x 0 0\nboot x 0 0\nend 4\n",                      "line 5: this is neither a meter nor a level"            },
    {HEAD PAGE "boot x 0 0\nend 4\n",                             "line 5: this is neither a meter nor a level"            },
    {HEAD "boot x 0 0\nend 2\n",                                  "line 5: the last line counts other lines than there are"},
};

START_TEST(line_of_the_boot_is_read_or_refused)
{
    MeterBook *book = meter_book_new(MONO, true);
    g_autofree char *fault =
        meter_book_read(book, files[_i].text, strlen(files[_i].text), &first_boot, MONO, WALL);

    ck_assert_pstr_eq(fault, files[_i].fault);
    meter_book_check(book);
    meter_book_free(book);
}
END_TEST

/* The largest clocks that can be read. */
START_TEST(nothing_overflows)
{
    g_autofree char *text = g_strdup_printf(
        HEAD "boot boot%%20one 0 %" PRId64 "\nmeter deliveries %% smtp a.test 36000000 0 2000000\n"
             "end 4\n",
        INT64_MAX / 4);
    MeterBook *book = meter_book_new(INT64_MAX - 1, true);

    ck_assert_pstr_eq(
        meter_book_read(book, text, strlen(text), &first_boot, INT64_MAX - 1, INT64_MAX), NULL);
    meter_book_check(book);
    meter_book_free(book);
}
END_TEST

/* A clock from before 1970 is not written. */
START_TEST(odd_clocks_leave_the_line_out)
{
    Process process = start(NULL, &first_boot, "1/1h", -5, -7);
    g_autofree char *text = end_with_file(&process, &first_boot, -5, -7);

    ck_assert_ptr_null(strstr(text, "boot "));
}
END_TEST

int main(void)
{
    TCase *restart = tcase_create("restart");

    tcase_add_loop_test(restart, no_more_is_worked_off_than_both_clocks_say, 0,
                        G_N_ELEMENTS(clocks));
    tcase_add_test(restart, file_of_the_future_is_written_anew);
    tcase_add_loop_test(restart, process_that_begins_nothing_costs_nothing, 0, 3);
    tcase_add_loop_test(restart, line_of_the_boot_is_read_or_refused, 0, G_N_ELEMENTS(files));
    tcase_add_test(restart, nothing_overflows);
    tcase_add_test(restart, odd_clocks_leave_the_line_out);
    return run_suite("policy/meter, restart", restart, NULL);
}

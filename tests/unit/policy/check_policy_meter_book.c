#include <inttypes.h>
#include <string.h>

#include "policy/meter_book.h"
#include "tests/support/runner.h"

#define S    INT64_C(1000000)
#define WALL (INT64_C(1764380000) * S) /* when the first process began */

static const MeterBookOwner owner = {"mail.example.com", "/var/spool/postfix", NULL};
static const MeterName smtp_a = {METER_DELIVERIES, "", "smtp", "a.test"};

static MeterLimit limit_of(const char *text)
{
    MeterLimit limit;

    ck_assert_pstr_eq(meter_limit_parse(text, &limit), NULL);
    return limit;
}

/* ---- a process, and the disk that outlives it ---- */

typedef struct Process {
    MeterBook *book;
    MeterPage *page;
    Meter meter;
    MeterLimit limit;
    int64_t start_us; /* mono is now - start */
} Process;

static Process process;
static char *disk; /* NULL: no file */
static int64_t now_us;

static int64_t mono(void)
{
    return now_us - process.start_us;
}

static void look(void)
{
    meter_book_update(process.book, process.page, &process.meter, mono());
    meter_book_check(process.book);
}

static void start_process(const char *limit_text)
{
    process = (Process){.limit = limit_of(limit_text), .start_us = now_us};
    process.book = meter_book_new(mono(), false);
    if (disk != NULL)
        ck_assert_pstr_eq(
            meter_book_read(process.book, disk, strlen(disk), &owner, mono(), WALL + now_us), NULL);
    process.page = meter_book_hold(process.book, &smtp_a, &process.limit, mono(), &process.meter);
    meter_book_check(process.book);
}

/* kill -9 */
static void kill_process(void)
{
    meter_book_free(process.book);
}

static void begin_one(void)
{
    ck_assert_int_gt(meter_free_units(&process.meter, mono()), 0);
    (void)meter_charge(&process.meter, 1, mono());
    look();
}

static void write_disk(void)
{
    GString *text = meter_book_write(process.book, &owner, mono(), WALL + now_us);

    g_free(disk);
    disk = g_string_free(text, FALSE);
    meter_book_written(process.book, true);
    look();
}

static void write_if_due(void)
{
    if (meter_book_is_due(process.book))
        write_disk();
}

static void setup(void)
{
    now_us = 0;
    disk = g_strdup("eqmgr-state 1\nhost mail.example.com\ninstance /var/spool/postfix\nend 2\n");
}

static void teardown(void)
{
    meter_book_free(process.book);
    process.book = NULL;
    g_clear_pointer(&disk, g_free);
}

/* ---- the worked example (5) of traffic.md 2 ---- */

/*
 * 2000/1d burst 10 (T 43.2 s): 10 sent, TAT = now + 432 s, mark + 60 s; crash, restart after 60 s:
 * debt 432 > tau 388.8: next start in 43 s; without memory 10 at once, at each reload.
 */
START_TEST(example_5_a_crash_forgets_nothing)
{
    const int64_t spacing_us = 43200000;

    start_process("2000/1d burst 10");
    now_us += 86400 * S;
    for (int i = 0; i < 10; i++) {
        begin_one();
        write_if_due();
    }
    ck_assert_int_eq(meter_clear_us(&process.meter) - mono(), 10 * spacing_us);
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    kill_process();
    now_us += 60 * S;
    start_process("2000/1d burst 10");
    ck_assert_int_ge(meter_clear_us(&process.meter) - mono(), 10 * spacing_us - 60 * S);
    ck_assert_int_le(meter_clear_us(&process.meter) - mono(), 10 * spacing_us + 10);
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    ck_assert_int_le(meter_next_free_us(&process.meter) - mono(), spacing_us + S);
}
END_TEST

/* ---- what is free without the disk ---- */

START_TEST(first_unit_of_a_burst_waits_for_nothing)
{
    start_process("100/1h");
    write_disk(); /* what is presumed of the process before needs it */
    now_us += 3600 * S;
    look();
    ck_assert(!meter_book_is_due(process.book));
    begin_one();
    ck_assert(meter_book_is_due(process.book));
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    ck_assert(meter_waits_for_mark(&process.meter, mono()));
    write_disk();
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 1);
    begin_one();
    ck_assert(!meter_waits_for_mark(&process.meter, mono()));
}
END_TEST

/* Before each one its mark must be there; so it is asked for in time. */
START_TEST(without_a_burst_each_unit_waits_for_the_disk)
{
    start_process("60/1h burst 1");
    now_us += 3600 * S;
    look();
    for (int i = 0; i < 5; i++) {
        int64_t free_us;

        ck_assert(meter_book_is_due(process.book));
        ck_assert(i > 0 || meter_waits_for_mark(&process.meter, mono()));
        write_disk();
        ck_assert(!meter_book_is_due(process.book));
        free_us = MAX(meter_next_free_us(&process.meter), mono());
        now_us += free_us - mono();
        begin_one();
        ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
        ck_assert(!meter_book_is_due(process.book));
        now_us += meter_mark_due_us(&process.meter, mono()) - mono();
        ck_assert_int_lt(mono(), meter_next_free_us(&process.meter));
        look();
    }
}
END_TEST

START_TEST(quick_meters_are_not_kept)
{
    start_process("10/1s");
    now_us += 3600 * S;
    for (int i = 0; i < 20; i++)
        begin_one();
    ck_assert(!meter_book_is_due(process.book));
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    write_disk();
    ck_assert_ptr_null(strstr(disk, "meter "));
    kill_process();
    start_process("10/1s"); /* and yet nothing is gained by it */
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    ck_assert_int_eq(meter_next_free_us(&process.meter) - mono(), S / 10);
}
END_TEST

START_TEST(disk_that_fails_holds_nothing)
{
    start_process("100/1h burst 5");
    now_us += 3600 * S;
    begin_one();
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    g_string_free(meter_book_write(process.book, &owner, mono(), WALL + now_us), TRUE);
    meter_book_written(process.book, false);
    ck_assert(meter_book_is_due(process.book));
    meter_book_set_volatile(process.book, true);
    look();
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 4);
    begin_one();
    begin_one();
    meter_book_set_volatile(process.book, false);
    look();
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    write_disk();
    ck_assert_int_ge(meter_free_units(&process.meter, mono()), 1);
}
END_TEST

/* A delivery of 50 recipients counts as one until it is written, and then as 50. */
START_TEST(charge_of_many_units_is_written_at_once)
{
    start_process("100/1h burst 1");
    now_us += 3600 * S;
    look();
    write_disk();
    (void)meter_charge(&process.meter, 50, mono());
    look();
    ck_assert(meter_book_is_due(process.book));
    write_disk();
    kill_process();
    start_process("100/1h burst 1");
    ck_assert_int_ge(meter_clear_us(&process.meter) - mono(), 50 * 36 * S);
}
END_TEST

/* ---- over a restart ---- */

/* A page keeps what it owes for as long as somebody could come for it. */
START_TEST(meter_that_comes_back_owes_what_it_owed)
{
    start_process("100/1h burst 1");
    now_us += 3600 * S;
    look();
    write_disk();
    begin_one();
    meter_book_release(process.book, process.page, &process.meter, mono());
    now_us += 35 * S;
    process.page = meter_book_hold(process.book, &smtp_a, &process.limit, mono(), &process.meter);
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 0);
    ck_assert_int_le(llabs(meter_next_free_us(&process.meter) - mono() - S), 100);
}
END_TEST

START_TEST(other_limit_keeps_the_debt_in_units)
{
    start_process("100/1h burst 10");
    now_us += 3600 * S;
    for (int i = 0; i < 10; i++) {
        begin_one();
        write_if_due();
    }
    kill_process();
    start_process("50/1h burst 10");
    ck_assert_int_ge(meter_clear_us(&process.meter) - mono(), 10 * 72 * S);
    ck_assert_int_le(meter_clear_us(&process.meter) - mono(), 11 * 72 * S + S);
}
END_TEST

START_TEST(clock_that_was_set_back_gives_no_credit)
{
    int64_t debt_us;

    start_process("100/1h burst 10");
    now_us += 3600 * S;
    for (int i = 0; i < 10; i++) {
        begin_one();
        write_if_due();
    }
    debt_us = meter_clear_us(&process.meter) - mono();
    kill_process();
    now_us -= 1800 * S;
    start_process("100/1h burst 10");
    ck_assert_int_ge(meter_clear_us(&process.meter) - mono(), debt_us);
    ck_assert_int_le(meter_clear_us(&process.meter) - mono(), debt_us + 36 * S + S);
}
END_TEST

START_TEST(without_a_file_one_unit_is_free)
{
    g_clear_pointer(&disk, g_free);
    start_process("100/1h burst 10");
    ck_assert(meter_waits_for_mark(&process.meter, mono()));
    write_disk();
    ck_assert_int_eq(meter_free_units(&process.meter, mono()), 1);
    begin_one();
    ck_assert_int_eq(meter_next_free_us(&process.meter) - mono(), 36 * S);
}
END_TEST

/* ---- the text ---- */

#define HEAD "eqmgr-state 1\nhost mail.example.com\ninstance /var/spool/postfix\n"
#define PAGE "meter deliveries % smtp a.test 36000000 1764380000000000 2000000\n"

static const struct {
    const char *text, *fault;
} files[] = {
    {HEAD "end 2\n",                                                    NULL                                                     },
    {HEAD PAGE "end 3\n",                                               NULL                                                     },
    {HEAD PAGE "end 3",                                                 NULL                                                     },
    {HEAD "meter recipients big%20one smtp %25%FF 1 0 0\nend 3\n",      NULL                                                     },
    {"",                                                                "line 1: the end of the file is missing"                 },
    {HEAD PAGE,                                                         "line 5: the end of the file is missing"                 },
    {HEAD PAGE "end 4\n",                                               "line 5: the last line counts other lines than there are"},
    {HEAD PAGE "end x\n",                                               "line 5: the last line counts other lines than there are"},
    {HEAD "end 2\n" PAGE,                                               "line 5: there is something behind the last line"        },
    {"eqmgr-state 2\n" PAGE "end 1\n",                                  "line 1: the format is of another release"               },
    {"eqmgr-control 1\nend 0\n",                                        "line 1: this is not a file of meters"                   },
    {"eqmgr-state 1\nhost other.test\n",
     "it is of the host other.test, and this is mail.example.com"                                                                },
    {"eqmgr-state 1\nhost mail.example.com\ninstance /x\n",
     "it is of the instance /x, and this is /var/spool/postfix"                                                                  },
    {"eqmgr-state 1\nend 0\n",                                          "line 2: the owner of the file is missing"               },
    {HEAD PAGE PAGE "end 4\n",                                          "line 5: the meter stands in an earlier line, too"       },
    {HEAD "level smtp 1\nend 3\n",                                      "line 4: a level has thirteen words"                     },
    {HEAD "\nend 3\n",                                                  "line 4: this is neither a meter nor a level"            },
    {HEAD "meter deliveries % smtp a.test 1 1\nend 3\n",                "line 4: a meter has seven words"                        },
    {HEAD "meter deliveries % smtp a.test 1 1 1 1\nend 3\n",            "line 4: a meter has seven words"                        },
    {HEAD "meter bytes % smtp a.test 1 1 1\nend 3\n",
     "line 4: a meter is of deliveries or recipients"                                                                            },
    {HEAD "meter deliveries % smtp a%2etest 1 1 1\nend 3\n",
     "line 4: a name is not as it would be written"                                                                              },
    {HEAD "meter deliveries % smtp %41 1 1 1\nend 3\n",
     "line 4: a name is not as it would be written"                                                                              },
    {HEAD "meter deliveries % smtp %00 1 1 1\nend 3\n",
     "line 4: a name is not as it would be written"                                                                              },
    {HEAD "meter deliveries % smtp %4 1 1 1\nend 3\n",
     "line 4: a name is not as it would be written"                                                                              },
    {HEAD "meter deliveries %  a 1 1 1\nend 3\n",                       "line 4: a name is not as it would be written"           },
    {HEAD "meter deliveries % smtp a 0 1 1\nend 3\n",                   "line 4: a number is out of range"                       },
    {HEAD "meter deliveries % smtp a -1 1 1\nend 3\n",                  "line 4: a number is out of range"                       },
    {HEAD "meter deliveries % smtp a 9999999999999 1 1\nend 3\n",
     "line 4: a number is out of range"                                                                                          },
    {HEAD "meter deliveries % smtp a 1 1 9223372036854775807\nend 3\n",
     "line 4: a number is out of range"                                                                                          },
};

START_TEST(text_is_read_whole_or_not_at_all)
{
    MeterBook *book = meter_book_new(0, true);
    g_autofree char *fault =
        meter_book_read(book, files[_i].text, strlen(files[_i].text), &owner, 0, WALL);

    ck_assert_pstr_eq(fault, files[_i].fault);
    if (fault != NULL)
        ck_assert_uint_eq(meter_book_count(book), 0);
    meter_book_check(book);
    meter_book_free(book);
}
END_TEST

START_TEST(nul_byte_is_a_fault)
{
    static const char text[] = HEAD "meter\0\nend 3\n";
    MeterBook *book = meter_book_new(0, true);
    g_autofree char *fault = meter_book_read(book, text, sizeof(text) - 1, &owner, 0, WALL);

    ck_assert_pstr_eq(fault, "line 4: there is a NUL byte in it");
    meter_book_free(book);
}
END_TEST

/* Names that no word could be: they come back as they were. */
START_TEST(odd_names_survive)
{
    static const MeterName odd = {METER_RECIPIENTS, "a b", "", "[x]:25 \n%\xff"};
    const MeterLimit limit = limit_of("1/1d burst 1");
    MeterBook *book = meter_book_new(0, true), *next;
    GString *text;
    Meter meter;
    MeterPage *page = meter_book_hold(book, &odd, &limit, 3600 * S, &meter);

    (void)meter_charge(&meter, 2, 3600 * S);
    meter_book_update(book, page, &meter, 3600 * S);
    text = meter_book_write(book, &owner, 3600 * S, WALL);
    ck_assert_ptr_nonnull(strstr(text->str, "meter recipients a%20b % [x]:25%20%0A%25%FF "));
    next = meter_book_new(0, true);
    ck_assert_pstr_eq(meter_book_read(next, text->str, text->len, &owner, 0, WALL), NULL);
    ck_assert_uint_eq(meter_book_count(next), 1);
    page = meter_book_hold(next, &odd, &limit, 0, &meter);
    ck_assert_int_ge(meter_clear_us(&meter), 2 * 86400 * S);
    ck_assert_uint_eq(meter_book_count(next), 1);
    (void)page;
    g_string_free(text, TRUE);
    meter_book_free(book);
    meter_book_free(next);
}
END_TEST

/* As many destinations as there are: those that owe nothing leave nothing. */
START_TEST(pages_that_owe_nothing_are_forgotten)
{
    const MeterLimit limit = limit_of("1000/1s");
    MeterBook *book = meter_book_new(0, true);

    for (int i = 0; i < 100000; i++) {
        g_autofree char *destination = g_strdup_printf("d%d", i);
        const MeterName name = {METER_DELIVERIES, "", "smtp", destination};
        int64_t at_us = 10 * S + i * S / 100;
        Meter meter;
        MeterPage *page = meter_book_hold(book, &name, &limit, at_us, &meter);

        (void)meter_charge(&meter, 1, at_us);
        meter_book_update(book, page, &meter, at_us);
        meter_book_release(book, page, &meter, at_us);
    }
    ck_assert_uint_lt(meter_book_count(book), 3000);
    meter_book_check(book);
    meter_book_free(book);
}
END_TEST

int main(void)
{
    TCase *kept = tcase_create("kept"), *text = tcase_create("text");

    tcase_add_checked_fixture(kept, setup, teardown);
    tcase_add_test(kept, example_5_a_crash_forgets_nothing);
    tcase_add_test(kept, first_unit_of_a_burst_waits_for_nothing);
    tcase_add_test(kept, without_a_burst_each_unit_waits_for_the_disk);
    tcase_add_test(kept, quick_meters_are_not_kept);
    tcase_add_test(kept, disk_that_fails_holds_nothing);
    tcase_add_test(kept, charge_of_many_units_is_written_at_once);
    tcase_add_test(kept, meter_that_comes_back_owes_what_it_owed);
    tcase_add_test(kept, other_limit_keeps_the_debt_in_units);
    tcase_add_test(kept, clock_that_was_set_back_gives_no_credit);
    tcase_add_test(kept, without_a_file_one_unit_is_free);
    tcase_add_loop_test(text, text_is_read_whole_or_not_at_all, 0, G_N_ELEMENTS(files));
    tcase_add_test(text, nul_byte_is_a_fault);
    tcase_add_test(text, odd_names_survive);
    tcase_add_test(text, pages_that_owe_nothing_are_forgotten);
    return run_suite("policy/meter_book", kept, text, NULL);
}

#include <math.h>
#include <string.h>

#include "policy/meter_book.h"
#include "tests/support/runner.h"

#define S    INT64_C(1000000)
#define WALL (INT64_C(1764380000) * S)
#define DAY  (LEVEL_MAX_S * S)
#define HEAD "eqmgr-state 1\nhost h\ninstance i\n"

static const MeterBookOwner owner = {"h", "i", NULL};

static SiteLevel level_of(double base, double now, int64_t stepped_us)
{
    return (SiteLevel){
        .base = {base, 20},
        .now = {now,  5 },
        .beyond = now > base ? 3 : 0,
        .hold_s = 1800,
        .stepped_us = stepped_us,
    };
}

static MeterBook *book_with(bool is_shared, const char *transport, const char *name,
                            const SiteLevel *level)
{
    MeterBook *book = meter_book_new(0, true);
    const LevelNote note = {is_shared, transport, name, "rate", "421 4.7.28 100% \n slow", *level};

    level_book_put(meter_book_levels(book), &note);
    return book;
}

/* The next process reads what this one has written, at these times of its own clocks. */
static MeterBook *next_book(MeterBook *book, int64_t now_us, int64_t wall_us, int64_t next_us,
                            int64_t next_wall_us)
{
    GString *text = meter_book_write(book, &owner, now_us, wall_us);
    MeterBook *next = meter_book_new(next_us, false);

    meter_book_written(book, true);
    ck_assert_pstr_eq(meter_book_read(next, text->str, text->len, &owner, next_us, next_wall_us),
                      NULL);
    (void)g_string_free(text, TRUE);
    meter_book_free(book);
    return next;
}

static const LevelNote *only_note(MeterBook *book)
{
    g_autoptr(GPtrArray) notes = level_book_notes(meter_book_levels(book));

    ck_assert_uint_le(notes->len, 1);
    return notes->len == 1 ? notes->pdata[0] : NULL;
}

static const struct {
    bool is_shared;
    const char *transport, *name;
} subjects[] = {
    {false, "smtp", "gmail.com"   },
    {true,  "smtp", "site google" },
    {true,  "",     "site google" },
    {false, "smtp", ""            },
    {false, "smtp", "a b%\n\377@x"},
};

START_TEST(level_is_found_again_with_its_reason)
{
    SiteLevel level = level_of(8, 4, 100 * S);
    MeterBook *book =
        book_with(subjects[_i].is_shared, subjects[_i].transport, subjects[_i].name, &level);
    const LevelNote *note;

    ck_assert(meter_book_is_due(book));
    book = next_book(book, 160 * S, WALL, 7 * S, WALL + 40 * S);
    ck_assert(!meter_book_is_due(book));
    note = only_note(book);
    ck_assert_ptr_nonnull(note);
    ck_assert(note->is_shared == subjects[_i].is_shared);
    ck_assert_str_eq(note->transport, subjects[_i].transport);
    ck_assert_str_eq(note->name, subjects[_i].name);
    ck_assert_str_eq(note->rule, "rate");
    ck_assert_str_eq(note->reason, "421 4.7.28 100% \n slow");
    ck_assert_double_eq(note->level.base[LEVEL_RATE], 8);
    ck_assert_double_eq(note->level.now[LEVEL_RATE], 4);
    ck_assert_int_eq(level_concurrency(&note->level), 5);
    ck_assert_int_eq(note->level.stepped_us, 7 * S - 100 * S);
    ck_assert_int_eq(level_next_us(&note->level), 7 * S + 180 * S);
    meter_book_free(book);
}
END_TEST

/* The step was an hour ago when it was written; the clock then, and at the next start. */
static const struct {
    int64_t moved_us; /* by the wall clock */
    int64_t left_us;  /* until the level ends; 0: it has ended */
    bool is_due;
} clocks[] = {
    {0,                DAY - 3600 * S, false},
    {3600 * S,         DAY - 7200 * S, false},
    {-3600 * S,        DAY - 3600 * S, true }, /* no longer than it had */
    {-WALL,            DAY - 3600 * S, true },
    {DAY - 3600 * S,   0,              false},
    {DAY - 3601 * S,   1 * S,          false},
    {INT64_MAX - WALL, 0,              false},
};

START_TEST(level_ends_a_day_after_its_last_step)
{
    SiteLevel level = level_of(8, 4, 0);
    MeterBook *book = next_book(book_with(false, "smtp", "a.test", &level), 3600 * S, WALL, 50 * S,
                                WALL + clocks[_i].moved_us);
    const LevelNote *note = only_note(book);
    const double seen[LEVEL_KIND_COUNT] = {100, 100};
    SiteLevel now;

    ck_assert(meter_book_is_due(book) == clocks[_i].is_due);
    ck_assert((note != NULL) == (clocks[_i].left_us > 0));
    if (note != NULL) {
        now = note->level;
        now.has_success = true;
        ck_assert_int_eq(level_turn(&now, seen, 50 * S + clocks[_i].left_us), LEVEL_ENDED);
        now = note->level;
        ck_assert_int_eq(level_turn(&now, seen, 50 * S + clocks[_i].left_us - 1), LEVEL_SAME);
    }
    meter_book_free(book);
}
END_TEST

START_TEST(level_that_is_over_is_not_written)
{
    SiteLevel level = level_of(8, 4, 0);
    MeterBook *book = book_with(false, "smtp", "a.test", &level);

    level_book_remove(meter_book_levels(book), false, "smtp", "b.test");
    ck_assert_uint_eq(level_book_count(meter_book_levels(book)), 1);
    book = next_book(book, DAY, WALL, 0, WALL);
    ck_assert_ptr_null(only_note(book));
    meter_book_free(book);
}
END_TEST

START_TEST(what_could_not_be_written_is_due_again)
{
    SiteLevel level = level_of(8, 4, 0);
    MeterBook *book = book_with(false, "smtp", "a.test", &level);

    (void)g_string_free(meter_book_write(book, &owner, 0, WALL), TRUE);
    ck_assert(!meter_book_is_due(book));
    meter_book_written(book, false);
    ck_assert(meter_book_is_due(book));
    (void)g_string_free(meter_book_write(book, &owner, 0, WALL), TRUE);
    level_book_remove(meter_book_levels(book), false, "smtp", "a.test");
    meter_book_written(book, true);
    ck_assert(meter_book_is_due(book)); /* the file has it still */
    meter_book_free(book);
}
END_TEST

/* ---- property: what comes back allows no more ---- */

static int64_t spacing_of(const SiteLevel *level)
{
    MeterLimit limit;

    ck_assert(level_rate(level, &limit));
    return meter_limit_spacing_us(&limit);
}

START_TEST(level_that_comes_back_allows_no_more)
{
    GRand *random = g_rand_new_with_seed((guint32)_i);

    for (int i = 0; i < 300; i++) {
        double base = exp(g_rand_double_range(random, log(1.0 / 86400), log(1000)));
        SiteLevel level = level_of(base, base * g_rand_double_range(random, 0.01, 2), 0);
        int64_t age_us = g_rand_int_range(random, 0, LEVEL_MAX_S) * S;
        int64_t away_us = g_rand_int_range(random, -3600, 3600) * S;
        MeterBook *book =
            next_book(book_with(false, "smtp", "a.test", &level), age_us, WALL, 0, WALL + away_us);
        const LevelNote *note = only_note(book);

        if (note != NULL) {
            ck_assert_int_ge(spacing_of(&note->level), spacing_of(&level));
            ck_assert_int_le(level_concurrency(&note->level), level_concurrency(&level));
            ck_assert_int_le(note->level.stepped_us, -age_us);
            ck_assert(!note->level.has_success);
        }
        ck_assert(note != NULL || age_us + away_us >= DAY);
        meter_book_free(book);
    }
    g_rand_free(random);
}
END_TEST

/* ---- lines that we did not write ---- */

#define GOOD "level destination smtp a.test rate 421 1764380000000000 0 1800 0 8000 4000 0 0"

static const struct {
    const char *lines;
    int count;
    const char *fault; /* NULL: none */
} lines[] = {
    {GOOD "\n",                                                                        3, NULL                                              },
    {GOOD "\n" GOOD "\n",                                                              4, "line 5: the level stands in an earlier line, too"},
    {"level destination smtp a.test rate 421 1764380000000000 0 1800 0 8000 4000 0\n", 3,
     "line 4: a level has thirteen words"                                                                                                   },
    {GOOD " 0\n",                                                                      3, "line 4: a level has thirteen words"              },
    {"level flow smtp a.test rate 421 1764380000000000 0 1800 0 8000 4000 0 0\n",      3,
     "line 4: a level is of a site or a destination"                                                                                        },
    {"level site smtp a%61 rate 421 1764380000000000 0 1800 0 8000 4000 0 0\n",        3,
     "line 4: a text of a level is not as it would be written"                                                                              },
    {"level site smtp a%00 rate 421 1764380000000000 0 1800 0 8000 4000 0 0\n",        3,
     "line 4: a text of a level is not as it would be written"                                                                              },
    {"level site smtp a rate 421 1764380000000000 86400000000 1800 0 8000 4000 0 0\n", 3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"level site smtp a rate 421 1764380000000000 0 0 0 8000 4000 0 0\n",              3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"level site smtp a rate 421 1764380000000000 0 86401 0 8000 4000 0 0\n",          3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"level site smtp a rate 421 -1 0 1800 0 8000 4000 0 0\n",                         3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"level site smtp a rate 421 1764380000000000 0 1800 0 0 0 0 0\n",                 3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"level site smtp a rate 421 1764380000000000 0 1800 0 8000 0 0 0\n",              3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"level site smtp a rate 421 1764380000000000 0 1800 0 1e9 4000 0 0\n",            3,
     "line 4: a number of a level is out of range"                                                                                          },
    {"levels\n",                                                                       3, "line 4: this is neither a meter nor a level"     },
};

START_TEST(damaged_line_takes_nothing)
{
    g_autofree char *text = g_strdup_printf(HEAD "%send %d\n", lines[_i].lines, lines[_i].count);
    MeterBook *book = meter_book_new(0, false);
    g_autofree char *fault = meter_book_read(book, text, strlen(text), &owner, 0, WALL);

    ck_assert_pstr_eq(fault, lines[_i].fault);
    ck_assert_uint_eq(level_book_count(meter_book_levels(book)), lines[_i].fault == NULL);
    ck_assert(!meter_book_is_due(book));
    meter_book_free(book);
}
END_TEST

/* As many as are remembered; the rest is held by this process only. */
START_TEST(there_is_an_end_of_what_is_remembered)
{
    MeterBook *book = meter_book_new(0, true), *next;
    LevelNote note = {false, "smtp", "", "rate", "421", level_of(8, 4, 0)};

    for (int i = 0; i <= LEVEL_BOOK_MAX; i++) {
        g_autofree char *name = g_strdup_printf("%d.test", i);

        note.name = name;
        level_book_put(meter_book_levels(book), &note);
    }
    note.name = "0.test"; /* what is there may change */
    note.reason = "450";
    level_book_put(meter_book_levels(book), &note);
    next = next_book(book, 0, WALL, 0, WALL);
    ck_assert_uint_eq(level_book_count(meter_book_levels(next)), LEVEL_BOOK_MAX);
    meter_book_free(next);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("level book");

    tcase_add_loop_test(rows, level_is_found_again_with_its_reason, 0, G_N_ELEMENTS(subjects));
    tcase_add_loop_test(rows, level_ends_a_day_after_its_last_step, 0, G_N_ELEMENTS(clocks));
    tcase_add_test(rows, level_that_is_over_is_not_written);
    tcase_add_test(rows, what_could_not_be_written_is_due_again);
    tcase_add_loop_test(rows, level_that_comes_back_allows_no_more, 0, 10);
    tcase_add_loop_test(rows, damaged_line_takes_nothing, 0, G_N_ELEMENTS(lines));
    tcase_add_test(rows, there_is_an_end_of_what_is_remembered);
    return run_suite("policy/level_book", rows, NULL);
}

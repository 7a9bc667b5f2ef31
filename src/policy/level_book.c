#include "policy/level_book.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "book_words_internal.h"

/*
 * Levels over a restart, a line each:
 *
 *   level site smtp google rate 421%204.7.28%20slow 1764380000123456 60000000 1800 0 8 4 0 0
 *
 * What it is of (a destination or a shared site, its transport, its name), the rule and the answer
 * of the last step, the wall-clock time in microseconds, how long ago the step was then, the hold
 * time in seconds, the rises beyond what was too much, and for both kinds what was too much and
 * what holds, in billionths.
 */

#define SCALE        1e9
#define AMOUNT_MAX   INT64_C(100000000000000) /* a double knows each of them exactly */
#define NEARLY_1     (1 + 1e-15)              /* what was read is written as it was */
#define AGE_MAX_US   (LEVEL_MAX_S * INT64_C(1000000))
#define BEYOND_MAX   1000000
#define TEXT_MAX     1000 /* bytes of a word */
#define NUMBER_PLACE 6    /* of the first number, among the words */

struct LevelBook {
    GHashTable *notes; /* "KIND TRANSPORT NAME" as in the file -> KeptLevel */
    bool is_due, is_sent_due;
};

typedef struct KeptLevel {
    LevelNote note; /* its texts are: */
    char *transport, *name, *rule, *reason;
} KeptLevel;

static void kept_level_free(gpointer data)
{
    KeptLevel *kept = data;

    g_free(kept->transport);
    g_free(kept->name);
    g_free(kept->rule);
    g_free(kept->reason);
    g_free(kept);
}

LevelBook *level_book_new(void)
{
    LevelBook *book = g_new0(LevelBook, 1);

    book->notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, kept_level_free);
    return book;
}

void level_book_free(LevelBook *book)
{
    if (book == NULL)
        return;
    g_hash_table_unref(book->notes);
    g_free(book);
}

unsigned level_book_count(const LevelBook *book)
{
    return g_hash_table_size(book->notes);
}

static char *level_key(bool is_shared, const char *transport, const char *name)
{
    GString *key = g_string_new(is_shared ? "site" : "destination");

    book_put_word(key, transport);
    book_put_word(key, name);
    return g_string_free(key, FALSE);
}

static void add_note(LevelBook *book, char *key, const LevelNote *note)
{
    KeptLevel *kept = g_new0(KeptLevel, 1);

    kept->transport = g_strdup(note->transport);
    kept->name = g_strdup(note->name);
    kept->rule = g_strdup(note->rule);
    kept->reason = g_strdup(note->reason);
    kept->note = (LevelNote){note->is_shared, kept->transport, kept->name,
                             kept->rule,      kept->reason,    note->level};
    (void)g_hash_table_replace(book->notes, key, kept);
}

void level_book_put(LevelBook *book, const LevelNote *note)
{
    g_autofree char *key = level_key(note->is_shared, note->transport, note->name);

    g_assert(level_is_active(&note->level));
    if (level_book_count(book) >= LEVEL_BOOK_MAX && !g_hash_table_contains(book->notes, key))
        return;
    add_note(book, g_steal_pointer(&key), note);
    book->is_due = true;
}

void level_book_remove(LevelBook *book, bool is_shared, const char *transport, const char *name)
{
    g_autofree char *key = level_key(is_shared, transport, name);

    if (g_hash_table_remove(book->notes, key))
        book->is_due = true;
}

GPtrArray *level_book_notes(const LevelBook *book)
{
    GPtrArray *notes = g_ptr_array_new();
    GHashTableIter iter;
    gpointer kept;

    g_hash_table_iter_init(&iter, book->notes);
    while (g_hash_table_iter_next(&iter, NULL, &kept))
        g_ptr_array_add(notes, &((KeptLevel *)kept)->note);
    return notes;
}

void level_book_clear(LevelBook *book)
{
    g_hash_table_remove_all(book->notes);
    book->is_due = false;
}

/* ---- printing ---- */

bool level_book_is_due(const LevelBook *book)
{
    return book->is_due;
}

/* Never more than it was. */
static int64_t billionths(double amount)
{
    return (int64_t)CLAMP(floor(amount * SCALE * NEARLY_1), 1, (double)AMOUNT_MAX);
}

static void put_amounts(GString *out, const SiteLevel *level)
{
    for (LevelKind kind = 0; kind < LEVEL_KIND_COUNT; kind++) {
        if (level->base[kind] > 0)
            g_string_append_printf(out, " %" PRId64 " %" PRId64, billionths(level->base[kind]),
                                   billionths(level->now[kind]));
        else
            g_string_append(out, " 0 0");
    }
}

static void put_level_text(GString *out, const char *text)
{
    g_autofree char *cut = g_strndup(text, TEXT_MAX / 3);

    book_put_word(out, cut);
}

unsigned level_book_write(LevelBook *book, GString *out, int64_t now_us, int64_t wall_us)
{
    GHashTableIter iter;
    gpointer key, value;
    unsigned count = 0;

    book->is_sent_due = book->is_due;
    book->is_due = false;
    g_hash_table_iter_init(&iter, book->notes);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const LevelNote *note = &((const KeptLevel *)value)->note;
        int64_t age_us = MAX(now_us - note->level.stepped_us, 0);

        if (age_us >= AGE_MAX_US)
            continue;
        g_string_append_printf(out, "level %s", (const char *)key);
        put_level_text(out, note->rule);
        put_level_text(out, note->reason);
        g_string_append_printf(out, " %" PRId64 " %" PRId64 " %" PRId64 " %u", MAX(wall_us, 0),
                               age_us, note->level.hold_s, MIN(note->level.beyond, BEYOND_MAX));
        put_amounts(out, &note->level);
        g_string_append_c(out, '\n');
        count++;
    }
    return count;
}

void level_book_written(LevelBook *book, bool is_durable)
{
    book->is_due = book->is_due || (book->is_sent_due && !is_durable);
    book->is_sent_due = false;
}

/* ---- reading ---- */

static bool take_amounts(char **words, SiteLevel *level)
{
    for (LevelKind kind = 0; kind < LEVEL_KIND_COUNT; kind++) {
        int64_t base, now;

        if (!book_take_whole(words[2 * kind], AMOUNT_MAX, &base) ||
            !book_take_whole(words[2 * kind + 1], AMOUNT_MAX, &now) || (base == 0) != (now == 0))
            return false;
        level->base[kind] = (double)base / SCALE;
        level->now[kind] = (double)now / SCALE;
    }
    return level_is_active(level);
}

static bool take_level(char **words, SiteLevel *level, int64_t *ret_wall_us, int64_t *ret_age_us)
{
    int64_t beyond;

    if (!book_take_whole(words[0], G_MAXINT64, ret_wall_us) ||
        !book_take_whole(words[1], AGE_MAX_US - 1, ret_age_us) ||
        !book_take_whole(words[2], LEVEL_HOLD_MAX_S, &level->hold_s) || level->hold_s == 0 ||
        !book_take_whole(words[3], BEYOND_MAX, &beyond))
        return false;
    level->beyond = (unsigned)beyond;
    return take_amounts(words + 4, level);
}

static bool are_texts(char **words)
{
    for (int i = 2; i < NUMBER_PLACE; i++)
        if (!book_is_word(words[i]))
            return false;
    return strlen(words[4]) <= TEXT_MAX && strlen(words[5]) <= TEXT_MAX;
}

static void take_note(LevelBook *book, char *key, char **words, const SiteLevel *level)
{
    g_autofree char *transport = book_word_text(words[2]), *name = book_word_text(words[3]);
    g_autofree char *rule = book_word_text(words[4]), *reason = book_word_text(words[5]);
    const LevelNote note = {g_str_equal(words[1], "site"), transport, name, rule, reason, *level};

    add_note(book, key, &note);
}

const char *level_book_take(LevelBook *book, char **words, int64_t now_us, int64_t wall_us)
{
    SiteLevel level = {.hold_s = 0};
    g_autofree char *key = NULL;
    int64_t then_us, age_us;

    if (g_strv_length(words) != LEVEL_WORD_COUNT)
        return "a level has thirteen words";
    if (!g_str_equal(words[1], "site") && !g_str_equal(words[1], "destination"))
        return "a level is of a site or a destination";
    if (!are_texts(words))
        return "a text of a level is not as it would be written";
    if (!take_level(words + NUMBER_PLACE, &level, &then_us, &age_us))
        return "a number of a level is out of range";
    if (level_book_count(book) == LEVEL_BOOK_MAX)
        return "there are too many levels";
    key = g_strjoin(" ", words[1], words[2], words[3], NULL);
    if (g_hash_table_contains(book->notes, key))
        return "the level stands in an earlier line, too";
    age_us += MIN(MAX(wall_us - then_us, 0), AGE_MAX_US);
    if (age_us >= AGE_MAX_US)
        return NULL;
    level.stepped_us = now_us - age_us;
    level_resume(&level, now_us);
    take_note(book, g_steal_pointer(&key), words, &level);
    book->is_due = book->is_due || then_us > wall_us; /* the next start counts from this clock */
    return NULL;
}

#include <inttypes.h>
#include <string.h>

#include "book_words_internal.h"
#include "meter_book_internal.h"

/*
 * The pages as text:
 *
 *   eqmgr-state 1
 *   host mail.example.com
 *   instance /var/spool/postfix
 *   boot 0b1c69a4-3f0e-4d9b-a6f1-2f7b8f0d2c11 86400000000 1764380000123456
 *   meter deliveries % smtp example.com 36000000 1764380000123456 2000000
 *   level destination smtp gmail.com gmail-rate 421%204.7.28 1764380000123456 0 1800 0 8 4 0 0
 *   end 4
 *
 * A page says which meter it is (kind, site, transport, destination; '%' for an empty text), its
 * spacing in microseconds, the wall-clock time in microseconds, and the debt at that time in
 * millionths of a unit. Lines of levels are those of level_book.c. The last line counts those
 * between it and the first one. The line of the boot, which may be missing, has the monotonic and
 * the wall clock of the time when the text was made.
 */

#define MAGIC       "eqmgr-state"
#define MAX_PAGES   (METER_BOOK_MAX_BYTES / 32)
#define SPACING_MAX (METER_PERIOD_MAX_S * INT64_C(1000000))
#define WORD_COUNT  8 /* of a page */
#define BOOT_WORDS  4
#define BOOT_LINE   4
#define CLOCK_MAX   (INT64_MAX / 4)

/* ---- printing ---- */

/* The debt was noticed so long ago, whatever the wall clock said then. */
static void put_page(GString *out, const MeterPage *page, PageDebt mark, int64_t now_us,
                     int64_t wall_us)
{
    g_string_append_printf(out, "meter %s %" PRId64 " %" PRId64 " %" PRId64 "\n", page->key,
                           page->spacing_us, MAX(wall_us - (now_us - mark.at_us), 0), mark.units);
}

/* How many lines these are. */
static unsigned put_book_head(GString *out, const MeterBookOwner *owner, int64_t now_us,
                              int64_t wall_us)
{
    g_string_append_printf(out, MAGIC " %d\nhost %s\ninstance %s\n", METER_BOOK_VERSION,
                           owner->host, owner->instance);
    if (owner->boot == NULL || now_us < 0 || wall_us < 0)
        return 2;
    g_string_append(out, "boot");
    book_put_word(out, owner->boot);
    g_string_append_printf(out, " %" PRId64 " %" PRId64 "\n", now_us, wall_us);
    return 3;
}

/* It is worked off before it would matter. */
static bool is_worth_writing(const MeterPage *page, PageDebt mark, int64_t now_us)
{
    int64_t presumed_us = page->is_held ? meter_limit_presumed_us(&page->limit) : 0;

    return page_debt_end_us(mark, page->spacing_us) > now_us + presumed_us;
}

GString *meter_book_write(MeterBook *book, const MeterBookOwner *owner, int64_t now_us,
                          int64_t wall_us)
{
    GString *out = g_string_new(NULL);
    GHashTableIter iter;
    gpointer value;
    unsigned count = put_book_head(out, owner, now_us, wall_us);

    g_assert(!book->is_writing);
    book->is_writing = true;
    book->wanted_count = 0;
    g_hash_table_iter_init(&iter, book->pages);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        MeterPage *page = value;

        page->sent = meter_page_mark(page);
        page->wanted = PAGE_DEBT_NONE;
        if (!is_worth_writing(page, page->sent, now_us))
            continue;
        put_page(out, page, page->sent, now_us, wall_us);
        count++;
    }
    count += level_book_write(book->levels, out, now_us, wall_us);
    g_string_append_printf(out, "end %u\n", count);
    return out;
}

/* ---- reading ---- */

typedef struct BookReader {
    MeterBook *book;
    const MeterBookOwner *owner;
    int64_t now_us, wall_us;
    unsigned line_number;
    bool has_end;
    char *fault; /* the first one */
} BookReader;

static void fault_in_line(BookReader *reader, const char *fault)
{
    if (reader->fault == NULL)
        reader->fault = g_strdup_printf("line %u: %s", reader->line_number, fault);
}

static bool take_numbers(char **words, int64_t *ret_spacing_us, int64_t *ret_wall_us,
                         int64_t *ret_units)
{
    return book_take_whole(words[0], SPACING_MAX, ret_spacing_us) && *ret_spacing_us > 0 &&
           book_take_whole(words[1], G_MAXINT64, ret_wall_us) &&
           book_take_whole(words[2], G_MAXINT64 - 1, ret_units);
}

static const char *take_page(BookReader *reader, char **words)
{
    int64_t spacing_us, wall_us, units, elapsed_us;
    g_autofree char *key = NULL;
    MeterPage *page;

    if (g_strv_length(words) != WORD_COUNT)
        return "a meter has seven words";
    if (!g_str_equal(words[1], "deliveries") && !g_str_equal(words[1], "recipients"))
        return "a meter is of deliveries or recipients";
    if (!book_is_word(words[2]) || !book_is_word(words[3]) || !book_is_word(words[4]))
        return "a name is not as it would be written";
    if (!take_numbers(words + 5, &spacing_us, &wall_us, &units))
        return "a number is out of range";
    if (meter_book_count(reader->book) == MAX_PAGES)
        return "there are too many meters";
    key = g_strjoin(" ", words[1], words[2], words[3], words[4], NULL);
    if (g_hash_table_contains(reader->book->pages, key))
        return "the meter stands in an earlier line, too";
    page = meter_book_add_page(reader->book, key);
    page->spacing_us = spacing_us;
    elapsed_us = MAX(reader->wall_us - wall_us, 0);
    page->on_disk = (PageDebt){reader->now_us - elapsed_us, units};
    if (wall_us > reader->wall_us) { /* else the next restart gives no credit for this time, too */
        page->wanted = page->on_disk;
        reader->book->wanted_count++;
    }
    return NULL;
}

static void take_owner(BookReader *reader, const char *what, const char *line, const char *expected)
{
    size_t length = strlen(what);

    if (strncmp(line, what, length) != 0 || line[length] != ' ')
        fault_in_line(reader, "the owner of the file is missing");
    else if (!g_str_equal(line + length + 1, expected) && reader->fault == NULL)
        reader->fault = g_strdup_printf("it is of the %s %.80s, and this is %.80s", what,
                                        line + length + 1, expected);
}

/*
 * The machine has not been started since: then no more time has gone by than its monotonic clock
 * says, wherever the wall clock is now. Not less than the wall clock says either: a process in a
 * name space may have another monotonic clock.
 */
static void take_boot(BookReader *reader, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", BOOT_WORDS + 1);
    g_autofree char *boot = NULL;
    int64_t mono_us, wall_us;

    if (g_strv_length(words) != BOOT_WORDS || !book_is_word(words[1]) ||
        !book_take_whole(words[2], CLOCK_MAX, &mono_us) ||
        !book_take_whole(words[3], CLOCK_MAX, &wall_us)) {
        fault_in_line(reader, "the boot is not as it would be written");
        return;
    }
    boot = book_word_text(words[1]);
    if (reader->owner->boot != NULL && g_str_equal(boot, reader->owner->boot) &&
        mono_us <= reader->now_us && reader->now_us - mono_us <= CLOCK_MAX)
        reader->wall_us = MIN(reader->wall_us, wall_us + (reader->now_us - mono_us));
}

static void take_end(BookReader *reader, const char *text)
{
    int64_t count;

    reader->has_end = true;
    if (!book_take_whole(text, UINT32_MAX, &count) || count != (int64_t)reader->line_number - 2)
        fault_in_line(reader, "the last line counts other lines than there are");
}

static void take_body(BookReader *reader, const char *line)
{
    const char *fault = "this is neither a meter nor a level";
    g_auto(GStrv) words = NULL;

    if (g_str_has_prefix(line, "end ")) {
        take_end(reader, line + strlen("end "));
        return;
    }
    words = g_strsplit(line, " ", MAX(WORD_COUNT, LEVEL_WORD_COUNT) + 1);
    if (words[0] != NULL && g_str_equal(words[0], "meter"))
        fault = take_page(reader, words);
    else if (words[0] != NULL && g_str_equal(words[0], "level"))
        fault = level_book_take(reader->book->levels, words, reader->now_us, reader->wall_us);
    if (fault != NULL)
        fault_in_line(reader, fault);
}

static void take_magic(BookReader *reader, const char *line)
{
    g_autofree char *expected = g_strdup_printf(MAGIC " %d", METER_BOOK_VERSION);

    if (!g_str_equal(line, expected))
        fault_in_line(reader, g_str_has_prefix(line, MAGIC " ") ? "the format is of another release"
                                                                : "this is not a file of meters");
}

static void take_book_line(BookReader *reader, const char *bytes, size_t length)
{
    g_autofree char *line = g_strndup(bytes, length);

    reader->line_number++;
    if (reader->has_end)
        fault_in_line(reader, "there is something behind the last line");
    else if (strlen(line) != length)
        fault_in_line(reader, "there is a NUL byte in it");
    else if (reader->line_number == 1)
        take_magic(reader, line);
    else if (reader->line_number == 2)
        take_owner(reader, "host", line, reader->owner->host);
    else if (reader->line_number == 3)
        take_owner(reader, "instance", line, reader->owner->instance);
    else if (reader->line_number == BOOT_LINE && g_str_has_prefix(line, "boot "))
        take_boot(reader, line);
    else
        take_body(reader, line);
}

static void forget_all(MeterBook *book)
{
    g_hash_table_remove_all(book->pages);
    level_book_clear(book->levels);
    book->wanted_count = 0;
}

char *meter_book_read(MeterBook *book, const char *text, size_t size_bytes,
                      const MeterBookOwner *owner, int64_t now_us, int64_t wall_us)
{
    BookReader reader = {.book = book, .owner = owner, .now_us = now_us, .wall_us = wall_us};
    const char *end = text + size_bytes, *newline;

    g_assert(meter_book_count(book) == 0);
    for (; text < end && reader.fault == NULL; text = newline + 1) {
        newline = memchr(text, '\n', (size_t)(end - text));
        if (newline == NULL)
            newline = end;
        take_book_line(&reader, text, (size_t)(newline - text));
    }
    if (!reader.has_end) {
        reader.line_number++;
        fault_in_line(&reader, "the end of the file is missing");
    }
    book->is_known = reader.fault == NULL;
    if (reader.fault != NULL)
        forget_all(book);
    return reader.fault;
}

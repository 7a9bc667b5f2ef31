#include "policy/meter_book.h"

#include <string.h>

#include "base/check.h"
#include "book_words_internal.h"
#include "meter_book_internal.h"

/*
 * The pages in memory. A debt is kept in units with the time at which it was so large: then another
 * limit finds the same debt, as it will after a restart.
 */

#define UNIT       INT64_C(1000000) /* in millionths */
#define SWEEP_FROM 1000             /* pages; below that nobody cares */

typedef __int128 Product; /* of two int64_t */

static int64_t within(Product value)
{
    return (int64_t)CLAMP(value, 0, METER_NO_MARK - 1);
}

int64_t page_debt_end_us(PageDebt debt, int64_t spacing_us)
{
    if (debt.units < 0)
        return INT64_MIN;
    return within(debt.at_us + ((Product)debt.units * spacing_us + UNIT - 1) / UNIT);
}

static PageDebt debt_until(int64_t end_us, int64_t spacing_us, int64_t now_us)
{
    Product us = MAX((Product)end_us - now_us, 0);

    return (PageDebt){now_us, within((us * UNIT + spacing_us - 1) / spacing_us)};
}

static PageDebt larger_debt(PageDebt a, PageDebt b, int64_t spacing_us)
{
    return page_debt_end_us(a, spacing_us) >= page_debt_end_us(b, spacing_us) ? a : b;
}

/* ---- the book ---- */

MeterBook *meter_book_new(int64_t start_us, bool is_known)
{
    MeterBook *book = g_new0(MeterBook, 1);

    book->pages = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    book->levels = level_book_new();
    book->start_us = start_us;
    book->is_known = is_known;
    return book;
}

void meter_book_free(MeterBook *book)
{
    if (book == NULL)
        return;
    g_hash_table_unref(book->pages);
    level_book_free(book->levels);
    g_free(book);
}

unsigned meter_book_count(const MeterBook *book)
{
    return g_hash_table_size(book->pages);
}

MeterPage *meter_book_add_page(MeterBook *book, const char *key)
{
    size_t size = strlen(key) + 1;
    MeterPage *page = g_malloc0(sizeof(*page) + size);

    memcpy(page->key, key, size);
    page->owed = page->on_disk = page->sent = page->wanted = PAGE_DEBT_NONE;
    (void)g_hash_table_replace(book->pages, page->key, page);
    return page;
}

static GString *meter_key(const MeterName *name)
{
    GString *key = g_string_new(name->kind == METER_DELIVERIES ? "deliveries" : "recipients");

    book_put_word(key, name->site);
    book_put_word(key, name->transport);
    book_put_word(key, name->destination);
    return key;
}

LevelBook *meter_book_levels(MeterBook *book)
{
    return book->levels;
}

/* ---- pages ---- */

/* What the meter owes at the start of the process, without a page. */
static PageDebt debt_at_start(const MeterBook *book, const MeterLimit *limit)
{
    int64_t spacing_us = meter_limit_spacing_us(limit);
    int64_t owed_us = book->is_known ? meter_limit_presumed_us(limit)
                                     : (limit->burst - 1) * spacing_us; /* one unit is free */

    return debt_until(book->start_us + owed_us, spacing_us, book->start_us);
}

MeterPage *meter_book_hold(MeterBook *book, const MeterName *name, const MeterLimit *limit,
                           int64_t now_us, Meter *ret_meter)
{
    GString *key = meter_key(name);
    MeterPage *page = g_hash_table_lookup(book->pages, key->str);
    PageDebt owed;

    if (page == NULL)
        page = meter_book_add_page(book, key->str);
    (void)g_string_free(key, TRUE);
    g_assert(!page->is_held);
    page->is_held = true;
    page->limit = *limit;
    page->spacing_us = meter_limit_spacing_us(limit);
    owed = page->owed.units >= 0
               ? page->owed
               : larger_debt(page->on_disk, debt_at_start(book, limit), page->spacing_us);
    page->owed = PAGE_DEBT_NONE;
    meter_restore(ret_meter, limit, &(MeterSaved){owed.at_us, owed.units}, now_us, now_us);
    meter_book_update(book, page, ret_meter, now_us);
    return page;
}

static void set_wanted(MeterBook *book, MeterPage *page, PageDebt wanted)
{
    book->wanted_count -= page->wanted.units >= 0;
    page->wanted = wanted;
    book->wanted_count += wanted.units >= 0;
}

/* Nobody would miss it. */
static bool is_spent(const MeterPage *page, int64_t now_us)
{
    return !page->is_held && page->sent.units < 0 &&
           page_debt_end_us(page->owed, page->spacing_us) <= now_us &&
           page_debt_end_us(meter_page_mark(page), page->spacing_us) <= now_us;
}

static void sweep_pages(MeterBook *book, int64_t now_us)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, book->pages);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (!is_spent(value, now_us))
            continue;
        set_wanted(book, value, PAGE_DEBT_NONE);
        g_hash_table_iter_remove(&iter);
    }
    book->swept_count = meter_book_count(book);
}

void meter_book_release(MeterBook *book, MeterPage *page, const Meter *meter, int64_t now_us)
{
    g_assert(page->is_held);
    page->owed = debt_until(meter_clear_us(meter), page->spacing_us, now_us);
    page->is_held = false;
    if (meter_book_count(book) > MAX(SWEEP_FROM, 2 * book->swept_count))
        sweep_pages(book, now_us);
}

void meter_book_update(MeterBook *book, MeterPage *page, Meter *meter, int64_t now_us)
{
    page->limit = meter->limit;
    page->spacing_us = meter->spacing_us;
    if (book->is_volatile) {
        meter_set_mark(meter, METER_NO_MARK);
        return;
    }
    meter_set_mark(meter, page_debt_end_us(meter_page_mark(page), page->spacing_us));
    if (meter_mark_due_us(meter, now_us) <= now_us)
        set_wanted(book, page,
                   debt_until(meter_next_mark_us(meter, now_us), page->spacing_us, now_us));
    meter_set_mark(meter, page_debt_end_us(page->on_disk, page->spacing_us));
}

/* ---- the disk ---- */

bool meter_book_is_due(const MeterBook *book)
{
    return book->wanted_count > 0 || level_book_is_due(book->levels);
}

PageDebt meter_page_mark(const MeterPage *page)
{
    PageDebt mark = larger_debt(page->sent, page->on_disk, page->spacing_us);

    return larger_debt(page->wanted, mark, page->spacing_us);
}

void meter_book_written(MeterBook *book, bool is_durable)
{
    GHashTableIter iter;
    gpointer value;

    g_assert(book->is_writing);
    book->is_writing = false;
    level_book_written(book->levels, is_durable);
    g_hash_table_iter_init(&iter, book->pages);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        MeterPage *page = value;

        if (is_durable && page->sent.units >= 0)
            page->on_disk = page->sent;
        else if (page->sent.units >= 0)
            set_wanted(book, page, larger_debt(page->wanted, page->sent, page->spacing_us));
        page->sent = PAGE_DEBT_NONE;
    }
}

void meter_book_set_volatile(MeterBook *book, bool is_volatile)
{
    book->is_volatile = is_volatile;
}

bool meter_book_is_volatile(const MeterBook *book)
{
    return book->is_volatile;
}

void meter_book_check(const MeterBook *book)
{
    GHashTableIter iter;
    gpointer value;
    unsigned wanted_count = 0;

    g_hash_table_iter_init(&iter, book->pages);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const MeterPage *page = value;

        CHECK(page->spacing_us > 0);
        CHECK(!page->is_held || page->owed.units < 0);
        CHECK(page->sent.units < 0 || book->is_writing);
        wanted_count += page->wanted.units >= 0;
    }
    CHECK(wanted_count == book->wanted_count);
}

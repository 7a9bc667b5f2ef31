/* The file of meters: any bytes are taken in whole or not at all, and what is printed of them is
 * read again as the same. */

#include <stdint.h>

#include "policy/meter_book.h"

#define MONO_US INT64_C(1000000000000)
#define WALL_US INT64_C(1764380000000000)

static const MeterBookOwner owner = {"h", "i", "b"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static MeterBook *read_book(const char *text, size_t size_bytes, bool must_be_read)
{
    MeterBook *book = meter_book_new(MONO_US, true);
    char *fault = meter_book_read(book, text, size_bytes, &owner, MONO_US, WALL_US);

    meter_book_check(book);
    g_assert(fault == NULL || (meter_book_count(book) == 0 && !must_be_read));
    g_assert(fault == NULL || level_book_count(meter_book_levels(book)) == 0);
    g_free(fault);
    return book;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const MeterName name = {METER_DELIVERIES, "", "smtp", "a.test"};
    static const MeterLimit limit = {2000, 86400, 10};
    MeterBook *book = read_book((const char *)data, size, false), *again;
    GString *text, *second;
    MeterPage *page;
    Meter meter;

    text = meter_book_write(book, &owner, MONO_US, WALL_US);
    meter_book_written(book, true);
    again = read_book(text->str, text->len, true);
    g_assert(meter_book_count(again) <= meter_book_count(book));
    g_assert(level_book_count(meter_book_levels(again)) ==
             level_book_count(meter_book_levels(book)));
    second = meter_book_write(again, &owner, MONO_US, WALL_US);
    g_assert(second->len == text->len);
    page = meter_book_hold(book, &name, &limit, MONO_US, &meter);
    meter_check(&meter);
    if (meter_free_units(&meter, MONO_US) > 0)
        (void)meter_charge(&meter, 1, MONO_US);
    meter_book_update(book, page, &meter, MONO_US);
    meter_check(&meter);
    meter_book_check(book);
    (void)g_string_free(text, TRUE);
    (void)g_string_free(second, TRUE);
    meter_book_free(book);
    meter_book_free(again);
    return 0;
}

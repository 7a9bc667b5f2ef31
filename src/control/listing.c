/*
 * The first N rows of a listing are kept in a sequence, which is a balanced tree: a row that is not
 * among them costs one comparison.
 */

#include <string.h>

#include "codec/control.h"
#include "life/inspect.h"
#include "src/control/listing_internal.h"

typedef struct ListingRow {
    int64_t key;
    char *name;
    GBytes *row;
} ListingRow;

static void free_row(gpointer data)
{
    ListingRow *row = data;

    g_free(row->name);
    g_bytes_unref(row->row);
    g_free(row);
}

/* Where a row with this key and name belongs, as strcmp() says it. */
static gint compare_with(int64_t key, const char *name, const ListingRow *row)
{
    if (key != row->key)
        return key > row->key ? -1 : 1;
    return strcmp(name, row->name);
}

static gint compare_rows(gconstpointer a, gconstpointer b, gpointer ctx)
{
    const ListingRow *row = a;

    (void)ctx;
    return compare_with(row->key, row->name, b);
}

bool listing_init(Listing *listing, Query *query)
{
    *listing = (Listing){.limit = 0};
    if (!request_number(&query->request, "limit", 0, LISTING_SORTED_MAX, 0, &listing->limit)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "limit: a number from 1 to %d, or 0 for all rows in no order",
                     LISTING_SORTED_MAX);
        return false;
    }
    if (listing->limit > 0)
        listing->kept = g_sequence_new(free_row);
    return true;
}

void listing_clear(Listing *listing)
{
    g_clear_pointer(&listing->kept, g_sequence_free);
}

static bool is_full(const Listing *listing)
{
    return g_sequence_get_length(listing->kept) >= listing->limit;
}

static GSequenceIter *last_kept(const Listing *listing)
{
    return g_sequence_iter_prev(g_sequence_get_end_iter(listing->kept));
}

static bool is_wanted(const Listing *listing, int64_t key, const char *name)
{
    return listing->kept == NULL || !is_full(listing) ||
           compare_with(key, name, g_sequence_get(last_kept(listing))) < 0;
}

static void keep_row(Listing *listing, Query *query, int64_t key, const char *name)
{
    ListingRow *row = g_new(ListingRow, 1);

    *row = (ListingRow){.key = key, .name = g_strdup(name), .row = answer_take_row(query->answer)};
    if (is_full(listing))
        g_sequence_remove(last_kept(listing));
    (void)g_sequence_insert_sorted(listing->kept, row, compare_rows, NULL);
}

void listing_offer(Listing *listing, Query *query, int64_t key, const char *name,
                   ListingRowFn *begin_row, const void *object)
{
    listing->matched++;
    if (!is_wanted(listing, key, name))
        return;
    begin_row(query, object);
    if (listing->kept == NULL)
        answer_finish(query->answer);
    else
        keep_row(listing, query, key, name);
}

static void put_kept(gpointer row, gpointer answer)
{
    answer_put_row(answer, ((ListingRow *)row)->row);
}

bool listing_put(Listing *listing, Query *query)
{
    uint64_t shown = listing->matched;

    if (listing->kept != NULL) {
        shown = (uint64_t)g_sequence_get_length(listing->kept);
        g_sequence_foreach(listing->kept, put_kept, query->answer);
    }
    return shown == listing->matched;
}

static void end_listing(Listing *listing, Query *query, AnswerEnd *end)
{
    end->matched_count = listing->matched;
    end->is_truncated = !listing_put(listing, query) || end->is_truncated;
    answer_end_as(query->answer, end);
}

void listing_end(Listing *listing, Query *query, const char *note)
{
    end_listing(listing, query, &(AnswerEnd){.note = note});
}

void listing_end_with_coverage(Listing *listing, Query *query, const char *left_out)
{
    LifeSummary life;

    life_summarize(query->subject->life, &life);
    end_listing(listing, query,
                &(AnswerEnd){.is_truncated = left_out != NULL,
                             .note = left_out,
                             .has_coverage = true,
                             .known_count = life.known_count,
                             .deferred_count = life.deferred_count,
                             .index_complete = life.index_complete});
}

static bool is_equal(const char *a, const char *b, size_t length)
{
    return g_ascii_strncasecmp(a, b, length) == 0;
}

bool listing_matches(const char *pattern, const char *name)
{
    size_t length, name_length = strlen(name);
    bool from_anywhere, to_anywhere;

    if (pattern == NULL)
        return true;
    length = strlen(pattern);
    from_anywhere = length > 0 && pattern[0] == '*';
    if (from_anywhere) {
        pattern++;
        length--;
    }
    to_anywhere = length > 0 && pattern[length - 1] == '*';
    if (to_anywhere)
        length--;
    if (!from_anywhere)
        return (to_anywhere ? name_length >= length : name_length == length) &&
               is_equal(pattern, name, length);
    if (!to_anywhere)
        return name_length >= length && is_equal(pattern, name + name_length - length, length);
    for (size_t i = 0; i + length <= name_length; i++)
        if (is_equal(pattern, name + i, length))
            return true;
    return false;
}

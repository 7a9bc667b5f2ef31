#include "src/life/round_tried_internal.h"

/* Round_tried: see the header. */

TriedTable *round_new_table(void)
{
    TriedTable *table = g_new0(TriedTable, 1);

    table->last = g_hash_table_new(g_str_hash, g_str_equal);
    return table;
}

void round_free_table(TriedTable *table)
{
    g_hash_table_unref(table->last);
    g_free(table);
}

Tried *round_last_tried(const TriedTable *table, const char *queue_id)
{
    return g_hash_table_size(table->last) > 0 ? g_hash_table_lookup(table->last, queue_id) : NULL;
}

void round_enter_table(TriedTable *table, Tried *tried)
{
    tried->before = round_last_tried(table, tried->queue_id);
    g_assert(tried->before == NULL || tried->before->is_back);
    (void)g_hash_table_replace(table->last, tried->queue_id, tried);
}

/* There are no more of one message than jobs. */
void round_leave_table(TriedTable *table, const Tried *tried)
{
    Tried *after = round_last_tried(table, tried->queue_id);

    if (after != tried) {
        while (after->before != tried)
            after = after->before;
        after->before = tried->before;
    } else if (tried->before != NULL) {
        (void)g_hash_table_replace(table->last, tried->before->queue_id, tried->before);
    } else {
        (void)g_hash_table_remove(table->last, tried->queue_id);
    }
}

bool round_is_known(const TriedTable *table, const char *queue_id)
{
    return round_last_tried(table, queue_id) != NULL;
}

bool round_makes_due(const TriedTable *table, const char *queue_id)
{
    const Tried *tried = round_last_tried(table, queue_id);

    return tried != NULL && !tried->is_back && !tried->is_later && !tried->was_taken;
}

bool round_is_done_with(const Round *round, const char *queue_id)
{
    const Tried *tried = round_last_tried(round->tried, queue_id);

    while (tried != NULL && tried->round != round && tried->is_back)
        tried = tried->before;
    return tried != NULL;
}

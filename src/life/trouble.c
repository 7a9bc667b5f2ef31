#include "src/life/context_internal.h"
#include "src/life/trouble_internal.h"

/*
 * Trouble: since when something has gone wrong with a message, attempt after attempt. The age of a
 * message does not tell: mail that was on hold for weeks is old when it meets a service that fails
 * for two seconds. So the first trouble is remembered until a restart. It is forgotten when there
 * has been none for so long that another one is new; so entries of mail that was deleted by hand
 * go, too.
 */

/* A file that did not fail for so long was taken in, or is gone. */
#define FORGET_READING_AFTER_S (3 * RECHECK_S)

/*
 * A table is searched for entries to forget at most this often, since many messages may have
 * trouble.
 */
#define SWEEP_EACH_S 60

typedef struct Trouble {
    int64_t first_s, last_s; /* by timer_s */
} Trouble;

typedef struct Troubles {
    TroubleTable tables[TROUBLE_KIND_COUNT];
} Troubles;

static bool is_over(const TroubleTable *table, const Trouble *trouble, int64_t now_s)
{
    return trouble->last_s + table->forget_after_s < now_s;
}

static void sweep(TroubleTable *table, int64_t now_s)
{
    GHashTableIter iter;
    gpointer trouble;

    if (now_s < table->swept_s + SWEEP_EACH_S)
        return;
    table->swept_s = now_s;
    g_hash_table_iter_init(&iter, table->troubles);
    while (g_hash_table_iter_next(&iter, NULL, &trouble))
        if (is_over(table, trouble, now_s))
            g_hash_table_iter_remove(&iter);
}

int64_t trouble_table_lasts_s(TroubleTable *table, const char *queue_id, int64_t now_s)
{
    Trouble *trouble;

    sweep(table, now_s);
    trouble = g_hash_table_lookup(table->troubles, queue_id);
    if (trouble != NULL && !is_over(table, trouble, now_s)) {
        g_assert(trouble->first_s <= trouble->last_s && trouble->last_s <= now_s);
        trouble->last_s = now_s;
        return now_s - trouble->first_s;
    }
    trouble = g_new(Trouble, 1);
    *trouble = (Trouble){.first_s = now_s, .last_s = now_s};
    (void)g_hash_table_replace(table->troubles, g_strdup(queue_id), trouble);
    return TROUBLE_IS_NEW;
}

void trouble_table_init(TroubleTable *table, int64_t forget_after_s)
{
    *table = (TroubleTable){
        .troubles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .forget_after_s = forget_after_s,
    };
}

void trouble_table_clear(TroubleTable *table)
{
    g_hash_table_destroy(table->troubles);
}

int64_t trouble_lasts_s(Life *life, TroubleKind kind, const char *queue_id)
{
    return trouble_table_lasts_s(&life->troubles->tables[kind], queue_id, life_now(life)->timer_s);
}

void trouble_forget(Life *life, const char *queue_id)
{
    for (int kind = 0; kind < TROUBLE_KIND_COUNT; kind++)
        (void)g_hash_table_remove(life->troubles->tables[kind].troubles, queue_id);
}

/* A message that still has trouble meets it at its next attempt, or at the one after that. */
static int64_t forget_ending_after_s(const LifeSettings *settings)
{
    int lifetime_s = MAX(settings->maximal_queue_lifetime_s, settings->bounce_queue_lifetime_s);

    return lifetime_s + 2 * ((int64_t)settings->maximal_backoff_s + settings->queue_run_delay_s);
}

void trouble_init(Life *life)
{
    TroubleTable *tables;

    life->troubles = g_new(Troubles, 1);
    tables = life->troubles->tables;
    trouble_table_init(&tables[TROUBLE_READING], FORGET_READING_AFTER_S);
    trouble_table_init(&tables[TROUBLE_ENDING], forget_ending_after_s(&life->settings));
}

void trouble_stop(Life *life)
{
    for (int kind = 0; kind < TROUBLE_KIND_COUNT; kind++)
        trouble_table_clear(&life->troubles->tables[kind]);
    g_free(life->troubles);
}

/* A small table: what is too old is found by walking through it. */

#include <string.h>

#include "base/clock.h"
#include "src/ctl/web/kept_internal.h"

#define US_PER_MS 1000

typedef struct Waiter {
    const WebQuestion *question; /* of who waits */
    KeptDoneFn *done;
    void *ctx;
} Waiter;

typedef struct KeptEntry {
    Kept *kept;
    char *key;
    WebAnswer *answer; /* NULL: it is on its way */
    int64_t until_us;
    GArray *waiters; /* of Waiter */
} KeptEntry;

struct Kept {
    Asker *asker;
    GHashTable *entries; /* by key */
    WebAnswer *busy;     /* for whoever asks one question too many */
    int64_t last_heard_s;
};

/* ---- questions ---- */

void web_question_init(WebQuestion *question, const char *verb)
{
    *question = (WebQuestion){g_strdup(verb), g_ptr_array_new_with_free_func(g_free)};
    g_ptr_array_add(question->arguments, NULL);
}

void web_question_add(WebQuestion *question, const char *name, const char *value)
{
    GPtrArray *arguments = question->arguments;

    g_ptr_array_set_size(arguments, (gint)arguments->len - 1);
    g_ptr_array_add(arguments, g_strdup(name));
    g_ptr_array_add(arguments, g_strdup(value));
    g_ptr_array_add(arguments, NULL);
}

void web_question_clear(WebQuestion *question)
{
    g_clear_pointer(&question->arguments, g_ptr_array_unref);
    g_clear_pointer(&question->verb, g_free);
}

/* Values hold any byte but NUL: their lengths keep two questions apart. */
static char *key_of_question(const WebQuestion *question)
{
    GString *key = g_string_new(question->verb);

    for (guint i = 0; i + 1 < question->arguments->len; i++) {
        const char *word = question->arguments->pdata[i];

        g_string_append_printf(key, " %zu:%s", strlen(word), word);
    }
    return g_string_free(key, FALSE);
}

/* ---- the table ---- */

static void free_entry(gpointer data)
{
    KeptEntry *entry = data;

    web_answer_unref(entry->answer);
    g_array_free(entry->waiters, TRUE);
    g_free(entry->key);
    g_free(entry);
}

Kept *kept_new(Asker *asker)
{
    Kept *kept = g_new0(Kept, 1);

    kept->asker = asker;
    kept->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_entry);
    kept->busy = web_answer_new();
    kept->busy->status = SESSION_INCOMPLETE;
    kept->busy->problem = g_strdup("too many different questions in one second; try again");
    kept->last_heard_s = g_get_real_time() / G_USEC_PER_SEC;
    return kept;
}

void kept_free(Kept *kept)
{
    if (kept == NULL)
        return;
    g_hash_table_destroy(kept->entries);
    web_answer_unref(kept->busy);
    g_free(kept);
}

static gboolean is_stale_entry(gpointer key, gpointer data, gpointer now_us)
{
    const KeptEntry *entry = data;

    (void)key;
    return entry->answer != NULL && *(const int64_t *)now_us >= entry->until_us;
}

/* Waiters may want other answers: the entry could be gone after the first one. */
static void on_kept_reply(WebAnswer *answer, void *ctx)
{
    KeptEntry *entry = ctx;
    g_autoptr(GArray) waiters = g_steal_pointer(&entry->waiters);

    entry->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
    entry->answer = answer;
    entry->until_us = clock_mono_us() + (int64_t)KEPT_MS * US_PER_MS;
    if (answer->status == SESSION_OK || answer->status == SESSION_NOT_FOUND)
        entry->kept->last_heard_s = g_get_real_time() / G_USEC_PER_SEC;
    web_answer_ref(answer);
    for (guint i = 0; i < waiters->len; i++) {
        const Waiter *waiter = &g_array_index(waiters, Waiter, i);

        waiter->done(waiter->question, answer, waiter->ctx);
    }
    web_answer_unref(answer);
}

WebAnswer *kept_want(Kept *kept, const WebQuestion *question, KeptDoneFn *done, void *ctx)
{
    g_autofree char *key = key_of_question(question);
    int64_t now_us = clock_mono_us();
    KeptEntry *entry;

    (void)g_hash_table_foreach_remove(kept->entries, is_stale_entry, &now_us);
    entry = g_hash_table_lookup(kept->entries, key);
    if (entry != NULL && entry->answer != NULL)
        return web_answer_ref(entry->answer);
    if (entry == NULL && g_hash_table_size(kept->entries) >= KEPT_COUNT_MAX)
        return web_answer_ref(kept->busy);
    if (entry == NULL) {
        entry = g_new0(KeptEntry, 1);
        entry->kept = kept;
        entry->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
        entry->key = g_steal_pointer(&key);
        (void)g_hash_table_insert(kept->entries, entry->key, entry);
        asker_ask(kept->asker, question->verb, (const char *const *)question->arguments->pdata,
                  on_kept_reply, entry);
    }
    g_array_append_vals(entry->waiters, &(Waiter){question, done, ctx}, 1);
    return NULL;
}

void kept_forget(Kept *kept, const void *ctx)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, kept->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        KeptEntry *entry = value;

        for (guint i = entry->waiters->len; i > 0; i--)
            if (g_array_index(entry->waiters, Waiter, i - 1).ctx == ctx)
                g_array_remove_index(entry->waiters, i - 1);
    }
}

int64_t kept_last_heard_s(const Kept *kept)
{
    return kept->last_heard_s;
}

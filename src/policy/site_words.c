#include <string.h>

#include "glob_internal.h"
#include "site_words_internal.h"

/* Exact names and domains in a hash table, wildcards in a list. */

static bool is_glob(const char *word)
{
    return strchr(word, '*') != NULL;
}

/* ---- a set of words ---- */

static void set_clear(WordSet *set)
{
    g_clear_pointer(&set->names, g_hash_table_unref);
    g_clear_pointer(&set->globs, g_ptr_array_unref);
}

static bool set_is_empty(const WordSet *set)
{
    return set->names == NULL && set->globs == NULL;
}

static void set_add(WordSet *set, char *word)
{
    if (is_glob(word)) {
        if (set->globs == NULL)
            set->globs = g_ptr_array_new();
        g_ptr_array_add(set->globs, word);
        return;
    }
    if (set->names == NULL)
        set->names = g_hash_table_new(g_str_hash, g_str_equal);
    (void)g_hash_table_add(set->names, word);
}

const char *site_words_next_key(const char *key)
{
    return *key != '\0' ? strchr(key + 1, '.') : NULL;
}

static bool set_has_key(const WordSet *set, const char *name)
{
    if (set->names == NULL)
        return false;
    for (const char *key = name; key != NULL; key = site_words_next_key(key))
        if (g_hash_table_contains(set->names, key))
            return true;
    return false;
}

static bool set_match(const WordSet *set, const char *name)
{
    if (set_has_key(set, name))
        return true;
    for (guint i = 0; set->globs != NULL && i < set->globs->len; i++)
        if (glob_match(set->globs->pdata[i], name))
            return true;
    return false;
}

/* This very wildcard is in it, or the one for all names. NULL: the latter. */
static bool set_has_glob(const WordSet *set, const char *glob)
{
    for (guint i = 0; set->globs != NULL && i < set->globs->len; i++)
        if (strcmp(set->globs->pdata[i], "*") == 0 ||
            (glob != NULL && strcmp(set->globs->pdata[i], glob) == 0))
            return true;
    return false;
}

/* ---- a condition ---- */

void site_words_clear(SiteWords *words)
{
    set_clear(&words->with);
    set_clear(&words->without);
}

void site_words_add(SiteWords *words, char *word)
{
    if (*word == '!')
        set_add(&words->without, word + 1);
    else
        set_add(&words->with, word);
}

bool site_words_is_empty(const SiteWords *words)
{
    return set_is_empty(&words->with) && set_is_empty(&words->without);
}

bool site_words_match(const SiteWords *words, const char *name)
{
    if (set_match(&words->without, name))
        return false;
    return set_is_empty(&words->with) || set_match(&words->with, name);
}

bool site_words_cover(const SiteWords *words, const char *word)
{
    if (site_words_is_empty(words))
        return true;
    if (word != NULL && !is_glob(word) && *word != '.')
        return site_words_match(words, word);
    if (!set_is_empty(&words->without))
        return false;
    if (set_has_glob(&words->with, word))
        return true;
    return word != NULL && *word == '.' && !is_glob(word) && set_has_key(&words->with, word);
}

bool site_words_cover_all(const SiteWords *words, const SiteWords *other)
{
    GHashTableIter iter;
    gpointer word;

    if (set_is_empty(&other->with))
        return site_words_cover(words, NULL);
    for (guint i = 0; other->with.globs != NULL && i < other->with.globs->len; i++)
        if (!site_words_cover(words, other->with.globs->pdata[i]))
            return false;
    if (other->with.names == NULL)
        return true;
    g_hash_table_iter_init(&iter, other->with.names);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        if (!site_words_cover(words, word))
            return false;
    return true;
}

/* ---- what one has and another has not ---- */

static void put_words(GHashTable *all, const WordSet *set, const char *prefix)
{
    GHashTableIter iter;
    gpointer word;

    for (guint i = 0; set->globs != NULL && i < set->globs->len; i++)
        (void)g_hash_table_add(all, g_strconcat(prefix, set->globs->pdata[i], NULL));
    if (set->names == NULL)
        return;
    g_hash_table_iter_init(&iter, set->names);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        (void)g_hash_table_add(all, g_strconcat(prefix, word, NULL));
}

static GHashTable *all_words(const SiteWords *words)
{
    GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    put_words(all, &words->with, "");
    put_words(all, &words->without, "!");
    return all;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *site_words_only_in(const SiteWords *words, const SiteWords *other)
{
    g_autoptr(GHashTable) here = all_words(words), there = all_words(other);
    GPtrArray *only = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer word;

    g_hash_table_iter_init(&iter, here);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        if (!g_hash_table_contains(there, word))
            g_ptr_array_add(only, g_strdup(word));
    g_ptr_array_sort(only, by_text);
    return only;
}

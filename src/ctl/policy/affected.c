#include <string.h>

#include "src/ctl/policy/affected_internal.h"

typedef struct AffectedGroup {
    char *transport, *example;
    const Site *before, *after;
    unsigned count;
} AffectedGroup;

struct Affected {
    PolicyPair pair;
    GHashTable *by_key; /* -> AffectedGroup, borrowed; keys are owned */
    GPtrArray *groups;  /* owned */
    unsigned unseen_count;
};

static void group_free(gpointer data)
{
    AffectedGroup *group = data;

    g_free(group->transport);
    g_free(group->example);
    g_free(group);
}

Affected *affected_new(const PolicyPair *pair)
{
    Affected *affected = g_new0(Affected, 1);

    affected->pair = *pair;
    affected->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    affected->groups = g_ptr_array_new_with_free_func(group_free);
    return affected;
}

void affected_free(Affected *affected)
{
    if (affected == NULL)
        return;
    g_hash_table_unref(affected->by_key);
    g_ptr_array_unref(affected->groups);
    g_free(affected);
}

static unsigned line_of(const Site *site)
{
    return site != NULL ? site->line : 0;
}

void affected_add(const Row *row, void *ctx)
{
    Affected *affected = ctx;
    const char *transport = row_text(row, "transport"), *nexthop = row_text(row, "nexthop");
    const char *destination = row_text(row, "destination");
    const Site *before, *after;
    g_autofree char *key = NULL;
    AffectedGroup *group;

    if (transport == NULL || destination == NULL || nexthop == NULL) {
        affected->unseen_count++;
        return;
    }
    before = sites_match(affected->pair.before, transport, nexthop);
    after = sites_match(affected->pair.after, transport, nexthop);
    key = g_strdup_printf("%s %u %u", transport, line_of(before), line_of(after));
    group = g_hash_table_lookup(affected->by_key, key);
    if (group == NULL) {
        group = g_new(AffectedGroup, 1);
        *group = (AffectedGroup){g_strdup(transport), g_strdup(destination), before, after, 0};
        g_ptr_array_add(affected->groups, group);
        (void)g_hash_table_insert(affected->by_key, g_steal_pointer(&key), group);
    }
    group->count++;
}

/* ---- what changes for a group ---- */

static GPtrArray *numbers_by(const Affected *affected, const AffectedGroup *group,
                             const Sites *sites, const Site *site, GError **error)
{
    const PolicySubject subject = {.settings = affected->pair.settings,
                                   .path = "",
                                   .site = site,
                                   .replies = sites_replies(sites),
                                   .transport = group->transport,
                                   .day = affected->pair.day};

    return numbers_of(&subject, error);
}

/* All values of a setting: there may be one of the section, and one beside it. NULL: none. */
static char *values_of(const GPtrArray *numbers, const char *setting)
{
    GString *text = NULL;

    for (guint i = 0; i < numbers->len; i++) {
        const Row *row = numbers->pdata[i];

        if (!g_str_equal(row_text(row, "setting"), setting))
            continue;
        if (text == NULL)
            text = g_string_new(row_text(row, "value"));
        else
            g_string_append_printf(text, ", %s", row_text(row, "value"));
    }
    return text != NULL ? g_string_free(text, FALSE) : NULL;
}

/* Takes the values. */
static void put_change(GPtrArray *rows, const AffectedGroup *group, const char *setting,
                       char *before, char *after)
{
    Row *row = g_new(Row, 1);

    *row = row_empty();
    (void)g_hash_table_insert(row->values, g_strdup("transport"), g_strdup(group->transport));
    (void)g_hash_table_insert(row->values, g_strdup("destinations"),
                              g_strdup_printf("%u", group->count));
    (void)g_hash_table_insert(row->values, g_strdup("example"), g_strdup(group->example));
    (void)g_hash_table_insert(row->values, g_strdup("setting"), g_strdup(setting));
    if (before != NULL)
        (void)g_hash_table_insert(row->values, g_strdup("before"), before);
    if (after != NULL)
        (void)g_hash_table_insert(row->values, g_strdup("after"), after);
    g_ptr_array_add(rows, row);
}

/* Settings in the order of explain; those that only one of both has come with their file. */
static void compare_numbers(GPtrArray *rows, const AffectedGroup *group, const GPtrArray *before,
                            const GPtrArray *after)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const GPtrArray *const both[] = {before, after};

    for (size_t side = 0; side < G_N_ELEMENTS(both); side++) {
        for (guint i = 0; i < both[side]->len; i++) {
            const char *setting = row_text(both[side]->pdata[i], "setting");
            char *old, *now;

            if (!g_hash_table_add(seen, (char *)(uintptr_t)setting))
                continue;
            old = values_of(before, setting);
            now = values_of(after, setting);
            if (g_strcmp0(old, now) != 0) {
                put_change(rows, group, setting, old, now);
                continue;
            }
            g_free(old);
            g_free(now);
        }
    }
}

static bool compare_group(const Affected *affected, const AffectedGroup *group, GPtrArray *rows,
                          GError **error)
{
    g_autoptr(GPtrArray) before =
        numbers_by(affected, group, affected->pair.before, group->before, error);
    g_autoptr(GPtrArray) after = NULL;

    if (before == NULL)
        return false;
    after = numbers_by(affected, group, affected->pair.after, group->after, error);
    if (after == NULL)
        return false;
    compare_numbers(rows, group, before, after);
    return true;
}

static gint by_transport(gconstpointer a, gconstpointer b)
{
    const AffectedGroup *one = *(AffectedGroup *const *)a, *other = *(AffectedGroup *const *)b;
    int order = strcmp(one->transport, other->transport);

    if (order != 0)
        return order;
    if (line_of(one->before) != line_of(other->before))
        return line_of(one->before) < line_of(other->before) ? -1 : 1;
    return line_of(one->after) < line_of(other->after) ? -1 : 1;
}

GPtrArray *affected_rows(const Affected *affected, AffectedCounts *ret_counts, GError **error)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
    AffectedCounts counts = {.unseen_count = affected->unseen_count};

    g_ptr_array_sort(affected->groups, by_transport);
    for (guint i = 0; i < affected->groups->len; i++) {
        const AffectedGroup *group = affected->groups->pdata[i];
        guint row_count = rows->len;

        if (!compare_group(affected, group, rows, error)) {
            g_ptr_array_unref(rows);
            return NULL;
        }
        counts.seen_count += group->count;
        counts.changed_count += rows->len > row_count ? group->count : 0;
    }
    *ret_counts = counts;
    return rows;
}

#include "src/ctl/policy/differences_internal.h"
#include "src/ctl/policy/sections_internal.h"
#include "src/ctl/reply_internal.h"

/* First sections that are there no more, then those of the new file, then their order. */

#define WORDS_SHOWN 5

typedef struct FileComparison {
    const Sites *before, *after;
    SectionKind kind;
    GPtrArray *rows;
} FileComparison;

/* NULL: not there. Takes the values. */
static void put_difference(const FileComparison *comparison, const char *change,
                           const char *section, const char *setting, char *before, char *after)
{
    Row *row = g_new(Row, 1);
    const char *const texts[] = {"change", change, "section", section, "setting", setting};

    *row = row_empty();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i += 2)
        (void)g_hash_table_insert(row->values, g_strdup(texts[i]), g_strdup(texts[i + 1]));
    if (before != NULL)
        (void)g_hash_table_insert(row->values, g_strdup("before"), before);
    if (after != NULL)
        (void)g_hash_table_insert(row->values, g_strdup("after"), after);
    g_ptr_array_add(comparison->rows, row);
}

/* The first of them, and how many more there are. NULL: there are none. */
static char *names_text(const GPtrArray *names)
{
    GString *text;

    if (names->len == 0)
        return NULL;
    text = g_string_new(names->pdata[0]);
    for (guint i = 1; i < names->len && i < WORDS_SHOWN; i++)
        g_string_append_printf(text, " %s", (const char *)names->pdata[i]);
    if (names->len > WORDS_SHOWN)
        g_string_append_printf(text, " and %u more", names->len - WORDS_SHOWN);
    return g_string_free(text, FALSE);
}

/* False: there is no section of that name. */
static bool find_same(const Sites *sites, const PolicySection *like, PolicySection *ret_section)
{
    *ret_section = (PolicySection){.sites = sites, .kind = like->kind};
    for (; ret_section->place < sections_count(sites, like->kind); ret_section->place++)
        if (g_ascii_strcasecmp(section_name(ret_section), section_name(like)) == 0)
            return true;
    return false;
}

/* ---- one section ---- */

static void put_whole(const FileComparison *comparison, const PolicySection *section, bool is_new)
{
    g_autofree char *title = section_title(section);

    for (unsigned term = 0; term < section_term_count(section->kind); term++) {
        char *value = section_term_value(section, term);

        if (value != NULL && section_term_line(section, term) != 0)
            put_difference(comparison, is_new ? "added" : "removed", title,
                           section_term_name(section, term), is_new ? NULL : value,
                           is_new ? value : NULL);
        else
            g_free(value);
    }
}

static void compare_condition(const FileComparison *comparison, const PolicySection *before,
                              const PolicySection *after, SiteCondition condition)
{
    g_autoptr(GPtrArray) gone =
        sites_words_only_in(before->sites, before->place, condition, after->sites, after->place);
    g_autoptr(GPtrArray) come =
        sites_words_only_in(after->sites, after->place, condition, before->sites, before->place);
    g_autofree char *title = section_title(after);

    if (gone->len > 0 || come->len > 0)
        put_difference(comparison, "words", title, site_condition_str(condition), names_text(gone),
                       names_text(come));
}

static void compare_values(const FileComparison *comparison, const PolicySection *before,
                           const PolicySection *after, unsigned term)
{
    g_autofree char *title = section_title(after);
    char *old = section_term_value(before, term), *now = section_term_value(after, term);

    if (g_strcmp0(old, now) != 0) {
        put_difference(comparison, "changed", title, section_term_name(after, term), old, now);
        return;
    }
    g_free(old);
    g_free(now);
}

static void compare_section(const FileComparison *comparison, const PolicySection *before,
                            const PolicySection *after)
{
    for (unsigned term = 0; term < section_term_count(after->kind); term++) {
        if (after->kind == SECTION_SITE && term < SITE_CONDITION_COUNT)
            compare_condition(comparison, before, after, (SiteCondition)term);
        else
            compare_values(comparison, before, after, term);
    }
}

/* ---- their order ---- */

/* The names of those sections that both files have. */
static GPtrArray *common_names(const Sites *sites, const Sites *others, SectionKind kind)
{
    GPtrArray *names = g_ptr_array_new();
    PolicySection section = {.sites = sites, .kind = kind}, other;

    for (; section.place < sections_count(sites, kind); section.place++)
        if (find_same(others, &section, &other))
            g_ptr_array_add(names, (char *)(uintptr_t)section_name(&section));
    return names;
}

static bool is_same_name(const GPtrArray *some, const GPtrArray *others, guint place)
{
    return g_ascii_strcasecmp(some->pdata[place], others->pdata[place]) == 0;
}

/* What is at its place at both ends is left out. */
static void compare_order(const FileComparison *comparison)
{
    SectionKind kind = comparison->kind;
    g_autoptr(GPtrArray) before = common_names(comparison->before, comparison->after, kind);
    g_autoptr(GPtrArray) after = common_names(comparison->after, comparison->before, kind);

    while (before->len > 0 && is_same_name(before, after, before->len - 1)) {
        g_ptr_array_set_size(before, (gint)before->len - 1);
        g_ptr_array_set_size(after, (gint)after->len - 1);
    }
    while (before->len > 0 && is_same_name(before, after, 0)) {
        g_ptr_array_remove_index(before, 0);
        g_ptr_array_remove_index(after, 0);
    }
    if (before->len > 0)
        put_difference(comparison, "moved", kind == SECTION_SITE ? "[site]" : "[reply]", "order",
                       names_text(before), names_text(after));
}

static void compare_kind(const FileComparison *comparison)
{
    PolicySection section = {.sites = comparison->before, .kind = comparison->kind}, other;

    for (; section.place < sections_count(section.sites, section.kind); section.place++)
        if (!find_same(comparison->after, &section, &other))
            put_whole(comparison, &section, false);
    section = (PolicySection){.sites = comparison->after, .kind = comparison->kind};
    for (; section.place < sections_count(section.sites, section.kind); section.place++) {
        if (find_same(comparison->before, &section, &other))
            compare_section(comparison, &other, &section);
        else
            put_whole(comparison, &section, true);
    }
    compare_order(comparison);
}

GPtrArray *differences_of(const Sites *before, const Sites *after)
{
    FileComparison comparison = {.before = before, .after = after};

    comparison.rows = g_ptr_array_new_with_free_func(row_free);
    for (comparison.kind = 0; comparison.kind < SECTION_KIND_COUNT; comparison.kind++)
        compare_kind(&comparison);
    return comparison.rows;
}

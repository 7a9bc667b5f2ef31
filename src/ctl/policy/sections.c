#include "policy/reply_rules.h"
#include "src/ctl/policy/sections_internal.h"
#include "src/ctl/reply_internal.h"

/* Terms of a [site] are its conditions, then its settings; of a [reply] its names. */

unsigned sections_count(const Sites *sites, SectionKind kind)
{
    return kind == SECTION_SITE ? sites_count(sites) : reply_rules_count(sites_replies(sites));
}

static const Site *section_site(const PolicySection *section)
{
    return sites_at(section->sites, section->place);
}

static const ReplyRule *section_reply(const PolicySection *section)
{
    return reply_rules_at(sites_replies(section->sites), section->place);
}

const char *section_name(const PolicySection *section)
{
    return section->kind == SECTION_SITE ? section_site(section)->name
                                         : section_reply(section)->name;
}

unsigned section_line(const PolicySection *section)
{
    return section->kind == SECTION_SITE ? section_site(section)->line
                                         : section_reply(section)->line;
}

char *section_title(const PolicySection *section)
{
    return g_strdup_printf("[%s %s]", section->kind == SECTION_SITE ? "site" : "reply",
                           section_name(section));
}

unsigned section_term_count(SectionKind kind)
{
    return kind == SECTION_SITE ? (unsigned)SITE_CONDITION_COUNT + (unsigned)SITE_SETTING_COUNT
                                : (unsigned)REPLY_NAME_COUNT;
}

const char *section_term_name(const PolicySection *section, unsigned term)
{
    if (section->kind == SECTION_REPLY)
        return reply_name_str((ReplyName)term);
    return term < SITE_CONDITION_COUNT
               ? site_condition_str((SiteCondition)term)
               : site_setting_str((SiteSetting)(term - SITE_CONDITION_COUNT));
}

unsigned section_term_line(const PolicySection *section, unsigned term)
{
    if (section->kind == SECTION_REPLY)
        return section_reply(section)->lines[term];
    return term < SITE_CONDITION_COUNT
               ? section_site(section)->condition_lines[term]
               : section_site(section)->setting_lines[term - SITE_CONDITION_COUNT];
}

/* Of a section that says it. */
static char *setting_value(const Site *site, SiteSetting setting)
{
    switch (setting) {
    case SITE_CONCURRENCY:
        return g_strdup_printf("%d", site->concurrency);
    case SITE_RATE:
        return meter_limit_format(&site->rate);
    case SITE_RECIPIENT_RATE:
        return meter_limit_format(&site->recipient_rate);
    case SITE_SHARED:
        return g_strdup(site_shared_str(site->shared));
    case SITE_RAMP:
        return ramp_format(&site->ramp);
    case SITE_RETRY:
        return retry_plan_format(&site->retry, RETRY_SCHEDULE);
    case SITE_JITTER:
        return retry_plan_format(&site->retry, RETRY_JITTER);
    case SITE_LIFETIME:
        return retry_plan_format(&site->retry, RETRY_LIFETIME);
    case SITE_BOUNCE_LIFETIME:
        return retry_plan_format(&site->retry, RETRY_BOUNCE_LIFETIME);
    case SITE_ACTIVE_SHARE:
        return g_strdup_printf("%d", site->active_share);
    case SITE_READ_BOUNCES:
        return g_strdup(site->read_bounces ? "yes" : "no");
    case SITE_SETTING_COUNT:
        break;
    }
    g_assert_not_reached();
}

static char *site_term_value(const Site *site, unsigned term)
{
    unsigned setting = term - SITE_CONDITION_COUNT;

    if (term < SITE_CONDITION_COUNT)
        return g_strdup(site->condition_texts[term]);
    if (site->setting_lines[setting] == 0 && setting != SITE_SHARED)
        return NULL;
    return setting_value(site, (SiteSetting)setting);
}

/* NULL: there are none. */
static char *words_text(const char *const *words)
{
    GString *text = g_string_new(words[0]);

    if (words[0] == NULL)
        return g_string_free(text, TRUE);
    while (*++words != NULL)
        g_string_append_printf(text, " %s", *words);
    return g_string_free(text, FALSE);
}

static char *reply_term_value(const PolicySection *section, ReplyName name)
{
    const ReplyRules *replies = sites_replies(section->sites);
    const ReplyRule *reply = section_reply(section);
    bool acts = reply_rule_acts(reply);

    switch (name) {
    case REPLY_SITE:
        return words_text(reply_rules_sites_of(replies, section->place));
    case REPLY_MATCH:
        return words_text(reply_rules_patterns_of(replies, section->place));
    case REPLY_ACTION:
        return acts ? reply_action_format(reply) : NULL;
    case REPLY_HOLD: /* a suspension has none */
        return acts && reply->suspend_s == 0 ? reply_hold_format(&reply->step) : NULL;
    case REPLY_TRIGGER:
        return acts ? reply_trigger_format(&reply->step) : NULL;
    case REPLY_SCOPE:
        return acts ? g_strdup(reply_scope_str(reply)) : NULL;
    case REPLY_RETRY:
        return reply->retry.count > 0 ? reply_retry_format(reply) : NULL;
    case REPLY_NAME_COUNT:
        break;
    }
    g_assert_not_reached();
}

char *section_term_value(const PolicySection *section, unsigned term)
{
    return section->kind == SECTION_SITE ? site_term_value(section_site(section), term)
                                         : reply_term_value(section, (ReplyName)term);
}

/* ---- rows ---- */

static void add_text(Row *row, const char *name, char *text)
{
    (void)g_hash_table_insert(row->values, g_strdup(name), text);
}

static void add_term(GPtrArray *rows, const PolicySection *section, unsigned term)
{
    char *value = section_term_value(section, term);
    unsigned line = section_term_line(section, term);
    Row *row;

    if (value == NULL)
        return;
    row = g_new(Row, 1);
    *row = row_empty();
    add_text(row, "section", section_title(section));
    add_text(row, "section_line", g_strdup_printf("%u", section_line(section)));
    add_text(row, "setting", g_strdup(section_term_name(section, term)));
    add_text(row, "value", value);
    if (line != 0)
        add_text(row, "line", g_strdup_printf("%u", line));
    g_ptr_array_add(rows, row);
}

GPtrArray *sections_rows(const Sites *sites)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
    PolicySection section = {.sites = sites};

    for (section.kind = 0; section.kind < SECTION_KIND_COUNT; section.kind++)
        for (section.place = 0; section.place < sections_count(sites, section.kind);
             section.place++)
            for (unsigned term = 0; term < section_term_count(section.kind); term++)
                add_term(rows, &section, term);
    return rows;
}

#include "policy/reply_rules.h"

#include <string.h>

#include "glob_internal.h"

/* The rules in their order, and for each site that is named those that are for it. */

typedef struct ReplySection {
    ReplyRule rule;
    GPtrArray *statuses; /* "4.7.28", "4.7." */
    GPtrArray *globs;    /* in lower case, "*busy*" */
    GPtrArray *patterns; /* both, as they were added; NULL at the end once it is sealed */
    GPtrArray *sites;    /* names, NULL at the end once it is sealed */
} ReplySection;

struct ReplyRules {
    GStringChunk *texts;
    GPtrArray *rules;    /* of ReplySection */
    GHashTable *by_site; /* name in lower case -> GPtrArray of ReplySection */
    GPtrArray *for_all;  /* those that name no site */
    bool slow_transports;
};

static void reply_free(gpointer data)
{
    ReplySection *reply = data;

    g_ptr_array_unref(reply->statuses);
    g_ptr_array_unref(reply->globs);
    g_ptr_array_unref(reply->patterns);
    g_ptr_array_unref(reply->sites);
    g_free(reply);
}

ReplyRules *reply_rules_new(void)
{
    ReplyRules *rules = g_new0(ReplyRules, 1);

    rules->texts = g_string_chunk_new(1024);
    rules->rules = g_ptr_array_new_with_free_func(reply_free);
    rules->by_site =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    rules->for_all = g_ptr_array_new();
    return rules;
}

void reply_rules_free(ReplyRules *rules)
{
    if (rules == NULL)
        return;
    g_hash_table_unref(rules->by_site);
    g_ptr_array_unref(rules->for_all);
    g_ptr_array_unref(rules->rules);
    g_string_chunk_free(rules->texts);
    g_free(rules);
}

unsigned reply_rules_count(const ReplyRules *rules)
{
    return rules->rules->len;
}

static ReplySection *reply_at(const ReplyRules *rules, unsigned place)
{
    return rules->rules->pdata[place];
}

static ReplySection *last_reply(const ReplyRules *rules)
{
    return reply_at(rules, reply_rules_count(rules) - 1);
}

const ReplyRule *reply_rules_at(const ReplyRules *rules, unsigned place)
{
    return &reply_at(rules, place)->rule;
}

const char *const *reply_rules_sites_of(const ReplyRules *rules, unsigned place)
{
    return (const char *const *)reply_at(rules, place)->sites->pdata;
}

const char *const *reply_rules_patterns_of(const ReplyRules *rules, unsigned place)
{
    return (const char *const *)reply_at(rules, place)->patterns->pdata;
}

bool reply_rules_slow_transports(const ReplyRules *rules)
{
    return rules->slow_transports;
}

const ReplyRule *reply_rules_find(const ReplyRules *rules, const char *name)
{
    for (unsigned i = 0; i < reply_rules_count(rules); i++)
        if (g_ascii_strcasecmp(reply_rules_at(rules, i)->name, name) == 0)
            return reply_rules_at(rules, i);
    return NULL;
}

ReplyRule *reply_rules_add(ReplyRules *rules, const char *name, unsigned line)
{
    ReplySection *reply = g_new0(ReplySection, 1);

    g_assert(reply_rules_count(rules) < REPLY_RULES_MAX);
    reply->statuses = g_ptr_array_new();
    reply->globs = g_ptr_array_new();
    reply->patterns = g_ptr_array_new();
    reply->sites = g_ptr_array_new();
    reply->rule = (ReplyRule){
        .name = g_string_chunk_insert(rules->texts, name),
        .line = line,
        .step = {.hold_s = REPLY_HOLD_DEFAULT_S,
                 .trigger_count = 1,
                 .trigger_s = REPLY_TRIGGER_DEFAULT_S},
    };
    g_ptr_array_add(rules->rules, reply);
    return &reply->rule;
}

/* ---- patterns ---- */

/* "4.7.28", "4.7.", "5." */
static bool is_status_pattern(const char *text)
{
    int dots = 0, digits = 0;

    if (text[0] != '4' && text[0] != '5')
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '.' && digits > 0 && dots < 2) {
            dots++;
            digits = 0;
        } else if (g_ascii_isdigit(*at) && digits < 3 && (dots > 0 || digits == 0)) {
            digits++;
        } else {
            return false;
        }
    }
    return dots == 2 || (dots == 1 && digits == 0);
}

static const char *add_glob(ReplyRules *rules, const char *text, size_t length)
{
    g_autofree char *inside = g_ascii_strdown(text, (gssize)length);
    g_autofree char *glob = g_strconcat("*", inside, "*", NULL);

    if (strspn(inside, "* \t") == length)
        return "there is no text between the slashes";
    g_ptr_array_add(last_reply(rules)->globs, g_string_chunk_insert(rules->texts, glob));
    return NULL;
}

const char *reply_rules_add_pattern(ReplyRules *rules, const char *pattern)
{
    size_t length = strlen(pattern);

    if (length > REPLY_PATTERN_MAX_BYTES)
        return "a pattern has at most " G_STRINGIFY(REPLY_PATTERN_MAX_BYTES) " bytes";
    g_ptr_array_add(last_reply(rules)->patterns, g_string_chunk_insert(rules->texts, pattern));
    if (length >= 2 && pattern[0] == '/' && pattern[length - 1] == '/')
        return add_glob(rules, pattern + 1, length - 2);
    if (!is_status_pattern(pattern))
        return "a pattern is a status as 4.7.28, the beginning of some as 4.7., or a text as "
               "/too many connections/";
    g_ptr_array_add(last_reply(rules)->statuses, g_string_chunk_insert(rules->texts, pattern));
    return NULL;
}

static bool status_match(const ReplySection *reply, const char *status)
{
    for (guint i = 0; i < reply->statuses->len; i++) {
        const char *pattern = reply->statuses->pdata[i];

        if (g_str_has_suffix(pattern, ".") ? g_str_has_prefix(status, pattern)
                                           : g_str_equal(status, pattern))
            return true;
    }
    return false;
}

static bool text_match(const ReplySection *reply, const char *lower)
{
    for (guint i = 0; i < reply->globs->len; i++)
        if (glob_match(reply->globs->pdata[i], lower))
            return true;
    return false;
}

/* ---- sites ---- */

void reply_rules_add_site(ReplyRules *rules, const char *site)
{
    g_ptr_array_add(last_reply(rules)->sites, g_string_chunk_insert(rules->texts, site));
}

static void name_sites_of(ReplyRules *rules, const ReplySection *reply)
{
    for (guint i = 0; i < reply->sites->len; i++) {
        char *name = g_ascii_strdown(reply->sites->pdata[i], -1);

        (void)g_hash_table_replace(rules->by_site, name, g_ptr_array_new());
    }
}

static void add_to_sites(ReplyRules *rules, ReplySection *reply)
{
    GHashTableIter iter;
    gpointer list;

    if (reply->sites->len == 0) {
        g_ptr_array_add(rules->for_all, reply);
        g_hash_table_iter_init(&iter, rules->by_site);
        while (g_hash_table_iter_next(&iter, NULL, &list))
            g_ptr_array_add(list, reply);
    }
    for (guint i = 0; i < reply->sites->len; i++) {
        g_autofree char *name = g_ascii_strdown(reply->sites->pdata[i], -1);

        g_ptr_array_add(g_hash_table_lookup(rules->by_site, name), reply);
    }
}

void reply_rules_seal(ReplyRules *rules)
{
    for (unsigned i = 0; i < reply_rules_count(rules); i++)
        name_sites_of(rules, reply_at(rules, i));
    for (unsigned i = 0; i < reply_rules_count(rules); i++) {
        add_to_sites(rules, reply_at(rules, i));
        rules->slow_transports |= reply_rules_at(rules, i)->is_for_transport;
        g_ptr_array_add(reply_at(rules, i)->patterns, NULL);
        g_ptr_array_add(reply_at(rules, i)->sites, NULL);
    }
}

static GPtrArray *replies_for(const ReplyRules *rules, const Site *site)
{
    g_autofree char *name = site != NULL ? g_ascii_strdown(site->name, -1) : NULL;
    GPtrArray *named = name != NULL ? g_hash_table_lookup(rules->by_site, name) : NULL;

    return named != NULL ? named : rules->for_all;
}

bool reply_rules_concern(const ReplyRules *rules, const Site *site)
{
    return replies_for(rules, site)->len > 0;
}

bool reply_rules_say_retry(const ReplyRules *rules, const Site *site)
{
    const GPtrArray *replies = replies_for(rules, site);

    for (guint i = 0; i < replies->len; i++)
        if (((const ReplySection *)replies->pdata[i])->rule.retry.count > 0)
            return true;
    return false;
}

bool reply_rules_is_for(const ReplyRules *rules, unsigned place, const Site *site)
{
    return g_ptr_array_find(replies_for(rules, site), reply_at(rules, place), NULL);
}

const ReplyRule *reply_rules_match(const ReplyRules *rules, const Site *site, const char *status,
                                   const char *text)
{
    const GPtrArray *replies = replies_for(rules, site);
    g_autofree char *cut = g_strndup(text, REPLY_TEXT_MAX_BYTES);
    g_autofree char *lower = g_ascii_strdown(cut, -1);

    for (guint i = 0; i < replies->len; i++) {
        const ReplySection *reply = replies->pdata[i];

        if (status_match(reply, status) || text_match(reply, lower))
            return &reply->rule;
    }
    return NULL;
}

/* ---- rules that can never win ---- */

/* Of rules with more patterns or sites nothing is told, as each is compared with each. */
#define COMPARED_MAX 20

static bool is_compared(const ReplySection *reply)
{
    return reply->patterns->len <= COMPARED_MAX + 1 && reply->sites->len <= COMPARED_MAX + 1;
}

static bool is_for_site(const ReplySection *reply, const char *site)
{
    for (char **name = (char **)reply->sites->pdata; *name != NULL; name++)
        if (g_ascii_strcasecmp(*name, site) == 0)
            return true;
    return reply->sites->pdata[0] == NULL;
}

/* All destinations that `late` is for. */
static bool covers_sites(const ReplySection *early, const ReplySection *late)
{
    if (early->sites->pdata[0] == NULL)
        return true;
    for (char **name = (char **)late->sites->pdata; *name != NULL; name++)
        if (!is_for_site(early, *name))
            return false;
    return late->sites->pdata[0] != NULL;
}

/* Whatever has this text in it: of one with a '*' only the same is known to. */
static bool covers_glob(const ReplySection *reply, const char *glob)
{
    g_autofree char *inside = g_strndup(glob + 1, strlen(glob) - 2);

    for (guint i = 0; i < reply->globs->len; i++)
        if (strchr(inside, '*') == NULL ? glob_match(reply->globs->pdata[i], inside)
                                        : g_str_equal(reply->globs->pdata[i], glob))
            return true;
    return false;
}

static const ReplySection *first_of(const ReplyRules *rules, unsigned place, const char *pattern,
                                    bool (*covers)(const ReplySection *reply, const char *pattern))
{
    for (unsigned i = 0; i < place; i++)
        if (is_compared(reply_at(rules, i)) &&
            covers_sites(reply_at(rules, i), reply_at(rules, place)) &&
            covers(reply_at(rules, i), pattern))
            return reply_at(rules, i);
    return NULL;
}

/* Each of its patterns may be covered by another one. A status stands for those that it begins. */
const ReplyRule *reply_rules_shadow(const ReplyRules *rules, unsigned place)
{
    const ReplySection *reply = reply_at(rules, place), *shadow = NULL;

    if (!is_compared(reply))
        return NULL;
    for (guint i = 0; i < reply->statuses->len; i++) {
        shadow = first_of(rules, place, reply->statuses->pdata[i], status_match);
        if (shadow == NULL)
            return NULL;
    }
    for (guint i = 0; i < reply->globs->len; i++) {
        shadow = first_of(rules, place, reply->globs->pdata[i], covers_glob);
        if (shadow == NULL)
            return NULL;
    }
    return shadow != NULL ? &shadow->rule : NULL;
}

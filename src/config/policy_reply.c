#include <string.h>

#include "base/words.h"
#include "policy_reply_internal.h"

/* What is said in a section [reply]. */

#define KNOWN_NAMES "site, match, action, hold, trigger, scope, retry"

typedef struct SiteMention {
    ReplyRule *reply;
    int line;
    char *site;
} SiteMention;

static void mention_clear(gpointer data)
{
    SiteMention *mention = data;

    g_free(mention->site);
}

char *policy_reply_fault(const PolicyReader *reader, const char *name)
{
    const ReplyRules *replies = sites_replies(reader->sites);
    const ReplyRule *other = reply_rules_find(replies, name);

    if (other != NULL)
        return g_strdup_printf("another one of this name is in line %u", other->line);
    if (reply_rules_count(replies) == REPLY_RULES_MAX)
        return g_strdup_printf("there can be at most %d sections", REPLY_RULES_MAX);
    return NULL;
}

void policy_reply_begin(PolicyReader *reader, const char *name)
{
    reader->reply = reply_rules_add(sites_replies(reader->sites), name, (unsigned)reader->line);
    if (reader->site_mentions == NULL) {
        reader->site_mentions = g_array_new(FALSE, FALSE, sizeof(SiteMention));
        g_array_set_clear_func(reader->site_mentions, mention_clear);
    }
}

/* ---- words ---- */

static void take_sites(PolicyReader *reader, const char *value)
{
    g_auto(GStrv) words = words_split(value, POLICY_SEPARATORS);

    for (char **word = words; *word != NULL; word++) {
        SiteMention mention = {reader->reply, reader->line, g_strdup(*word)};

        reply_rules_add_site(sites_replies(reader->sites), *word);
        g_array_append_val(reader->site_mentions, mention);
    }
    if (*words == NULL)
        policy_fail(reader,
                    "site: there is no word in it: leave the line out for all destinations");
}

/* Where the pattern ends that begins here: blanks are part of one between slashes. */
static const char *end_of_pattern(const char *text)
{
    const char *end = *text == '/' ? strchr(text + 1, '/') : NULL;

    return end != NULL ? end + 1 : text + strcspn(text, POLICY_SEPARATORS);
}

static void take_patterns(PolicyReader *reader, const char *value)
{
    const char *at = value + strspn(value, POLICY_SEPARATORS), *end;

    if (*at == '\0')
        policy_fail(reader, "match: there is no pattern in it");
    for (; *at != '\0'; at = end + strspn(end, POLICY_SEPARATORS)) {
        g_autofree char *pattern = NULL;
        const char *fault;

        end = end_of_pattern(at);
        end += strcspn(end, POLICY_SEPARATORS);
        pattern = g_strndup(at, (gsize)(end - at));
        fault = reply_rules_add_pattern(sites_replies(reader->sites), pattern);
        if (fault != NULL)
            policy_fail(reader, "match: \"%.60s\": %s", pattern, fault);
    }
}

/* ---- settings ---- */

static const char *take_scope(PolicyReader *reader, const char *value)
{
    return g_str_equal(value, "flow") ? POLICY_NOT_YET : reply_scope_parse(value, reader->reply);
}

/* NULL: success, or it was told already; else what is wrong. */
static const char *take_value(PolicyReader *reader, ReplyName name, const char *value)
{
    switch (name) {
    case REPLY_SITE:
        take_sites(reader, value);
        return NULL;
    case REPLY_MATCH:
        take_patterns(reader, value);
        return NULL;
    case REPLY_ACTION:
        return reply_action_parse(value, reader->reply);
    case REPLY_HOLD:
        return reply_hold_parse(value, &reader->reply->step);
    case REPLY_TRIGGER:
        return reply_trigger_parse(value, &reader->reply->step);
    case REPLY_SCOPE:
        return take_scope(reader, value);
    case REPLY_RETRY:
        return reply_retry_parse(value, reader->reply);
    case REPLY_NAME_COUNT:
        break;
    }
    g_assert_not_reached();
}

void policy_reply_take(PolicyReader *reader, const char *name, const char *value)
{
    const char *fault;
    ReplyName known = 0;

    while (known < REPLY_NAME_COUNT && !g_str_equal(name, reply_name_str(known)))
        known++;
    if (known == REPLY_NAME_COUNT) {
        policy_fail(reader, "%.60s: there is no such name; known are " KNOWN_NAMES, name);
        return;
    }
    policy_note_line(reader, name, &reader->reply->lines[known]);
    fault = take_value(reader, known, value);
    if (fault != NULL)
        policy_fail(reader, "%s = %.60s: %s", name, value, fault);
}

/* What means nothing without an action. */
static void check_parts_of_action(PolicyReader *reader)
{
    static const ReplyName parts[] = {REPLY_HOLD, REPLY_TRIGGER, REPLY_SCOPE};

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (reader->reply->lines[parts[i]] != 0)
            policy_fail(reader, "%s: it has no action for which that could hold",
                        reply_name_str(parts[i]));
}

void policy_reply_end(PolicyReader *reader)
{
    const unsigned *lines = reader->reply->lines;

    reader->line = (int)reader->reply->line;
    if (lines[REPLY_MATCH] == 0)
        policy_fail(reader, "it has no match: say which answers it is for");
    if (lines[REPLY_ACTION] == 0 && lines[REPLY_RETRY] == 0)
        policy_fail(reader, "it has no action and no retry: say what such an answer does");
    else if (lines[REPLY_ACTION] == 0)
        check_parts_of_action(reader);
    reader->reply = NULL;
}

void policy_reply_check_sites(PolicyReader *reader)
{
    for (guint i = 0; reader->site_mentions != NULL && i < reader->site_mentions->len; i++) {
        const SiteMention *mention = &g_array_index(reader->site_mentions, SiteMention, i);

        if (sites_find(reader->sites, mention->site) != NULL)
            continue;
        reader->reply = mention->reply;
        reader->line = mention->line;
        policy_fail(reader, "site: there is no [site %.64s]", mention->site);
    }
    reader->reply = NULL;
    g_clear_pointer(&reader->site_mentions, g_array_unref);
}

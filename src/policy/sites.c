#include <string.h>

#include "policy/nexthop.h"
#include "policy/reply_rules.h"
#include "policy/site.h"
#include "site_words_internal.h"

/*
 * The sections in their order, and a table of the words by which they are found: each word leads to
 * the sections that have it. Sections for which no word is enough are tried one after the other.
 */

typedef struct Section {
    Site site;
    SiteWords words[SITE_CONDITION_COUNT];
} Section;

/* A section that has a word, and the next one that has it. */
typedef struct WordLink {
    unsigned place;
    unsigned next; /* its place in `links`, plus 1; 0: no more */
} WordLink;

struct Sites {
    GStringChunk *texts;
    GPtrArray *sections; /* of Section */
    ReplyRules *replies;
    unsigned word_count;
    GHashTable *table[SITE_CONDITION_COUNT]; /* word -> place in `links`, plus 1 */
    GArray *links;
    GArray *scanned; /* places of sections that are tried in turn */
};

static void section_free(gpointer data)
{
    Section *section = data;

    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++)
        site_words_clear(&section->words[i]);
    g_free(section);
}

Sites *sites_new(void)
{
    Sites *sites = g_new0(Sites, 1);

    sites->texts = g_string_chunk_new(4096);
    sites->replies = reply_rules_new();
    sites->sections = g_ptr_array_new_with_free_func(section_free);
    sites->links = g_array_new(FALSE, FALSE, sizeof(WordLink));
    sites->scanned = g_array_new(FALSE, FALSE, sizeof(unsigned));
    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++)
        sites->table[i] = g_hash_table_new(g_str_hash, g_str_equal);
    return sites;
}

void sites_free(Sites *sites)
{
    if (sites == NULL)
        return;
    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++)
        g_hash_table_unref(sites->table[i]);
    g_array_unref(sites->scanned);
    g_array_unref(sites->links);
    reply_rules_free(sites->replies);
    g_ptr_array_unref(sites->sections);
    g_string_chunk_free(sites->texts);
    g_free(sites);
}

unsigned sites_count(const Sites *sites)
{
    return sites->sections->len;
}

ReplyRules *sites_replies(const Sites *sites)
{
    return sites->replies;
}

static Section *section_at(const Sites *sites, unsigned place)
{
    return sites->sections->pdata[place];
}

const Site *sites_at(const Sites *sites, unsigned place)
{
    return &section_at(sites, place)->site;
}

bool sites_have_shares(const Sites *sites)
{
    for (unsigned i = 0; i < sites_count(sites); i++)
        if (sites_at(sites, i)->active_share > 0)
            return true;
    return false;
}

const Site *sites_find(const Sites *sites, const char *name)
{
    for (unsigned i = 0; i < sites_count(sites); i++)
        if (g_ascii_strcasecmp(sites_at(sites, i)->name, name) == 0)
            return sites_at(sites, i);
    return NULL;
}

Site *sites_add(Sites *sites, const char *name, unsigned line)
{
    Section *section = g_new0(Section, 1);

    g_assert(sites_count(sites) < SITES_MAX);
    section->site.name = g_string_chunk_insert(sites->texts, name);
    section->site.line = line;
    section->site.retry = retry_plan_none();
    g_ptr_array_add(sites->sections, section);
    return &section->site;
}

/* ---- words ---- */

/* `word` is in lower case, without '!'. */
static const char *word_fault(SiteCondition condition, const char *word)
{
    size_t length = strlen(word);

    if (length == 0 || length > SITE_WORD_MAX_BYTES)
        return "a word must have 1 to " G_STRINGIFY(SITE_WORD_MAX_BYTES) " bytes";
    for (const char *at = word; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return "a word is printable ASCII; a domain is written as in DNS (xn--...)";
    if (*word == '!' || *word == '/')
        return "a word is a name, .DOMAIN for subdomains, or has '*' in it; '!' before it excludes";
    if (strchr(word, '=') != NULL)
        return "a word has no '='; a line that begins with white space continues the one before";
    if (condition == SITE_TRANSPORT && site_excludes(word))
        return "retry and error have no sites";
    if (condition == SITE_DOMAIN && strpbrk(word, "[]:@") != NULL)
        return "a domain has no brackets, port or '@': say destination = for a nexthop";
    return NULL;
}

const char *sites_add_word(Sites *sites, SiteCondition condition, const char *word)
{
    Section *section = section_at(sites, sites_count(sites) - 1);
    g_autofree char *lower = g_ascii_strdown(word, -1);
    const char *fault = word_fault(condition, *lower == '!' ? lower + 1 : lower);

    if (fault == NULL && sites->word_count == SITES_WORDS_MAX)
        fault = "there are more than " G_STRINGIFY(SITES_WORDS_MAX) " words";
    if (fault != NULL)
        return fault;
    sites->word_count++;
    site_words_add(&section->words[condition], g_string_chunk_insert(sites->texts, lower));
    return NULL;
}

void sites_spell(Sites *sites, SiteCondition condition, const char *text)
{
    section_at(sites, sites_count(sites) - 1)->site.condition_texts[condition] =
        g_string_chunk_insert(sites->texts, text);
}

GPtrArray *sites_words_only_in(const Sites *sites, unsigned place, SiteCondition condition,
                               const Sites *others, unsigned other_place)
{
    return site_words_only_in(&section_at(sites, place)->words[condition],
                              &section_at(others, other_place)->words[condition]);
}

bool sites_has_words(const Sites *sites, SiteCondition condition)
{
    return !site_words_is_empty(&section_at(sites, sites_count(sites) - 1)->words[condition]);
}

/* ---- the table ---- */

/* Each name that meets the condition is found by one of its words. */
static bool words_are_enough(const SiteWords *words)
{
    return words->with.names != NULL && words->with.globs == NULL;
}

static void enter_words(Sites *sites, SiteCondition condition, unsigned place)
{
    GHashTable *names = section_at(sites, place)->words[condition].with.names;
    GHashTableIter iter;
    gpointer word;

    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &word, NULL)) {
        WordLink link = {place,
                         GPOINTER_TO_UINT(g_hash_table_lookup(sites->table[condition], word))};

        g_array_append_val(sites->links, link);
        (void)g_hash_table_replace(
            sites->table[condition], word,
            GUINT_TO_POINTER(sites->links->len)); // NOLINT(performance-no-int-to-ptr)
    }
}

void sites_seal(Sites *sites)
{
    reply_rules_seal(sites->replies);
    for (unsigned i = 0; i < sites_count(sites); i++) {
        const Section *section = section_at(sites, i);

        if (words_are_enough(&section->words[SITE_DOMAIN]))
            enter_words(sites, SITE_DOMAIN, i);
        else if (words_are_enough(&section->words[SITE_DESTINATION]))
            enter_words(sites, SITE_DESTINATION, i);
        else
            g_array_append_val(sites->scanned, i);
    }
}

/* ---- matching ---- */

typedef struct SiteSubject {
    const char *names[SITE_CONDITION_COUNT];
} SiteSubject;

static bool section_match(const Section *section, const SiteSubject *subject)
{
    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++)
        if (!site_words_match(&section->words[i], subject->names[i]))
            return false;
    return true;
}

/* The first section that is found by its words and matches, before `best`; else `best`. */
static unsigned match_by_word(const Sites *sites, SiteCondition condition,
                              const SiteSubject *subject, unsigned best)
{
    const char *key = subject->names[condition];

    for (; key != NULL; key = site_words_next_key(key)) {
        guint link = GPOINTER_TO_UINT(g_hash_table_lookup(sites->table[condition], key));

        while (link != 0) {
            const WordLink *at = &g_array_index(sites->links, WordLink, link - 1);

            if (at->place < best && section_match(section_at(sites, at->place), subject))
                best = at->place;
            link = at->next;
        }
    }
    return best;
}

static unsigned match_in_turn(const Sites *sites, const SiteSubject *subject, unsigned best)
{
    for (guint i = 0; i < sites->scanned->len; i++) {
        unsigned place = g_array_index(sites->scanned, unsigned, i);

        if (place >= best)
            break;
        if (section_match(section_at(sites, place), subject))
            return place;
    }
    return best;
}

const Site *sites_match(const Sites *sites, const char *transport, const char *nexthop)
{
    g_autofree char *lower_transport = g_ascii_strdown(transport, -1);
    g_autofree char *lower = g_ascii_strdown(nexthop, -1), *host = nexthop_host(lower);
    SiteSubject subject = {
        {lower_transport, host, lower}
    };
    unsigned best = sites_count(sites);

    if (site_excludes(lower_transport))
        return NULL;
    best = match_by_word(sites, SITE_DOMAIN, &subject, best);
    best = match_by_word(sites, SITE_DESTINATION, &subject, best);
    best = match_in_turn(sites, &subject, best);
    return best < sites_count(sites) ? sites_at(sites, best) : NULL;
}

/* ---- sections that can never match ---- */

/*
 * Whatever meets `late` meets `early`. If there is a word, it stands for all of the condition.
 */
static bool section_covers(const Section *early, const Section *late, SiteCondition condition,
                           const char *word)
{
    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++) {
        bool covers = word != NULL && i == condition
                          ? site_words_cover(&early->words[i], word)
                          : site_words_cover_all(&early->words[i], &late->words[i]);

        if (!covers)
            return false;
    }
    return true;
}

static const Site *first_cover(const Sites *sites, unsigned place, SiteCondition condition,
                               const char *word)
{
    for (unsigned i = 0; i < place; i++)
        if (section_covers(section_at(sites, i), section_at(sites, place), condition, word))
            return sites_at(sites, i);
    return NULL;
}

/* A section of names may be covered by several; any other only by one. */
const Site *sites_shadow(const Sites *sites, unsigned place)
{
    const Section *section = section_at(sites, place);
    SiteCondition condition =
        site_words_is_empty(&section->words[SITE_DOMAIN]) ? SITE_DESTINATION : SITE_DOMAIN;
    const SiteWords *words = &section->words[condition];
    const Site *shadow = NULL;
    GHashTableIter iter;
    gpointer word;

    if (!words_are_enough(words))
        return first_cover(sites, place, condition, NULL);
    g_hash_table_iter_init(&iter, words->with.names);
    while (g_hash_table_iter_next(&iter, &word, NULL)) {
        shadow = first_cover(sites, place, condition, word);
        if (shadow == NULL)
            return NULL;
    }
    return shadow;
}

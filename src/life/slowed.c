#include <string.h>

#include "base/element.h"
#include "policy/reply_rules.h"
#include "sched/sched.h"
#include "src/life/context_internal.h"
#include "src/life/slowed_internal.h"

/*
 * Slowed: a table by transport and name, and a heap of the times at which each is looked at. Mail
 * that begins only moves `last_us`: whether a site is to be forgotten is found out when its time
 * comes.
 */

#define US_PER_S    G_USEC_PER_SEC
#define MINUTE_US   (60 * US_PER_S)
#define FORGET_US   (2 * MINUTE_US)
#define SAVE_US     (10 * MINUTE_US) /* a level that does not change is written as often */
#define LEAST_PER_S (1.0 / 60)       /* the delivery that is looked at began some time */

typedef struct SlowedSites {
    GHashTable *sites; /* SiteKey -> SlowedSite */
    Heap timers;
    SlotTable slots; /* the same */
    unsigned slowed_count;
    LifeSlowedSteps *steps; /* of each [reply] section, in their order; NULL: there is none */
} SlowedSites;

static void match_free(SlowedMatch *match)
{
    if (match == NULL)
        return;
    g_free(match->transport);
    g_free(match->destination);
    g_free(match->rule);
    g_free(match->reason);
    g_free(match);
}

static void slowed_free(gpointer data)
{
    SlowedSite *slowed = data;

    match_free(slowed->match);
    g_free(slowed->transport);
    g_free(slowed->name);
    g_free(slowed->rule);
    g_free(slowed->reason);
    g_free(slowed);
}

static const ReplyRules *replies_of(const Life *life)
{
    return life->settings.sites != NULL ? sites_replies(life->settings.sites) : NULL;
}

static unsigned rule_count(const Life *life)
{
    const ReplyRules *replies = replies_of(life);

    return replies != NULL ? reply_rules_count(replies) : 0;
}

void slowed_init(Life *life)
{
    life->slowed = g_new0(SlowedSites, 1);
    life->slowed->steps = g_new0(LifeSlowedSteps, rule_count(life));
    for (unsigned i = 0; i < rule_count(life); i++)
        life->slowed->steps[i].rule = reply_rules_at(replies_of(life), i)->name;
    life->slowed->sites = g_hash_table_new_full(site_key_hash, site_key_equal, NULL, slowed_free);
    heap_init(&life->slowed->timers);
    slot_table_init(&life->slowed->slots);
}

void slowed_stop(Life *life)
{
    heap_clear(&life->slowed->timers);
    slot_table_clear(&life->slowed->slots);
    g_hash_table_unref(life->slowed->sites);
    g_free(life->slowed->steps);
    g_free(life->slowed);
}

bool slowed_is_used(const Life *life)
{
    return rule_count(life) > 0 || g_hash_table_size(life->slowed->sites) > 0;
}

/* Of a destination, or of recipients of one nexthop, it depends on the nexthop. */
static const Site *find_section(const Life *life, const SiteKey *key, const char *nexthop)
{
    const Sites *sites = life->settings.sites;

    if (key->is_shared && g_str_has_prefix(key->name, SLOWED_SITE))
        return sites_find(sites, key->name + strlen(SLOWED_SITE));
    if (key->is_shared)
        nexthop = key->name + strlen(SLOWED_NEXTHOP);
    return sites_match(sites, key->transport, nexthop);
}

bool slowed_is_whole(const SlowedSite *slowed)
{
    return slowed->key.is_shared && g_str_equal(slowed->key.name, SLOWED_WHOLE);
}

/* What the policy says about it: once. A transport as a whole has no section, and gives no answers.
 */
static void look_up_site(const Life *life, SlowedSite *slowed, const char *nexthop)
{
    if (slowed->is_looked_up)
        return;
    slowed->is_looked_up = true;
    if (slowed_is_whole(slowed))
        return;
    if (life->settings.sites == NULL || site_excludes(slowed->key.transport))
        return;
    slowed->site = find_section(life, &slowed->key, nexthop);
    slowed->is_concerned =
        rule_count(life) > 0 && reply_rules_concern(replies_of(life), slowed->site);
}

const Site *slowed_section(const Life *life, SlowedSite *slowed)
{
    look_up_site(life, slowed, slowed->key.name);
    return slowed->site;
}

SlowedSite *slowed_find_key(const Life *life, const SiteKey *key)
{
    return g_hash_table_lookup(life->slowed->sites, key);
}

SlowedSite *slowed_find_whole(const Life *life, const SchedTransport *transport)
{
    const SiteKey key = {sched_transport_name(transport), SLOWED_WHOLE, true};

    return slowed_find_key(life, &key);
}

const SlowedSite *slowed_find_whole_named(const Life *life, const char *transport)
{
    const SiteKey key = {transport, SLOWED_WHOLE, true};
    const SlowedSite *slowed = slowed_find_key(life, &key);

    return slowed != NULL && level_is_active(&slowed->level) ? slowed : NULL;
}

const SlowedSite *slowed_find_named(const Life *life, const char *transport, const char *name)
{
    const SchedTransport *known = sched_transport_find(life->sched, transport);
    const SchedDestination *destination =
        known != NULL ? sched_destination_find(known, name) : NULL;
    const SiteKey key =
        destination != NULL ? site_key_of(destination) : (SiteKey){transport, name, false};
    const SlowedSite *slowed = slowed_find_key(life, &key);

    return slowed != NULL && level_is_active(&slowed->level) ? slowed : NULL;
}

SchedTransport *slowed_transport(const Life *life, const SlowedSite *slowed)
{
    return *slowed->key.transport != '\0' ? sched_transport_find(life->sched, slowed->key.transport)
                                          : NULL;
}

SchedSite *slowed_shared_site(const Life *life, const SlowedSite *slowed)
{
    const SchedTransport *transport = slowed_transport(life, slowed);

    if (!slowed->key.is_shared || (transport == NULL && *slowed->key.transport != '\0'))
        return NULL;
    return sched_site_find(life->sched, transport, slowed->key.name);
}

SchedDestination *slowed_destination(const Life *life, const SlowedSite *slowed)
{
    const SchedTransport *transport = slowed_transport(life, slowed);

    return transport != NULL && !slowed->key.is_shared
               ? sched_destination_find(transport, slowed->key.name)
               : NULL;
}

static SlowedSite *slowed_look_up(const Life *life, const SchedDestination *destination)
{
    const SiteKey key = site_key_of(destination);
    SlowedSite *slowed = slowed_find_key(life, &key);

    if (slowed != NULL)
        look_up_site(life, slowed, sched_destination_nexthop(destination));
    return slowed;
}

/* Of what is not slowed. */
static int64_t forget_at_us(const SlowedSite *slowed)
{
    return MAX(slowed->last_us + FORGET_US, slowed->counts_until_us);
}

static void slowed_set_timer(Life *life, SlowedSite *slowed)
{
    int64_t next_us =
        level_is_active(&slowed->level) ? level_next_us(&slowed->level) : forget_at_us(slowed);

    heap_set(&life->slowed->timers, &slowed->timer, next_us);
}

static SlowedSite *slowed_add(Life *life, const SiteKey *key)
{
    SlowedSite *slowed = g_new0(SlowedSite, 1);

    slowed->transport = g_strdup(key->transport);
    slowed->name = g_strdup(key->name);
    slowed->key = (SiteKey){slowed->transport, slowed->name, key->is_shared};
    slowed->first_us = slowed->last_us = life_now(life)->mono_us;
    g_hash_table_insert(life->slowed->sites, &slowed->key, slowed);
    slowed->slot = slot_table_add(&life->slowed->slots, slowed);
    slowed_set_timer(life, slowed);
    return slowed;
}

SlowedSite *slowed_ensure(Life *life, const SchedDestination *destination)
{
    const SiteKey key = site_key_of(destination);
    SlowedSite *slowed = slowed_find_key(life, &key);

    if (slowed == NULL)
        slowed = slowed_add(life, &key);
    look_up_site(life, slowed, sched_destination_nexthop(destination));
    return slowed;
}

SlowedSite *slowed_whole(Life *life, const SchedTransport *transport)
{
    const SiteKey key = {sched_transport_name(transport), SLOWED_WHOLE, true};
    SlowedSite *slowed = slowed_find_key(life, &key);

    return slowed != NULL ? slowed : slowed_add(life, &key);
}

/* ---- over a restart ---- */

static void save_level(const Life *life, SlowedSite *slowed)
{
    LevelBook *book = life->settings.levels;

    slowed->saved_us = life_now(life)->mono_us;
    if (book == NULL)
        return;
    if (level_is_active(&slowed->level))
        level_book_put(book,
                       &(LevelNote){slowed->key.is_shared, slowed->key.transport, slowed->key.name,
                                    slowed->rule, slowed->reason, slowed->level});
    else
        level_book_remove(book, slowed->key.is_shared, slowed->key.transport, slowed->key.name);
}

/* Whoever takes a section out of the file wants nothing of it, at the next start at the latest; nor
 * that it goes on for others than those it is for now. */
static bool is_still_said(const Life *life, const LevelNote *note)
{
    const ReplyRule *rule =
        rule_count(life) > 0 ? reply_rules_find(replies_of(life), note->rule) : NULL;
    bool is_whole = note->is_shared && g_str_equal(note->name, SLOWED_WHOLE);

    return rule != NULL && rule->is_for_transport == is_whole;
}

void slowed_take(Life *life, const LevelNote *note)
{
    const SiteKey key = {note->transport, note->name, note->is_shared};
    SlowedSite *slowed = slowed_add(life, &key);

    slowed->level = note->level;
    slowed->rule = g_strdup(note->rule);
    slowed->reason = g_strdup(note->reason);
    slowed->saved_us = life_now(life)->mono_us;
    slowed_changed(life, slowed, LEVEL_SAME);
}

static void resume_level(Life *life, const LevelNote *note)
{
    if (is_still_said(life, note))
        slowed_take(life, note);
    else
        level_book_remove(life->settings.levels, note->is_shared, note->transport, note->name);
}

void slowed_resume(Life *life)
{
    g_autoptr(GPtrArray) notes = NULL;

    if (life->settings.levels == NULL)
        return;
    notes = level_book_notes(life->settings.levels);
    for (guint i = 0; i < notes->len; i++)
        resume_level(life, notes->pdata[i]);
}

/* The counts are those of the minute that is now. */
static void begin_minute(SlowedSite *slowed, int64_t now_us)
{
    int64_t minute = now_us / MINUTE_US;

    if (minute == slowed->minute)
        return;
    slowed->begun[1] = minute == slowed->minute + 1 ? slowed->begun[0] : 0;
    slowed->begun[0] = 0;
    slowed->minute = minute;
}

const SlotTable *slowed_slots(const Life *life)
{
    return &life->slowed->slots;
}

/* Each level is of a rule that the file has. */
static void count_step(const Life *life, const SlowedSite *slowed, bool is_down)
{
    LifeSlowedSteps *steps = life->slowed->steps;

    while (!g_str_equal(steps->rule, slowed->rule))
        steps++;
    steps->down_count += is_down;
    steps->up_count += !is_down;
}

void slowed_changed(Life *life, SlowedSite *slowed, LevelChange change)
{
    if (change != LEVEL_SAME)
        count_step(life, slowed, change == LEVEL_STEPPED);
    if (slowed->is_counted != level_is_active(&slowed->level))
        life->slowed->slowed_count += slowed->is_counted ? -1U : 1;
    slowed->is_counted = level_is_active(&slowed->level);
    if (change != LEVEL_SAME ||
        (slowed->is_counted && life_now(life)->mono_us >= slowed->saved_us + SAVE_US))
        save_level(life, slowed);
    slowed_set_timer(life, slowed);
}

void slowed_note_match(const Life *life, SlowedSite *slowed, const SchedDestination *destination,
                       const char *rule, const char *reason)
{
    match_free(slowed->match);
    slowed->match = g_new(SlowedMatch, 1);
    *slowed->match = (SlowedMatch){
        .transport = g_strdup(sched_transport_name(sched_destination_transport(destination))),
        .destination = g_strdup(sched_destination_name(destination)),
        .rule = g_strdup(rule),
        .reason = g_strdup(reason),
        .at_us = life_now(life)->mono_us};
}

void slowed_remember(const Life *life, SlowedSite *slowed, const LevelStep *step)
{
    int64_t until_us = life_now(life)->mono_us + step->trigger_s * US_PER_S;

    if (step->trigger_count > 1)
        slowed->counts_until_us = MAX(slowed->counts_until_us, until_us);
}

static void count_begin(const Life *life, SlowedSite *slowed)
{
    int64_t now_us = life_now(life)->mono_us;

    begin_minute(slowed, now_us);
    slowed->begun[0]++;
    slowed->last_us = now_us;
}

void slowed_note_begin(Life *life, const SchedDestination *destination)
{
    const SchedTransport *transport = sched_destination_transport(destination);

    count_begin(life, slowed_ensure(life, destination));
    if (rule_count(life) > 0 && reply_rules_slow_transports(replies_of(life)) &&
        !site_excludes(sched_transport_name(transport)))
        count_begin(life, slowed_whole(life, transport));
}

SlowedSite *slowed_find(const Life *life, const SchedDestination *destination)
{
    SlowedSite *slowed = slowed_is_used(life) ? slowed_look_up(life, destination) : NULL;

    if (slowed == NULL || (!slowed->is_concerned && !level_is_active(&slowed->level)))
        return NULL;
    return slowed;
}

double slowed_measured(const Life *life, const SlowedSite *slowed)
{
    int64_t now_us = life_now(life)->mono_us, ago = now_us / MINUTE_US - slowed->minute;
    double part = (double)(now_us % MINUTE_US) / (double)MINUTE_US;
    double span_s = (double)CLAMP(now_us - slowed->first_us, US_PER_S, MINUTE_US) / US_PER_S;
    double count = ago == 0   ? slowed->begun[0] + slowed->begun[1] * (1 - part)
                   : ago == 1 ? slowed->begun[0] * (1 - part)
                              : 0;

    return MAX(count / span_s, LEAST_PER_S);
}

char *slowed_amount(const SiteLevel *level)
{
    int concurrency = level_concurrency(level);
    g_autofree char *rate = NULL;
    MeterLimit limit;

    if (level_rate(level, &limit)) {
        limit.burst = meter_limit_default_burst(limit.count, limit.period_s); /* it is not said */
        rate = meter_limit_format(&limit);
    }
    if (concurrency == 0)
        return g_steal_pointer(&rate);
    return g_strdup_printf("%s%s%d at a time", rate != NULL ? rate : "", rate != NULL ? ", " : "",
                           concurrency);
}

unsigned slowed_count(const Life *life)
{
    return life->slowed->slowed_count;
}

const LifeSlowedSteps *slowed_steps(const Life *life, unsigned place)
{
    return place < rule_count(life) ? &life->slowed->steps[place] : NULL;
}

/* True: it is gone. */
static bool forget_if_unused(Life *life, SlowedSite *slowed)
{
    if (level_is_active(&slowed->level) || life_now(life)->mono_us < forget_at_us(slowed))
        return false;
    heap_remove(&life->slowed->timers, &slowed->timer);
    slot_table_remove(&life->slowed->slots, slowed->slot);
    (void)g_hash_table_remove(life->slowed->sites, &slowed->key);
    return true;
}

SlowedSite *slowed_next_due(Life *life)
{
    HeapNode *first;

    while ((first = heap_first(&life->slowed->timers)) != NULL &&
           first->key <= life_now(life)->mono_us) {
        SlowedSite *slowed = ELEMENT(first, SlowedSite, timer);

        if (level_is_active(&slowed->level))
            return slowed;
        if (!forget_if_unused(life, slowed))
            slowed_set_timer(life, slowed);
    }
    return NULL;
}

int64_t slowed_next_us(const Life *life)
{
    const HeapNode *first = heap_first(&life->slowed->timers);

    return first != NULL ? first->key : INT64_MAX;
}

#include "policy/nexthop.h"
#include "policy/rules.h"
#include "sched/inspect.h"
#include "src/life/context_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/slowed_internal.h"

/* Limit: see the header. */

#define DESTINATIONS_PER_TURN 500

typedef struct LimitWalk {
    bool is_used;   /* there are limits, or some destination may still have one */
    bool is_due;    /* the destinations are to be looked at from the first on */
    bool is_walked; /* they are being looked at */
    uint32_t slot;
} LimitWalk;

void limit_init(Life *life)
{
    life->limits = g_new0(LimitWalk, 1);
    limit_rules_changed(life);
}

void limit_stop(Life *life)
{
    g_free(life->limits);
}

static bool has_limits(const Life *life)
{
    if (life->settings.sites != NULL && sites_count(life->settings.sites) > 0)
        return true;
    if (slowed_is_used(life))
        return true;
    return life->settings.rules != NULL && rules_count_of(life->settings.rules, RULE_LIMIT) > 0;
}

/* The section of the policy file; NULL: none. */
static const Site *site_of(const Life *life, const char *transport, const char *nexthop)
{
    return life->settings.sites != NULL ? sites_match(life->settings.sites, transport, nexthop)
                                        : NULL;
}

/* Borrows `host`. */
static RuleSubject subject_of_limits(const SchedDestination *destination, const char *host)
{
    return (RuleSubject){.transport =
                             sched_transport_name(sched_destination_transport(destination)),
                         .destination = sched_destination_name(destination),
                         .nexthop = sched_destination_nexthop(destination),
                         .domain = host};
}

/* What an administrator has set for a time; NULL: nothing. */
static const Rule *look_up_limit(const Life *life, const RuleSubject *subject, RuleMeasure measure)
{
    return life->settings.rules != NULL
               ? rules_limit(life->settings.rules, subject, measure, life_now(life)->wall_s)
               : NULL;
}

/* 0: there is none. */
static int lower_concurrency(int configured, const SiteLevel *level)
{
    int slowed = level != NULL ? level_concurrency(level) : 0;

    if (configured == 0 || slowed == 0)
        return MAX(configured, slowed);
    return MIN(configured, slowed);
}

static bool is_slower(const MeterLimit *a, const MeterLimit *b)
{
    return (double)a->count * (double)b->period_s < (double)b->count * (double)a->period_s;
}

static void set_concurrency(const Life *life, SchedDestination *destination,
                            const RuleSubject *subject, const Site *site, const SiteLevel *level)
{
    const Rule *rule = look_up_limit(life, subject, RULE_CONCURRENCY);
    int of_site = site != NULL && site_is_applied(site, SITE_CONCURRENCY) ? site->concurrency : 0;
    int configured = rule != NULL ? rule->most : of_site;

    sched_destination_limit(destination, lower_concurrency(configured, level));
}

/* NULL: the section does not say it, or not for each destination by itself. */
static const MeterLimit *rate_of(const Site *site, SiteSetting setting, const MeterLimit *rate)
{
    return site->setting_lines[setting] != 0 && site_is_applied(site, setting) ? rate : NULL;
}

/* Without mail the destination may be gone afterwards. */
static void set_pace(const Life *life, SchedDestination *destination, const RuleSubject *subject,
                     const Site *site, const SiteLevel *level)
{
    const Rule *rule = look_up_limit(life, subject, RULE_RATE);
    const MeterLimit of_rule = rule != NULL ? rule_rate(rule) : (MeterLimit){0};
    const MeterLimit *rate = site != NULL ? rate_of(site, SITE_RATE, &site->rate) : NULL;
    MeterLimit slowed;
    const MeterLimit *recipient_rate =
        site != NULL ? rate_of(site, SITE_RECIPIENT_RATE, &site->recipient_rate) : NULL;

    if (rule != NULL)
        rate = &of_rule;
    if (level != NULL && level_rate(level, &slowed) && (rate == NULL || is_slower(&slowed, rate)))
        rate = &slowed;
    sched_destination_pace(destination, rate, recipient_rate, life_sched_now(life));
}

/* For a time, and else as the policy file says; what is lower if the site has asked for it. */
void limit_destination(const Life *life, SchedDestination *destination)
{
    g_autofree char *host = nexthop_host(sched_destination_nexthop(destination));
    const RuleSubject subject = subject_of_limits(destination, host);
    const Site *site = site_of(life, subject.transport, subject.nexthop);
    const SlowedSite *slowed = slowed_find(life, destination);
    const SiteLevel *level = slowed != NULL ? &slowed->level : NULL;

    set_concurrency(life, destination, &subject, site, level);
    set_pace(life, destination, &subject, site, level);
}

bool limit_new_destination(const Life *life, SchedDestination *destination)
{
    if (!life->limits->is_used || sched_destination_limit_is_given(destination))
        return false;
    limit_destination(life, destination);
    return true;
}

/* A walk that goes on is not begun anew: however fast rules change, it comes to its end. */
void limit_rules_changed(Life *life)
{
    LimitWalk *limits = life->limits;

    if (!has_limits(life) && !limits->is_used)
        return;
    limits->is_used = limits->is_due = true;
}

static void begin_limit_walk(LimitWalk *limits)
{
    limits->is_due = false;
    limits->is_walked = true;
    limits->slot = 0;
}

/* False: it has come to its end. */
static bool walk_piece(Life *life)
{
    SchedDestination *destination;

    for (int i = 0; i < DESTINATIONS_PER_TURN; i++) {
        destination =
            sched_destination_next(life->sched, &life->limits->slot, DESTINATIONS_PER_TURN);
        if (destination == NULL)
            return !sched_view_is_end(life->sched, life->limits->slot);
        limit_destination(life, destination);
    }
    return true;
}

bool limit_is_walking(const Life *life)
{
    return life->limits->is_due || life->limits->is_walked;
}

bool limit_turn(Life *life)
{
    LimitWalk *limits = life->limits;

    if (limits->is_due && !limits->is_walked)
        begin_limit_walk(limits);
    if (limits->is_walked && !walk_piece(life)) {
        limits->is_walked = false;
        limits->is_used = limits->is_due || has_limits(life);
    }
    return limits->is_walked || limits->is_due;
}

/* ---- in words ---- */

static char *holder_of_rule(const Rule *rule)
{
    g_autofree char *amount = rule_amount_text(rule);

    return g_strdup_printf("limit #%u of an administrator keeps it to %s %s: %s", rule->number,
                           rule_measure_str(rule), amount, rule->reason);
}

static char *holder_of_site(const Site *site, SiteSetting setting, const char *amount)
{
    return g_strdup_printf("section [site %s] of the policy file keeps it to %s %s", site->name,
                           site_setting_str(setting), amount);
}

static char *holder_of_rates(const Site *site)
{
    const MeterLimit *rate = rate_of(site, SITE_RATE, &site->rate);
    const MeterLimit *recipient_rate = rate_of(site, SITE_RECIPIENT_RATE, &site->recipient_rate);
    g_autofree char *amount = NULL;

    if (rate == NULL && recipient_rate == NULL)
        return NULL;
    amount = meter_limit_format(rate != NULL ? rate : recipient_rate);
    return holder_of_site(site, rate != NULL ? SITE_RATE : SITE_RECIPIENT_RATE, amount);
}

char *limit_holder_text(const Life *life, const RuleSubject *subject, RuleMeasure measure)
{
    const Rule *rule = look_up_limit(life, subject, measure);
    const Site *site = site_of(life, subject->transport, subject->nexthop);
    g_autofree char *amount = NULL;

    if (rule != NULL)
        return holder_of_rule(rule);
    if (site == NULL)
        return NULL;
    if (measure == RULE_RATE)
        return holder_of_rates(site);
    if (site->concurrency == 0 || !site_is_applied(site, SITE_CONCURRENCY))
        return NULL;
    amount = g_strdup_printf("%d", site->concurrency);
    return holder_of_site(site, SITE_CONCURRENCY, amount);
}

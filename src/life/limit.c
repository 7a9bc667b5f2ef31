#include "base/loop.h"
#include "policy/nexthop.h"
#include "policy/rules.h"
#include "sched/inspect.h"
#include "src/life/context_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/rates_internal.h"

/* Limit: see the header. */

#define DESTINATIONS_PER_TURN 500

typedef struct LimitWalk {
    bool has_rates; /* in the policy file or parameters */
    bool is_used;   /* there are limits, or some destination may still have one */
    bool is_due;    /* the destinations are to be looked at from the first on */
    bool is_walked; /* they are being looked at */
    uint32_t slot;
    int64_t day;             /* by which ramps are: the local one */
    struct event *day_timer; /* NULL: there is no ramp */
} LimitWalk;

#define DAY_WAIT_MAX_S 3600 /* the clock may be set */

/* ---- ramps ---- */

static bool has_ramps(const Life *life)
{
    const Sites *sites = life->settings.sites;

    for (unsigned i = 0; sites != NULL && i < sites_count(sites); i++)
        if (sites_at(sites, i)->setting_lines[SITE_RAMP] != 0)
            return true;
    return false;
}

static bool has_rates(const Sites *sites)
{
    for (unsigned i = 0; sites != NULL && i < sites_count(sites); i++) {
        const Site *site = sites_at(sites, i);

        if (site->setting_lines[SITE_RATE] != 0 || site->setting_lines[SITE_RECIPIENT_RATE] != 0 ||
            site->setting_lines[SITE_RAMP] != 0)
            return true;
    }
    return false;
}

static void wait_for_day(const Life *life)
{
    int64_t wall_s = life_now(life)->wall_s;
    const struct timeval wait = {CLAMP(ramp_day_end_s(wall_s) - wall_s, 1, DAY_WAIT_MAX_S), 0};

    loop_add(life->limits->day_timer, &wait);
}

void limit_look_at_day(Life *life)
{
    int64_t day = ramp_local_day(life_now(life)->wall_s);

    if (life->limits->day_timer == NULL)
        return;
    wait_for_day(life);
    if (day == life->limits->day)
        return;
    life->limits->day = day;
    limit_rules_changed(life);
}

static void on_day_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    limit_look_at_day(arg);
}

void limit_init(Life *life)
{
    life->limits = g_new0(LimitWalk, 1);
    life->limits->has_rates =
        life->settings.transport_rate != NULL || has_rates(life->settings.sites);
    if (has_ramps(life))
        life->limits->day_timer = evtimer_new(life->base, on_day_timer, life);
    limit_look_at_day(life);
    limit_rules_changed(life);
}

void limit_stop(Life *life)
{
    if (life->limits->day_timer != NULL)
        event_free(life->limits->day_timer);
    g_free(life->limits);
}

static bool has_limits(const Life *life)
{
    if (life->settings.sites != NULL && sites_count(life->settings.sites) > 0)
        return true;
    if (slowed_is_used(life) || life->settings.transport_rate != NULL)
        return true;
    return life->settings.rules != NULL && rules_count_of(life->settings.rules, RULE_LIMIT) > 0;
}

bool limit_may_pace(const Life *life)
{
    const LifeSettings *settings = &life->settings;

    return life->limits->is_used &&
           (life->limits->has_rates || slowed_is_used(life) ||
            (settings->rules != NULL && rules_count_of(settings->rules, RULE_LIMIT) > 0));
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

/* What the section says for whom it holds; 0 or NULL: nothing. */
static int concurrency_of(const Site *site)
{
    return site != NULL ? site->concurrency : 0;
}

static void set_concurrency(const Life *life, SchedDestination *destination,
                            const RuleSubject *subject, const Site *site, const SiteLevel *level)
{
    const Rule *rule = look_up_limit(life, subject, RULE_CONCURRENCY);
    int configured = rule != NULL ? rule->most : concurrency_of(site);

    sched_destination_limit(destination, lower_concurrency(configured, level));
}

static const MeterLimit *limit_or_null(const MeterLimit *limit)
{
    return limit->count > 0 ? limit : NULL;
}

/* Without mail the destination may be gone afterwards. */
static void set_pace(const Life *life, SchedDestination *destination, const RuleSubject *subject,
                     SaidRates said, const SiteLevel *level)
{
    const Rule *rule = look_up_limit(life, subject, RULE_RATE);

    if (rule != NULL)
        said.deliveries = rule_rate(rule);
    rates_lower(&said.deliveries, level);
    sched_destination_pace(destination, limit_or_null(&said.deliveries),
                           limit_or_null(&said.recipients), life_sched_now(life));
}

/*
 * With a recipient limit of 1 each recipient is a destination. The numbers of a section are for
 * what a destination is otherwise: so those of one nexthop share them (traffic.md 8, 3).
 */
static bool is_one_recipient(const SchedTransport *transport)
{
    return sched_transport_params(transport)->destination_recipient_limit == 1;
}

static bool transport_says_rates(const Life *life, const SchedTransport *transport)
{
    SaidRates said = {0};

    rates_inherit(life, sched_transport_name(transport), &said);
    return said.deliveries.count > 0 || said.recipients.count > 0;
}

/* Which of them share the numbers, as tools show it; NULL: it has them for itself. */
static char *sharers(const Life *life, const SchedDestination *destination, const Site *site)
{
    const SchedTransport *transport = sched_destination_transport(destination);
    g_autofree char *nexthop = NULL;

    if (site != NULL && site->shared != SITE_SHARED_NO)
        return g_strconcat(SLOWED_SITE, site->name, NULL);
    if (!is_one_recipient(transport) || (site == NULL && !transport_says_rates(life, transport)))
        return NULL;
    nexthop = g_ascii_strdown(sched_destination_nexthop(destination), -1);
    return g_strconcat(SLOWED_NEXTHOP, nexthop, NULL);
}

/*
 * What all that share a site have to keep together. `transport`: that of all of them, or NULL. What
 * it says is for each destination, which recipients are not: so that is shared, too.
 */
static SaidRates shared_rates(const Life *life, const Site *site, const SchedTransport *transport,
                              const SiteLevel *level)
{
    SaidRates said = rates_of_section(site, life->limits->day);

    if (transport != NULL && is_one_recipient(transport))
        rates_inherit(life, sched_transport_name(transport), &said);
    rates_lower(&said.deliveries, level);
    return said;
}

/* Borrows the rates. */
static SchedShared shared_numbers(const Site *site, const SiteLevel *level, const SaidRates *said)
{
    return (SchedShared){.concurrency = lower_concurrency(concurrency_of(site), level),
                         .deliveries = limit_or_null(&said->deliveries),
                         .recipients = limit_or_null(&said->recipients)};
}

static void share_site(const Life *life, SchedDestination *destination, const Site *site,
                       const char *name)
{
    bool over_transports = site != NULL && site->shared == SITE_SHARED_OVER_TRANSPORTS;
    const SchedTransport *transport =
        over_transports ? NULL : sched_destination_transport(destination);
    const SiteKey key = {transport != NULL ? sched_transport_name(transport) : "", name, true};
    const SlowedSite *slowed = slowed_find_key(life, &key);
    const SiteLevel *level = slowed != NULL ? &slowed->level : NULL;
    SaidRates said = shared_rates(life, site, transport, level);
    SchedShared shared = shared_numbers(site, level, &said);

    shared.name = name;
    shared.over_transports = over_transports;
    sched_destination_share(destination, &shared, life_sched_now(life));
}

void limit_shared_site(const Life *life, SchedSite *shared, SlowedSite *slowed)
{
    const Site *site = slowed_section(life, slowed);
    SaidRates said = shared_rates(life, site, sched_site_transport(shared), &slowed->level);
    const SchedShared numbers = shared_numbers(site, &slowed->level, &said);

    sched_site_set(shared, &numbers, life_sched_now(life));
}

void limit_transport(const Life *life, SchedTransport *transport)
{
    const SlowedSite *slowed = slowed_find_whole(life, transport);
    const SiteLevel *level = slowed != NULL ? &slowed->level : NULL;
    MeterLimit limit = {0};

    if (site_excludes(sched_transport_name(transport)))
        return;
    (void)rates_of_whole(life, sched_transport_name(transport), &limit);
    rates_lower(&limit, level);
    sched_transport_pace(transport, limit_or_null(&limit), life_sched_now(life));
    sched_transport_limit(transport, lower_concurrency(0, level));
}

/* What holds for the destination by itself, whether or not it shares a site. */
static SaidRates own_rates(const Life *life, const SchedTransport *transport, const Site *site,
                           bool is_member)
{
    SaidRates said = {0};

    if (is_member)
        return is_one_recipient(transport)
                   ? said
                   : rates_beside(life, sched_transport_name(transport), site, life->limits->day);
    said = rates_of_section(site, life->limits->day);
    rates_inherit(life, sched_transport_name(transport), &said);
    return said;
}

/*
 * For a time, and else as the policy file or eqmgr.cf says; what is lower if the site has asked for
 * it. The numbers of a section hold for the destination, or for all that share them, never for
 * both.
 */
void limit_destination(const Life *life, SchedDestination *destination)
{
    g_autofree char *host = nexthop_host(sched_destination_nexthop(destination));
    const RuleSubject subject = subject_of_limits(destination, host);
    const Site *site = site_of(life, subject.transport, subject.nexthop);
    g_autofree char *name = sharers(life, destination, site);
    const SlowedSite *slowed = NULL;
    const SiteLevel *level;
    SaidRates rates = own_rates(life, sched_destination_transport(destination), site, name != NULL);

    if (!sched_transport_is_paced(sched_destination_transport(destination)))
        limit_transport(life, sched_destination_transport(destination));
    if (name != NULL) {
        share_site(life, destination, site, name);
        site = NULL;
    } else {
        sched_destination_share(destination, NULL, life_sched_now(life));
        slowed = slowed_find(life, destination);
    }
    level = slowed != NULL ? &slowed->level : NULL;
    set_concurrency(life, destination, &subject, site, level);
    set_pace(life, destination, &subject, rates, level);
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

static char *holder_of_concurrency(const Site *site)
{
    return g_strdup_printf("section [site %s] of the policy file keeps it to concurrency %d",
                           site->name, site->concurrency);
}

char *limit_rate_text(const Life *life, const char *transport, const char *nexthop)
{
    return rates_bound_text(life, transport, site_of(life, transport, nexthop), life->limits->day);
}

char *limit_holder_text(const Life *life, const RuleSubject *subject, RuleMeasure measure)
{
    const Rule *rule = look_up_limit(life, subject, measure);
    const Site *site = site_of(life, subject->transport, subject->nexthop);

    if (rule != NULL)
        return holder_of_rule(rule);
    if (measure == RULE_RATE)
        return rates_holder_text(life, subject->transport, site, life->limits->day);
    return concurrency_of(site) > 0 ? holder_of_concurrency(site) : NULL;
}

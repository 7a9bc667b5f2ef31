#include "base/loop.h"
#include "policy/nexthop.h"
#include "policy/rules.h"
#include "sched/inspect.h"
#include "src/life/context_internal.h"
#include "src/life/limit_internal.h"

/* Limit: see the header. */

#define DESTINATIONS_PER_TURN 500

typedef struct LimitWalk {
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

/* What the section says for whom it holds; 0 or NULL: nothing. */
static int concurrency_of(const Site *site)
{
    return site != NULL ? site->concurrency : 0;
}

/* That of today, in *limit. */
static const MeterLimit *rate_of(const Life *life, const Site *site, MeterLimit *limit)
{
    return site != NULL && site_rate(site, life->limits->day, limit) ? limit : NULL;
}

static const MeterLimit *recipient_rate_of(const Site *site)
{
    return site != NULL && site->setting_lines[SITE_RECIPIENT_RATE] != 0 ? &site->recipient_rate
                                                                         : NULL;
}

/* `room` is for the rate of the level; `configured` may be there, too. */
static const MeterLimit *lower_rate(const MeterLimit *configured, const SiteLevel *level,
                                    MeterLimit *room)
{
    MeterLimit of_level;

    if (level == NULL || !level_rate(level, &of_level) ||
        (configured != NULL && !is_slower(&of_level, configured)))
        return configured;
    *room = of_level;
    return room;
}

static void set_concurrency(const Life *life, SchedDestination *destination,
                            const RuleSubject *subject, const Site *site, const SiteLevel *level)
{
    const Rule *rule = look_up_limit(life, subject, RULE_CONCURRENCY);
    int configured = rule != NULL ? rule->most : concurrency_of(site);

    sched_destination_limit(destination, lower_concurrency(configured, level));
}

/* Without mail the destination may be gone afterwards. */
static void set_pace(const Life *life, SchedDestination *destination, const RuleSubject *subject,
                     const Site *site, const SiteLevel *level)
{
    const Rule *rule = look_up_limit(life, subject, RULE_RATE);
    MeterLimit room = rule != NULL ? rule_rate(rule) : (MeterLimit){0};
    const MeterLimit *rate = rule != NULL ? &room : rate_of(life, site, &room);

    sched_destination_pace(destination, lower_rate(rate, level, &room), recipient_rate_of(site),
                           life_sched_now(life));
}

/*
 * With a recipient limit of 1 each recipient is a destination. The numbers of a section are for
 * what a destination is otherwise: so those of one nexthop share them (traffic.md 8, 3).
 */
static bool is_one_recipient(const SchedDestination *destination)
{
    return sched_transport_params(sched_destination_transport(destination))
               ->destination_recipient_limit == 1;
}

/* Which of them share the numbers, as tools show it; NULL: it has them for itself. */
static char *sharers(const SchedDestination *destination, const Site *site)
{
    g_autofree char *nexthop = NULL;

    if (site == NULL)
        return NULL;
    if (site->shared != SITE_SHARED_NO)
        return g_strconcat(SLOWED_SITE, site->name, NULL);
    if (!is_one_recipient(destination))
        return NULL;
    nexthop = g_ascii_strdown(sched_destination_nexthop(destination), -1);
    return g_strconcat(SLOWED_NEXTHOP, nexthop, NULL);
}

/* What all that share them have to keep; `room` is for the rate. */
static SchedShared shared_numbers(const Life *life, const Site *site, const SiteLevel *level,
                                  MeterLimit *room)
{
    return (SchedShared){.concurrency = lower_concurrency(concurrency_of(site), level),
                         .deliveries = lower_rate(rate_of(life, site, room), level, room),
                         .recipients = recipient_rate_of(site)};
}

static void share_site(const Life *life, SchedDestination *destination, const Site *site,
                       const char *name)
{
    bool over_transports = site->shared == SITE_SHARED_OVER_TRANSPORTS;
    const char *transport = sched_transport_name(sched_destination_transport(destination));
    const SlowedKey key = {over_transports ? "" : transport, name, true};
    const SlowedSite *slowed = slowed_find_key(life, &key);
    MeterLimit room;
    SchedShared shared = shared_numbers(life, site, slowed != NULL ? &slowed->level : NULL, &room);

    shared.name = name;
    shared.over_transports = over_transports;
    sched_destination_share(destination, &shared, life_sched_now(life));
}

void limit_shared_site(const Life *life, SchedSite *shared, SlowedSite *slowed)
{
    MeterLimit room;
    const SchedShared said =
        shared_numbers(life, slowed_section(life, slowed), &slowed->level, &room);

    sched_site_set(shared, &said, life_sched_now(life));
}

/*
 * For a time, and else as the policy file says; what is lower if the site has asked for it. The
 * numbers of a section hold for the destination, or for all that share them, never for both.
 */
void limit_destination(const Life *life, SchedDestination *destination)
{
    g_autofree char *host = nexthop_host(sched_destination_nexthop(destination));
    const RuleSubject subject = subject_of_limits(destination, host);
    const Site *site = site_of(life, subject.transport, subject.nexthop);
    const Site *own = site;
    g_autofree char *name = sharers(destination, site);
    const SlowedSite *slowed = NULL;
    const SiteLevel *level;

    if (name != NULL) {
        share_site(life, destination, site, name);
        own = NULL;
    } else {
        sched_destination_share(destination, NULL, life_sched_now(life));
        slowed = slowed_find(life, destination);
    }
    level = slowed != NULL ? &slowed->level : NULL;
    set_concurrency(life, destination, &subject, own, level);
    set_pace(life, destination, &subject, own, level);
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

static char *holder_of_rates(const Life *life, const Site *site)
{
    MeterLimit limit;
    const MeterLimit *rate = rate_of(life, site, &limit);
    const MeterLimit *recipient_rate = recipient_rate_of(site);
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
        return holder_of_rates(life, site);
    if (site->concurrency == 0)
        return NULL;
    amount = g_strdup_printf("%d", site->concurrency);
    return holder_of_site(site, SITE_CONCURRENCY, amount);
}

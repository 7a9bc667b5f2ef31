#include "base/log.h"
#include "base/loop.h"
#include "codec/logline.h"
#include "codec/resolve.h"
#include "policy/level.h"
#include "src/life/blame_internal.h"
#include "src/life/context_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/tried_internal.h"

/*
 * Parking: see the header. Who waits is known by the room `parked`; how many messages of a site are
 * in memory, by the scheduler. When a delivery ends, its site may have room; all else that makes
 * room (a site dies, or is suspended) is seen within a second.
 */

#define TELL_EACH_S 60

/* In the index of deferred mail only. */
#define PARKED_STATUS "4.4.5"
#define PARKED_REASON "waits for its turn in the active queue"

typedef struct Parking {
    bool is_used;
    struct event *tick; /* each second, while mail is parked */
} Parking;

bool parking_is_used(const Life *life)
{
    return life->parking->is_used;
}

/* What the section says, else what is said of all. */
static int share_for(const Life *life, const SchedDestination *destination)
{
    const LifeSettings *settings = &life->settings;
    const char *transport = sched_transport_name(sched_destination_transport(destination));
    const Site *site = settings->sites != NULL ? sites_match(settings->sites, transport,
                                                             sched_destination_nexthop(destination))
                                               : NULL;

    return site != NULL && site->setting_lines[SITE_ACTIVE_SHARE] != 0
               ? site->active_share
               : settings->destination_share_percent;
}

/* ---- what a site may have ---- */

/* False: no mail is called in for it now. */
static bool view_crowd(const Life *life, const ParkSite *site, SchedCrowd *ret_crowd)
{
    const SchedTransport *transport = sched_transport_find(life->sched, site->transport);
    const SchedSite *shared;
    const SchedDestination *destination;

    *ret_crowd = (SchedCrowd){0};
    if (transport == NULL && *site->transport != '\0')
        return true;
    if (transport != NULL && sched_transport_is_dead(transport, NULL, NULL))
        return false;
    if (site->key.is_shared) {
        shared = sched_site_find(life->sched, transport, site->name);
        if (shared != NULL)
            *ret_crowd = sched_site_crowd(shared);
        return true;
    }
    destination = sched_destination_find(transport, site->name);
    if (destination == NULL)
        return true;
    *ret_crowd = sched_destination_crowd(destination);
    return !sched_destination_is_dead(destination, NULL, NULL);
}

static double rate_of_limit(const MeterLimit *limit)
{
    return (double)limit->count / (double)limit->period_s;
}

/* What is measured, and not more than what is allowed; that, if nothing is known. */
static double parking_rate(const Life *life, const ParkSite *site, const SchedCrowd *crowd)
{
    double measured = allowance_measured(&site->measure, life_now(life)->mono_us);

    if (!crowd->has_rate)
        return measured;
    return measured > 0 ? MIN(measured, rate_of_limit(&crowd->rate)) : rate_of_limit(&crowd->rate);
}

static AllowanceTerms parking_terms(const Life *life, const ParkSite *site, const SchedCrowd *crowd)
{
    return (AllowanceTerms){.active_limit = life->settings.message_active_limit,
                            .share_percent = site->share_percent,
                            .horizon_s = life->settings.destination_horizon_s,
                            .rate_per_s = parking_rate(life, site, crowd),
                            .window = crowd->window};
}

/* Who was called in has a place already. */
static unsigned places_taken(const ParkSite *site, const SchedCrowd *crowd)
{
    return crowd->message_count + site->called_count;
}

/*
 * Newer mail waits behind what waits; but new mail not behind what was tried while the reserve of
 * the active queue lets nothing in of that: the reserve is for new mail.
 */
static bool is_behind_others(const Life *life, const Message *message, const ParkSite *site)
{
    return parked_first(site, message->was_tried || tried_has_room(life)) != NULL;
}

static bool has_no_place(const Message *message, const ParkSite *site,
                         const SchedDestination *destination)
{
    const Life *life = message->life;
    const SchedCrowd crowd = sched_destination_crowd(destination);
    const AllowanceTerms terms = parking_terms(life, site, &crowd);

    return is_behind_others(life, message, site) ||
           places_taken(site, &crowd) >= allowance_of(&terms);
}

/* ---- who waits ---- */

/* Mail for mailboxes here, what is deferred or returned, probes, and what somebody has hurried. */
static bool is_never_parked(const Message *message, const SchedDestination *destination,
                            int32_t flags)
{
    const char *transport = sched_transport_name(sched_destination_transport(destination));

    return (flags & (RESOLVE_CLASS_LOCAL | RESOLVE_CLASS_VIRTUAL)) != 0 ||
           site_excludes(transport) || message->flush_each || message->force_expire ||
           message->is_forced ||
           (message->envelope.trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) != 0;
}

bool parking_holds(Message *message, const SchedDestination *destination,
                   const Recipient *recipient, int32_t flags)
{
    Life *life = message->life;
    ParkSite *site;

    if (!parking_is_used(life) || is_never_parked(message, destination, flags))
        return false;
    site = parked_site_find(life, destination);
    site = parked_site(life, destination, site == NULL ? share_for(life, destination) : 0);
    allowance_measure_begin(&site->measure, life_now(life)->mono_us);
    if (site->share_percent == 0 || sched_message_is_counted(message->sched, destination) ||
        parked_is_called_for(message, site) || schedule_is_at_end(message, recipient) ||
        !has_no_place(message, site, destination))
        return false;
    message->left |= LEFT_PARKED;
    parked_note_wait(message, site, destination);
    schedule_note_deferral(message, recipient, true);
    return true;
}

bool parking_is_only_cause(const Message *message)
{
    return (message->left & LEFT_PARKED) != 0 &&
           (message->left & ~(LEFT_PARKED | LEFT_SUSPENDED)) == 0;
}

int64_t parking_next_attempt_s(const Message *message, int64_t expires_s)
{
    const Life *life = message->life;
    int64_t now_s = life_now(life)->wall_s;
    const char *transport, *destination;
    const ParkSite *site = parked_waits_for(message, &transport, &destination);
    SchedCrowd crowd;
    AllowanceTerms terms;
    int64_t turn_s;

    g_assert(site != NULL);
    (void)view_crowd(life, site, &crowd);
    terms = parking_terms(life, site, &crowd);
    turn_s =
        now_s + allowance_turn_s(&terms, (uint64_t)site->waiting_count + places_taken(site, &crowd),
                                 life->settings.maximal_backoff_s);
    return expires_s > now_s ? MIN(turn_s, expires_s) : turn_s;
}

void parking_blame(Message *message)
{
    const char *transport, *destination;

    if (parked_waits_for(message, &transport, &destination) != NULL)
        blame_destination(message, sched_transport_find(message->life->sched, transport),
                          destination, PARKED_STATUS, PARKED_REASON);
}

/* ---- the log ---- */

static char *parking_rate_text(double per_s, const SchedCrowd *crowd)
{
    MeterLimit limit;

    if (crowd->has_rate && rate_of_limit(&crowd->rate) <= per_s)
        return meter_limit_format(&crowd->rate);
    if (per_s <= 0)
        return NULL;
    limit = level_limit_of(per_s);
    limit.burst = meter_limit_default_burst(limit.count, limit.period_s); /* it is not said */
    return meter_limit_format(&limit);
}

static void tell_waiting(const Life *life, ParkSite *site)
{
    SchedCrowd crowd;
    g_autofree char *rate = NULL, *line = NULL;

    (void)view_crowd(life, site, &crowd);
    rate = parking_rate_text(parking_rate(life, site, &crowd), &crowd);
    line = logline_parked(&(LoglineParked){.transport = site->transport,
                                           .destination = site->name,
                                           .waiting_count = site->waiting_count,
                                           .active_count = crowd.message_count,
                                           .rate = rate});
    log_info("%s", line);
    site->told_s = life_now(life)->timer_s;
}

/* ---- calls ---- */

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    static const struct timeval second = {1, 0};
    Life *life = arg;
    ParkSite *site = NULL;

    (void)fd;
    (void)what;
    while ((site = parked_next_site(life, site)) != NULL) {
        parked_enter_line(life, site);
        if (site->told_s == 0 || life_now(life)->timer_s - site->told_s >= TELL_EACH_S)
            tell_waiting(life, site);
    }
    if (parked_count(life) > 0)
        loop_add(life->parking->tick, &second);
}

void parking_note_deferred(const Message *message, int64_t expires_s)
{
    static const struct timeval second = {1, 0};
    Life *life = message->life;
    int64_t now_s = life_now(life)->wall_s, until_s = now_s + life->settings.maximal_backoff_s;
    const char *transport, *destination;
    ParkSite *site = parked_waits_for(message, &transport, &destination);
    ParkedMail mail = {.arrival_s = message->envelope.arrival_s,
                       .arrival_us = message->envelope.arrival_us,
                       .was_tried = message->was_tried || message->has_begun};

    g_assert(site != NULL);
    if (parking_is_only_cause(message)) /* else it has a time at which it is tried for others */
        mail.kept_until_s = expires_s != 0 ? MIN(until_s, expires_s) : until_s;
    parked_add(life, site, message->queue_id, &mail);
    if (!evtimer_pending(life->parking->tick, NULL))
        loop_add(life->parking->tick, &second);
}

void parking_note_end(Life *life, const SchedDestination *destination)
{
    ParkSite *site = parking_is_used(life) ? parked_site_find(life, destination) : NULL;

    if (site == NULL)
        return;
    allowance_measure_end(&site->measure, life_now(life)->mono_us);
    if (site->waiting_count > 0)
        parked_enter_line(life, site);
}

/* It was below the limit, and is not full again. */
static bool wants_call(const Life *life, ParkSite *site)
{
    SchedCrowd crowd;
    bool may_call = view_crowd(life, site, &crowd);
    const AllowanceTerms terms = parking_terms(life, site, &crowd);
    unsigned allowance = allowance_of(&terms), taken = places_taken(site, &crowd);

    site->is_calling =
        may_call && taken < allowance && (site->is_calling || allowance_calls(allowance, taken));
    return site->is_calling;
}

char *parking_call(Life *life, bool may_be_tried, ParkSite **ret_site)
{
    ParkSite *site;

    while (parking_is_used(life) && (site = parked_first_in_line(life)) != NULL) {
        const char *first = parked_first(site, may_be_tried);
        char *queue_id;

        parked_leave_line(life, site);
        if (first == NULL || !wants_call(life, site))
            continue;
        queue_id = g_strdup(first);
        parked_enter_line(life, site); /* last: sites take turns */
        parked_forget(life, queue_id);
        *ret_site = site;
        return queue_id;
    }
    return NULL;
}

/* ---- for those who look ---- */

const ParkSite *parking_site_of(const Life *life, const SchedDestination *destination,
                                unsigned *ret_allowance)
{
    const ParkSite *site = parking_is_used(life) ? parked_site_find(life, destination) : NULL;
    SchedCrowd crowd;
    AllowanceTerms terms;

    if (site == NULL || site->share_percent == 0)
        return NULL;
    (void)view_crowd(life, site, &crowd);
    terms = parking_terms(life, site, &crowd);
    *ret_allowance = allowance_of(&terms);
    return site;
}

bool parking_view(const Life *life, const char *queue_id, LifeParked *ret_parked)
{
    unsigned place;
    const ParkSite *site = parked_place(life, queue_id, LIFE_PARKED_PLACE_MAX, &place);
    SchedCrowd crowd;
    AllowanceTerms terms;

    if (site == NULL)
        return false;
    (void)view_crowd(life, site, &crowd);
    terms = parking_terms(life, site, &crowd);
    *ret_parked = (LifeParked){.transport = site->transport,
                               .destination = site->name,
                               .place = place,
                               .waiting_count = site->waiting_count,
                               .active_count = crowd.message_count};
    if (place > 0)
        ret_parked->turn_s =
            life_now(life)->wall_s +
            allowance_turn_s(&terms, place - 1, life->settings.maximal_queue_lifetime_s);
    return true;
}

/* ---- start and end ---- */

void parking_init(Life *life)
{
    const LifeSettings *settings = &life->settings;

    life->parking = g_new0(Parking, 1);
    life->parking->is_used = settings->destination_share_percent > 0 ||
                             (settings->sites != NULL && sites_have_shares(settings->sites));
    life->parking->tick = evtimer_new(life->base, on_tick, life);
}

void parking_stop(Life *life)
{
    event_free(life->parking->tick);
    g_free(life->parking);
}

void parking_check(const Life *life)
{
    CHECK(parking_is_used(life) || parked_count(life) == 0);
    CHECK(parked_count(life) == 0 || evtimer_pending(life->parking->tick, NULL));
}

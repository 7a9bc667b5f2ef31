/*
 * destinations and throttled: listings of what the scheduler knows, in one walk over all of it.
 * throttled begins with the transports that are dead or paced, as all of their mail waits, with the
 * rules, whose mail may wait without any destination that the scheduler knows, and with what is
 * slowed by its answers, which may have no mail now.
 */

#include <string.h>

#include "codec/control.h"
#include "src/control/discreet_internal.h"
#include "src/control/listing_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/rule_list_internal.h"
#include "src/control/slowed_list_internal.h"
#include "src/control/user_sums_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/walk_internal.h"

typedef enum SortKey {
    SORT_WAITING,
    SORT_RUNNING,
    SORT_DEFERRED,
    SORT_UNTIL,
    SORT_NAME,
    SORT_COUNT
} SortKey;

static const char *const sort_names[SORT_COUNT] = {"waiting", "running", "deferred", "until",
                                                   "name"};

typedef struct Destinations {
    Listing listing;
    UserSums users;
    const Walk *walk; /* NULL: not begun */
    uint32_t slot;
    const char *transport, *pattern; /* of the request; NULL: any */
    unsigned states;                 /* a set: 1 << SchedState */
    enum { ONLY_STATES, ONLY_BLOCKED, ONLY_SUSPENDED, ONLY_DRAINING } only;
    bool with_internal;
    bool is_standstill; /* the verb is throttled */
    SortKey sort;
    enum {
        STILL_TRANSPORTS,
        STILL_RULES,
        STILL_SLOWED,
        STILL_DESTINATIONS
    } part;            /* what throttled comes to: */
    RuleList rules;    /* of throttled */
    SlowedList slowed; /* of throttled */
    char *left_out;    /* rows of these two, in words; or NULL */
} Destinations;

/* States that coincide with those of the scheduler. */
static bool parse_added_state(Destinations *destinations, const char *name)
{
    if (g_str_equal(name, "blocked"))
        destinations->only = ONLY_BLOCKED;
    else if (g_str_equal(name, "suspended"))
        destinations->only = ONLY_SUSPENDED;
    else if (g_str_equal(name, "draining"))
        destinations->only = ONLY_DRAINING;
    return destinations->only != ONLY_STATES;
}

static bool parse_state(Destinations *destinations, Query *query)
{
    const char *name = request_text(&query->request, "state");
    SchedState state;

    destinations->states = (1U << SCHED_STATE_COUNT) - 1;
    if (name == NULL || parse_added_state(destinations, name))
        return true;
    if (!sched_state_parse(name, &state)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "no such state: %s (idle, ready, full, paced, throttled, blocked, suspended, "
                     "draining)",
                     name);
        return false;
    }
    destinations->states = 1U << state;
    return true;
}

static bool parse_sort(Destinations *destinations, Query *query)
{
    const char *name = request_text(&query->request, "sort");

    if (name == NULL)
        return true;
    for (SortKey key = 0; key < SORT_COUNT; key++) {
        if (g_str_equal(name, sort_names[key])) {
            destinations->sort = key;
            return true;
        }
    }
    answer_error(query->answer, CONTROL_ERROR_USAGE,
                 "cannot sort by %s (waiting, running, deferred, until, name)", name);
    return false;
}

bool destinations_begin(Query *query)
{
    Destinations *destinations = g_new0(Destinations, 1);

    query->state = destinations;
    life_learn_deferred(query->subject->life);
    destinations->with_internal = request_text(&query->request, "internal") != NULL;
    destinations->transport = request_text(&query->request, "transport");
    destinations->pattern = request_text(&query->request, "pattern");
    return listing_init(&destinations->listing, query) && parse_state(destinations, query) &&
           parse_sort(destinations, query);
}

bool throttled_begin(Query *query)
{
    Destinations *destinations = g_new0(Destinations, 1);

    query->state = destinations;
    destinations->states = 1U << SCHED_STATE_THROTTLED | 1U << SCHED_STATE_PACED;
    destinations->sort = SORT_UNTIL;
    destinations->is_standstill = true;
    return listing_init(&destinations->listing, query) &&
           rule_list_init(&destinations->rules, query, RULE_ORDER_END) &&
           slowed_list_init(&destinations->slowed, query);
}

static bool is_in_added_state(const Destinations *destinations, const Query *query,
                              const SchedDestinationView *view)
{
    switch (destinations->only) {
    case ONLY_STATES:
        return true;
    case ONLY_BLOCKED:
        return view->is_blocked;
    case ONLY_DRAINING:
        return view->running_count > 0 && rows_rule(query, view) != NULL;
    case ONLY_SUSPENDED:
        break;
    }
    return rows_rule(query, view) != NULL;
}

static bool destination_belongs(const Destinations *destinations, const Query *query,
                                const SchedDestinationView *view)
{
    const char *transport = destinations->transport;

    if (destinations->is_standstill)
        return !view->is_internal &&
               ((destinations->states & 1U << view->state) != 0 || rows_rule(query, view) != NULL);
    return (destinations->states & 1U << view->state) != 0 &&
           is_in_added_state(destinations, query, view) &&
           (destinations->with_internal || !view->is_internal) &&
           (transport == NULL || g_str_equal(transport, view->transport)) &&
           discreet_matches(query, destinations->pattern, view->name, view->is_user);
}

/* Soonest first, those without an end last. */
static int64_t key_of_until(int64_t until_wall_s)
{
    return until_wall_s != 0 ? -until_wall_s : INT64_MIN;
}

static int64_t key_of(const Destinations *destinations, const Query *query,
                      const SchedDestinationView *view)
{
    switch (destinations->sort) {
    case SORT_WAITING:
        return view->waiting_count;
    case SORT_RUNNING:
        return view->running_count;
    case SORT_DEFERRED:
        return life_deferred_for(query->subject->life, view->transport, view->name);
    case SORT_UNTIL:
        return key_of_until(rows_until_wall_s(query, view));
    case SORT_NAME:
    case SORT_COUNT:
        break;
    }
    return 0;
}

static void put_transports(Query *query)
{
    SchedTransportView transport;

    for (const char *after = NULL; sched_view_transport(query->subject->sched, after, &transport);
         after = transport.name) {
        if (!transport.is_dead && !transport.is_rate_locked && !transport.is_held_by_rate &&
            !transport.is_held_by_limit)
            continue;
        row_of_transport(query, &transport);
        answer_finish(query->answer);
    }
}

static int64_t key_of_sum(const Destinations *destinations, const UserSum *sum)
{
    switch (destinations->sort) {
    case SORT_WAITING:
        return sum->waiting_count;
    case SORT_RUNNING:
        return sum->running_count;
    case SORT_DEFERRED:
        return sum->deferred_count;
    case SORT_UNTIL:
        return key_of_until(sum->until_wall_s);
    case SORT_NAME:
    case SORT_COUNT:
        break;
    }
    return 0;
}

static void begin_destination(Query *query, const void *view)
{
    row_of_destination(query, view);
}

static void begin_user_sum(Query *query, const void *sum)
{
    row_of_user_sum(query, sum);
}

static void offer_user_sum(const UserSum *sum, void *ctx)
{
    Query *query = ctx;
    Destinations *destinations = query->state;

    listing_offer(&destinations->listing, query, key_of_sum(destinations, sum), "*@",
                  begin_user_sum, sum);
}

static void offer_destination(Query *query, const SchedDestinationView *view)
{
    Destinations *destinations = query->state;

    if (destination_belongs(destinations, query, view) &&
        !user_sums_take(&destinations->users, query, view))
        listing_offer(&destinations->listing, query, key_of(destinations, query, view), view->name,
                      begin_destination, view);
}

static void visit_destination(Query *query, uint32_t *slot)
{
    SchedDestinationView view;

    if (sched_view_next(query->subject->sched, slot, 1, &view))
        offer_destination(query, &view);
}

static bool is_end_of_destinations(const Query *query, uint32_t slot)
{
    return sched_view_is_end(query->subject->sched, slot);
}

static void visit_standing(Query *query, uint32_t *slot)
{
    SchedDestinationView view;

    if (sched_view_next_standing(query->subject->sched, slot, 1, &view))
        offer_destination(query, &view);
}

static bool is_end_of_standing(const Query *query, uint32_t slot)
{
    return sched_view_standing_is_end(query->subject->sched, slot);
}

/* All that the listing can have stand still by themselves: a suspension may hold any other. */
static bool is_of_standing(const Destinations *destinations, const Query *query)
{
    const unsigned standing = 1U << SCHED_STATE_THROTTLED | 1U << SCHED_STATE_PACED;
    SchedSummary sched;

    sched_summarize(query->subject->sched, &sched);
    if ((destinations->states & ~standing) != 0 ||
        sched.standing_count !=
            sched.destinations[SCHED_STATE_THROTTLED] + sched.destinations[SCHED_STATE_PACED])
        return false;
    return !destinations->is_standstill ||
           rules_count_of(steer_rules(query->subject->steer), RULE_SUSPEND) == 0;
}

/* A listing before that of destinations has come to its end. */
static void end_part(Destinations *destinations, Query *query, Listing *listing, const char *what)
{
    g_autofree char *before = destinations->left_out;

    if (listing_put(listing, query))
        before = NULL;
    else
        destinations->left_out = g_strdup_printf(
            "%s%s%" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT " %s", before != NULL ? before : "",
            before != NULL ? ", " : "", listing->limit, listing->matched, what);
}

static void step_to_destinations(Destinations *destinations, Query *query, unsigned object_max)
{
    switch (destinations->part) {
    case STILL_TRANSPORTS:
        put_transports(query);
        destinations->part = STILL_RULES;
        return;
    case STILL_RULES:
        if (rule_list_step(&destinations->rules, query, object_max))
            return;
        end_part(destinations, query, &destinations->rules.listing, "rules");
        destinations->part = STILL_SLOWED;
        return;
    case STILL_SLOWED:
        if (slowed_list_step(&destinations->slowed, query, object_max))
            return;
        end_part(destinations, query, &destinations->slowed.listing, "slowed sites");
        destinations->part = STILL_DESTINATIONS;
        return;
    case STILL_DESTINATIONS:
        break;
    }
    g_assert_not_reached();
}

bool throttled_step(Query *query, unsigned object_max)
{
    Destinations *destinations = query->state;

    if (destinations->part == STILL_DESTINATIONS)
        return destinations_step(query, object_max);
    step_to_destinations(destinations, query, object_max);
    return true;
}

bool destinations_step(Query *query, unsigned object_max)
{
    static const Walk of_all = {visit_destination, is_end_of_destinations};
    static const Walk of_standing = {visit_standing, is_end_of_standing};
    Destinations *destinations = query->state;

    if (destinations->walk == NULL)
        destinations->walk = is_of_standing(destinations, query) ? &of_standing : &of_all;
    if (walk_step(destinations->walk, query, &destinations->slot, object_max))
        return true;
    user_sums_foreach(&destinations->users, offer_user_sum, query);
    listing_end_with_coverage(&destinations->listing, query, destinations->left_out);
    return false;
}

void destinations_end(Query *query)
{
    Destinations *destinations = query->state;

    listing_clear(&destinations->listing);
    user_sums_clear(&destinations->users);
    rule_list_clear(&destinations->rules);
    slowed_list_clear(&destinations->slowed);
    g_free(destinations->left_out);
    g_clear_pointer(&query->state, g_free);
}

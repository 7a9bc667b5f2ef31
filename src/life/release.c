#include <sys/queue.h>

#include "policy/rules.h"
#include "sched/inspect.h"
#include "sched/walk.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/release_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/settle_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/suspended_internal.h"

/* Release: see the header. */

/* In one turn: destinations looked at, entries looked at, files whose time is set. */
#define DESTINATIONS_PER_TURN 500
#define ENTRIES_AT_ONCE       20
#define FILES_PER_TURN        50
#define FORGOTTEN_PER_TURN    500

typedef struct ReleasedRule {
    uint32_t number;
    bool is_now;
} ReleasedRule;

/* Waiting mail, destination after destination. */
typedef struct Sweep {
    bool goes_on, is_due; /* due: from the first destination on, when this one has ended */
    uint32_t slot;        /* of the destination after the one that is looked through */
    SchedWalk *walk;      /* of what waits for that one; NULL: the next one has its turn */
    GPtrArray *entries;   /* of one message */
} Sweep;

typedef struct Release {
    Sweep sweep;
    GArray *rules; /* of ReleasedRule: whose mail is due, first come first served */
} Release;

void release_init(Life *life)
{
    life->release = g_new0(Release, 1);
    life->release->sweep.entries = g_ptr_array_new();
    life->release->rules = g_array_new(FALSE, FALSE, sizeof(ReleasedRule));
}

void release_stop(Life *life)
{
    sched_walk_free(life->release->sweep.walk);
    g_ptr_array_unref(life->release->sweep.entries);
    g_array_unref(life->release->rules);
    g_free(life->release);
}

/* ---- waiting mail ---- */

/* However fast rules change, a sweep comes to its end. */
void release_sweep(Life *life)
{
    life->release->sweep.is_due = suspend_is_used(life);
}

/* What one rule holds from the first entry on needs no look at each. True: there is more. */
static bool redirect_first(Life *life, SchedDestination *destination, const Rule *rule)
{
    g_autofree char *text = rule_suspension_text(rule);
    bool is_more = sched_destination_redirect(life->sched, destination, ENTRIES_AT_ONCE,
                                              RULE_SUSPENSION_STATUS, text, life_sched_now(life));

    settle_sched(life);
    return is_more;
}

static void redirect_held_entries(Life *life, const GPtrArray *entries)
{
    for (guint i = 0; i < entries->len; i++) {
        const Rule *rule = suspend_find_for_entry(entries->pdata[i]);
        g_autofree char *text = rule != NULL ? rule_suspension_text(rule) : NULL;

        if (rule != NULL)
            sched_waiting_redirect(life->sched, entries->pdata[i], RULE_SUSPENSION_STATUS, text,
                                   life_sched_now(life));
    }
    settle_sched(life);
}

/* How many were looked at. */
static unsigned walk_on(Life *life, Sweep *sweep)
{
    if (sched_walk_next(sweep->walk, sweep->entries))
        redirect_held_entries(life, sweep->entries);
    else
        g_clear_pointer(&sweep->walk, sched_walk_free);
    return MAX(sweep->entries->len, 1);
}

/*
 * A destination with many entries has its turn again: it is before the slot to go on with. Behind a
 * relay host a rule holds the mail of some domains only, and some of what waits may be forced: then
 * each entry is looked at. Of one that is held in part these recipients are taken out at its turn.
 */
static unsigned sweep_into_destination(Life *life, Sweep *sweep, const SchedDestinationView *view)
{
    SchedTransport *transport = sched_transport_find(life->sched, view->transport);
    SchedDestination *destination =
        sched_destination_get(life->sched, transport, view->name, view->nexthop);
    unsigned waiting_count = (unsigned)view->waiting_count;
    const Rule *rule = suspend_find_for_first(destination, ENTRIES_AT_ONCE);

    if (rule == NULL)
        sweep->walk = sched_walk_new(life->sched, destination);
    else if (redirect_first(life, destination, rule))
        sweep->slot--;
    return MIN(waiting_count, ENTRIES_AT_ONCE);
}

static void sweep_piece(Life *life)
{
    Sweep *sweep = &life->release->sweep;
    SchedDestinationView view;
    unsigned entry_count = 0;

    for (int i = 0; i < DESTINATIONS_PER_TURN && entry_count < ENTRIES_AT_ONCE; i++) {
        if (sweep->walk != NULL) {
            entry_count += walk_on(life, sweep);
            continue;
        }
        if (!sched_view_next(life->sched, &sweep->slot, DESTINATIONS_PER_TURN, &view)) {
            sweep->goes_on = !sched_view_is_end(life->sched, sweep->slot);
            return;
        }
        if (view.waiting_count > 0 && !view.is_internal)
            entry_count += sweep_into_destination(life, sweep, &view);
    }
}

static void begin_sweep_if_due(Sweep *sweep)
{
    if (!sweep->is_due || sweep->goes_on)
        return;
    sweep->is_due = false;
    sweep->goes_on = true;
    sweep->slot = 0;
}

/* ---- deferred mail ---- */

void release_rule(Life *life, uint32_t rule_number, bool is_now)
{
    const ReleasedRule rule = {rule_number, is_now};

    if (is_now)
        suspended_take_over(life, rule_number);
    if (suspended_count_of(life, rule_number) > 0)
        g_array_append_val(life->release->rules, rule);
}

/* If its time cannot be set, the message comes at the time that it has. */
static void make_due(Life *life, const char *queue_id, int64_t has_s)
{
    int64_t now_s = life_now(life)->wall_s;

    if (has_s > now_s &&
        spool_set_time(life->spool, SPOOL_DEFERRED, queue_id, now_s).status == SPOOL_OK)
        deferred_arrived(life, queue_id, now_s, NULL);
}

static void release_piece(Life *life)
{
    GArray *rules = life->release->rules;
    const ReleasedRule rule = g_array_index(rules, ReleasedRule, 0);

    for (int i = 0; i < (rule.is_now ? FILES_PER_TURN : FORGOTTEN_PER_TURN); i++) {
        SuspendedMail mail;

        if (!suspended_pop(life, rule.number, &mail)) {
            (void)g_array_remove_index(rules, 0);
            scan_request(life, &life->scans->deferred, SCAN_START);
            return;
        }
        if (rule.is_now)
            make_due(life, mail.queue_id, mail.due_s);
        g_free(mail.queue_id);
    }
}

bool release_message(Life *life, const char *queue_id)
{
    int64_t now_s = life_now(life)->wall_s;

    if (suspended_is_waiting(life, queue_id) ||
        spool_set_time(life->spool, SPOOL_DEFERRED, queue_id, now_s).status != SPOOL_OK)
        return false;
    deferred_arrived(life, queue_id, now_s, NULL);
    return true;
}

void release_revive(Life *life, const char *transport, const char *destination)
{
    SchedTransport *found = sched_transport_find(life->sched, transport);

    if (found == NULL)
        return;
    sched_transport_revive(life->sched, found);
    if (destination != NULL)
        sched_destination_revive(
            life->sched, sched_destination_get(life->sched, found, destination, destination));
    settle_sched(life);
}

bool release_turn(Life *life)
{
    const Sweep *sweep = &life->release->sweep;

    begin_sweep_if_due(&life->release->sweep);
    if (sweep->goes_on)
        sweep_piece(life);
    if (life->release->rules->len > 0)
        release_piece(life);
    return sweep->goes_on || sweep->is_due || life->release->rules->len > 0;
}

#include <sys/queue.h>

#include "policy/rules.h"
#include "sched/inspect.h"
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
#define ENTRIES_AT_ONCE       200
#define FILES_PER_TURN        50
#define FORGOTTEN_PER_TURN    500

typedef struct ReleasedRule {
    uint32_t number;
    bool is_now;
} ReleasedRule;

typedef struct Release {
    bool sweeps;
    uint32_t slot; /* of the sweep */
    GArray *rules; /* of ReleasedRule: whose mail is due, first come first served */
} Release;

void release_init(Life *life)
{
    life->release = g_new0(Release, 1);
    life->release->rules = g_array_new(FALSE, FALSE, sizeof(ReleasedRule));
}

void release_stop(Life *life)
{
    g_array_unref(life->release->rules);
    g_free(life->release);
}

/* ---- waiting mail ---- */

void release_sweep(Life *life)
{
    life->release->sweeps = suspend_is_used(life);
    life->release->slot = 0;
}

/* True: more of the destination is to be looked at. */
static bool redirect_if_held(Life *life, const SchedDestinationView *view)
{
    SchedTransport *transport = sched_transport_find(life->sched, view->transport);
    SchedDestination *destination =
        sched_destination_get(life->sched, transport, view->name, view->nexthop);
    const Rule *rule = suspend_find_for_first(destination, ENTRIES_AT_ONCE);
    g_autofree char *text = NULL;
    bool is_more;

    if (rule == NULL)
        return false;
    text = rule_suspension_text(rule);
    is_more = sched_destination_redirect(life->sched, destination, ENTRIES_AT_ONCE,
                                         RULE_SUSPENSION_STATUS, text, life_sched_now(life));
    settle_sched(life);
    return is_more;
}

/* A destination with many entries has its turn again: it is before the slot to go on with. */
static void sweep_piece(Life *life)
{
    Release *release = life->release;
    SchedDestinationView view;
    int entry_count = 0;

    for (int i = 0; i < DESTINATIONS_PER_TURN && entry_count < ENTRIES_AT_ONCE; i++) {
        if (!sched_view_next(life->sched, &release->slot, DESTINATIONS_PER_TURN, &view)) {
            release->sweeps = !sched_view_is_end(life->sched, release->slot);
            return;
        }
        if (view.waiting_count == 0 || view.is_internal)
            continue;
        entry_count += MIN((int)view.waiting_count, ENTRIES_AT_ONCE);
        if (redirect_if_held(life, &view))
            release->slot--;
    }
}

/* ---- deferred mail ---- */

void release_rule(Life *life, uint32_t rule_number, bool is_now)
{
    const ReleasedRule rule = {rule_number, is_now};

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
        g_autofree char *queue_id = NULL;
        int64_t due_s;

        if (!suspended_pop(life, rule.number, &queue_id, &due_s)) {
            (void)g_array_remove_index(rules, 0);
            scan_request(life, &life->scans->deferred, SCAN_START);
            return;
        }
        if (rule.is_now)
            make_due(life, queue_id, due_s);
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
    if (life->release->sweeps)
        sweep_piece(life);
    if (life->release->rules->len > 0)
        release_piece(life);
    return life->release->sweeps || life->release->rules->len > 0;
}

#include "life/life.h"

#include "src/life/backoff_internal.h"
#include "src/life/bind_internal.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/deliver_internal.h"
#include "src/life/ended_internal.h"
#include "src/life/expedite_internal.h"
#include "src/life/finish_internal.h"
#include "src/life/intake_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/learn_internal.h"
#include "src/life/leave_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/locked_internal.h"
#include "src/life/message_internal.h"
#include "src/life/overdue_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/plans_internal.h"
#include "src/life/release_internal.h"
#include "src/life/report_internal.h"
#include "src/life/reresolve_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/settle_internal.h"
#include "src/life/slowed_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/suspended_internal.h"
#include "src/life/takeover_internal.h"
#include "src/life/tried_internal.h"
#include "src/life/trouble_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Life: the conductor. It builds the rooms, gives each its piece of a turn, and passes on what
 * triggers ask for. What a piece does is in the file of its room.
 */

Life *life_new(struct event_base *base, Spool *spool, Sched *sched, const LifeSettings *settings)
{
    Life *life = g_new0(Life, 1);

    life->settings = *settings;
    life->base = base;
    life->spool = spool;
    life->sched = sched;
    context_init(life);
    plans_init(life);
    schedule_init(life);
    parked_init(life);
    message_init(life);
    trouble_init(life);
    suspended_init(life);
    deferred_init(life);
    scan_init(life);
    leave_init(life);
    jobs_init(life);
    ended_init(life);
    expedite_init(life);
    report_init(life);
    settle_init(life);
    release_init(life);
    overdue_init(life);
    slowed_init(life);
    backoff_init(life);
    limit_init(life);
    parking_init(life);
    bind_init(life);
    resolve_init(life);
    reresolve_init(life);
    locked_init(life);
    takeover_init(life);
    finish_init(life);
    deliver_init(life);
    intake_init(life);
    learn_init(life);
    return life;
}

void life_start(Life *life)
{
    takeover_begin(life);
    scan_begin(life);
    if (ended_is_used(life)) /* the process before this one knew whose mail waits for rules */
        life_learn_deferred(life);
}

void life_trigger(Life *life, const char *bytes, size_t count)
{
    unsigned incoming = 0, deferred = 0, both = 0;
    bool is_flush = false;

    verbose_trigger(life, bytes, count);
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == 'W' || bytes[i] == 'I') {
            incoming |= SCAN_START;
        } else if (bytes[i] == 'D') {
            deferred |= SCAN_START;
        } else if (bytes[i] == 'F') {
            is_flush = true;
            both |= SCAN_LIFT;
        } else if (bytes[i] == 'A') {
            both |= SCAN_ALL;
        }
    }
    if (is_flush) {
        resolve_forget(life); /* whoever asks for a flush may have changed a table */
        sched_flush(life->sched);
        settle_sched(life);
    }
    if ((incoming | both) != 0)
        scan_request(life, &life->scans->incoming, incoming | both);
    if ((deferred | both) != 0)
        scan_request(life, &life->scans->deferred, deferred | both);
}

static bool look_at_limits(Life *life)
{
    bool is_needed = limit_is_walking(life), found = is_needed && limit_turn(life);

    if (is_needed)
        settle_sched(life);
    return found;
}

void life_rules_changed(Life *life)
{
    release_sweep(life);
    limit_rules_changed(life);
    (void)look_at_limits(life);
}

void life_meters_written(Life *life)
{
    sched_meters_written(life->sched, life_sched_now(life));
    settle_sched(life);
}

void life_rule_ended(Life *life, const Rule *rule, LifeRelease release, int64_t uid)
{
    if (rule->kind == RULE_LIMIT) {
        limit_rules_changed(life);
        (void)look_at_limits(life);
    } else if (release == LIFE_RELEASE_BY_JOB) {
        ended_let_go(life, rule, uid);
    } else {
        release_rule(life, rule->number, release == LIFE_RELEASE_NOW);
    }
}

bool life_make_due(Life *life, const char *queue_id)
{
    return release_message(life, queue_id);
}

void life_look_at_deferred(Life *life)
{
    scan_request(life, &life->scans->deferred, SCAN_START);
}

void life_revive(Life *life, const char *transport, const char *destination)
{
    release_revive(life, transport, destination);
}

bool life_turn(Life *life)
{
    bool found;

    settle_turn(life);
    finish_turn(life);
    found = look_at_limits(life);
    found = overdue_turn(life) || found; /* before connections, of which it may want one */
    deliver_open_connections(life);
    found = takeover_turn(life) || found;
    found = release_turn(life) || found;
    ended_turn(life);
    found = jobs_turn(life) || found;
    found = reresolve_turn(life) || found;
    found = intake_turn(life) || found;
    found = deferred_turn(life) || found;
    scan_arm_exact_timer(life);
    learn_turn(life);
    intake_flow_control(life);
    return found || message_idle_count(life) > 0;
}

void life_before_wait(Life *life)
{
    context_before_wait(life);
}

void life_check(const Life *life)
{
    message_check(life);
    scan_check(life);
    suspended_check(life);
    jobs_check(life);
    leave_check(life);
    schedule_check(life);
    parked_check(life);
    parking_check(life);
    tried_check(life);
    report_check(life);
    settle_check(life);
    overdue_check(life);
    resolve_check(life);
    locked_check(life);
    takeover_check(life);
    deliver_check(life);
}

/* Ends what goes on for messages before the messages: conversations first, then what waits. */
void life_free(Life *life)
{
    if (life == NULL)
        return;
    deliver_stop(life);
    finish_stop(life);
    report_stop(life);
    release_stop(life);
    overdue_stop(life);
    learn_stop(life);
    settle_stop(life);
    reresolve_stop(life);
    resolve_stop(life);
    message_stop(life);
    schedule_stop(life);
    parking_stop(life);
    parked_stop(life);
    plans_stop(life);
    intake_stop(life);
    takeover_stop(life);
    locked_stop(life);
    bind_stop(life);
    backoff_stop(life);
    limit_stop(life);
    slowed_stop(life);
    leave_stop(life);
    ended_stop(life);
    jobs_stop(life);
    expedite_stop(life);
    scan_stop(life);
    deferred_stop(life);
    suspended_stop(life);
    trouble_stop(life);
    context_stop(life);
    g_free(life);
}

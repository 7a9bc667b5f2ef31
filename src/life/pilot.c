#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/pilot_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/suspended_internal.h"

/*
 * Pilot: see the header. A walk over the mail of the job costs a look at each file. So it picks
 * enough for many rounds, even if each of them tries two messages only.
 */

#define PORTION_PERCENT 10  /* of the active queue */
#define LOOKED_AT       500 /* destinations and files, in one turn of a job */
#define FILES_PER_TURN  50  /* whose time is set */
#define PICKED_AT_ONCE  10000

static bool is_of_job(const char *transport, const char *destination, void *ctx)
{
    const ReleaseJob *job = ctx;

    return job->matches(&job->about, transport, destination) &&
           !targets_is_over(job->round.targets, transport, destination);
}

static bool is_skipped(const char *queue_id, void *ctx)
{
    ReleaseJob *job = ctx;

    job->looked_at++;
    if (round_is_done_with(&job->round, queue_id) || round_waits_for_turn(&job->round, queue_id))
        return true;
    if (!suspended_is_waiting(job->life, queue_id))
        return false;
    round_note_held(&job->round, queue_id);
    return true;
}

static unsigned portion_of(const ReleaseJob *job)
{
    const LifeSettings *settings = &job->life->settings;

    if (job->state == LIFE_JOB_PORTIONS)
        return (unsigned)MAX(settings->message_active_limit * INT64_C(1) * PORTION_PERCENT / 100,
                             1);
    return (unsigned)MAX(settings->initial_destination_concurrency, 1);
}

/* A pilot is no larger than the initial concurrency of the first one's own transport. */
static void bound_pilot(ReleaseJob *job, const char *queue_id)
{
    DeferredCause cause = {.transport = NULL};
    const SchedTransport *transport;

    if (job->state == LIFE_JOB_PORTIONS ||
        !deferred_index_cause(deferred_index(job->life), queue_id, &cause) ||
        cause.transport == NULL)
        return;
    transport = sched_transport_find(job->life->sched, cause.transport);
    if (transport != NULL)
        job->most = MIN(
            job->most,
            (unsigned)MAX(sched_transport_params(transport)->initial_destination_concurrency, 1));
}

static bool try_message(ReleaseJob *job, const char *queue_id)
{
    bool is_added;

    bound_pilot(job, queue_id);
    is_added = round_add(&job->round, queue_id);
    job->added += is_added;
    return is_added;
}

/* Since it was picked, its destination may have died, or it may wait for another one. */
static bool is_still_of_job(ReleaseJob *job, const char *queue_id)
{
    DeferredCause cause = {.transport = NULL};

    return deferred_index_cause(deferred_index(job->life), queue_id, &cause) &&
           is_of_job(cause.transport != NULL ? cause.transport : "",
                     cause.destination != NULL ? cause.destination : "", job);
}

static unsigned count_picked(const ReleaseJob *job)
{
    unsigned count = job->pick != NULL ? deferred_pick_count(job->pick) : 0; /* 0: it is lost */

    return count > job->place ? count - job->place : 0;
}

/* True: there is more to take. */
static bool take_picked(ReleaseJob *job)
{
    int64_t due_s;

    for (int i = 0; i < FILES_PER_TURN; i++) {
        const char *queue_id;

        if (count_picked(job) == 0 || job->added >= job->most)
            return false;
        queue_id = deferred_pick_name(job->pick, job->place++, &due_s);
        job->met++;
        if (is_still_of_job(job, queue_id))
            (void)try_message(job, queue_id);
    }
    return true;
}

/* The time that it has now. */
static int64_t leave_message(Life *life, const char *queue_id, int64_t due_s)
{
    const LifeSettings *settings = &life->settings;
    int64_t soonest_s = life_now(life)->wall_s + settings->minimal_backoff_s;
    int64_t room_s = MAX(settings->maximal_backoff_s - settings->minimal_backoff_s, 0);
    int64_t left_s = soonest_s + suspend_spread_s(queue_id, room_s);

    if (due_s >= soonest_s ||
        spool_set_time(life->spool, SPOOL_DEFERRED, queue_id, left_s).status != SPOOL_OK)
        return due_s;
    deferred_arrived(life, queue_id, left_s, NULL);
    return left_s;
}

void pilot_leave_message(Life *life, const char *queue_id, int64_t due_s)
{
    (void)leave_message(life, queue_id, due_s);
}

/* The suspension in force of what the job's rule was about; NULL: there is none. */
static const Rule *suspended_anew(const ReleaseJob *job)
{
    const Rule same = {.kind = RULE_SUSPEND, .object = job->about.object, .name = job->about.name};
    const Rules *rules = job->life->settings.rules;

    return rules != NULL && job->about.object != LIFE_JOB_ABOUT_RULE ? rules_same(rules, &same)
                                                                     : NULL;
}

void pilot_leave_held(const ReleaseJob *job, const SuspendedMail *mail)
{
    int64_t due_s = leave_message(job->life, mail->queue_id, mail->due_s);
    const Rule *anew = suspended_anew(job);

    if (anew != NULL && anew->number != job->rule_number)
        suspended_add(job->life, mail->queue_id,
                      &(SuspendedBy){anew->number, mail->other != anew->number ? mail->other : 0},
                      due_s, mail->expires_s);
}

static bool take_held(ReleaseJob *job)
{
    for (int i = 0; i < FILES_PER_TURN; i++) {
        SuspendedMail mail;

        if (job->added >= job->most || !suspended_pop(job->life, job->rule_number, &mail))
            return false;
        if (!try_message(job, mail.queue_id))
            pilot_leave_held(job, &mail);
        g_free(mail.queue_id);
    }
    return true;
}

void pilot_begin_round(ReleaseJob *job)
{
    job->state = job->round.through_count > 0 ? LIFE_JOB_PORTIONS : LIFE_JOB_PILOT;
    job->most = portion_of(job);
    job->met = job->added = 0;
    job->is_picking = true;
    job->is_picked = job->rule_number != 0 || count_picked(job) >= job->most;
    if (job->is_picked)
        return;
    deferred_pick_free(job->pick);
    job->place = 0;
    targets_begin_walk(job->round.targets);
    job->pick = deferred_pick(job->life, MAX(job->most, PICKED_AT_ONCE), is_of_job, job);
    deferred_pick_skip(job->pick, is_skipped);
}

bool pilot_is_picking(const ReleaseJob *job)
{
    return job->is_picking;
}

bool pilot_is_lost(const ReleaseJob *job)
{
    return job->pick != NULL && deferred_pick_is_lost(job->pick);
}

bool pilot_piece(ReleaseJob *job)
{
    if (pilot_is_lost(job))
        return false;
    if (!job->is_picked) {
        job->is_picked = !deferred_pick_step(job->pick, LOOKED_AT) && !pilot_is_lost(job);
        return !pilot_is_lost(job);
    }
    return job->pick != NULL ? take_picked(job) : take_held(job);
}

void pilot_end_round(ReleaseJob *job)
{
    job->is_picking = false;
    if (count_picked(job) == 0)
        g_clear_pointer(&job->pick, deferred_pick_free);
}

uint32_t pilot_left_count(const ReleaseJob *job)
{
    uint32_t left;

    if (job->pick == NULL || pilot_is_lost(job))
        return 0;
    left = deferred_pick_seen(job->pick) - job->place;
    return job->is_picked ? left : MAX(left, job->left_count); /* a walk that has just begun */
}

void pilot_stop(ReleaseJob *job)
{
    g_clear_pointer(&job->pick, deferred_pick_free);
    job->is_picking = job->is_picked = false;
}

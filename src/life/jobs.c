#include <inttypes.h>

#include "base/log.h"
#include "codec/logline.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/pilot_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/suspended_internal.h"

/*
 * Jobs: see life/jobs.h. A job goes round: it picks messages, makes them due, waits until all have
 * left active, judges, and picks again. Its end, too, goes on in pieces.
 */

#define READ_AGAIN_MS  10000
#define FILES_PER_TURN 50 /* whose time is set, of what an ended job leaves */

typedef struct Jobs {
    GPtrArray *all; /* by number */
    TriedTable *tried;
    uint32_t last_number;
    guint next; /* who has the next piece */
} Jobs;

static void free_job(gpointer data)
{
    ReleaseJob *job = data;

    deferred_pick_free(job->pick);
    round_clear(&job->round);
    g_free(job->name);
    g_free(job->reason);
    g_free(job);
}

void jobs_init(Life *life)
{
    life->jobs = g_new0(Jobs, 1);
    life->jobs->all = g_ptr_array_new_with_free_func(free_job);
    life->jobs->tried = round_new_table();
}

void jobs_stop(Life *life)
{
    g_ptr_array_unref(life->jobs->all);
    round_free_table(life->jobs->tried);
    g_free(life->jobs);
}

/* ---- begin and end ---- */

static void tell_job(const ReleaseJob *job, EventKind kind, int64_t uid)
{
    bool is_transport = job->about.object == RULE_TRANSPORT, is_end = job_has_ended(job);
    const LoglineJob what = {.verb = is_end ? "end of job" : job->verb,
                             .number = job->number,
                             .object = life_job_about_str(&job->about),
                             .name = job->about.name,
                             .uid = uid,
                             .state = is_end ? life_job_state_str(job->state) : NULL,
                             .reason = job->reason,
                             .tried_count = job->round.tried_count,
                             .through_count = job->round.through_count,
                             .back_count = job->round.back_count,
                             .left_count = job->left_count};
    g_autofree char *line = logline_job(&what);

    log_info("%s", line);
    event_add_change(stats_events(job->life->settings.stats), life_now(job->life)->wall_s, kind,
                     is_transport ? job->about.name : NULL, is_transport ? NULL : job->about.name,
                     job->reason != NULL ? job->reason
                     : is_end            ? life_job_state_str(job->state)
                                         : job->verb);
}

/* Not tried, as far as it is known; what was given back included. */
static uint32_t count_left(const ReleaseJob *job)
{
    uint32_t left = job->left_count + job->round.later_count;

    if (job->rule_number != 0)
        return suspended_count_of(job->life, job->rule_number) + job->round.returned_count +
               job->round.skipped_count + job->round.later_count;
    return targets_has_over(job->round.targets)
               ? left + targets_left_count(job->round.targets, job->life)
               : left + job->round.returned_count;
}

static bool is_busy(const ReleaseJob *job)
{
    return !job_has_ended(job) || job->closing != JOB_CLOSED;
}

static bool leave_rest(const ReleaseJob *job)
{
    for (int i = 0; i < FILES_PER_TURN; i++) {
        SuspendedMail mail;

        if (job->rule_number == 0 || !suspended_pop(job->life, job->rule_number, &mail))
            return false;
        pilot_leave_held(job, &mail);
        g_free(mail.queue_id);
    }
    return true;
}

/* True: there is more to do at once. */
static bool close_piece(ReleaseJob *job)
{
    bool is_more = false;

    if (job->closing == JOB_GIVES_BACK) {
        is_more = round_give_back_piece(&job->round, false);
        if (!is_more) {
            job->left_count = count_left(job);
            job->ended_s = life_now(job->life)->wall_s;
            tell_job(job, EVENT_JOB_ENDED, job->ended_by_uid);
        }
    } else if (job->closing == JOB_LEAVES_REST) {
        is_more = leave_rest(job);
    } else if (job->closing == JOB_FORGETS) {
        is_more = round_forget_piece(&job->round);
        if (!is_more)
            round_clear(&job->round);
    }
    job->closing += is_more ? 0 : 1;
    return job->closing != JOB_CLOSED;
}

void jobs_close(ReleaseJob *job, LifeJobState state, char *reason, int64_t uid)
{
    if (job->pick != NULL)
        job->left_count = pilot_left_count(job);
    pilot_stop(job);
    job->is_dying = job->is_giving_back = false;
    job->state = state;
    job->reason = reason;
    job->ended_by_uid = uid;
    job->closing = JOB_GIVES_BACK;
    job->round.is_closed = true;
    round_give_back_begin(&job->round);
    (void)close_piece(job);
}

/* Jobs for mail of rules, or the others: they do not wait for each other. */
static unsigned running_jobs(const Life *life, bool is_of_rule)
{
    unsigned count = 0;

    for (guint i = 0; i < life->jobs->all->len; i++) {
        const ReleaseJob *job = life->jobs->all->pdata[i];

        count += is_busy(job) && (job->rule_number != 0) == is_of_rule;
    }
    return count;
}

bool jobs_has_room_for_rule(const Life *life)
{
    return running_jobs(life, true) < LIFE_JOBS_RUNNING_MAX;
}

bool jobs_has_rule(const Life *life, uint32_t rule_number)
{
    for (guint i = 0; i < life->jobs->all->len; i++) {
        const ReleaseJob *job = life->jobs->all->pdata[i];

        if (job->closing < JOB_FORGETS && job->rule_number == rule_number)
            return true;
    }
    return false;
}

/* The last one counts. */
int64_t jobs_gave_up_rule_s(const Life *life, uint32_t rule_number)
{
    int64_t since_s = 0, now_s = life_now(life)->wall_s;

    for (guint i = 0; i < life->jobs->all->len; i++) {
        const ReleaseJob *job = life->jobs->all->pdata[i];
        bool has_given_up = job->state == LIFE_JOB_STOPPED || job->state == LIFE_JOB_CANCELLED;
        if (job->rule_number == rule_number)
            since_s = !has_given_up ? 0 : job->closing == JOB_GIVES_BACK ? now_s : job->ended_s;
    }
    return since_s;
}

bool jobs_is_trying(const Life *life, const char *queue_id)
{
    return round_is_known(life->jobs->tried, queue_id);
}

bool jobs_makes_due(const Life *life, const char *queue_id)
{
    return round_makes_due(life->jobs->tried, queue_id);
}

static bool is_same_about(const Rule *a, const Rule *b)
{
    return a->object == b->object && g_ascii_strcasecmp(a->name, b->name) == 0;
}

char *life_job_why_not(const Life *life, const LifeJobOrder *order)
{
    for (guint i = 0; i < life->jobs->all->len; i++) {
        const ReleaseJob *job = life->jobs->all->pdata[i];

        if (!job_has_ended(job) && order->rule_number == 0 &&
            job->is_reresolve == order->is_reresolve && is_same_about(&job->about, order->about))
            return g_strdup_printf("job %" PRIu32 " is at it already; eqmgrctl jobs shows how far, "
                                   "eqmgrctl cancel %" PRIu32 " ends it",
                                   job->number, job->number);
    }
    if (running_jobs(life, order->rule_number != 0) >= LIFE_JOBS_RUNNING_MAX)
        return g_strdup_printf("%d jobs run already; eqmgrctl jobs shows them",
                               LIFE_JOBS_RUNNING_MAX);
    return NULL;
}

/* One place at least holds a job that has ended. */
static void forget_oldest(Jobs *jobs)
{
    for (guint i = 0; jobs->all->len >= LIFE_JOBS_KEPT_MAX && i < jobs->all->len; i++)
        if (!is_busy(jobs->all->pdata[i])) {
            (void)g_ptr_array_remove_index(jobs->all, i);
            return;
        }
}

uint32_t life_job_start(Life *life, const LifeJobOrder *order, char **ret_problem)
{
    Jobs *jobs = life->jobs;
    ReleaseJob *job;

    *ret_problem = life_job_why_not(life, order);
    if (*ret_problem != NULL)
        return 0;
    forget_oldest(jobs);
    job = g_new0(ReleaseJob, 1);
    job->number = ++jobs->last_number;
    job->name = g_strdup(order->about->name);
    job->about = (Rule){.object = order->about->object, .name = job->name};
    job->matches = order->matches;
    job->rule_number = order->rule_number;
    job->is_found = order->is_found;
    job->is_reresolve = order->is_reresolve;
    job->state = order->is_reresolve ? LIFE_JOB_ASKING : LIFE_JOB_WAITING;
    job->verb = order->verb;
    job->uid = order->uid;
    job->begun_s = life_now(life)->wall_s;
    job->life = life;
    round_init(&job->round, life, jobs->tried);
    g_ptr_array_add(jobs->all, job);
    tell_job(job, EVENT_JOB_BEGUN, job->uid);
    return job->number;
}

ReleaseJob *jobs_from(const Life *life, uint32_t number)
{
    for (guint i = 0; i < life->jobs->all->len; i++) {
        ReleaseJob *job = life->jobs->all->pdata[i];

        if (job->number >= number)
            return job;
    }
    return NULL;
}

ReleaseJob *jobs_find(const Life *life, uint32_t number)
{
    ReleaseJob *job = jobs_from(life, number);

    return job != NULL && job->number == number ? job : NULL;
}

bool life_job_cancel(Life *life, uint32_t number, int64_t uid)
{
    ReleaseJob *job = jobs_find(life, number);

    if (job == NULL || job_has_ended(job))
        return false;
    jobs_close(job, LIFE_JOB_CANCELLED, NULL, uid);
    return true;
}

/* ---- rounds ---- */

static void end_or_wait(ReleaseJob *job)
{
    Life *life = job->life;

    if ((job->rule_number == 0 || job->is_found) &&
        deferred_index_unread_count(deferred_index(life)) > 0) {
        job->state = LIFE_JOB_WAITING;
        job->wait_until_ms = life_now(life)->mono_ms + READ_AGAIN_MS;
    } else if (targets_has_over(job->round.targets)) {
        jobs_close(job, LIFE_JOB_STOPPED, round_why_stopped(&job->round), -1);
    } else {
        jobs_close(job, LIFE_JOB_DONE, round_why_incomplete(&job->round), -1);
    }
}

/* All that this round may try is due now. If it was gone, or another job has it, the next round
 * meets others. What was called in meanwhile runs: there is another round after it. */
static void end_picking(ReleaseJob *job)
{
    job->left_count = job->rule_number == 0 ? pilot_left_count(job)
                                            : suspended_count_of(job->life, job->rule_number);
    pilot_end_round(job);
    if (job->added > 0)
        scan_request(job->life, &job->life->scans->deferred, SCAN_START);
    else if (job->met == 0 && job->round.running_count == 0)
        end_or_wait(job);
}

/* True: there is more to do at once. */
static bool pick_piece(ReleaseJob *job)
{
    if (pilot_piece(job))
        return true;
    if (pilot_is_lost(job)) {
        pilot_stop(job);
        return true;
    }
    end_picking(job);
    return true;
}

/* Nothing can be said of messages, and nothing picked, while the index is incomplete. */
static bool waits_for_index(ReleaseJob *job)
{
    const char *never = deferred_why_never_known(job->life);

    if (deferred_is_known(job->life))
        return false;
    if (never != NULL)
        jobs_close(job, LIFE_JOB_STOPPED, g_strdup_printf("no index of deferred mail: %s", never),
                   -1);
    return true;
}

static bool give_back_piece(ReleaseJob *job)
{
    job->is_giving_back = round_give_back_piece(&job->round, true);
    return true;
}

static bool job_turn(ReleaseJob *job)
{
    Life *life = job->life;
    RoundPiece piece;

    if (job->closing != JOB_OPEN)
        return job->closing != JOB_CLOSED && close_piece(job);
    if (job->is_reresolve)
        return false; /* reresolve.c does it */
    if (waits_for_index(job))
        return job->closing != JOB_OPEN;
    if (job->is_dying)
        round_give_back_begin(&job->round);
    job->is_giving_back = job->is_giving_back || job->is_dying;
    job->is_dying = false;
    if (job->is_giving_back)
        return give_back_piece(job);
    if (pilot_is_picking(job))
        return pick_piece(job);
    piece = round_settle(&job->round);
    if (piece != ROUND_DONE)
        return piece == ROUND_GOES_ON;
    if (job->state == LIFE_JOB_WAITING && life_now(life)->mono_ms < job->wait_until_ms &&
        deferred_index_unread_count(deferred_index(life)) > 0)
        return false;
    targets_judge(job->round.targets);
    pilot_begin_round(job);
    return true;
}

/* Of one job, however many there are. */
bool jobs_turn(Life *life)
{
    Jobs *jobs = life->jobs;

    for (guint i = 0; i < jobs->all->len; i++) {
        guint place = (jobs->next + i) % jobs->all->len;

        if (job_turn(jobs->all->pdata[place])) {
            jobs->next = place + 1;
            return true;
        }
    }
    return false;
}

/* ---- what others say ---- */

void jobs_note_taken(Life *life, const char *queue_id)
{
    round_note_taken(life->jobs->tried, queue_id);
}

void jobs_note_success(Life *life, const char *queue_id, const SchedDestination *destination)
{
    round_note_success(life->jobs->tried, queue_id,
                       sched_transport_name(sched_destination_transport(destination)),
                       sched_destination_name(destination), sched_destination_nexthop(destination));
}

void jobs_note_death(Life *life, const char *transport, const char *destination, const char *reason)
{
    for (guint i = 0; i < life->jobs->all->len; i++) {
        ReleaseJob *job = life->jobs->all->pdata[i];

        if (job_has_ended(job))
            continue;
        round_note_death(&job->round, transport, destination, reason);
        job->is_dying = true;
    }
}

void jobs_check(const Life *life)
{
    CHECK(life->jobs->all->len <= LIFE_JOBS_KEPT_MAX);
    CHECK(running_jobs(life, false) <= LIFE_JOBS_RUNNING_MAX);
    CHECK(running_jobs(life, true) <= LIFE_JOBS_RUNNING_MAX);
    for (guint i = 0; i < life->jobs->all->len; i++) {
        const ReleaseJob *job = life->jobs->all->pdata[i];

        if (!job_has_ended(job))
            round_check(&job->round);
    }
}

/*
 * flush and unthrottle: what is dead is alive again; with flush, deferred mail that waits for it
 * comes back: by a job (life/jobs.h), which goes on without the client, or with no_pilot all of it
 * at once, and a client that goes away ends the work where it is.
 */

#include "base/log.h"
#include "codec/control.h"
#include "codec/logline.h"
#include "life/inspect.h"
#include "life/jobs.h"
#include "sched/inspect.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

typedef struct Flush {
    Rule about; /* texts of the request */
    bool takes_deferred, is_by_job, is_dry_run, has_seen_destinations;
    uint32_t job_number;
    uint32_t slot;
    int64_t destination_count, revived_count, message_count;
} Flush;

static LifeJobOrder flush_order(const Query *query)
{
    const Flush *flush = query->state;

    return (LifeJobOrder){
        .about = &flush->about, .matches = rule_words_is_about, .verb = "flush", .uid = query->uid};
}

static bool flush_may_begin(Query *query)
{
    const LifeJobOrder order = flush_order(query);
    g_autofree char *problem = life_job_why_not(query->subject->life, &order);

    if (problem != NULL)
        answer_error(query->answer, CONTROL_ERROR_FAILED, "%s", problem);
    return problem == NULL;
}

bool flush_begin(Query *query)
{
    Flush *flush = g_new0(Flush, 1);

    query->state = flush;
    flush->is_dry_run = request_text(&query->request, "dry_run") != NULL;
    flush->takes_deferred = g_str_equal(query->request.verb, "flush");
    flush->is_by_job = flush->takes_deferred && request_text(&query->request, "no_pilot") == NULL;
    return rule_words_object(query, &flush->about) &&
           (!flush->is_by_job || flush->is_dry_run || flush_may_begin(query));
}

static void revive(Query *query, const SchedDestinationView *view)
{
    g_autofree char *transport = g_strdup(view->transport), *name = g_strdup(view->name);

    life_revive(query->subject->life, transport, name);
}

/* A handful. A dead transport often has no destinations left. */
static void revive_transports(Query *query)
{
    Flush *flush = query->state;
    SchedTransportView view;

    for (const char *after = NULL; sched_view_transport(query->subject->sched, after, &view);
         after = view.name) {
        if (!view.is_dead || view.is_internal ||
            (flush->about.object != RULE_ALL && flush->about.object != RULE_TRANSPORT) ||
            !rule_words_is_about(&flush->about, view.name, ""))
            continue;
        flush->revived_count++;
        if (!flush->is_dry_run)
            life_revive(query->subject->life, view.name, NULL);
    }
}

/* True: there are more. */
static bool revive_some(Query *query, unsigned object_max)
{
    Flush *flush = query->state;
    const Sched *sched = query->subject->sched;
    SchedDestinationView view;

    for (unsigned i = 0; i < object_max; i++) {
        bool is_dead;

        if (!sched_view_next(sched, &flush->slot, 1, &view) || view.is_internal ||
            !rule_words_is_about(&flush->about, view.transport, view.name))
            continue;
        is_dead = view.state == SCHED_STATE_THROTTLED;
        flush->destination_count++;
        flush->revived_count += is_dead;
        if (is_dead && !flush->is_dry_run)
            revive(query, &view);
    }
    return !sched_view_is_end(sched, flush->slot);
}

static bool is_to_be_flushed(const Query *query, const char *queue_id)
{
    const Flush *flush = query->state;
    DeferredCause cause = {.transport = NULL};

    if (life_is_kept_back(query->subject->life, queue_id))
        return false;
    if (flush->about.object == RULE_ALL)
        return true;
    return life_view_cause(query->subject->life, queue_id, &cause) && cause.transport != NULL &&
           rule_words_is_about(&flush->about, cause.transport,
                               cause.destination != NULL ? cause.destination : "");
}

static bool take_some(Query *query, unsigned object_max)
{
    Flush *flush = query->state;
    Life *life = query->subject->life;

    for (unsigned i = 0; i < object_max; i++) {
        const char *name;
        g_autofree char *queue_id = NULL;
        int64_t due_s;

        if (!life_view_next_due(life, &flush->slot, 1, &name, &due_s) ||
            !is_to_be_flushed(query, name))
            continue;
        queue_id = g_strdup(name);
        if (flush->is_dry_run || flush->is_by_job || life_make_due(life, queue_id))
            flush->message_count++;
    }
    return !life_view_due_is_end(life, flush->slot);
}

static void log_flush(const Query *query)
{
    const Flush *flush = query->state;
    g_autofree char *line =
        logline_flush(&(LoglineRule){.verb = query->request.verb,
                                     .object = rule_object_str(flush->about.object),
                                     .name = flush->about.name,
                                     .uid = query->uid},
                      flush->message_count, flush->revived_count);

    log_info("%s", line);
    stats_count(query->subject->stats, STATS_CONTROL_CHANGES);
}

/* How much of deferred mail could be looked at is said in the same words as elsewhere. */
static void put_end(Query *query)
{
    const Flush *flush = query->state;
    Answer *answer = query->answer;
    LifeSummary life;

    life_summarize(query->subject->life, &life);
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "flush");
    answer_str(answer, "about", rule_object_str(flush->about.object));
    answer_str(answer, "name", flush->about.name);
    answer_int(answer, "destinations", flush->destination_count);
    answer_int(answer, "revived", flush->revived_count);
    answer_int(answer, "messages", flush->message_count);
    if (flush->job_number != 0)
        answer_int(answer, "job", flush->job_number);
    answer_finish(answer);
    answer_end_as(answer, &(AnswerEnd){.matched_count = 1,
                                       .note = flush->is_dry_run ? "nothing was changed" : NULL,
                                       .has_coverage = flush->takes_deferred,
                                       .known_count = life.known_count,
                                       .deferred_count = life.deferred_count,
                                       .index_complete = life.index_complete});
}

/* Mail of which it is not known yet what it waits for may be the job's, too. */
static void start_job(Query *query)
{
    Flush *flush = query->state;
    const LifeJobOrder order = flush_order(query);
    LifeSummary life;
    g_autofree char *problem = NULL;

    life_summarize(query->subject->life, &life);
    if (flush->message_count > 0 || life.unread_count > 0 || !life.index_complete)
        flush->job_number = life_job_start(query->subject->life, &order, &problem);
}

static void end_flush(Query *query)
{
    const Flush *flush = query->state;

    if (flush->destination_count + flush->message_count + flush->revived_count == 0) {
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                     "no %s \"%s\" is known: no destination with mail in active, or dead, and no "
                     "deferred mail known to wait for it (eqmgrctl deferred)",
                     rule_object_str(flush->about.object), flush->about.name);
        return;
    }
    if (!flush->is_dry_run) {
        if (flush->is_by_job)
            start_job(query);
        else if (flush->message_count > 0)
            life_look_at_deferred(query->subject->life);
        log_flush(query);
    }
    put_end(query);
}

bool flush_step(Query *query, unsigned object_max)
{
    Flush *flush = query->state;

    if (!flush->has_seen_destinations) {
        if (revive_some(query, object_max))
            return true;
        revive_transports(query);
        flush->has_seen_destinations = true;
        flush->slot = 0;
        if (flush->takes_deferred) {
            life_learn_deferred(query->subject->life);
            return true;
        }
    } else if (take_some(query, object_max)) {
        return true;
    }
    end_flush(query);
    return false;
}

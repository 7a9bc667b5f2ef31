/*
 * reresolve: counts the mail in active that it would be about, since a name with a slip would ask
 * for nothing; then a job of life asks (life/reresolve.h), with or without the client.
 */

#include "codec/control.h"
#include "life/inspect.h"
#include "life/reresolve.h"
#include "sched/inspect.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

typedef struct ReresolveQuery {
    Rule about; /* texts of the request */
    bool is_dry_run, has_counted;
    uint32_t slot;
    LifeReresolveCounting *counting;
    LifeReresolveCount count;
    Nearest nearest;
} ReresolveQuery;

static LifeJobOrder reresolve_order(const Query *query)
{
    const ReresolveQuery *reresolve = query->state;

    return (LifeJobOrder){.about = &reresolve->about,
                          .matches = rule_words_is_about,
                          .is_reresolve = true,
                          .verb = "reresolve",
                          .uid = query->uid};
}

bool reresolve_begin(Query *query)
{
    ReresolveQuery *reresolve = g_new0(ReresolveQuery, 1);

    query->state = reresolve;
    reresolve->is_dry_run = request_text(&query->request, "dry_run") != NULL;
    if (!rule_words_object(query, &reresolve->about))
        return false;
    nearest_init(&reresolve->nearest, reresolve->about.name);
    return true;
}

/* True: there is more to look at. */
static bool count_some(Query *query, unsigned object_max)
{
    ReresolveQuery *reresolve = query->state;
    const LifeJobOrder order = reresolve_order(query);

    if (reresolve->counting == NULL)
        reresolve->counting = life_reresolve_counting_new(query->subject->life, &order);
    return life_reresolve_count(reresolve->counting, object_max, &reresolve->count);
}

static bool is_known_name(const Query *query)
{
    const ReresolveQuery *reresolve = query->state;
    const Rule *about = &reresolve->about;

    return about->object == RULE_ALL || reresolve->count.destination_count > 0 ||
           reresolve->count.request_count > 0 ||
           (about->object == RULE_TRANSPORT &&
            sched_transport_find(query->subject->sched, about->name) != NULL);
}

/* True: there are more. */
static bool look_for_similar(Query *query, unsigned object_max)
{
    ReresolveQuery *reresolve = query->state;
    SchedDestinationView view;

    for (unsigned i = 0; i < object_max; i++) {
        if (!sched_view_next(query->subject->sched, &reresolve->slot, 1, &view) || view.is_internal)
            continue;
        rule_words_offer(&reresolve->nearest, &reresolve->about, view.transport, view.name,
                         view.is_user);
    }
    return !sched_view_is_end(query->subject->sched, reresolve->slot);
}

static void refuse_name(const Query *query)
{
    const ReresolveQuery *reresolve = query->state;
    g_autofree char *similar = nearest_text(&reresolve->nearest);
    LifeSummary summary;

    life_summarize(query->subject->life, &summary);
    if (summary.phases[LIFE_RESOLVING] > 0) {
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                     "no %s \"%s\" has mail in active, as far as is known%s; messages that are "
                     "still being resolved: %u: ask again when they are, or now for \"all\"",
                     rule_object_str(reresolve->about.object), reresolve->about.name, similar,
                     summary.phases[LIFE_RESOLVING]);
        return;
    }
    answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                 "no %s \"%s\" has mail in active%s; deferred mail asks anyway when it is tried",
                 rule_object_str(reresolve->about.object), reresolve->about.name, similar);
}

static void put_reresolve(Query *query, uint32_t job_number)
{
    const ReresolveQuery *reresolve = query->state;
    Answer *answer = query->answer;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "reresolve");
    answer_str(answer, "about", rule_object_str(reresolve->about.object));
    answer_str(answer, "name", reresolve->about.name);
    answer_int(answer, "requests", reresolve->count.request_count);
    answer_int(answer, "recipients", reresolve->count.recipient_count);
    if (job_number != 0)
        answer_int(answer, "job", job_number);
    answer_finish(answer);
    answer_end_as(answer, &(AnswerEnd){.matched_count = 1,
                                       .note = job_number == 0 ? "nothing was changed" : NULL});
}

/* A job that has nothing to ask for makes answers forgotten all the same. */
static void begin_asking_again(Query *query)
{
    const ReresolveQuery *reresolve = query->state;
    const LifeJobOrder order = reresolve_order(query);
    g_autofree char *problem = NULL;
    uint32_t job_number = 0;

    if (reresolve->is_dry_run)
        problem = life_job_why_not(query->subject->life, &order);
    else
        job_number = life_reresolve(query->subject->life, &order, &reresolve->count, &problem);
    if (problem != NULL) {
        answer_error(query->answer, CONTROL_ERROR_FAILED, "%s", problem);
        return;
    }
    if (job_number != 0)
        stats_count(query->subject->stats, STATS_CONTROL_CHANGES);
    put_reresolve(query, job_number);
}

bool reresolve_step(Query *query, unsigned object_max)
{
    ReresolveQuery *reresolve = query->state;

    if (!reresolve->has_counted) {
        if (count_some(query, object_max))
            return true;
        reresolve->has_counted = true;
    }
    if (is_known_name(query)) {
        begin_asking_again(query);
        return false;
    }
    if (look_for_similar(query, object_max))
        return true;
    refuse_name(query);
    return false;
}

void reresolve_end(Query *query)
{
    ReresolveQuery *reresolve = query->state;

    if (reresolve == NULL)
        return;
    life_reresolve_counting_free(reresolve->counting);
    nearest_clear(&reresolve->nearest);
    g_clear_pointer(&query->state, g_free);
}

/* jobs and cancel: what lets deferred mail go by pilot and portions (life/jobs.h). */

#include <string.h>

#include "codec/control.h"
#include "life/jobs.h"
#include "src/control/discreet_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

static void put_job(Query *query, const LifeJobView *job)
{
    Answer *answer = query->answer;
    g_autofree char *reason = discreet_text(query, job->reason);

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "job");
    answer_int(answer, "number", job->number);
    answer_str(answer, "verb", job->verb);
    answer_str(answer, "about", life_job_about_str(job->about));
    answer_str(answer, "name", rule_words_shown_name(query, job->about));
    answer_str(answer, "state", life_job_state_str(job->state));
    answer_int(answer, "tried", job->tried_count);
    answer_int(answer, "running", job->running_count);
    answer_int(answer, "through", job->through_count);
    answer_int(answer, "back", job->back_count);
    answer_int(answer, "left", job->left_count);
    answer_time(answer, "since", job->begun_s);
    answer_time(answer, "ended", job->ended_s);
    answer_int(answer, "uid", job->uid);
    answer_str(answer, "why", reason);
    answer_finish(answer);
}

/* There are LIFE_JOBS_KEPT_MAX at most. */
bool jobs_step(Query *query, unsigned object_max)
{
    LifeJobView job;
    int64_t count = 0;

    (void)object_max;
    for (uint32_t next = 1; life_view_job(query->subject->life, next, &job);
         next = job.number + 1) {
        put_job(query, &job);
        count++;
    }
    answer_end_as(query->answer, &(AnswerEnd){.matched_count = count});
    return false;
}

static bool is_running(const Query *query, uint32_t number, LifeJobView *ret_job)
{
    return life_view_job(query->subject->life, number, ret_job) && ret_job->number == number;
}

bool cancel_step(Query *query, unsigned object_max)
{
    const char *word = request_text(&query->request, "job");
    bool is_dry_run = request_text(&query->request, "dry_run") != NULL;
    guint64 number = 0;
    LifeJobView job;

    (void)object_max;
    if (word == NULL || !g_ascii_string_to_unsigned(word, 10, 1, UINT32_MAX, &number, NULL)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "which job? its number, as eqmgrctl jobs shows it");
        return false;
    }
    if (!is_running(query, (uint32_t)number, &job)) {
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND,
                     "there is no job %s; eqmgrctl jobs shows them", word);
        return false;
    }
    if (job.ended_s != 0) {
        answer_error(query->answer, CONTROL_ERROR_FAILED, "job %s has ended already: %s", word,
                     life_job_state_str(job.state));
        return false;
    }
    if (!is_dry_run && life_job_cancel(query->subject->life, job.number, query->uid))
        stats_count(query->subject->stats, STATS_CONTROL_CHANGES);
    (void)is_running(query, (uint32_t)number, &job);
    put_job(query, &job);
    answer_end_as(query->answer, &(AnswerEnd){.matched_count = 1,
                                              .note = is_dry_run ? "nothing was changed" : NULL});
    return false;
}

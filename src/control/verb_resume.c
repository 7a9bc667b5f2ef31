/* resume: a suspension, or any rule by its number, is taken back; the answer comes when that is
 * durable. */

#include "base/readable.h"
#include "codec/control.h"
#include "life/inspect.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

typedef struct Resume {
    Query *query;
    uint32_t number;
    LifeRelease release;
    bool is_dry_run, is_asked, is_answered;
    unsigned suspended_count;
} Resume;

static LifeRelease wanted_release(const Request *request)
{
    if (request_text(request, "later") != NULL)
        return LIFE_RELEASE_LATER;
    return request_text(request, "no_pilot") != NULL ? LIFE_RELEASE_NOW : LIFE_RELEASE_BY_JOB;
}

bool resume_begin(Query *query)
{
    const Rule *rule = rule_words_find(query);
    Resume *resume;

    if (rule == NULL)
        return false;
    resume = g_new0(Resume, 1);
    query->state = resume;
    *resume = (Resume){.query = query,
                       .number = rule->number,
                       .release = wanted_release(&query->request),
                       .is_dry_run = request_text(&query->request, "dry_run") != NULL};
    return true;
}

static char *note_of_resume(const Resume *resume)
{
    static const char *const one[] = {
        [LIFE_RELEASE_NOW] = "deferred message of it is due now",
        [LIFE_RELEASE_BY_JOB] = "deferred message of it comes by a pilot (eqmgrctl jobs)",
        [LIFE_RELEASE_LATER] = "deferred message of it comes at the time that it has",
    };
    static const char *const others[] = {
        [LIFE_RELEASE_NOW] = "deferred messages of it are due now",
        [LIFE_RELEASE_BY_JOB] =
            "deferred messages of it come by pilot and portions (eqmgrctl jobs)",
        [LIFE_RELEASE_LATER] = "deferred messages of it come at the times that they have",
    };
    g_autofree char *known =
        readable_counted(resume->suspended_count, "deferred message of it is known",
                         "deferred messages of it are known");

    return resume->is_dry_run ? g_strconcat("nothing was changed; ", known, NULL)
                              : readable_counted(resume->suspended_count, one[resume->release],
                                                 others[resume->release]);
}

static char *note_of_limit_end(const Resume *resume)
{
    return g_strdup(resume->is_dry_run
                        ? "nothing was changed"
                        : "its destinations have the limits of other rules, or of main.cf, again");
}

static void put_resumed(Resume *resume, const Rule *rule)
{
    g_autofree char *note =
        rule->kind == RULE_LIMIT ? note_of_limit_end(resume) : note_of_resume(resume);

    row_of_rule(resume->query, rule);
    answer_finish(resume->query->answer);
    answer_end_as(resume->query->answer, &(AnswerEnd){.matched_count = 1, .note = note});
}

static void on_resumed(const Rule *rule, const char *problem, void *ctx)
{
    Resume *resume = ctx;

    resume->is_answered = true;
    if (rule != NULL)
        put_resumed(resume, rule);
    else
        answer_error(resume->query->answer, CONTROL_ERROR_FAILED, "%s", problem);
    query_wake(resume->query);
}

bool resume_step(Query *query, unsigned object_max)
{
    Resume *resume = query->state;
    Steer *steer = query->subject->steer;
    const Rule *rule = rules_find(steer_rules(steer), resume->number);

    (void)object_max;
    if (resume->is_answered)
        return false;
    if (resume->is_asked)
        return true;
    resume->suspended_count = life_suspended_count_of(query->subject->life, resume->number);
    if (resume->is_dry_run && rule != NULL) {
        put_resumed(resume, rule);
        return false;
    }
    resume->is_asked = query->is_waiting = true;
    steer_remove(steer, resume->number, query->uid, resume->release, on_resumed, resume);
    return true;
}

void resume_end(Query *query)
{
    if (query->state == NULL)
        return;
    steer_forget(query->subject->steer, query->state);
    g_clear_pointer(&query->state, g_free);
}

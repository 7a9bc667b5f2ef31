#include "src/spool/deferred_candidate_internal.h"

void deferred_candidate_init(DeferredCandidate *candidate)
{
    *candidate = (DeferredCandidate){.name = g_string_new(NULL)};
}

void deferred_candidate_clear(DeferredCandidate *candidate)
{
    for (size_t i = 0; i < G_N_ELEMENTS(candidate->texts); i++)
        g_clear_pointer(&candidate->texts[i], g_free);
    candidate->has_cause = candidate->was_given = false;
}

void deferred_candidate_stop(DeferredCandidate *candidate)
{
    deferred_candidate_clear(candidate);
    g_string_free(candidate->name, TRUE);
}

/* A destination that is not known has no transport. */
static void copy_known(DeferredCandidate *candidate, const CauseOfFiles *cause)
{
    const DeferredTarget *target = cause->target;
    char **texts = candidate->texts;
    bool has_target = target->transport != NULL;

    texts[0] = has_target ? g_strdup(target->transport) : NULL;
    texts[1] = has_target ? g_strdup(target->name) : NULL;
    texts[2] = cause->status != NULL ? g_strdup(cause->status->text) : NULL;
    texts[3] = g_strdup(cause->reason);
    candidate->cause = (DeferredCause){.transport = texts[0],
                                       .destination = texts[1],
                                       .is_user = target->is_user,
                                       .status = texts[2],
                                       .reason = texts[3]};
    candidate->has_cause = true;
}

void deferred_candidate_set(DeferredCandidate *candidate, const DeferredFile *file,
                            const DeferredTable *table, const DeferredCauses *causes)
{
    uint32_t number = deferred_table_number(table, file);
    const CauseOfFiles *cause = deferred_causes_of(causes, number);

    deferred_candidate_clear(candidate);
    g_string_assign(candidate->name, deferred_file_name(file));
    candidate->was_given = deferred_causes_was_given(causes, number);
    if (cause != NULL)
        copy_known(candidate, cause);
}

static bool is_candidate(const DeferredCandidate *candidate, const char *queue_id)
{
    return (candidate->has_cause || candidate->was_given) &&
           g_str_equal(candidate->name->str, queue_id);
}

void deferred_candidate_stays(DeferredCandidate *candidate, const char *queue_id,
                              const DeferredTable *table, DeferredCauses *causes)
{
    uint32_t number;

    if (!is_candidate(candidate, queue_id))
        return;
    number = deferred_table_number(table, deferred_table_find(table, queue_id));
    if (candidate->has_cause)
        deferred_causes_learn(causes, number, &candidate->cause);
    if (candidate->was_given)
        (void)deferred_causes_give(causes, number);
    deferred_candidate_clear(candidate);
}

void deferred_candidate_forget(DeferredCandidate *candidate, const char *queue_id)
{
    if (is_candidate(candidate, queue_id))
        deferred_candidate_clear(candidate);
}

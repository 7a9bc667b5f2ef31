#include "sched_internal.h"

/*
 * What somebody may want to log (15, 16): facts, kept until they are fetched, since the core
 * calls nobody. Their words are in codec/logline.
 */

/* A destination with more than this share of the active queue clogs it. */
#define CLOG_SHARE 5

typedef struct Notice {
    Link in_sched;
    SchedNotice notice;
} Notice;

static void notice_add(Sched *sched, SchedNotice facts)
{
    Notice *notice = g_new0(Notice, 1);

    notice->notice = facts;
    chain_append(&sched->notices, &notice->in_sched);
}

bool sched_pop_notice(Sched *sched, SchedNotice *ret_notice)
{
    Link *first = chain_pop_first(&sched->notices);
    Notice *notice;

    if (first == NULL)
        return false;
    notice = ELEMENT(first, Notice, in_sched);
    *ret_notice = notice->notice;
    g_free(notice);
    return true;
}

void sched_notice_clear(SchedNotice *notice)
{
    g_clear_pointer(&notice->destination, g_free);
    g_clear_pointer(&notice->name, g_free);
}

void notice_clear(Sched *sched)
{
    SchedNotice notice;

    while (sched_pop_notice(sched, &notice))
        sched_notice_clear(&notice);
}

static bool runs_at_limit(const SchedDestination *destination)
{
    const SchedSite *site = destination_site(destination);

    return (destination->limit > 0 && destination->window >= destination->limit) ||
           (site != NULL && site->limit > 0 && site->running_count >= site->limit) ||
           transport_is_full(destination->transport);
}

static bool has_pace(const SchedDestination *destination)
{
    const SchedSite *site = destination_site(destination);

    return destination->pace != NULL || (site != NULL && site->pace != NULL) ||
           destination->transport->pace != NULL;
}

void notice_add_clog(Sched *sched, SchedDestination *destination, SchedNow now)
{
    const SchedSettings *settings = &sched->settings;
    const SchedTransport *transport = destination->transport;
    int entry_count = destination->waiting_count + destination->running_count;

    if (!settings->helpful_warnings || settings->clog_warn_s <= 0 ||
        entry_count <= settings->message_active_limit / CLOG_SHARE ||
        now.timer_s < destination->next_clog_warning_s)
        return;
    notice_add(sched, (SchedNotice){.kind = SCHED_CLOGGED,
                                    .transport = transport->name,
                                    .destination = g_strdup(destination->nexthop),
                                    .name = g_strdup(destination->name),
                                    .is_at_limit = runs_at_limit(destination),
                                    .is_paced = has_pace(destination) &&
                                                destination->running_count < destination->window,
                                    .window = destination->window,
                                    .limit = transport->params.destination_concurrency_limit,
                                    .entry_count = entry_count,
                                    .running_count = destination->running_count,
                                    .message_count = sched->message_count,
                                    .active_limit = settings->message_active_limit,
                                    .destination_count =
                                        g_hash_table_size(transport->destinations_by_name)});
    destination->next_clog_warning_s = now.timer_s + settings->clog_warn_s;
}

static void notice_add_feedback_type(SchedTransport *transport, const char *parameter,
                                     SchedFeedback feedback)
{
    int window = transport->sched->settings.initial_destination_concurrency;

    notice_add(transport->sched, (SchedNotice){.kind = SCHED_FEEDBACK_TYPE,
                                               .transport = transport->name,
                                               .parameter = parameter,
                                               .window = window,
                                               .type = feedback.per_window ? 1 : 0,
                                               .feedback = feedback_at(feedback, window)});
}

void notice_add_transport(SchedTransport *transport)
{
    const SchedTransportParams *params = &transport->params;

    if (!transport->sched->settings.feedback_debug)
        return;
    notice_add_feedback_type(transport, params->positive_name, params->positive);
    notice_add_feedback_type(transport, params->negative_name, params->negative);
}

static bool is_debugged(const SchedTransport *transport)
{
    return transport->sched->settings.feedback_debug && !transport->is_internal;
}

void notice_add_window(SchedDestination *destination, bool is_negative)
{
    const SchedTransport *transport = destination->transport;

    if (is_debugged(transport))
        notice_add(transport->sched, (SchedNotice){.kind = SCHED_WINDOW,
                                                   .is_negative = is_negative,
                                                   .destination = g_strdup(destination->name),
                                                   .limit = destination->limit,
                                                   .window = destination->window,
                                                   .success = destination->success,
                                                   .failure = destination->failure,
                                                   .cohorts = destination->cohorts});
}

void notice_add_feedback(SchedDestination *destination, bool is_negative, double feedback)
{
    const SchedTransport *transport = destination->transport;

    if (is_debugged(transport))
        notice_add(transport->sched, (SchedNotice){.kind = SCHED_FEEDBACK,
                                                   .is_negative = is_negative,
                                                   .feedback = feedback});
}

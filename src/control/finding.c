#include <string.h>

#include "codec/control.h"
#include "sched/inspect.h"
#include "spool/defer_log.h"
#include "src/control/finding_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/turn_internal.h"

/* Delivery requests in lines before a message, of all its destinations; at least 100 of each. */
#define LOOKED_AT_MAX (100 * SCHED_SHARES_MAX)

/* So that the command can be copied. */
static char *with_queue_id(const char *advice, const char *queue_id)
{
    g_auto(GStrv) parts = advice != NULL ? g_strsplit(advice, "QUEUE-ID", -1) : NULL;

    return parts != NULL ? g_strjoinv(queue_id, parts) : NULL;
}

void finding_begin(Query *query, const char *queue_id, const Finding *finding)
{
    g_autofree char *advice = with_queue_id(finding->advice, queue_id);
    Answer *answer = query->answer;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "explain");
    answer_str(answer, "queue_id", queue_id);
    answer_str(answer, "place", finding->place);
    answer_str(answer, "state", finding->state);
    answer_str(answer, "text", finding->text);
    answer_time(answer, "since", finding->since_s);
    answer_time(answer, "last_attempt", finding->last_attempt_s);
    answer_time(answer, "due", finding->due_s);
    answer_str(answer, "advice", advice);
}

RetryPlan finding_retry(const Query *query, const char *queue_id, const char **ret_origin)
{
    DeferredCause cause;

    *ret_origin = NULL;
    if (!life_view_cause(query->subject->life, queue_id, &cause) || cause.transport == NULL)
        return retry_plan_none();
    return life_view_retry(query->subject->life, &cause, ret_origin);
}

/* When it is returned to its sender, if it is not delivered before. */
static int64_t returns_at(const Query *query, const FindingEnvelope *envelope)
{
    const LifeSettings *settings = life_settings(query->subject->life);
    const char *origin;
    RetryPlan plan = finding_retry(query, envelope->queue_id, &origin);
    bool is_bounce = *envelope->sender == '\0';
    int64_t own_s = is_bounce ? plan.bounce_lifetime_s : plan.lifetime_s;

    if (envelope->arrival_s == 0)
        return 0;
    if (own_s != RETRY_NOT_SAID)
        return envelope->arrival_s + own_s;
    return envelope->arrival_s +
           (is_bounce ? settings->bounce_queue_lifetime_s : settings->maximal_queue_lifetime_s);
}

void finding_put_envelope(Query *query, const FindingEnvelope *envelope)
{
    Answer *answer = query->answer;
    const char *sender = envelope->sender;

    answer_time(answer, "arrival", envelope->arrival_s);
    answer_time(answer, "warns_at", MAX(envelope->warn_s, 0));
    answer_time(answer, "returns_at", returns_at(query, envelope));
    answer_str(answer, "sender", *sender != '\0' ? sender : "<>");
    answer_int(answer, "size", envelope->size_bytes);
    if (envelope->unread_count > 0)
        answer_int(answer, "unread", envelope->unread_count);
}

/* ---- destinations ---- */

static char *bound_in_words(const Query *query, const SchedShare *share)
{
    g_autofree char *bound = NULL;

    if (share->running_count > 0)
        return g_strdup("an agent delivers it now");
    bound = rows_bound(query, &share->destination);
    return g_strdup(*bound != '\0' ? bound : "nothing now");
}

/* Of mail that a rule has sent to the retry service: the name of the destination is its text. */
static uint32_t rule_at_retry(const SchedDestinationView *view)
{
    return view->is_internal && g_str_has_prefix(view->nexthop, RULE_SUSPENSION_STATUS " ")
               ? rule_number_in_text(view->nexthop)
               : 0;
}

static uint32_t rule_of_wait(const Query *query, const SchedShare *share)
{
    const Rule *limit = rows_bounding_limit(query, &share->destination);

    return limit != NULL && share->running_count == 0 ? limit->number
                                                      : rule_at_retry(&share->destination);
}

/* Begins the row of a destination and leaves it to be ended. */
static void begin_wait(Query *query, const SchedShare *share)
{
    const SchedDestinationView *view = &share->destination;
    const Failure *failure = failure_find(stats_failures(query->subject->stats), view->transport,
                                          view->name, UINT64_MAX);
    g_autofree char *bound = bound_in_words(query, share);
    uint32_t rule = rule_of_wait(query, share);
    Answer *answer = query->answer;
    bool runs = share->running_count > 0;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "wait");
    answer_str(answer, "transport", view->transport);
    answer_str(answer, "destination", view->name);
    answer_str(answer, "bound_by", bound);
    if (rule != 0)
        answer_int(answer, "rule", rule);
    answer_time(answer, "until", rows_wall_s(query, view->until_s));
    if (!runs || share->waiting_count > 0)
        answer_int(answer, "others", MAX(view->waiting_count - (int)share->waiting_count, 0));
    if (runs || share->waiting_count > 0)
        answer_int(answer, "recipients", share->waiting_count + share->running_count);
    answer_str(answer, "why", failure != NULL ? failure->reason : view->reason);
}

uint32_t finding_rule_at_retry(const Query *query, const LifeMessageView *message)
{
    SchedShare shares[SCHED_SHARES_MAX];
    unsigned count = sched_find_shares(query->subject->sched, message->sched, shares);
    uint32_t rule = 0;

    for (unsigned i = 0; i < count && rule == 0; i++)
        rule = rule_at_retry(&shares[i].destination);
    return rule;
}

void finding_put_waits(Query *query, const LifeMessageView *message)
{
    SchedShare shares[SCHED_SHARES_MAX];
    unsigned count = sched_find_shares(query->subject->sched, message->sched, shares);

    for (unsigned i = 0; i < count; i++) {
        begin_wait(query, &shares[i]);
        turn_put(query, message->sched, &shares[i].destination, LOOKED_AT_MAX / count);
        answer_finish(query->answer);
    }
}

/* The destination that has deferred it; false: that is not known, or it is one of our own. */
static bool find_blamed(const Query *query, const char *queue_id, DeferredCause *ret_cause)
{
    return life_view_cause(query->subject->life, queue_id, ret_cause) &&
           ret_cause->transport != NULL && ret_cause->destination != NULL &&
           rule_may_suspend_transport(ret_cause->transport);
}

/* One that has no mail and is not dead is not remembered: nothing bounds it. */
static void put_forgotten(Query *query, const DeferredCause *cause)
{
    Answer *answer = query->answer;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "wait");
    answer_str(answer, "transport", cause->transport);
    answer_str(answer, "destination", cause->destination);
    answer_str(answer, "bound_by", "nothing now");
    answer_str(answer, "why", cause->reason);
    answer_finish(answer);
}

void finding_put_cause(Query *query, const char *queue_id)
{
    DeferredCause cause;
    SchedShare share = {.waiting_count = 0};

    if (!find_blamed(query, queue_id, &cause))
        return;
    if (sched_view_destination(query->subject->sched, cause.transport, cause.destination,
                               &share.destination)) {
        begin_wait(query, &share);
        answer_int(query->answer, "ahead", share.destination.waiting_count);
        answer_finish(query->answer);
    } else {
        put_forgotten(query, &cause);
    }
}

/* As a shell takes it: what is not a usual name is quoted. */
static char *shell_word(const char *name)
{
    return strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-_:@") == strlen(name)
               ? g_strdup(name)
               : g_shell_quote(name);
}

char *finding_advice_on_cause(const Query *query, const char *queue_id)
{
    DeferredCause cause;
    SchedDestinationView view;
    g_autofree char *word = NULL;

    if (!find_blamed(query, queue_id, &cause) ||
        !sched_view_destination(query->subject->sched, cause.transport, cause.destination, &view) ||
        view.state != SCHED_STATE_THROTTLED)
        return g_strdup("nothing to do, it is tried again then; eqmgrctl expedite QUEUE-ID tries "
                        "it at once");
    word = shell_word(view.name);
    return g_strdup_printf("eqmgrctl flush destination %s tries all of its mail now, eqmgrctl "
                           "expedite QUEUE-ID this message alone",
                           word);
}

/* ---- recipients ---- */

static void put_recipient(Answer *answer, const char *recipient, const char *state,
                          const DeferRecord *record)
{
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "recipient");
    answer_str(answer, "recipient", recipient);
    answer_str(answer, "state", state);
    if (record != NULL) {
        answer_str(answer, "status", record->status);
        answer_str(answer, "reason", record->reason);
    }
    answer_finish(answer);
}

/* Records are in the order of their making; a list has few of them within the limit. */
static const DeferRecord *record_at(const GPtrArray *records, int64_t offset)
{
    for (guint i = 0; records != NULL && i < records->len; i++) {
        const DeferRecord *record = g_ptr_array_index(records, i);

        if (record->offset == offset)
            return record;
    }
    return NULL;
}

void finding_put_recipients(Query *query, const char *queue_id, const Chain *recipients,
                            unsigned max)
{
    GPtrArray *records = NULL;

    if (defer_log_read(query->subject->spool, queue_id, max, &records).status != SPOOL_OK)
        records = NULL;
    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link)) {
        Recipient *recipient = (Recipient *)link;
        const DeferRecord *record = record_at(records, recipient->offset);

        put_recipient(query->answer, recipient_address(recipient),
                      record != NULL ? "deferred" : "pending", record);
    }
    if (records != NULL)
        g_ptr_array_unref(records);
}

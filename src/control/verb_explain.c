/*
 * explain: where a message is, what exactly it waits for, since when, until when, and which command
 * would help. It is looked for in memory, in the index, then in the directories; one file and one
 * defer log are read at most, of bounded size. A message moves on meanwhile: then it is looked for
 * again, three times in all.
 */

#include <inttypes.h>
#include <string.h>

#include "codec/control.h"
#include "codec/queue_id.h"
#include "life/inspect.h"
#include "sched/inspect.h"
#include "spool/defer_log.h"
#include "src/control/finding_internal.h"
#include "src/control/prospect_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/whereabouts_internal.h"

#define LOOKS_MAX      3
#define RECIPIENTS_MAX 100

typedef struct Explain {
    unsigned looks;
} Explain;

bool explain_begin(Query *query)
{
    const char *queue_id = request_text(&query->request, "queue_id");

    if (queue_id == NULL || !queue_id_is_valid(queue_id)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "not a queue ID: %s",
                     queue_id != NULL ? queue_id : "");
        return false;
    }
    query->state = g_new0(Explain, 1);
    return true;
}

/* ---- in memory ---- */

/*
 * A rule holds recipients of it, and the retry service is to put these aside, which it does even if
 * the rule is over meanwhile. NULL: there are none; or a new text.
 */
static char *text_of_retry(const Query *query, const LifeMessageView *message,
                           const char **ret_advice)
{
    uint32_t number = finding_rule_at_retry(query, message);

    if (number == 0)
        return NULL;
    *ret_advice = "eqmgrctl transports retry tells whether that service works";
    if (rules_find(steer_rules(query->subject->steer), number) != NULL)
        return g_strdup_printf("Suspension #%" PRIu32
                               " holds it, and it waits for the service that "
                               "puts it aside (retry).",
                               number);
    return g_strdup_printf("Suspension #%" PRIu32 " is over; it still waits for the service that "
                           "puts it aside (retry), and is let go after that.",
                           number);
}

static void put_active(Query *query, const LifeMessageView *message)
{
    g_autofree char *at_retry = NULL;
    g_autofree char *lookups =
        g_strdup_printf("It waits for trivial-rewrite(8): %u of %u lookups are out.",
                        message->lookups_out, message->lookups_total);
    Finding finding = {
        .place = "active", .state = life_phase_str(message->phase), .since_s = message->active_s};

    switch (message->phase) {
    case LIFE_RESOLVING:
        finding.text = lookups;
        finding.advice = "nothing to do, unless it lasts: then trivial-rewrite(8) or one of its "
                         "maps is slow";
        break;
    case LIFE_WAITING:
        finding.text = "It waits for a delivery agent; each destination says what bounds it.";
        finding.advice = "eqmgrctl destination NAME tells more of each destination";
        at_retry = text_of_retry(query, message, &finding.advice);
        break;
    case LIFE_DELIVERING:
        finding.text = "A delivery agent has it.";
        finding.advice = "nothing to do; eqmgrctl connections shows how long agents take";
        at_retry = text_of_retry(query, message, &finding.advice);
        break;
    case LIFE_FINISHING:
        finding.text = "Its deliveries are over; it waits for bounce(8), defer(8) or trace(8).";
        finding.advice =
            "nothing to do, unless it lasts: then the mail log tells of these services";
        break;
    case LIFE_STUCK:
    case LIFE_PHASE_COUNT:
        finding.text = "Its file could not be moved or removed, which is tried again each minute.";
        finding.advice = "see the mail log for the reason, such as a full disk";
        break;
    }
    if (at_retry != NULL)
        finding.text = at_retry;
    finding_begin(query, message->queue_id, &finding);
    finding_put_envelope(query, &(FindingEnvelope){.queue_id = message->queue_id,
                                                   .sender = message->sender,
                                                   .arrival_s = message->arrival_s,
                                                   .size_bytes = message->size_bytes,
                                                   .unread_count = message->unread_count});
    answer_finish(query->answer);
    finding_put_waits(query, message);
}

/* ---- in a directory ---- */

/* The first row with what the file tells, then its recipients. */
static void put_file(Query *query, SpoolQueue queue, const char *queue_id, const Finding *finding)
{
    SpoolMessage *file = NULL;
    SpoolReading reading = {0};
    Envelope envelope = {0};
    SpoolResult result = spool_message_peek(query->subject->spool, queue, queue_id, &file);

    if (result.status == SPOOL_OK)
        result = spool_read_first(file, RECIPIENTS_MAX, &envelope, &reading);
    finding_begin(query, queue_id, finding);
    if (result.status == SPOOL_OK)
        finding_put_envelope(
            query,
            &(FindingEnvelope){.queue_id = queue_id,
                               .sender = envelope_text(&envelope, ENVELOPE_SENDER),
                               .arrival_s = envelope.arrival_s,
                               .size_bytes = envelope.content_size,
                               .unread_count = envelope.fully_read ? 0 : envelope.unread_count,
                               .warn_s = envelope.warn_s});
    answer_finish(query->answer);
    if (result.status == SPOOL_OK && finding->prospect_s != 0)
        prospect_put(query, queue_id, finding->prospect_s, &reading.recipients);
    if (result.status == SPOOL_OK)
        finding_put_recipients(query, queue_id, &reading.recipients, RECIPIENTS_MAX);
    spool_reading_clear(&reading);
    envelope_clear(&envelope);
    spool_message_close(file);
}

static LifeSummary summary_of(const Query *query)
{
    LifeSummary summary;

    life_summarize(query->subject->life, &summary);
    return summary;
}

static void explain_incoming(Query *query, const char *queue_id, const SpoolFile *file)
{
    Finding finding = {
        .place = "incoming", .since_s = file->mtime_s, .prospect_s = query->now->wall_s};

    if (!whereabouts_is_whole(file)) {
        finding.text = "cleanup(8) still writes it.";
        finding.advice = "nothing to do; if that lasts the client that sends it is slow or gone";
    } else if (spool_is_locked(query->subject->spool, SPOOL_INCOMING, queue_id)) {
        finding.text = "A delivery agent of a former queue manager still has it.";
        finding.advice = "nothing to do, it is taken in when that agent has ended";
    } else if (summary_of(query).is_full) {
        finding.text = "The active queue is full, so it waits.";
        finding.advice = "eqmgrctl destinations shows which destinations fill the active queue";
    } else {
        finding.text = "It is taken in by the next scan of incoming.";
        finding.advice = "nothing to do";
    }
    put_file(query, SPOOL_INCOMING, queue_id, &finding);
}

/* Only a rule holds it. */
static void explain_suspended(Query *query, const char *queue_id, const Rule *rule,
                              Finding *finding)
{
    g_autofree char *text =
        g_strdup_printf("All recipients that are left are suspended by an administrator (#%u): %s.",
                        rule->number, rule->reason);
    g_autofree char *advice = g_strdup_printf(
        "eqmgrctl resume %u ends that for all of its mail; eqmgrctl rules says until when it is",
        rule->number);

    finding->state = "suspended";
    finding->prospect_s = rule->end_s != RULE_FOREVER ? rule->end_s : 0;
    finding->text = text;
    finding->advice = advice;
    put_file(query, SPOOL_DEFERRED, queue_id, finding);
}

static const char *text_of_overdue(const Query *query)
{
    const LifeSummary summary = summary_of(query);

    if (summary.is_full)
        return "It is overdue: the active queue is full.";
    if (summary.is_reserved)
        return "It is overdue: the rest of the active queue is for new mail "
               "(eqmgr_new_mail_reserve).";
    return "It is due and is taken by the next queue run.";
}

static char *text_of_waiting(const Query *query, const char *queue_id)
{
    const char *origin;

    (void)finding_retry(query, queue_id, &origin);
    return g_strconcat("It was deferred and waits for its next attempt",
                       origin != NULL ? ", which is by " : ".", origin, origin != NULL ? "." : NULL,
                       NULL);
}

/* "17th", "after 10000 others"; of all that wait. */
static char *text_of_place(const LifeParked *parked)
{
    unsigned place = parked->place, last = place % 10, two = place % 100;
    const char *ending = two >= 11 && two <= 13 ? "th"
                         : last == 1            ? "st"
                         : last == 2            ? "nd"
                         : last == 3            ? "rd"
                                                : "th";

    return place > 0 ? g_strdup_printf("It is the %u%s of %u", place, ending, parked->waiting_count)
                     : g_strdup_printf("More than %d of %u are before it", LIFE_PARKED_PLACE_MAX,
                                       parked->waiting_count);
}

/* The site has as many messages in the active queue as it may. */
static void explain_parked(Query *query, const char *queue_id, const LifeParked *parked,
                           Finding *finding)
{
    const char *slash = *parked->transport != '\0' ? "/" : "";
    g_autofree char *place = text_of_place(parked);
    g_autofree char *text = g_strdup_printf(
        "It waits for a place in the active queue, where mail for %s%s%s has %u (active_share). "
        "%s that do.",
        parked->transport, slash, parked->destination, parked->active_count, place);

    finding->state = "parked";
    finding->prospect_s = query->now->wall_s;
    finding->text = text;
    finding->advice = "nothing to do: it comes in when it is its turn; postqueue -i QUEUE-ID lets "
                      "it in now";
    if (parked->turn_s != 0)
        finding->due_s = parked->turn_s;
    put_file(query, SPOOL_DEFERRED, queue_id, finding);
}

static void explain_deferred(Query *query, const char *queue_id, const SpoolFile *file)
{
    LifeParked parked;
    const Rule *rule = rules_find(steer_rules(query->subject->steer),
                                  life_suspended_by(query->subject->life, queue_id));
    g_autofree char *text = NULL, *advice = NULL;
    Finding finding = {.place = "deferred",
                       .due_s = file->mtime_s,
                       .prospect_s = MAX(file->mtime_s, query->now->wall_s),
                       .last_attempt_s = defer_log_time(query->subject->spool, queue_id)};

    if (rule != NULL) {
        explain_suspended(query, queue_id, rule, &finding);
        return;
    }
    if (life_view_parked(query->subject->life, queue_id, &parked)) {
        explain_parked(query, queue_id, &parked, &finding);
        return;
    }
    if (file->mtime_s <= query->now->wall_s) {
        finding.text = text_of_overdue(query);
        finding.advice = "nothing to do; postqueue -f makes a run begin at once";
    } else {
        finding.text = text = text_of_waiting(query, queue_id);
        finding.advice = advice = finding_advice_on_cause(query, queue_id);
    }
    put_file(query, SPOOL_DEFERRED, queue_id, &finding);
    finding_put_cause(query, queue_id);
}

static void explain_hold(Query *query, const char *queue_id, const SpoolFile *file)
{
    (void)file;
    put_file(query, SPOOL_HOLD, queue_id,
             &(Finding){.place = "hold",
                        .text = "An administrator, an access rule or a filter has put it on hold.",
                        .advice = "postsuper -H QUEUE-ID releases it"});
}

static void explain_corrupt(Query *query, const char *queue_id, const SpoolFile *file)
{
    (void)file;
    finding_begin(
        query, queue_id,
        &(Finding){.place = "corrupt",
                   .text = "Its file is damaged and was set aside for a person to look at.",
                   .advice = "the mail log has a warning about it; postcat -q QUEUE-ID shows what "
                             "can be read"});
    answer_finish(query->answer);
}

static void explain_maildrop(Query *query, const char *queue_id, const SpoolFile *file)
{
    (void)file;
    finding_begin(query, queue_id,
                  &(Finding){.place = "maildrop",
                             .text = "It was submitted by sendmail(1) and waits for pickup(8).",
                             .advice =
                                 "nothing to do, unless it lasts: then pickup(8) or cleanup(8) "
                                 "does not run"});
    answer_finish(query->answer);
}

static char *advice_on_log(const char *log_file)
{
    return log_file != NULL && *log_file != '\0'
               ? g_strdup_printf("grep QUEUE-ID %s shows what became of it", log_file)
               : g_strdup("grep QUEUE-ID /var/log/mail.log, or journalctl --grep QUEUE-ID, shows "
                          "what became of it");
}

static void explain_nowhere(Query *query, const char *queue_id)
{
    g_autofree char *advice = advice_on_log(query->settings->log_file);

    finding_begin(query, queue_id,
                  &(Finding){.place = "nowhere",
                             .text =
                                 "It is not in this queue: delivered, returned, deleted, or never "
                                 "here.",
                             .advice = advice});
    answer_finish(query->answer);
}

/* Looks into the directories; false: it is in none of them. */
static bool explain_file(Query *query, const char *queue_id)
{
    static void (*const explain_in[SPOOL_QUEUE_COUNT])(Query * query, const char *queue_id,
                                                       const SpoolFile *file) = {
        [SPOOL_DEFERRED] = explain_deferred, [SPOOL_INCOMING] = explain_incoming,
        [SPOOL_HOLD] = explain_hold,         [SPOOL_CORRUPT] = explain_corrupt,
        [SPOOL_MAILDROP] = explain_maildrop,
    };
    SpoolQueue queue;
    SpoolFile file;

    if (!whereabouts_find(query->subject->spool, queue_id, &queue, &file))
        return false;
    explain_in[queue](query, queue_id, &file);
    return true;
}

bool explain_step(Query *query, unsigned object_max)
{
    Explain *explain = query->state;
    const char *queue_id = request_text(&query->request, "queue_id");
    LifeMessageView message;

    (void)object_max;
    if (life_view_message(query->subject->life, queue_id, &message))
        put_active(query, &message);
    else if (!explain_file(query, queue_id)) {
        if (++explain->looks < LOOKS_MAX)
            return true;
        explain_nowhere(query, queue_id);
    }
    answer_end(query->answer, 1, false, NULL);
    return false;
}

#include <string.h>

#include "src/life/context_internal.h"
#include "src/life/suspend_internal.h"

/*
 * Suspend: see the header. A message may have recipients that different rules hold: it is tried
 * again when the first of these ends.
 */

/* When many messages wait for the same moment, they come within this part of their wait. */
#define SPREAD_PERCENT 5

/* Held entries that one agent is offered in a turn. */
#define SELECTED_PER_TURN 20

/* At its end a job lets the mail of a rule go; the time of the file is for what that does not
 * reach, as after a restart. */
#define LEFT_TO_JOB_S 300

bool suspend_is_used(const Life *life)
{
    return life->settings.rules != NULL && rules_count_of(life->settings.rules, RULE_SUSPEND) > 0;
}

static const char *domain_of(const Recipient *recipient)
{
    const char *at = strrchr(recipient_address(recipient), '@');

    return at != NULL ? at + 1 : NULL;
}

const Rule *suspend_find(const Message *message, const char *transport, const char *destination,
                         const char *nexthop, const Recipient *recipient)
{
    const Life *life = message->life;
    const RuleSubject subject = {.transport = transport,
                                 .destination = destination,
                                 .nexthop = nexthop,
                                 .domain = domain_of(recipient)};

    return suspend_is_used(life) && !message->is_forced
               ? rules_suspension(life->settings.rules, &subject, life_now(life)->wall_s)
               : NULL;
}

static const Rule *find_for_recipient(const SchedEntry *entry, const Link *recipient)
{
    const SchedDestination *destination = sched_entry_destination(entry);

    return suspend_find(sched_message_owner(sched_entry_message(entry)),
                        sched_transport_name(sched_destination_transport(destination)),
                        sched_destination_name(destination), sched_destination_nexthop(destination),
                        (const Recipient *)recipient);
}

/* ---- what waits ---- */

/* The one rule that holds all recipients of the entry; *rule is that of other entries, or NULL. */
static bool is_all_held(const SchedEntry *entry, const Rule **rule)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link)) {
        const Rule *found = find_for_recipient(entry, link);

        if (found == NULL || (*rule != NULL && found != *rule))
            return false;
        *rule = found;
    }
    return true;
}

const Rule *suspend_find_for_first(const SchedDestination *destination, unsigned max)
{
    g_autoptr(GPtrArray) entries = sched_destination_waiting(destination, max);
    const Rule *rule = NULL;

    for (guint i = 0; i < entries->len; i++)
        if (!is_all_held(g_ptr_array_index(entries, i), &rule))
            return NULL;
    return rule;
}

const Rule *suspend_find_for_entry(const SchedEntry *entry)
{
    const Rule *rule = NULL;

    return is_all_held(entry, &rule) ? rule : NULL;
}

/* ---- what was selected ---- */

/* Marks the recipients that the rule of the first held one holds; how many these are. */
static unsigned mark_held(const SchedEntry *entry, bool marked[], const Rule **ret_rule)
{
    const Chain *recipients = sched_entry_recipients(entry);
    const Rule *rule = NULL;
    unsigned place = 0, count = 0;

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link)) {
        const Rule *found = find_for_recipient(entry, link);

        if (rule == NULL)
            rule = found;
        marked[place] = found != NULL && found == rule;
        count += marked[place++];
    }
    *ret_rule = rule;
    return count;
}

/* False: the entry is gone. A part that is split off is one more that goes on for the message. */
static bool redirect_held(Life *life, SchedEntry *entry, const bool marked[], const Rule *rule)
{
    Message *message = sched_message_owner(sched_entry_message(entry));
    g_autofree char *text = rule_suspension_text(rule);
    bool goes_on = sched_entry_redirect(life->sched, entry, marked, RULE_SUSPENSION_STATUS, text,
                                        life_sched_now(life));

    if (goes_on)
        message_hold(message, 1);
    return goes_on;
}

static bool is_any_held(const SchedEntry *entry)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if (find_for_recipient(entry, link) != NULL)
            return true;
    return false;
}

/* One rule after the other, as each has a text of its own. */
static bool is_left_to_deliver(Life *life, SchedEntry *entry)
{
    bool is_left = true;
    const Rule *rule;
    bool *marked;

    if (!is_any_held(entry))
        return true;
    marked = g_new(bool, sched_entry_recipient_count(entry));
    while (is_left && mark_held(entry, marked, &rule) > 0)
        is_left = redirect_held(life, entry, marked, rule);
    g_free(marked);
    return is_left;
}

SchedSelection suspend_select(Life *life, SchedTransport *transport, SchedEntry **ret_entry,
                              SchedMessage **ret_message)
{
    SchedSelection selection = SCHED_SELECTED;

    for (int i = 0; i < SELECTED_PER_TURN; i++) {
        selection =
            sched_select(life->sched, transport, life_sched_now(life), ret_entry, ret_message);
        if (selection != SCHED_SELECTED || !suspend_is_used(life) ||
            is_left_to_deliver(life, *ret_entry))
            return selection;
    }
    *ret_entry = NULL;
    return selection;
}

/* ---- what an attempt leaves ---- */

const char *suspend_reason_at_retry(const char *nexthop)
{
    const char *status = RULE_SUSPENSION_STATUS " ";

    return g_str_has_prefix(nexthop, status) && rule_number_in_text(nexthop) != 0
               ? nexthop + strlen(status)
               : NULL;
}

static int64_t end_of(const Message *message, uint32_t number)
{
    const Rule *rule = message->life->settings.rules != NULL
                           ? rules_find(message->life->settings.rules, number)
                           : NULL;

    return rule != NULL ? rule->end_s : 0;
}

static void suspend_note_rule(Message *message, uint32_t number)
{
    SuspendedBy *by = &message->suspended;
    uint32_t other = number;

    if (by->first == number)
        return;
    if (by->first == 0 || end_of(message, number) < end_of(message, by->first)) {
        other = by->first;
        by->first = number;
    }
    by->also = by->also == 0 || by->also == other ? other : SUSPENDED_BY_MANY;
}

bool suspend_note_deferral(Message *message, const char *text)
{
    uint32_t number = rule_number_in_text(text);

    if (number == 0) {
        message->left |= LEFT_DEFERRED;
        return false;
    }
    suspend_note_rule(message, number);
    message->left |= LEFT_SUSPENDED;
    return true;
}

bool suspend_note_end(Message *message, const SchedEntry *entry)
{
    const SchedDestination *destination = sched_entry_destination(entry);
    bool is_retry =
        g_str_equal(sched_transport_name(sched_destination_transport(destination)), "retry");

    return suspend_note_deferral(message, is_retry ? sched_destination_nexthop(destination) : "");
}

bool suspend_is_only_cause(const Message *message)
{
    return message->left == LEFT_SUSPENDED;
}

int64_t suspend_spread_s(const char *queue_id, int64_t most_s)
{
    return (int64_t)g_str_hash(queue_id) % (most_s + 1);
}

/* An attempt is what sends a delay warning, so one comes when that is due. */
int64_t suspend_next_attempt_s(const Message *message)
{
    int64_t now_s = life_now(message->life)->wall_s;
    int64_t until_end_s = end_of(message, message->suspended.first) - now_s;
    int64_t backoff_s = message->life->settings.maximal_backoff_s;
    int64_t wait_s = until_end_s < backoff_s ? until_end_s + LEFT_TO_JOB_S : backoff_s;
    int64_t until_warning_s = message->envelope.warn_s - now_s;

    if (message->envelope.warn_s > 0 && until_warning_s > 0)
        wait_s = MIN(wait_s, until_warning_s);

    if (until_end_s <= 0) /* it has ended meanwhile */
        return now_s;
    return now_s + wait_s +
           suspend_spread_s(message->queue_id,
                            MIN(wait_s * SPREAD_PERCENT / 100, SUSPEND_SPREAD_MAX_S));
}

#include "codec/delivery.h"
#include "src/life/blame_internal.h"
#include "src/life/context_internal.h"
#include "src/life/request_internal.h"

/*
 * Request: what a delivery agent is told about a message and its recipients (ipc.md 3.2).
 */

/* Of a delivery that ended without a reply. */
#define CRASH_STATUS "4.3.0"
#define CRASH_REASON "the delivery agent ended without a reply"

static int32_t request_flags(const Message *message, const SchedEntry *entry)
{
    bool inspected = envelope_has_text(&message->envelope, ENVELOPE_INSPECTOR);
    int32_t mark = inspected ? 0 : DELIVERY_MARK_SUCCESS;

    return mark | DELIVERY_MARK_BOUNCED | message->envelope.trace_flags |
           sched_entry_session_flags(entry);
}

static int32_t recipient_options(const Message *message, const SchedEntry *entry, bool is_verp)
{
    const Chain *recipients = sched_entry_recipients(entry);

    if (!message->life->settings.smtputf8)
        return 0;
    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if (delivery_address_is_utf8(recipient_address((Recipient *)link)))
            return SEND_OPTION_RECIPIENT | (is_verp ? SEND_OPTION_SENDER : 0);
    return 0;
}

void request_encode(const Message *message, const SchedEntry *entry, GByteArray *out)
{
    const Envelope *envelope = &message->envelope;
    const char *sender = envelope_text(envelope, ENVELOPE_SENDER);
    const char *delimiters = envelope_text(envelope, ENVELOPE_VERP_DELIMITERS);
    const Chain *recipients = sched_entry_recipients(entry);
    bool is_verp = *delimiters != '\0';
    g_autofree char *verp_sender =
        is_verp ? delivery_verp_sender(sender, delimiters, (Recipient *)chain_first(recipients))
                : NULL;
    const DeliveryRequest request = {
        .flags = request_flags(message, entry),
        .queue_id = message->queue_id,
        .nexthop = sched_destination_nexthop(sched_entry_destination(entry)),
        .sender = is_verp ? verp_sender : sender,
        .envelope = envelope,
        .send_options = envelope->send_options | recipient_options(message, entry, is_verp),
        .active_s = message->active_s,
        .active_us = message->active_us,
        .recipients = recipients,
        .recipient_count = (int32_t)sched_entry_recipient_count(entry),
    };

    g_byte_array_set_size(out, 0);
    delivery_request_encode(out, &request, message->life->settings.wire);
}

void request_count_wait(Message *message)
{
    const Life *life = message->life;
    const Now *now = life_now(life);
    const Envelope *envelope = &message->envelope;

    if (message->from == SPOOL_INCOMING && !message->was_requested)
        stats_observe(life->settings.stats, STATS_QUEUE_WAIT,
                      (now->wall_s - envelope->arrival_s) * G_USEC_PER_SEC + now->wall_us -
                          envelope->arrival_us);
    message->was_requested = true;
}

static void note_trouble(Message *message, const SchedEntry *entry, const SchedResult *result)
{
    const SchedDestination *destination = sched_entry_destination(entry);
    const char *status = result->crashed ? CRASH_STATUS : result->status;
    const char *reason = result->crashed ? CRASH_REASON : result->reason;

    failure_add(stats_failures(message->life->settings.stats), life_now(message->life)->wall_s,
                sched_transport_name(sched_destination_transport(destination)),
                sched_destination_name(destination), status, reason);
    blame_entry(message, entry, status, reason);
}

void request_count_end(const SchedEntry *entry, const SchedResult *result, StatsTransport *counts,
                       int64_t since_ms)
{
    Message *message = sched_message_owner(sched_entry_message(entry));
    StatsResult outcome = result->crashed    ? STATS_LOST
                          : result->deferred ? STATS_DEFERRED
                                             : STATS_DONE;

    stats_delivery(counts, outcome, sched_entry_recipient_count(entry),
                   (life_now(message->life)->mono_ms - since_ms) * 1000);
    if (outcome != STATS_DONE)
        note_trouble(message, entry, result);
}

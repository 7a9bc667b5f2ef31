#include <string.h>

#include "src/life/life_internal.h"

/*
 * One batch of recipients is resolved as a whole, as stock does, since grouping needs all answers
 * (scheduling.md 5); but many questions are out at a time, and other messages go on meanwhile.
 */

/* Of one message: enough to keep all connections of the pool busy, few enough that the questions of
 * a large list do not stand in the way of other mail. */
#define QUESTIONS_OUT_MAX 16

#define EMPTY_EXTERNAL "\"\"" /* what the rewrite service is sent for the empty one */

static void gather_free(Gather *gather)
{
    for (unsigned i = 0; i < gather->count; i++) {
        g_clear_pointer(&gather->answers[i].transport, g_ref_string_release);
        g_clear_pointer(&gather->answers[i].nexthop, g_ref_string_release);
        g_free(gather->answers[i].recipient);
    }
    g_free(gather);
}

static void complete(Gather *gather)
{
    Message *message = gather->message;

    bind_batch(message, gather);
    message->gather = NULL;
    message->life->resolving[message->from]--;
    gather_free(gather);
    g_clear_pointer(&message->file, spool_message_close);
    sched_batch_end(message->life->sched, message->sched, life_sched_now(message->life));
    settle_sched(message->life);
    message_release(message);
}

unsigned life_resolving_count(const Life *life)
{
    return life->resolving[SPOOL_INCOMING] + life->resolving[SPOOL_DEFERRED];
}

static bool ask_more(Gather *gather);

static void on_answer(const ResolveReply *reply, void *ctx)
{
    Answer *answer = ctx;
    Gather *gather = answer->gather;

    answer->question = NULL;
    answer->flags = reply->flags;
    answer->transport = g_ref_string_new_intern(reply->transport);
    answer->nexthop = g_ref_string_new_intern(reply->nexthop);
    answer->recipient = recipient_readdress(answer->recipient, reply->recipient);
    g_assert(gather->waiting_count > 0);
    gather->waiting_count--;
    if (ask_more(gather))
        complete(gather);
}

static const char *request_name(const Message *message)
{
    return (message->envelope.trace_flags & TRACE_PROBE_BY_MTA) != 0 ? "verify" : "resolve";
}

static void ask(Answer *answer)
{
    Message *message = answer->gather->message;

    answer->question = resolver_ask(message->life->resolver, request_name(message),
                                    envelope_text(&message->envelope, ENVELOPE_SENDER),
                                    recipient_address(answer->recipient), on_answer, answer);
}

/* What became of the redirect address is what a failed lookup says of the recipient. */
static void fail_redirect(Answer *answer)
{
    const ResolveReply failure = {.flags = RESOLVE_FAIL,
                                  .transport = "",
                                  .nexthop = "",
                                  .recipient = recipient_address(answer->recipient)};

    on_answer(&failure, answer);
}

/* The canonical form of the redirect address takes the place of the recipient's. */
static void on_rewritten(const char *address, void *ctx)
{
    Answer *answer = ctx;
    g_autofree char *internal = NULL;

    answer->question = NULL;
    if (address == NULL) {
        fail_redirect(answer);
        return;
    }
    internal = address_unquote(address);
    answer->recipient = recipient_readdress(answer->recipient, internal);
    ask(answer);
}

static void ask_redirect(Answer *answer, const char *target)
{
    g_autofree char *quoted = address_quote(target);
    const char *external = *quoted != '\0' ? quoted : EMPTY_EXTERNAL;

    answer->question = resolver_ask_rewrite(answer->gather->message->life->resolver, "local",
                                            external, on_rewritten, answer);
}

/* Text after the colon, else the configured nexthop, else the recipient's domain, else ourselves.
 */
static const char *filter_nexthop(const Message *message, const char *after_colon,
                                  const char *address)
{
    const LifeSettings *settings = &message->life->settings;
    const char *at = strrchr(address, '@');

    if (*after_colon != '\0')
        return after_colon;
    if (*settings->default_filter_nexthop != '\0')
        return settings->default_filter_nexthop;
    return at != NULL && at[1] != '\0' ? at + 1 : settings->myhostname;
}

/* A content filter needs no question (behaviour.md 8, step 2). */
static void answer_by_filter(Answer *answer, const char *filter)
{
    const char *colon = strchr(filter, ':');
    g_autofree char *transport = colon != NULL ? g_strndup(filter, (gsize)(colon - filter)) : NULL;

    answer->transport = g_ref_string_new_intern(transport != NULL ? transport : filter);
    answer->nexthop = g_ref_string_new_intern(filter_nexthop(answer->gather->message,
                                                             colon != NULL ? colon + 1 : "",
                                                             recipient_address(answer->recipient)));
}

/* One recipient's turn: asked for, answered by the filter, or left alone. */
static void take_up(Answer *answer)
{
    Gather *gather = answer->gather;
    const Envelope *envelope = &gather->message->envelope;
    bool is_probe = (envelope->trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) != 0;

    if (envelope_has_text(envelope, ENVELOPE_REDIRECT)) {
        if (answer != gather->answers)
            return; /* one delivery stands for all recipients */
        gather->waiting_count++;
        ask_redirect(answer, envelope_text(envelope, ENVELOPE_REDIRECT));
    } else if (envelope_has_text(envelope, ENVELOPE_CONTENT_FILTER) && !is_probe) {
        answer_by_filter(answer, envelope_text(envelope, ENVELOPE_CONTENT_FILTER));
    } else {
        gather->waiting_count++;
        ask(answer);
    }
}

/* True if all is answered. Answers never come before the call that asked has returned. */
static bool ask_more(Gather *gather)
{
    while (gather->next < gather->count && gather->waiting_count < QUESTIONS_OUT_MAX)
        take_up(&gather->answers[gather->next++]);
    return gather->waiting_count == 0;
}

static Gather *gather_new(Message *message, SpoolReading *reading)
{
    unsigned count = (unsigned)reading->recipient_count;
    Gather *gather = g_malloc(sizeof *gather + count * sizeof *gather->answers);
    Link *link;

    *gather = (Gather){.message = message};
    while ((link = chain_take_first(&reading->recipients)) != NULL) {
        g_assert(gather->count < count);
        gather->answers[gather->count++] =
            (Answer){.recipient = (Recipient *)link, .gather = gather};
    }
    return gather;
}

void resolve_batch(Message *message, SpoolReading *reading)
{
    Life *life = message->life;
    Envelope *envelope = &message->envelope;
    Gather *gather = gather_new(message, reading);

    if (envelope_has_text(envelope, ENVELOPE_REDIRECT))
        envelope->fully_read = true;
    verbose_batch(message, gather->count);
    sched_batch_begin(
        life->sched, message->sched,
        &(SchedBatch){
            .read_count = (int)gather->count,
            .unread_count = envelope->unread_count,
            .fully_read = envelope->fully_read,
            .single_recipient = *envelope_text(envelope, ENVELOPE_VERP_DELIMITERS) != '\0',
        },
        life_sched_now(life));
    message_hold(message, 1);
    message->gather = gather;
    life->resolving[message->from]++;
    bind_sort(life, gather);
    if (ask_more(gather))
        complete(gather);
}

static void cancel(Message *message)
{
    Gather *gather = message->gather;

    if (gather == NULL)
        return;
    for (unsigned i = 0; i < gather->count; i++) {
        if (gather->answers[i].question != NULL)
            resolver_cancel(gather->answers[i].question);
        sched_batch_drop(message->life->sched, message->sched);
    }
    message->gather = NULL;
    message->life->resolving[message->from]--;
    gather_free(gather);
    message_release(message);
}

void resolve_stop(Life *life)
{
    g_autoptr(GPtrArray) messages = life_message_list(life);

    for (guint i = 0; i < messages->len; i++)
        cancel(g_ptr_array_index(messages, i));
}

#include <string.h>

#include "base/log.h"
#include "base/words.h"
#include "src/life/bind_internal.h"
#include "src/life/context_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/settle_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Resolve: asks trivial-rewrite(8) where recipients go. As in stock a batch is resolved as a whole,
 * since grouping needs all answers (scheduling.md 5); but here many questions are out at the same
 * time, and other messages go on meanwhile.
 */

/*
 * Questions of one message: enough to keep all connections of the pool busy, few enough that those
 * of a large list do not delay other mail.
 */
#define QUESTIONS_OUT_MAX 16

#define EMPTY_EXTERNAL "\"\"" /* the external form of an empty address */

typedef struct Resolving {
    Resolver *resolver;
    unsigned counts[SPOOL_QUEUE_COUNT]; /* messages being resolved, by the queue they came from */
    unsigned again_count;               /* those that are resolved again, not in `counts` */
    int64_t moved_count;                /* recipients that now wait for another destination */
    uint16_t change_count;              /* of maps; may wrap */
    unsigned old_count;                 /* messages being resolved since before the last change */
} Resolving;

static void clear_answer(BatchAnswer *answer)
{
    bind_unpoint(answer);
    g_free(answer->recipient);
}

static void batch_free(Batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        clear_answer(&batch->answers[i]);
    g_clear_pointer(&batch->was_transport, g_ref_string_release);
    g_clear_pointer(&batch->was_destination, g_ref_string_release);
    g_free(batch);
}

static unsigned *count_of(const Batch *batch)
{
    Resolving *resolving = batch->message->life->resolving;

    return batch->was_transport != NULL ? &resolving->again_count
                                        : &resolving->counts[batch->message->from];
}

static void batch_end(Batch *batch)
{
    Message *message = batch->message;

    message->batch = NULL;
    (*count_of(batch))--;
    if (batch->change != message->life->resolving->change_count)
        message->life->resolving->old_count--;
    batch_free(batch);
    message_move_to(message, MESSAGE_DELIVERING);
}

static bool is_moved(const Batch *batch, const SchedDestination *destination)
{
    return destination == NULL ||
           !g_str_equal(sched_transport_name(sched_destination_transport(destination)),
                        batch->was_transport) ||
           !g_str_equal(sched_destination_name(destination), batch->was_destination);
}

static unsigned count_moved(const Batch *batch)
{
    unsigned count = 0;

    for (unsigned i = 0; i < batch->count; i++)
        count += is_moved(batch, batch->answers[i].destination);
    return count;
}

static void complete(Batch *batch)
{
    Message *message = batch->message;

    bind_batch(message, batch);
    if (batch->was_transport != NULL)
        message->life->resolving->moved_count += count_moved(batch);
    batch_end(batch);
    g_clear_pointer(&message->file, spool_message_close);
    sched_batch_end(message->life->sched, message->sched, life_sched_now(message->life));
    settle_sched(message->life);
    message_release(message);
}

unsigned resolve_count(const Life *life)
{
    return resolve_count_from(life, SPOOL_INCOMING) + resolve_count_from(life, SPOOL_DEFERRED);
}

unsigned resolve_count_from(const Life *life, SpoolQueue queue)
{
    return life->resolving->counts[queue];
}

unsigned resolve_again_count(const Life *life)
{
    return life->resolving->again_count;
}

int64_t resolve_moved_count(const Life *life)
{
    return life->resolving->moved_count;
}

uint16_t resolve_note_change(Life *life)
{
    resolve_forget(life);
    life->resolving->old_count = resolve_count(life) + resolve_again_count(life);
    return ++life->resolving->change_count;
}

unsigned resolve_old_count(const Life *life)
{
    return life->resolving->old_count;
}

bool resolve_has_spare(const Life *life)
{
    return resolver_has_spare(life->resolving->resolver);
}

void resolve_forget(Life *life)
{
    resolver_forget(life->resolving->resolver);
}

bool resolve_is_idle(const Life *life)
{
    return resolve_count(life) + resolve_again_count(life) == 0 &&
           resolver_has_spare(life->resolving->resolver);
}

ResolverQuestion *resolve_ask_about(const Life *life, const char *sender, const char *address,
                                    ResolverDoneFn *done, void *ctx)
{
    return resolver_ask(life->resolving->resolver, "resolve", sender, address, done, ctx);
}

static bool ask_more(Batch *batch);

static void on_answer(const ResolveReply *reply, void *ctx)
{
    BatchAnswer *answer = ctx;
    Batch *batch = answer->batch;
    Life *life = batch->message->life;

    if (answer->is_asked)
        stats_observe(life->settings.stats, STATS_RESOLVE,
                      (life_now(life)->mono_ms - answer->asked_ms) * 1000);
    answer->question = NULL;
    bind_point(answer, reply->transport, reply->nexthop);
    answer->flags = reply->flags;
    answer->recipient = recipient_readdress(answer->recipient, reply->recipient);
    g_assert(batch->waiting_count > 0);
    batch->waiting_count--;
    if (ask_more(batch))
        complete(batch);
}

static void resolve_ask(BatchAnswer *answer)
{
    Message *message = answer->batch->message;
    bool is_probe = (message->envelope.trace_flags & TRACE_PROBE_BY_MTA) != 0;

    answer->asked_ms = life_now(message->life)->mono_ms;
    answer->question =
        resolver_ask(message->life->resolving->resolver, is_probe ? "verify" : "resolve",
                     envelope_text(&message->envelope, ENVELOPE_SENDER),
                     recipient_address(answer->recipient), on_answer, answer);
    answer->is_asked = !resolver_is_remembered(answer->question);
}

/* The canonical form of the redirect address takes the place of the recipient's. */
static void on_rewritten(const char *address, void *ctx)
{
    BatchAnswer *answer = ctx;
    g_autofree char *internal = NULL;

    answer->question = NULL;
    if (address == NULL) {
        /* The same as if a lookup of the address had failed. */
        const ResolveReply failure = {.flags = RESOLVE_FAIL,
                                      .transport = "",
                                      .nexthop = "",
                                      .recipient = recipient_address(answer->recipient)};

        on_answer(&failure, answer);
        return;
    }
    internal = address_unquote(address);
    answer->recipient = recipient_readdress(answer->recipient, internal);
    resolve_ask(answer);
}

static void ask_redirect(BatchAnswer *answer, const char *target)
{
    g_autofree char *quoted = address_quote(target);
    const char *external = *quoted != '\0' ? quoted : EMPTY_EXTERNAL;

    answer->question = resolver_ask_rewrite(answer->batch->message->life->resolving->resolver,
                                            "local", external, on_rewritten, answer);
}

/*
 * The text after the colon, else the configured nexthop, else the recipient's domain, else this
 * host.
 */
static const char *filter_nexthop(const LifeSettings *settings, const char *after_colon,
                                  const char *address)
{
    const char *at = strrchr(address, '@');

    if (*after_colon != '\0')
        return after_colon;
    if (*settings->default_filter_nexthop != '\0')
        return settings->default_filter_nexthop;
    return at != NULL && at[1] != '\0' ? at + 1 : settings->myhostname;
}

char *resolve_filter(const Life *life, const char *filter, const char *address,
                     const char **ret_nexthop)
{
    const char *colon = strchr(filter, ':');

    *ret_nexthop = filter_nexthop(&life->settings, colon != NULL ? colon + 1 : "", address);
    return colon != NULL ? g_strndup(filter, (gsize)(colon - filter)) : g_strdup(filter);
}

/* A content filter needs no question (behaviour.md 8, step 2). */
static void answer_by_filter(BatchAnswer *answer, const char *filter)
{
    const char *nexthop;
    g_autofree char *transport = resolve_filter(answer->batch->message->life, filter,
                                                recipient_address(answer->recipient), &nexthop);

    bind_point(answer, transport, nexthop);
}

/* Asks for one recipient, answers for it by the content filter, or leaves it alone. */
static void resolve_recipient(BatchAnswer *answer)
{
    Batch *batch = answer->batch;
    const Envelope *envelope = &batch->message->envelope;
    bool is_probe = (envelope->trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) != 0;

    answer->recipient->asked_in = batch->message->life->resolving->change_count;
    if (envelope_has_text(envelope, ENVELOPE_REDIRECT)) {
        if (answer != batch->answers)
            return; /* one delivery is that of all recipients */
        batch->waiting_count++;
        ask_redirect(answer, envelope_text(envelope, ENVELOPE_REDIRECT));
    } else if (envelope_has_text(envelope, ENVELOPE_CONTENT_FILTER) && !is_probe) {
        answer_by_filter(answer, envelope_text(envelope, ENVELOPE_CONTENT_FILTER));
    } else {
        batch->waiting_count++;
        resolve_ask(answer);
    }
}

/*
 * True if all questions are answered. An answer never comes before the call that asked has
 * returned.
 */
static bool ask_more(Batch *batch)
{
    while (batch->next < batch->count && batch->waiting_count < QUESTIONS_OUT_MAX)
        resolve_recipient(&batch->answers[batch->next++]);
    return batch->waiting_count == 0;
}

static Batch *batch_new(Message *message, Chain *recipients, unsigned count)
{
    Batch *batch = g_malloc(sizeof *batch + count * sizeof *batch->answers);
    Link *link;

    *batch = (Batch){.message = message};
    while ((link = chain_pop_first(recipients)) != NULL) {
        g_assert(batch->count < count);
        batch->answers[batch->count++] =
            (BatchAnswer){.recipient = (Recipient *)link, .batch = batch};
    }
    return batch;
}

static void begin_asking(Batch *batch)
{
    Message *message = batch->message;

    message_move_to(message, MESSAGE_RESOLVING);
    message_hold(message, 1);
    message->batch = batch;
    batch->change = message->life->resolving->change_count;
    (*count_of(batch))++;
    bind_sort(message->life, batch);
    if (ask_more(batch))
        complete(batch);
}

void resolve_batch(Message *message, SpoolReading *reading)
{
    Life *life = message->life;
    Envelope *envelope = &message->envelope;
    Batch *batch = batch_new(message, &reading->recipients, (unsigned)reading->recipient_count);

    if (envelope_has_text(envelope, ENVELOPE_REDIRECT))
        envelope->fully_read = true;
    verbose_batch(message, batch->count);
    sched_batch_begin(
        life->sched, message->sched,
        &(SchedBatch){
            .read_count = (int)batch->count,
            .unread_count = envelope->unread_count,
            .fully_read = envelope->fully_read,
            .single_recipient = *envelope_text(envelope, ENVELOPE_VERP_DELIMITERS) != '\0',
        });
    begin_asking(batch);
}

void resolve_again(Message *message, Chain *recipients, unsigned count, const char *transport,
                   const char *destination)
{
    Batch *batch = batch_new(message, recipients, count);

    batch->was_transport = g_ref_string_new_intern(transport);
    batch->was_destination = g_ref_string_new_intern(destination);
    begin_asking(batch);
}

static void cancel(Message *message)
{
    Batch *batch = message->batch;

    if (batch == NULL)
        return;
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->answers[i].question != NULL)
            resolver_cancel(batch->answers[i].question);
        sched_batch_drop(message->life->sched, message->sched);
    }
    batch_end(batch);
    message_release(message);
}

/* ---- start and end ---- */

/* Goes on asking where stock would die: mail waits, and this line says why. */
static void on_resolver_trouble(const char *text, bool is_fatal, void *ctx)
{
    (void)is_fatal;
    (void)ctx;
    log_warning("%s", text);
}

static Resolver *open_resolver(const Life *life)
{
    const LifeSettings *settings = &life->settings;
    g_auto(GStrv) names = words_split(settings->resolver_services, ", \t\r\n");
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    ResolverSettings resolver = {
        .cache_s = settings->resolver_cache_s,
        .idle_s = settings->ipc_idle_s,
        .ttl_s = settings->ipc_ttl_s,
        .timeout_s = settings->ipc_timeout_s,
    };

    for (char **name = names; *name != NULL; name++)
        g_ptr_array_add(paths, g_strconcat("private/", *name, NULL));
    if (paths->len == 0)
        g_ptr_array_add(paths, g_strconcat("private/", settings->rewrite_service, NULL));
    resolver.connection_limit = MAX(settings->resolver_connections, (int)paths->len);
    g_ptr_array_add(paths, NULL);
    resolver.services = (const char *const *)paths->pdata;
    return resolver_new(life->base, &resolver, on_resolver_trouble, NULL);
}

void resolve_init(Life *life)
{
    life->resolving = g_new0(Resolving, 1);
    life->resolving->resolver = open_resolver(life);
}

void resolve_stop(Life *life)
{
    g_autoptr(GPtrArray) messages = message_list(life);

    for (guint i = 0; i < messages->len; i++)
        cancel(g_ptr_array_index(messages, i));
    resolver_free(life->resolving->resolver);
    g_free(life->resolving);
}

static void check_batch(const Batch *batch)
{
    unsigned waiting_count = 0;

    for (unsigned i = 0; i < batch->count; i++) {
        const BatchAnswer *answer = &batch->answers[i];

        CHECK(answer->batch == batch && answer->recipient != NULL);
        CHECK(answer->question == NULL || i < batch->next);
        waiting_count += answer->question != NULL;
    }
    CHECK(batch->waiting_count == waiting_count && waiting_count > 0);
    CHECK(waiting_count <= QUESTIONS_OUT_MAX && batch->next <= batch->count);
}

void resolve_check(const Life *life)
{
    g_autoptr(GPtrArray) messages = message_list(life);
    unsigned counts[SPOOL_QUEUE_COUNT] = {0}, again_count = 0, old_count = 0;

    for (guint i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);

        if (message->batch == NULL)
            continue;
        CHECK(message->batch->message == message);
        check_batch(message->batch);
        old_count += message->batch->change != life->resolving->change_count;
        if (message->batch->was_transport != NULL)
            again_count++;
        else
            counts[message->from]++;
    }
    CHECK(again_count == life->resolving->again_count);
    CHECK(old_count == life->resolving->old_count);
    CHECK(memcmp(counts, life->resolving->counts, sizeof counts) == 0);
}

#ifndef EQMGR_TESTS_SCHED_SUPPORT_H
#define EQMGR_TESTS_SCHED_SUPPORT_H

/*
 * A tiny driver for the scheduler core: mail written as text, one transport's agents played by the
 * test, and everything that happens written down as text.
 *
 * Mail is a list of words, one per recipient: "transport/destination:address",
 * "destination:address" (transport "t1"), or "address*count": that many recipients with
 * destinations of their own. Batches are read at once when they are asked for, unless `slow_reads`
 * is set.
 */

#include <stdlib.h>
#include <string.h>

#include "sched/sched.h"
#include "tests/runner.h"

#define START_S 1000000

typedef struct Recipient {
    Link link; /* first */
    char *transport, *destination, *address;
} Recipient;

typedef struct Mail {
    SchedMessage *message;
    GPtrArray *recipients; /* of Recipient, in file order */
    guint read_count;
    bool is_done, is_verp;
} Mail;

typedef struct World {
    Sched *sched;
    SchedSettings settings;      /* changed by the test before the first use */
    SchedTransportParams params; /* of transports made from now on */
    SchedNow now;
    GPtrArray *mails;
    GString *trace;
    bool trace_reads, slow_reads, one_more_read; /* the end of the file takes a read of its own */
} World;

#define UNUSED_OK __attribute__((unused))

static const SchedTransportParams default_params = {
    .destination_concurrency_limit = 20,
    .initial_destination_concurrency = 5,
    .destination_recipient_limit = 50,
    .slot_cost = 5,
    .slot_loan = 3,
    .slot_discount_percent = 50,
    .minimum_slots = 3,
    .recipient_limit = 20000,
    .extra_recipient_limit = 1000,
    .refill_limit = 100,
    .refill_delay_s = 5,
    .positive = {.value = 1},
    .negative = {.value = 1},
    .positive_name = "default_destination_concurrency_positive_feedback",
    .negative_name = "default_destination_concurrency_negative_feedback",
    .failed_cohort_limit = 1,
};

static void free_recipient(gpointer data)
{
    Recipient *recipient = data;

    g_free(recipient->transport);
    g_free(recipient->destination);
    g_free(recipient->address);
    g_free(recipient);
}

static void free_mail(gpointer data)
{
    Mail *mail = data;

    g_ptr_array_unref(mail->recipients);
    g_free(mail);
}

UNUSED_OK static void world_init(World *world, SchedStrategy strategy)
{
    memset(world, 0, sizeof(*world));
    world->params = default_params;
    world->settings = (SchedSettings){
        .strategy = strategy,
        .message_active_limit = 20000,
        .message_recipient_limit = 20000,
        .message_recipient_minimum = 10,
        .fudge_percent = 100,
        .initial_destination_concurrency = 5,
        .transport_retry_s = 60,
        .minimal_backoff_s = 300,
        .clog_warn_s = 300,
        .retry_params = default_params,
    };
    world->now = (SchedNow){START_S, START_S, START_S};
    world->mails = g_ptr_array_new_with_free_func(free_mail);
    world->trace = g_string_new(NULL);
}

UNUSED_OK static void world_clear(World *world)
{
    sched_free(world->sched);
    g_ptr_array_unref(world->mails);
    g_string_free(world->trace, TRUE);
    memset(world, 0, sizeof(*world));
}

/* Starts with the settings as they are by now. */
static Sched *world_sched(World *world)
{
    if (world->sched == NULL)
        world->sched = sched_new(&world->settings);
    return world->sched;
}

static SchedTransport *world_transport(World *world, const char *name)
{
    SchedTransport *transport = sched_transport_find(world_sched(world), name);

    return transport != NULL ? transport : sched_transport_add(world->sched, name, &world->params);
}

UNUSED_OK static void world_wait(World *world, int seconds)
{
    world->now.wall_s += seconds;
    world->now.timer_s += seconds;
    world->now.steady_s += seconds;
    sched_run_timers(world_sched(world), world->now);
}

/* ---- mail ---- */

static void mail_add_recipient(Mail *mail, const char *transport, const char *destination,
                               const char *address)
{
    Recipient *recipient = g_new0(Recipient, 1);

    recipient->transport = g_strdup(transport);
    recipient->destination = g_strdup(destination);
    recipient->address = g_strdup(address);
    g_ptr_array_add(mail->recipients, recipient);
}

static void mail_add_many(Mail *mail, const char *address, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *destination = g_strdup_printf("%s-%03d", address, i);

        mail_add_recipient(mail, "t1", destination, address);
    }
}

static void mail_add_word(Mail *mail, char *word)
{
    const char *transport = "t1";
    char *star = strchr(word, '*'), *slash = strchr(word, '/'), *colon;

    if (star != NULL) {
        *star = '\0';
        mail_add_many(mail, word, atoi(star + 1));
        return;
    }
    if (slash != NULL) {
        *slash = '\0';
        transport = word;
        word = slash + 1;
    }
    colon = strchr(word, ':');
    *colon = '\0';
    mail_add_recipient(mail, transport, word, colon + 1);
}

static int compare_recipients(gconstpointer a, gconstpointer b)
{
    const Recipient *recipient_a = *(Recipient *const *)a, *recipient_b = *(Recipient *const *)b;
    int order = strcmp(recipient_a->transport, recipient_b->transport);

    return order != 0 ? order : strcmp(recipient_a->destination, recipient_b->destination);
}

static void assign(World *world, Mail *mail, Recipient *recipient)
{
    const char *status, *reason;
    SchedTransport *transport = world_transport(world, recipient->transport);
    SchedDestination *destination = sched_destination_get(
        world->sched, transport, recipient->destination, recipient->destination);

    if (sched_transport_is_dead(transport, &status, &reason) ||
        sched_destination_is_dead(destination, &status, &reason)) {
        g_autofree char *name = g_strconcat(status, " ", reason, NULL);

        transport = sched_retry_transport(world->sched);
        destination = sched_destination_get(world->sched, transport, name, name);
        if (sched_transport_is_dead(transport, NULL, NULL) ||
            sched_destination_is_dead(destination, NULL, NULL)) {
            sched_batch_drop(world->sched, mail->message);
            return;
        }
    }
    sched_batch_assign(world->sched, mail->message, destination, &recipient->link, world->now);
}

/* Reads, sorts and assigns the next batch. Returns how many recipients it had. */
static int mail_read(World *world, Mail *mail)
{
    guint limit = (guint)sched_batch_limit(world->sched, mail->message);
    guint left = mail->recipients->len - mail->read_count, count = MIN(limit, left);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    SchedBatch batch = {
        .read_count = (int)count,
        .unread_count = left - count,
        .fully_read = left < limit, /* the batch that ends at the limit does not see the end */
        .single_recipient = mail->is_verp,
    };

    sched_batch_begin(world->sched, mail->message, &batch);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(sorted, mail->recipients->pdata[mail->read_count++]);
    g_ptr_array_sort(sorted, compare_recipients);
    for (guint i = 0; i < count; i++)
        assign(world, mail, sorted->pdata[i]);
    sched_batch_end(world->sched, mail->message, world->now);
    if (world->trace_reads)
        g_string_append_printf(world->trace, "[%u/%u]", count, limit);
    return (int)count;
}

/* A message enters the active queue and its first batch is read. */
static Mail *mail_add_unread(World *world, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    Mail *mail = g_new0(Mail, 1);

    mail->recipients = g_ptr_array_new_with_free_func(free_recipient);
    for (int i = 0; words[i] != NULL; i++)
        mail_add_word(mail, words[i]);
    mail->message = sched_message_add(world_sched(world), mail, world->now);
    g_ptr_array_add(world->mails, mail);
    return mail;
}

UNUSED_OK static Mail *mail_add(World *world, const char *text)
{
    Mail *mail = mail_add_unread(world, text);

    mail_read(world, mail);
    return mail;
}

/* The completion pipeline: reads on, or ends the message. */
static void mail_complete(World *world, Mail *mail)
{
    while (!mail->is_done && sched_message_outstanding(mail->message) == 0) {
        if (mail->read_count < mail->recipients->len && mail_read(world, mail) > 0)
            continue;
        sched_message_remove(world->sched, mail->message);
        mail->is_done = true;
    }
}

/* ---- deliveries ---- */

/* An agent of the transport is there: the entry it gets, or NULL. */
static SchedEntry *world_select(World *world, SchedTransport *transport)
{
    SchedEntry *entry = NULL;
    SchedMessage *message = NULL;
    SchedSelection selection;

    while ((selection = sched_select(world->sched, transport, world->now, &entry, &message)) ==
           SCHED_REFILL) {
        if (world->slow_reads)
            sched_refill_started(message);
        else
            mail_read(world, sched_message_owner(message));
    }
    return selection == SCHED_SELECTED ? entry : NULL;
}

static void trace_entry(World *world, const SchedEntry *entry)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        g_string_append(world->trace, ((Recipient *)(void *)link)->address);
}

/* The next connection is opened and answered at once. NULL: none, or nothing to deliver. */
static SchedEntry *world_start(World *world)
{
    SchedTransport *transport = sched_next_connection(world->sched);
    int delay_s;

    if (transport == NULL)
        return NULL;
    delay_s = sched_connection_ready(world->sched, transport);
    if (delay_s > 0) {
        world->now.wall_s += delay_s;
        world->now.timer_s += delay_s;
        world->now.steady_s += delay_s;
        sched_run_timers(world->sched, world->now);
    }
    return world_select(world, transport);
}

static void world_finish(World *world, SchedEntry *entry, const SchedResult *result)
{
    Mail *mail = sched_message_owner(sched_entry_message(entry));

    sched_entry_finish(world->sched, entry, result, world->now);
    if (sched_wants_refill(world->sched, mail->message))
        mail_read(world, mail);
    mail_complete(world, mail);
}

static const SchedResult delivered = {.status = "", .reason = ""};
UNUSED_OK static const SchedResult refused = {
    .deferred = true, .status = "4.4.1", .reason = "no route"};
UNUSED_OK static const SchedResult crashed = {.crashed = true, .status = "", .reason = ""};

/* One agent delivers all there is. */
UNUSED_OK static const char *world_deliver_all(World *world, const char *separator)
{
    SchedEntry *entry;

    while ((entry = world_start(world)) != NULL) {
        if (world->trace->len > 0)
            g_string_append(world->trace, separator);
        trace_entry(world, entry);
        world_finish(world, entry, &delivered);
        sched_check(world->sched);
    }
    return world->trace->str;
}

/* All undeliverable entries are recorded, and written down as "address=status reason;". */
UNUSED_OK static void world_record_undeliverable(World *world)
{
    const char *status, *reason;
    SchedEntry *entry;

    while ((entry = sched_pop_undeliverable(world->sched, &status, &reason)) != NULL) {
        Mail *mail = sched_message_owner(sched_entry_message(entry));

        trace_entry(world, entry);
        g_string_append_printf(world->trace, "=%s %s;", status, reason);
        sched_entry_discard(world->sched, entry);
        mail_complete(world, mail);
    }
}

#endif

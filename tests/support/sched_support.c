#include "tests/support/sched_support.h"

#include <string.h>

#include "tests/support/transport_params.h"

/* Notices have these names in them. */
static SchedTransportParams named_params(void)
{
    SchedTransportParams params = usual_transport_params();

    params.positive_name = "default_destination_concurrency_positive_feedback";
    params.negative_name = "default_destination_concurrency_negative_feedback";
    return params;
}

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
    g_clear_pointer(&mail->batch, g_ptr_array_unref);
    g_free(mail);
}

void world_init(World *world, SchedStrategy strategy)
{
    memset(world, 0, sizeof(*world));
    world->params = named_params();
    world->settings = usual_sched_settings();
    world->settings.strategy = strategy;
    world->settings.clog_warn_s = 300;
    world->settings.counts_messages = true; /* sched_check() compares with what there is */
    world->settings.retry_params = named_params();
    world->now = (SchedNow){START_S, START_S, START_S, 0};
    world->mails = g_ptr_array_new_with_free_func(free_mail);
    world->trace = g_string_new(NULL);
}

void world_clear(World *world)
{
    sched_free(world->sched);
    g_ptr_array_unref(world->mails);
    g_string_free(world->trace, TRUE);
    memset(world, 0, sizeof(*world));
}

Sched *world_sched(World *world)
{
    if (world->sched == NULL)
        world->sched = sched_new(&world->settings);
    return world->sched;
}

SchedTransport *world_transport(World *world, const char *name)
{
    SchedTransport *transport = sched_transport_find(world_sched(world), name);

    return transport != NULL ? transport : sched_transport_add(world->sched, name, &world->params);
}

void world_set_slots(World *world, int cost, int loan, int discount_percent, int minimum)
{
    world->params.slot_cost = cost;
    world->params.slot_loan = loan;
    world->params.slot_discount_percent = discount_percent;
    world->params.minimum_slots = minimum;
}

void world_wait(World *world, int seconds)
{
    world->now.wall_s += seconds;
    world->now.timer_s += seconds;
    world->now.steady_s += seconds;
    world->now.mono_us += seconds * INT64_C(1000000);
    sched_run_timers(world_sched(world), world->now);
}

/* ---- mail ---- */

void mail_add_recipient(Mail *mail, const char *transport, const char *destination,
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
        mail_add_many(mail, word, (int)g_ascii_strtoll(star + 1, NULL, 10));
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

void assign(World *world, Mail *mail, Recipient *recipient)
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

void mail_begin(World *world, Mail *mail)
{
    guint allowed = (guint)sched_batch_limit(world->sched, mail->message);
    guint limit = world->batch_max > 0 ? MIN(world->batch_max, allowed) : allowed;
    guint left = mail->recipients->len - mail->read_count, count = MIN(limit, left);
    SchedBatch batch = {
        .read_count = (int)count,
        .unread_count = left - count,
        .fully_read = left < limit, /* the batch that ends at the limit does not see the end */
        .single_recipient = mail->is_verp,
    };

    sched_batch_begin(world->sched, mail->message, &batch);
    mail->batch = g_ptr_array_new();
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(mail->batch, mail->recipients->pdata[mail->read_count++]);
    g_ptr_array_sort(mail->batch, compare_recipients);
    if (world->trace_reads)
        g_string_append_printf(world->trace, "[%u/%u]", count, limit);
}

int mail_read(World *world, Mail *mail)
{
    g_autoptr(GPtrArray) batch = NULL;

    if (mail->batch == NULL)
        mail_begin(world, mail);
    batch = g_steal_pointer(&mail->batch);
    for (guint i = 0; i < batch->len; i++)
        assign(world, mail, batch->pdata[i]);
    sched_batch_end(world->sched, mail->message, world->now);
    return (int)batch->len;
}

Mail *mail_add_unread(World *world, const char *text)
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

Mail *mail_add(World *world, const char *text)
{
    Mail *mail = mail_add_unread(world, text);

    mail_read(world, mail);
    return mail;
}

void mail_add_all(World *world, const char *const *texts)
{
    for (; *texts != NULL; texts++)
        mail_add(world, *texts);
}

void mail_complete(World *world, Mail *mail)
{
    while (!mail->is_done && sched_message_outstanding(mail->message) == 0) {
        if (mail->read_count < mail->recipients->len && mail_read(world, mail) > 0)
            continue;
        sched_message_remove(world->sched, mail->message);
        mail->is_done = true;
    }
}

/* ---- deliveries ---- */

SchedEntry *world_select(World *world, SchedTransport *transport)
{
    SchedEntry *entry = NULL;
    SchedMessage *message = NULL;
    SchedSelection selection;

    while ((selection = sched_select(world->sched, transport, world->now, &entry, &message)) ==
           SCHED_REFILL) {
        if (world->failing_reads)
            sched_batch_failed(world->sched, message, world->now);
        else if (world->slow_reads)
            mail_begin(world, sched_message_owner(message));
        else
            mail_read(world, sched_message_owner(message));
    }
    return selection == SCHED_SELECTED ? entry : NULL;
}

void trace_entry(World *world, const SchedEntry *entry)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        g_string_append(world->trace, ((Recipient *)(void *)link)->address);
}

SchedEntry *world_connect(World *world)
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

void world_finish(World *world, SchedEntry *entry, const SchedResult *result)
{
    Mail *mail = sched_message_owner(sched_entry_message(entry));

    sched_entry_finish(world->sched, entry, result, world->now);
    if (sched_wants_refill(world->sched, mail->message))
        mail_read(world, mail);
    mail_complete(world, mail);
}

const SchedResult delivered = {.status = "", .reason = ""};
const SchedResult refused = {.deferred = true, .status = "4.4.1", .reason = "no route"};
const SchedResult crashed = {.crashed = true, .status = "", .reason = ""};

const char *world_deliver_all(World *world, const char *separator)
{
    SchedEntry *entry;

    while ((entry = world_connect(world)) != NULL) {
        if (world->trace->len > 0)
            g_string_append(world->trace, separator);
        trace_entry(world, entry);
        world_finish(world, entry, &delivered);
        sched_check(world->sched);
    }
    return world->trace->str;
}

void world_record_undeliverable(World *world)
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

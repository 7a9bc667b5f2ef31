#include "tests/simulate/world_internal.h"

/*
 * A queue file holds nothing: what its recipient number n is, its dice tell whenever it is read.
 * Which recipients are done the message knows by the numbers of those that are not.
 */

/* As in life: one turn takes in a message if there is room for it (scheduling.md 17: intake). */
static bool has_room(const World *world)
{
    const SchedSettings *settings = &world->scenario->settings;

    return (int64_t)sched_message_count(world->sched) < settings->message_active_limit &&
           (world->is_preemptive ||
            sched_recipient_count(world->sched) < settings->message_recipient_limit);
}

/* ---- recipients ---- */

static const MailClass *class_of(const World *world, const Mail *mail)
{
    return &world->scenario->mails[mail->class];
}

static unsigned pick_site_class(const MailClass *class, Dice *dice)
{
    double sum = 0, place;
    unsigned number = 0, last = 0;

    for (unsigned i = 0; i < SCENARIO_CLASSES_MAX; i++)
        sum += class->weights[i];
    place = dice_unit(dice) * sum;
    for (; number < SCENARIO_CLASSES_MAX && place >= 0; number++)
        if (class->weights[number] > 0) {
            last = number;
            place -= class->weights[number];
        }
    return last;
}

static uint32_t roll_site(const World *world, const Mail *mail, uint32_t number)
{
    Dice dice = dice_of(mail->dice, number);
    unsigned site_class = pick_site_class(class_of(world, mail), &dice);

    return world->scenario->sites[site_class].first +
           spread_pick(world->spreads[site_class], &dice);
}

static uint32_t todo_count(const World *world, const Mail *mail)
{
    return mail->todo != NULL ? mail->todo->len : class_of(world, mail)->recipient_count;
}

static uint32_t todo_number(const Mail *mail, uint32_t place)
{
    return mail->todo != NULL ? g_array_index(mail->todo, uint32_t, place) : place;
}

/* ---- reading and binding ---- */

/* Names sort as numbers do. */
static SchedDestination *live_destination(World *world, uint32_t site, bool *ret_is_retry)
{
    const char *status, *reason;
    char name[32];
    SchedDestination *destination;
    g_autofree char *text = NULL;

    (void)g_snprintf(name, sizeof(name), "d%07u.example", site);
    destination = sched_destination_get(world->sched, world->smtp.transport, name, name);
    *ret_is_retry = sched_destination_is_dead(destination, &status, &reason);
    if (!*ret_is_retry)
        return destination;
    text = g_strconcat(status, " ", reason, NULL);
    return sched_destination_get(world->sched, sched_retry_transport(world->sched), text, text);
}

static void bind_next(World *world, Mail *mail)
{
    Recipient *recipient = slab_alloc(&world->recipients);
    Bound bound = {.recipient = recipient};

    recipient->number = todo_number(mail, mail->read_count++);
    recipient->site = roll_site(world, mail, recipient->number);
    bound.destination = live_destination(world, recipient->site, &bound.is_retry);
    g_array_append_val(world->bound, bound);
}

/* "retry" comes before "smtp"; then by destination, then by address (scheduling.md 5.2). */
static int compare_bound(gconstpointer left, gconstpointer right)
{
    const Bound *a = left, *b = right;

    if (a->is_retry != b->is_retry)
        return a->is_retry ? -1 : 1;
    if (a->recipient->site != b->recipient->site)
        return a->recipient->site < b->recipient->site ? -1 : 1;
    return a->recipient->number < b->recipient->number ? -1 : 1;
}

static void assign_batch(World *world, Mail *mail)
{
    for (guint i = 0; i < world->bound->len; i++) {
        const Bound *bound = &g_array_index(world->bound, Bound, i);

        sched_batch_assign(world->sched, mail->message, bound->destination, &bound->recipient->link,
                           world_sched_now(world));
    }
}

/* Reading stops behind the last recipient it may take, so the end may take one more (10.2). */
void mail_read(World *world, Mail *mail)
{
    uint32_t left = todo_count(world, mail) - mail->read_count;
    uint32_t limit = (uint32_t)sched_batch_limit(world->sched, mail->message);
    uint32_t count = MIN(left, limit), record_count = 0;
    SchedBatch batch = {.read_count = (int)count, .fully_read = count < limit};

    g_array_set_size(world->bound, 0);
    for (uint32_t i = 0; i < count; i++)
        bind_next(world, mail);
    if (mail->read_count > 0) /* with those in between that are done */
        record_count = todo_number(mail, mail->read_count - 1) + 1;
    if (!batch.fully_read)
        batch.unread_count = class_of(world, mail)->recipient_count - record_count;
    g_array_sort(world->bound, compare_bound);
    sched_batch_begin(world->sched, mail->message, &batch);
    assign_batch(world, mail);
    sched_batch_end(world->sched, mail->message, world_sched_now(world));
    mail->in_core_count += count;
    mail->is_fully_read = batch.fully_read;
    world->tally->batch_count++;
}

/* ---- taking in ---- */

void mail_arrive(World *world, unsigned class, Dice dice)
{
    Mail *mail = slab_alloc(&world->mails);
    TallyMail *tally = &world->tally->mails[class];

    mail->class = (uint8_t) class;
    mail->dice = dice;
    mail->arrival_us = world->now_us;
    mail->backoff_s = (uint32_t)world->scenario->settings.minimal_backoff_s;
    tally->message_count++;
    tally->recipient_count += class_of(world, mail)->recipient_count;
    world->waiting_count += class_of(world, mail)->recipient_count;
    TAILQ_INSERT_TAIL(&world->incoming, mail, link);
}

void mail_on_retry(World *world, Mail *mail)
{
    world->tally->mails[mail->class].deferred_count -= mail->todo->len;
    world->waiting_count += mail->todo->len;
    TAILQ_INSERT_TAIL(&world->due, mail, link);
}

static void note_if_idle(World *world, Mail *mail)
{
    if (mail->is_idle || sched_message_outstanding(mail->message) > 0)
        return;
    mail->is_idle = true;
    TAILQ_INSERT_TAIL(&world->idle, mail, link);
}

static void activate(World *world, Mail *mail)
{
    mail->message = sched_message_add(world->sched, mail, world_sched_now(world));
    mail->attempt++;
    mail->read_count = 0;
    mail->is_fully_read = false;
    mail_read(world, mail);
    note_if_idle(world, mail);
}

/* New and deferred mail take turns, if there is both. */
bool mail_take_in(World *world)
{
    bool due_is_next =
        TAILQ_EMPTY(&world->incoming) || (world->due_comes_first && !TAILQ_EMPTY(&world->due));
    MailList *list = due_is_next ? &world->due : &world->incoming;
    Mail *mail = TAILQ_FIRST(list);

    if (mail == NULL || !has_room(world))
        return false;
    TAILQ_REMOVE(list, mail, link);
    world->due_comes_first = !due_is_next;
    activate(world, mail);
    return true;
}

/* ---- what becomes of recipients ---- */

static void note_deferred(World *world, Mail *mail, const Recipient *recipient)
{
    TallyMail *tally = &world->tally->mails[mail->class];

    if (mail->deferred == NULL)
        mail->deferred = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_append_val(mail->deferred, recipient->number);
    tally->deferred_count++;
    tally->deferral_count++;
}

void mail_recipients_done(World *world, Mail *mail, Chain *recipients, bool deferred)
{
    Link *link;

    while ((link = chain_pop_first(recipients)) != NULL) {
        Recipient *recipient = ELEMENT(link, Recipient, link);

        g_assert(mail->in_core_count > 0 && world->waiting_count > 0);
        mail->in_core_count--;
        world->waiting_count--;
        if (deferred)
            note_deferred(world, mail, recipient);
        else
            tally_delivered(world->tally, mail->class, recipient->site,
                            world->now_us - mail->arrival_us);
        slab_free(&world->recipients, recipient);
    }
    if (sched_wants_refill(world->sched, mail->message))
        mail_read(world, mail);
    note_if_idle(world, mail);
}

/* ---- the end of an attempt ---- */

static int compare_numbers(gconstpointer left, gconstpointer right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

static void free_lists(void *object, void *ctx)
{
    Mail *mail = object;

    (void)ctx;
    g_clear_pointer(&mail->todo, g_array_unref);
    g_clear_pointer(&mail->deferred, g_array_unref);
}

static void defer(World *world, Mail *mail)
{
    uint32_t limit_s = (uint32_t)world->scenario->maximal_backoff_s;

    g_array_sort(mail->deferred, compare_numbers);
    g_clear_pointer(&mail->todo, g_array_unref);
    mail->todo = g_steal_pointer(&mail->deferred);
    world_at(world, &mail->event, EVENT_RETRY, world->now_us + mail->backoff_s * US_PER_S);
    mail->backoff_s = MIN(mail->backoff_s * 2, MAX(limit_s, mail->backoff_s));
}

/* All of the attempt's recipients have come back, each once. */
static void end_attempt(World *world, Mail *mail)
{
    g_assert(mail->in_core_count == 0 && mail->read_count == todo_count(world, mail));
    sched_message_remove(world->sched, mail->message);
    mail->message = NULL;
    if (mail->deferred != NULL) {
        defer(world, mail);
        return;
    }
    tally_message_done(world->tally, mail->class, world->now_us - mail->arrival_us);
    free_lists(mail, NULL);
    slab_free(&world->mails, mail);
}

bool mail_finish_idle(World *world)
{
    Mail *mail = TAILQ_FIRST(&world->idle);

    if (mail == NULL)
        return false;
    TAILQ_REMOVE(&world->idle, mail, link);
    mail->is_idle = false;
    if (!mail->is_fully_read)
        mail_read(world, mail);
    if (!mail->is_fully_read || mail->in_core_count > 0)
        note_if_idle(world, mail);
    else
        end_attempt(world, mail);
    return true;
}

void mail_clear_all(World *world)
{
    slab_foreach(&world->mails, free_lists, NULL);
}

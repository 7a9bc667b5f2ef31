#include "tests/sched/drift_world.h"

#include "base/element.h"

#define AGENTS_MAX 30

typedef struct Agent {
    SchedEntry *entry; /* NULL: idle */
    int64_t end_us;
} Agent;

typedef struct World {
    Sched *sched;
    SchedTransport *transport;
    int64_t now_us;
    Mail *mails;
    int arrived;
    Agent agents[AGENTS_MAX];
    int agents_max;
    int64_t reading_us; /* how long a later batch takes */
    unsigned starts;
} World;

static SchedNow now_of(const World *world)
{
    return (SchedNow){world->now_us / US, world->now_us / US, world->now_us / US};
}

/* ---- mail ---- */

static int64_t left_to_read(const Mail *mail)
{
    return mail->count - mail->read_count;
}

/* Mail for what is dead goes to "retry". NULL: nothing takes it now. */
static SchedDestination *bind(World *world, const Recipient *recipient)
{
    g_autofree char *name = g_strdup_printf("d%d", recipient->destination);
    SchedDestination *destination =
        model_destination_get(world->sched, world->transport, name, name);
    const char *status, *reason;

    if (!model_destination_is_dead(destination, &status, &reason))
        return destination;
    destination =
        model_destination_get(world->sched, model_retry_transport(world->sched), reason, reason);
    return model_destination_is_dead(destination, &status, &reason) ? NULL : destination;
}

static void assign(World *world, Mail *mail, Recipient *recipient)
{
    SchedDestination *destination = bind(world, recipient);

    if (destination != NULL)
        model_batch_assign(world->sched, mail->message, destination, &recipient->link,
                           now_of(world));
    else
        model_batch_drop(world->sched, mail->message);
}

static void go_on(World *world, Mail *mail);

static void read_batch(World *world, Mail *mail)
{
    int limit = model_batch_limit(world->sched, mail->message);
    int count = (int)MIN(limit, left_to_read(mail)), end = mail->read_count + count;
    const SchedBatch batch = {.read_count = count,
                              .unread_count = left_to_read(mail) - count,
                              .fully_read = limit > left_to_read(mail)};

    model_batch_begin(world->sched, mail->message, &batch);
    for (; mail->read_count < end; mail->read_count++)
        assign(world, mail, &mail->recipients[mail->read_count]);
    model_batch_end(world->sched, mail->message, now_of(world));
    go_on(world, mail);
}

/* Entries of it have ended, or its recipients were dropped. */
static void go_on(World *world, Mail *mail)
{
    if (model_message_outstanding(mail->message) > 0 || mail->batch_due_us > 0)
        return;
    if (left_to_read(mail) > 0)
        read_batch(world, mail);
    else
        model_message_remove(world->sched, mail->message);
}

/* With a delay the deliveries go on meanwhile. */
static void ask_for_batch(World *world, Mail *mail)
{
    if (world->reading_us == 0) {
        read_batch(world, mail);
        return;
    }
    model_refill_started(mail->message);
    mail->batch_due_us = world->now_us + world->reading_us;
}

static void arrive(World *world)
{
    Mail *mail = &world->mails[world->arrived++];

    mail->message = model_message_add(world->sched, mail, now_of(world));
    read_batch(world, mail);
}

/* ---- deliveries ---- */

static Recipient *recipient_at(Link *link)
{
    return ELEMENT(link, Recipient, link);
}

static void start(World *world, Agent *agent, SchedEntry *entry)
{
    const Chain *chain = model_entry_recipients(entry);

    agent->entry = entry;
    agent->end_us = world->now_us + 1;
    if (model_destination_transport(model_entry_destination(entry)) == world->transport)
        agent->end_us += recipient_at(chain_first(chain))->service_us;
    for (Link *link = chain_first(chain); link != NULL; link = chain_next(chain, link)) {
        recipient_at(link)->started_us = world->now_us;
        recipient_at(link)->place = world->starts;
    }
    world->starts++;
}

static SchedEntry *select_entry(World *world, SchedTransport *transport)
{
    for (;;) {
        SchedEntry *entry;
        SchedMessage *message;
        SchedSelection selection =
            model_select(world->sched, transport, now_of(world), &entry, &message);

        if (selection != SCHED_REFILL)
            return selection == SCHED_SELECTED ? entry : NULL;
        ask_for_batch(world, model_message_owner(message));
    }
}

static Agent *idle_agent(World *world)
{
    for (int i = 0; i < world->agents_max; i++)
        if (world->agents[i].entry == NULL)
            return &world->agents[i];
    return NULL;
}

/* Deliveries to "retry" take their agents, too. */
static void start_all(World *world)
{
    Agent *agent;
    SchedTransport *transport;

    while ((agent = idle_agent(world)) != NULL &&
           (transport = model_next_connection(world->sched)) != NULL) {
        SchedEntry *entry;

        (void)model_connection_ready(world->sched, transport);
        entry = select_entry(world, transport);
        if (entry == NULL)
            return;
        start(world, agent, entry);
    }
}

static void finish(World *world, Agent *agent)
{
    const Chain *chain = model_entry_recipients(agent->entry);
    const SchedResult result = {.deferred = recipient_at(chain_first(chain))->fails,
                                .status = recipient_at(chain_first(chain))->fails ? "4.4.1" : "",
                                .reason = "no route"};
    Mail *mail = model_message_owner(model_entry_message(agent->entry));

    (void)model_entry_finish(world->sched, agent->entry, &result, now_of(world));
    agent->entry = NULL;
    go_on(world, mail);
}

static void drop_undeliverable(World *world)
{
    const char *status, *reason;
    SchedNotice notice;
    SchedEntry *entry;

    while ((entry = model_pop_undeliverable(world->sched, &status, &reason)) != NULL) {
        Mail *mail = model_message_owner(model_entry_message(entry));

        (void)model_entry_discard(world->sched, entry);
        go_on(world, mail);
    }
    while (model_pop_notice(world->sched, &notice))
        g_free(notice.destination);
}

/* ---- time ---- */

static Agent *first_to_end(World *world)
{
    Agent *first = NULL;

    for (int i = 0; i < world->agents_max; i++)
        if (world->agents[i].entry != NULL &&
            (first == NULL || world->agents[i].end_us < first->end_us))
            first = &world->agents[i];
    return first;
}

static Mail *first_batch(World *world)
{
    Mail *first = NULL;

    for (int i = 0; i < world->arrived; i++)
        if (world->mails[i].batch_due_us > 0 &&
            (first == NULL || world->mails[i].batch_due_us < first->batch_due_us))
            first = &world->mails[i];
    return first;
}

static int64_t next_timer_us(const World *world)
{
    int64_t due_s = model_next_timer_s(world->sched);

    return due_s < INT64_MAX ? due_s * US : INT64_MAX;
}

static int64_t next_arrival_us(const World *world)
{
    return world->arrived < MAILS ? world->mails[world->arrived].arrival_us : INT64_MAX;
}

static void happen(World *world, Agent *agent, Mail *batch)
{
    if (agent != NULL && agent->end_us <= world->now_us) {
        finish(world, agent);
    } else if (batch != NULL && batch->batch_due_us <= world->now_us) {
        batch->batch_due_us = 0;
        read_batch(world, batch);
    } else if (next_arrival_us(world) <= world->now_us) {
        arrive(world);
    }
}

/* False: nothing happens any more. */
static bool step(World *world)
{
    Agent *agent = first_to_end(world);
    Mail *batch = first_batch(world);
    int64_t next_us = MIN(next_arrival_us(world), next_timer_us(world));

    next_us = MIN(next_us, agent != NULL ? agent->end_us : INT64_MAX);
    next_us = MIN(next_us, batch != NULL ? batch->batch_due_us : INT64_MAX);
    if (next_us == INT64_MAX)
        return false;
    world->now_us = MAX(world->now_us, next_us);
    model_run_timers(world->sched, now_of(world));
    happen(world, agent, batch);
    drop_undeliverable(world);
    start_all(world);
    return true;
}

static Mail *copy_mails(const Plan *plan)
{
    Mail *mails = g_memdup2(plan->mails, MAILS * sizeof(Mail));

    for (int i = 0; i < MAILS; i++)
        mails[i].recipients =
            g_memdup2(mails[i].recipients, (gsize)mails[i].count * sizeof(Recipient));
    return mails;
}

void free_mails(Mail *mails)
{
    for (int i = 0; i < MAILS; i++)
        g_free(mails[i].recipients);
    g_free(mails);
}

Mail *deliver(const Plan *plan, ModelRules rules)
{
    const SchedSettings settings = {
        .strategy = SCHED_PREEMPTIVE,
        .message_active_limit = 20000,
        .message_recipient_limit = plan->message_recipient_limit,
        .message_recipient_minimum = 2,
        .fudge_percent = 100,
        .initial_destination_concurrency = 5,
        .transport_retry_s = 60,
        .minimal_backoff_s = 300,
        .retry_params = plan->params,
    };
    World world = {
        .agents_max = plan->agents,
        .reading_us = plan->reading_us,
        .now_us = START_US,
    };

    model_set_rules(rules);
    world.mails = copy_mails(plan);
    world.sched = model_new(&settings);
    world.transport = model_transport_add(world.sched, "smtp", &plan->params);
    while (step(&world))
        ;
    g_assert(model_message_count(world.sched) == 0);
    model_free(world.sched);
    return world.mails;
}

#include "base/loop.h"
#include "ipc/agent.h"
#include "src/life/backoff_internal.h"
#include "src/life/complain_internal.h"
#include "src/life/context_internal.h"
#include "src/life/deliver_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/message_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/plans_internal.h"
#include "src/life/report_internal.h"
#include "src/life/request_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/settle_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Deliver: connections to delivery agents (ipc.md 3). The scheduler says which transport gets a
 * connection; when the agent has announced itself, the scheduler selects an entry for it, and the
 * reply ends that entry. A connection carries one delivery.
 */

#define UNREADABLE_STATUS     "4.0.0"
#define TRANSPORT_DOWN_STATUS SCHEDULE_DOWN_STATUS
#define TRANSPORT_DOWN_REASON SCHEDULE_DOWN_REASON

#define ROOM_TOLD_EACH_MS (60 * INT64_C(1000))

/* A connection to a delivery agent, from the connect to the reply. */
typedef struct DeliverConnection {
    TAILQ_ENTRY(DeliverConnection) link;
    Life *life;
    SchedTransport *transport;
    StatsTransport *stats; /* or NULL */
    Agent *agent;
    SchedEntry *entry;        /* set when a request was sent */
    struct event *rate_timer; /* only with a transport rate delay, or when much mail is held */
    struct event *down_event; /* set if the connection could not be made */
    int64_t since_ms;         /* of its phase: pending, paced, delivering */
    uint32_t slot;            /* in the table of all connections */
} DeliverConnection;

static void deliver_close(DeliverConnection *connection)
{
    TAILQ_REMOVE(&connection->life->deliveries->connections, connection, link);
    slot_table_remove(&connection->life->deliveries->slots, connection->slot);
    if (connection->rate_timer != NULL)
        event_free(connection->rate_timer);
    if (connection->down_event != NULL)
        event_free(connection->down_event);
    agent_close(connection->agent);
    g_free(connection);
}

/*
 * Tells the scheduler that this connection is gone, which was pending, waiting for its rate delay,
 * or delivering.
 */
static void abandon(DeliverConnection *connection)
{
    static const SchedResult crashed = {.crashed = true, .status = "", .reason = ""};
    Sched *sched = connection->life->sched;
    SchedNow now = life_sched_now(connection->life);
    SchedMessage *message;
    Chain recipients;

    if (connection->entry == NULL && connection->rate_timer == NULL) {
        sched_connection_failed(sched, connection->transport, TRANSPORT_DOWN_STATUS,
                                TRANSPORT_DOWN_REASON, now);
        return;
    }
    while (connection->entry == NULL && sched_select(sched, connection->transport, now,
                                                     &connection->entry, &message) == SCHED_REFILL)
        sched_batch_failed(sched, message, now);
    if (connection->entry == NULL)
        return;
    message = sched_entry_message(connection->entry);
    recipients = sched_entry_finish(sched, connection->entry, &crashed, now);
    recipients_free(&recipients);
    message_release(sched_message_owner(message));
}

void deliver_init(Life *life)
{
    life->deliveries = g_new0(Deliveries, 1);
    TAILQ_INIT(&life->deliveries->connections);
    slot_table_init(&life->deliveries->slots);
    life->deliveries->request = g_byte_array_new();
}

void deliver_stop(Life *life)
{
    DeliverConnection *next;

    for (DeliverConnection *each = TAILQ_FIRST(&life->deliveries->connections); each != NULL;
         each = next) {
        next = TAILQ_NEXT(each, link);
        abandon(each);
        deliver_close(each);
    }
    slot_table_clear(&life->deliveries->slots);
    g_byte_array_free(life->deliveries->request, TRUE);
    g_free(life->deliveries);
}

/* ---- refill ---- */

/*
 * Reads the next batch while deliveries go on. A damaged file is left to the completion pipeline,
 * which reads it again when nothing goes on for the message any more.
 */
static void refill(Message *message)
{
    Life *life = message->life;
    SpoolReading reading;

    if (message_read_more(message, &reading).status == SPOOL_OK)
        resolve_batch(message, &reading);
    else
        sched_batch_failed(life->sched, message->sched, life_sched_now(life));
    spool_reading_clear(&reading);
}

/* ---- replies ---- */

/*
 * After an agent's crash only the file knows which recipients are done. Those that are not get a
 * defer record, so that mailq and a later bounce can name them. held: what a rule holds them with,
 * which the crash of retry does not change; NULL: none does.
 */
static void report_crashed(Message *message, Chain *recipients, const char *held)
{
    Link *link;

    while ((link = chain_pop_first(recipients)) != NULL) {
        Recipient *recipient = (Recipient *)link;

        if (spool_is_done(message->life->spool, message->queue_id, recipient->offset))
            g_free(recipient);
        else if (held != NULL)
            report_deferred(message, recipient, RULE_SUSPENSION_STATUS, held);
        else
            report_deferred(message, recipient, "4.3.0", "unknown mail transport error");
    }
}

static char *copy_held_text(const SchedEntry *entry)
{
    const SchedDestination *destination = sched_entry_destination(entry);
    const char *transport = sched_transport_name(sched_destination_transport(destination));

    return g_str_equal(transport, "retry")
               ? g_strdup(suspend_reason_at_retry(sched_destination_nexthop(destination)))
               : NULL;
}

/* Mail that waits for a site with a status that cannot be read is redirected with another one. */
static const char *readable_status(const char *status)
{
    return status[0] == '\0' || dsn_is_valid(status) ? status : UNREADABLE_STATUS;
}

/* Of some recipients of the entry at least; all of them have one plan unless retry(8) had it, or a
 * rule for what was answered says when they are tried again. */
static void note_deferral(Message *message, const SchedEntry *entry, const ReplyRule *rule)
{
    bool is_suspended = suspend_note_end(message, entry);
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link)) {
        Recipient *recipient = (Recipient *)link;

        if (rule != NULL && rule->retry.count > 0)
            recipient->plan = plans_with_retry(message->life, recipient->plan, rule);
        schedule_note_deferral(message, recipient, is_suspended);
    }
}

/* The order of the actions is that of scheduling.md 11.5. */
static void finish_entry(DeliverConnection *connection, const SchedResult *result)
{
    Life *life = connection->life;
    SchedEntry *entry = g_steal_pointer(&connection->entry);
    Message *message = sched_message_owner(sched_entry_message(entry));
    g_autofree char *held = copy_held_text(entry);
    SchedResult readable = *result;
    const ReplyRule *rule;
    Chain recipients;

    message_delivery_ends(message);
    request_count_end(entry, result, connection->stats, connection->since_ms);
    verbose_delivery_ends(life, entry, result);
    readable.status = readable_status(result->status);
    readable.is_slowed = backoff_note_end(life, entry, result, connection->since_ms * 1000, &rule);
    if (result->crashed)
        message->left |= LEFT_UNKNOWN;
    else if (result->deferred)
        note_deferral(message, entry, rule);
    else
        jobs_note_success(life, message->queue_id, sched_entry_destination(entry));
    if (!result->crashed)
        parking_note_end(life, sched_entry_destination(entry));
    recipients = sched_entry_finish(life->sched, entry, &readable, life_sched_now(life));
    deliver_close(connection);
    if (result->crashed)
        report_crashed(message, &recipients, held);
    recipients_free(&recipients);
    if (sched_wants_refill(life->sched, message->sched))
        refill(message);
    settle_sched(life);
    message_release(message);
}

static void on_reply(Agent *agent, AgentOutcome outcome, const DeliveryReply *reply, void *ctx)
{
    DeliverConnection *connection = ctx;
    Life *life = connection->life;
    const char *transport = sched_transport_name(connection->transport);
    Message *message = sched_message_owner(sched_entry_message(connection->entry));
    SchedResult result = {.crashed = outcome != AGENT_OK, .status = "", .reason = ""};

    if (outcome == AGENT_WRITE_FAILED) {
        complain_write_failed(agent, transport);
        verbose_delivery_is_put_off(life, connection->entry);
        message_delivery_ends(message);
        sched_entry_give_back(life->sched, g_steal_pointer(&connection->entry),
                              TRANSPORT_DOWN_STATUS, TRANSPORT_DOWN_REASON, life_sched_now(life));
        deliver_close(connection);
        settle_sched(life);
        return;
    }
    if (outcome == AGENT_OK) {
        complain_if_silent(transport, message, reply);
        result.deferred = reply->status != 0;
        result.status = reply->dsn;
        result.reason = reply->reason;
    } else {
        complain_no_reply(agent, transport, message, outcome);
    }
    finish_entry(connection, &result);
}

/* ---- selection ---- */

static void deliver_select_entry(DeliverConnection *connection);

static void on_rate_delay_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    deliver_select_entry(arg);
}

static void wait_rate_delay(DeliverConnection *connection, int delay_s)
{
    const struct timeval delay = {delay_s, 0};

    connection->since_ms = life_now(connection->life)->mono_ms;
    if (connection->rate_timer == NULL)
        connection->rate_timer =
            evtimer_new(connection->life->base, on_rate_delay_over, connection);
    loop_add(connection->rate_timer, &delay);
}

/*
 * Gives the waiting agent the next entry. If there is none, closes the connection, which agents
 * expect. If many were held by a rule, the agent waits for the next turn.
 */
static void deliver_select_entry(DeliverConnection *connection)
{
    Life *life = connection->life;
    SchedEntry *entry = NULL;
    SchedMessage *message = NULL;
    SchedSelection selection;

    while ((selection = suspend_select(life, connection->transport, &entry, &message)) ==
           SCHED_REFILL)
        refill(sched_message_owner(message));
    settle_sched(life);
    if (selection == SCHED_NOTHING) {
        deliver_close(connection);
        return;
    }
    if (entry == NULL) {
        wait_rate_delay(connection, 0);
        return;
    }
    connection->entry = entry;
    connection->since_ms = life_now(life)->mono_ms;
    message_delivery_begins(sched_message_owner(sched_entry_message(entry)));
    request_count_wait(sched_message_owner(sched_entry_message(entry)));
    backoff_note_begin(life, entry);
    verbose_delivery_begins(life, entry);
    request_encode(sched_message_owner(sched_entry_message(entry)), entry,
                   life->deliveries->request);
    agent_send(connection->agent, life->deliveries->request, on_reply, connection);
}

static void deliver_give_up(DeliverConnection *connection)
{
    Life *life = connection->life;

    sched_connection_failed(life->sched, connection->transport, TRANSPORT_DOWN_STATUS,
                            TRANSPORT_DOWN_REASON, life_sched_now(life));
    deliver_close(connection);
    settle_sched(life);
}

static void on_transport_down(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    deliver_give_up(arg);
}

static void on_ready(Agent *agent, AgentOutcome outcome, void *ctx);

static void reach_agent(DeliverConnection *connection)
{
    Life *life = connection->life;

    connection->agent = agent_connect(life->base, sched_transport_name(connection->transport),
                                      life->settings.daemon_timeout_s, on_ready, connection);
}

/* A lack of descriptors says nothing about the transport: its mail waits until there are some. */
static void wait_for_room(DeliverConnection *connection)
{
    Life *life = connection->life;
    int64_t now_ms = life_now(life)->mono_ms;

    if (life->deliveries->room_told_ms == 0 ||
        now_ms - life->deliveries->room_told_ms >= ROOM_TOLD_EACH_MS) {
        life->deliveries->room_told_ms = now_ms;
        complain_not_ready(connection->agent, sched_transport_name(connection->transport),
                           AGENT_NO_ROOM);
    }
    agent_close(connection->agent);
    reach_agent(connection);
}

static void handle_no_agent(DeliverConnection *connection, AgentOutcome outcome)
{
    if (outcome == AGENT_NO_ROOM) {
        wait_for_room(connection);
        return;
    }
    complain_not_ready(connection->agent, sched_transport_name(connection->transport), outcome);
    if (outcome != AGENT_NO_CONNECTION) {
        deliver_give_up(connection);
        return;
    }
    /* As in stock, a transport dies only after all connections of this turn have been tried. */
    connection->down_event = evtimer_new(connection->life->base, on_transport_down, connection);
    event_active(connection->down_event, EV_TIMEOUT, 0);
}

static void on_ready(Agent *agent, AgentOutcome outcome, void *ctx)
{
    DeliverConnection *connection = ctx;
    int delay_s;

    (void)agent;
    g_assert(connection->entry == NULL && connection->rate_timer == NULL);
    if (outcome != AGENT_OK) {
        handle_no_agent(connection, outcome);
        return;
    }
    delay_s = sched_connection_ready(connection->life->sched, connection->transport);
    if (delay_s > 0)
        wait_rate_delay(connection, delay_s);
    else
        deliver_select_entry(connection);
}

void deliver_open_connections(Life *life)
{
    SchedTransport *transport;

    while ((transport = sched_next_connection(life->sched)) != NULL) {
        DeliverConnection *connection = g_new(DeliverConnection, 1);

        *connection = (DeliverConnection){
            .life = life,
            .transport = transport,
            .stats = stats_transport(life->settings.stats, sched_transport_name(transport)),
            .since_ms = life_now(life)->mono_ms};
        connection->slot = slot_table_add(&life->deliveries->slots, connection);
        TAILQ_INSERT_TAIL(&life->deliveries->connections, connection, link);
        reach_agent(connection);
    }
}

/* A connection that delivers holds a message that is in memory. */
void deliver_check(const Life *life)
{
    DeliverConnection *connection;

    TAILQ_FOREACH (connection, &life->deliveries->connections, link) {
        const Message *message;

        CHECK(connection->life == life && connection->agent != NULL);
        if (connection->entry == NULL)
            continue;
        message = sched_message_owner(sched_entry_message(connection->entry));
        CHECK(message_find(life, message->queue_id) == message);
        CHECK(message->hold_count > 0);
    }
}

/* ---- for those who look ---- */

static LifeConnectionPhase connection_phase(const DeliverConnection *connection)
{
    if (connection->entry != NULL)
        return LIFE_CONNECTION_DELIVERING;
    return connection->rate_timer != NULL ? LIFE_CONNECTION_PACED : LIFE_CONNECTION_PENDING;
}

bool deliver_view_next(const Life *life, uint32_t *slot, unsigned patience,
                       LifeConnectionView *ret_view)
{
    const DeliverConnection *connection = slot_table_next(&life->deliveries->slots, slot, patience);
    const Message *message;

    if (connection == NULL)
        return false;
    *ret_view = (LifeConnectionView){.transport = sched_transport_name(connection->transport),
                                     .phase = connection_phase(connection),
                                     .since_ms = connection->since_ms};
    if (connection->entry == NULL)
        return true;
    message = sched_message_owner(sched_entry_message(connection->entry));
    ret_view->queue_id = message->queue_id;
    ret_view->destination = sched_destination_name(sched_entry_destination(connection->entry));
    ret_view->recipient_count = sched_entry_recipient_count(connection->entry);
    return true;
}

bool deliver_view_is_end(const Life *life, uint32_t slot)
{
    return slot_table_is_end(&life->deliveries->slots, slot);
}

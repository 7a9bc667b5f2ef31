#include "tests/simulate/world_internal.h"

/* The retry service needs no network. */
#define RETRY_SERVICE_US 1000

#define DEAD_STATUS "4.4.1"

void agents_init(World *world)
{
    unsigned limit = (unsigned)world->scenario->process_limit;

    world->smtp.transport = sched_transport_add(world->sched, "smtp", &world->scenario->transport);
    world->smtp.free_agent_count = world->retry.free_agent_count = limit;
}

/* ---- results ---- */

static const Recipient *first_recipient(const SchedEntry *entry)
{
    return ELEMENT(chain_first(sched_entry_recipients(entry)), Recipient, link);
}

/* A delivery has its duration whenever and in whatever order it takes place. */
static int64_t roll_service_us(const Delivery *delivery, const SiteClass *class)
{
    const Mail *mail = sched_message_owner(sched_entry_message(delivery->entry));
    const Recipient *first = first_recipient(delivery->entry);
    Dice dice = dice_of(dice_of(mail->dice, first->number), mail->attempt);

    if (class->service != SERVICE_EXPONENTIAL)
        return class->service_us;
    return (int64_t)dice_exponential(&dice, (double)class->service_us) + 1;
}

static int64_t service_us(const World *world, const Delivery *delivery)
{
    if (delivery->lane == &world->retry)
        return RETRY_SERVICE_US;
    return roll_service_us(delivery,
                           world_site_class(world, first_recipient(delivery->entry)->site));
}

/* ---- deliveries ---- */

static void end_delivery(World *world, Delivery *delivery)
{
    static const SchedResult delivered = {.status = "", .reason = ""};
    static const SchedResult put_off = {.deferred = true, .status = "", .reason = ""};
    SchedEntry *entry = delivery->entry;
    uint32_t site = first_recipient(entry)->site;
    bool is_dead = world_site_class(world, site)->service == SERVICE_DEAD;
    bool is_retry = delivery->lane == &world->retry;
    Mail *mail = sched_message_owner(sched_entry_message(entry));
    SchedResult result = is_retry ? put_off : delivered;
    char reason[64];
    Chain recipients;

    if (is_dead && !is_retry) {
        (void)g_snprintf(reason, sizeof(reason), "connect to d%07u.example: timed out", site);
        result = (SchedResult){.deferred = true, .status = DEAD_STATUS, .reason = reason};
    }
    recipients = sched_entry_finish(world->sched, entry, &result, world_sched_now(world));
    world->tally->delivery_count++;
    mail_recipients_done(world, mail, &recipients, result.deferred);
}

static void hang_up(World *world, Delivery *delivery)
{
    delivery->lane->free_agent_count++;
    slab_free(&world->deliveries, delivery);
}

static void begin_delivery(World *world, Delivery *delivery)
{
    SchedMessage *message;
    SchedSelection selection;

    while ((selection = sched_select(world->sched, delivery->lane->transport,
                                     world_sched_now(world), &delivery->entry, &message)) ==
           SCHED_REFILL)
        mail_read(world, sched_message_owner(message));
    if (selection == SCHED_NOTHING) {
        world->fruitless_count++;
        hang_up(world, delivery);
        return;
    }
    world_at(world, &delivery->event, EVENT_DELIVERY, world->now_us + service_us(world, delivery));
}

void agents_on_delivery(World *world, Delivery *delivery)
{
    if (delivery->entry == NULL) {
        begin_delivery(world, delivery);
        return;
    }
    end_delivery(world, delivery);
    hang_up(world, delivery);
}

/* ---- connections ---- */

static Lane *lane_of(World *world, SchedTransport *transport)
{
    if (transport == world->smtp.transport)
        return &world->smtp;
    world->retry.transport = transport;
    return &world->retry;
}

void agents_open_connections(World *world)
{
    SchedTransport *transport;

    while ((transport = sched_next_connection(world->sched)) != NULL)
        lane_of(world, transport)->pending_count++;
}

static bool answer(World *world, Lane *lane)
{
    Delivery *delivery;
    int delay_s;

    if (lane->pending_count == 0 || lane->free_agent_count == 0)
        return false;
    lane->pending_count--;
    lane->free_agent_count--;
    delivery = slab_alloc(&world->deliveries);
    delivery->lane = lane;
    delay_s = sched_connection_ready(world->sched, lane->transport);
    if (delay_s > 0)
        world_at(world, &delivery->event, EVENT_DELIVERY, world->now_us + delay_s * US_PER_S);
    else
        begin_delivery(world, delivery);
    return true;
}

bool agents_answer(World *world)
{
    return answer(world, &world->smtp) || answer(world, &world->retry);
}

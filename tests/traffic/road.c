#include "tests/traffic/road.h"

#include "base/element.h"
#include "tests/support/transport_params.h"

#define MESSAGES_WAITING 4 /* more than begin at one moment would change nothing */

typedef struct RoadDelivery {
    HeapNode end;
    SchedEntry *entry;
    int64_t began_us;
    bool is_refused;
} RoadDelivery;

SchedNow road_now(const Road *road)
{
    int64_t now_s = road->now_us / ROAD_S;

    return (SchedNow){now_s, now_s, now_s, road->now_us};
}

static void put_mail(Road *road)
{
    static const SchedBatch one = {.read_count = 1, .fully_read = true};
    SchedMessage *message = sched_message_add(road->sched, road, road_now(road));
    Link *recipient = g_new0(Link, 1);

    sched_batch_begin(road->sched, message, &one);
    sched_batch_assign(road->sched, message, road->destination, recipient, road_now(road));
    sched_batch_end(road->sched, message, road_now(road));
    road->message_count++;
}

void road_init(Road *road, const RoadTerms *terms)
{
    SchedTransportParams params = usual_transport_params();
    SchedSettings settings = usual_sched_settings();

    params.initial_destination_concurrency = terms->window;
    params.destination_concurrency_limit = terms->limit;
    params.destination_rate_delay_s = terms->rate_delay_s;
    settings.meters = terms->meters;
    *road = (Road){.now_us = terms->now_us != 0 ? terms->now_us : ROAD_S};
    road->sched = sched_new(&settings);
    road->transport = sched_transport_add(road->sched, "smtp", &params);
    road->destination = sched_destination_get(road->sched, road->transport, "site", "site");
    heap_init(&road->running);
    for (int i = 0; i < MESSAGES_WAITING; i++)
        put_mail(road);
}

static void end_delivery(Road *road, RoadDelivery *delivery)
{
    SchedResult result = {.deferred = delivery->is_refused, .status = "", .reason = ""};
    SchedMessage *message = sched_entry_message(delivery->entry);
    Chain recipients;
    Link *link;

    heap_remove(&road->running, &delivery->end);
    road->running_count--;
    if (road->on_end != NULL)
        result.is_slowed = road->on_end(road, delivery->is_refused, delivery->began_us, road->ctx);
    recipients = sched_entry_finish(road->sched, delivery->entry, &result, road_now(road));
    while ((link = chain_pop_first(&recipients)) != NULL)
        g_free(link);
    sched_message_remove(road->sched, message);
    g_free(delivery);
}

static void begin_delivery(Road *road, SchedEntry *entry)
{
    RoadDelivery *delivery = g_new0(RoadDelivery, 1);
    RoadAnswer answer = road->on_begin(road, road->ctx);

    delivery->entry = entry;
    delivery->began_us = road->now_us;
    delivery->is_refused = answer.is_refused;
    road->begun_count++;
    road->refused_count += answer.is_refused;
    road->running_count++;
    road->message_count--;
    heap_set(&road->running, &delivery->end, road->now_us + answer.service_us);
}

static void begin_what_may(Road *road)
{
    SchedTransport *transport;
    SchedNotice notice;

    while (road->message_count < MESSAGES_WAITING)
        put_mail(road);
    while ((transport = sched_next_connection(road->sched)) != NULL) {
        SchedEntry *entry;
        SchedMessage *message;

        (void)sched_connection_ready(road->sched, transport);
        if (sched_select(road->sched, transport, road_now(road), &entry, &message) !=
            SCHED_SELECTED)
            continue;
        begin_delivery(road, entry);
        put_mail(road);
    }
    while (sched_pop_notice(road->sched, &notice))
        g_free(notice.destination);
}

int64_t road_next_us(const Road *road)
{
    const HeapNode *first = heap_first(&road->running);
    int64_t timer_s = sched_next_timer_s(road->sched);
    int64_t next_us = MIN(first != NULL ? first->key : INT64_MAX, sched_next_pace_us(road->sched));

    return timer_s == INT64_MAX ? next_us : MIN(next_us, timer_s * ROAD_S);
}

void road_go(Road *road, int64_t until_us)
{
    HeapNode *first;

    begin_what_may(road);
    while (road_next_us(road) <= until_us) {
        road->now_us = MAX(road->now_us, road_next_us(road));
        sched_run_timers(road->sched, road_now(road));
        while ((first = heap_first(&road->running)) != NULL && first->key <= road->now_us)
            end_delivery(road, ELEMENT(first, RoadDelivery, end));
        begin_what_may(road);
    }
    road->now_us = until_us;
}

void road_clear(Road *road)
{
    HeapNode *first;

    while ((first = heap_first(&road->running)) != NULL)
        end_delivery(road, ELEMENT(first, RoadDelivery, end));
    heap_clear(&road->running);
    sched_free(road->sched); /* what waits is leaked with its messages: the program ends */
}

#include "tests/support/transport_params.h"

SchedTransportParams usual_transport_params(void)
{
    return (SchedTransportParams){
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
        .positive_name = "positive",
        .negative_name = "negative",
        .failed_cohort_limit = 1,
    };
}

SchedSettings usual_sched_settings(void)
{
    return (SchedSettings){
        .message_active_limit = 20000,
        .message_recipient_limit = 20000,
        .message_recipient_minimum = 10,
        .fudge_percent = 100,
        .initial_destination_concurrency = 5,
        .transport_retry_s = 60,
        .minimal_backoff_s = 300,
        .start_us = -METER_PERIOD_MAX_S * INT64_C(1000000), /* also if the machine has just begun */
        .retry_params = usual_transport_params(),
    };
}

#ifndef EQMGR_TESTS_BENCH_RECEIVERS_H
#define EQMGR_TESTS_BENCH_RECEIVERS_H

/*
 * tests/bench/receivers: the delivery agents of all transports of a measurement (ipc.md 3).
 *
 * They announce themselves at once, as long as fewer than `process_limit` of the transport are
 * busy; a workload decides about each request. They leave queue files alone: that work is not the
 * queue manager's.
 */

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

typedef struct Receivers Receivers;

typedef struct DeliveryRequest {
    const char *transport, *queue_id, *nexthop, *recipient; /* the first; all borrowed */
    unsigned recipient_count;
} DeliveryRequest;

typedef struct Reaction {
    int64_t delay_us;
    bool deferred;     /* recipients stay */
    bool site_is_dead; /* and the destination is to blame */
} Reaction;

typedef Reaction ReactFn(const DeliveryRequest *request, void *ctx);

typedef struct ReceiverCounts {
    uint64_t requests, recipients, replies;
} ReceiverCounts;

/* Transports smtp, retry, error and local. `react` is asked about every request. */
Receivers *receivers_new(struct event_base *base, ReactFn *react, void *ctx);
void receivers_free(Receivers *receivers);

/* How many processes each transport has (master.cf: 100). 0: none ever announces itself. */
void receivers_set_process_limit(Receivers *receivers, unsigned limit);

/* From now on none of this transport announces itself. */
void receivers_park(Receivers *receivers, const char *transport);

ReceiverCounts receivers_counts(const Receivers *receivers);

#endif

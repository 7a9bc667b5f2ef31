#ifndef EQMGR_TESTS_TRAFFIC_ROAD_H
#define EQMGR_TESTS_TRAFFIC_ROAD_H

/*
 * tests/traffic/road: a site to which there is always mail, in virtual time. The scheduler is the
 * real core; the site, its agents and the clock are made up here. Time jumps from event to event.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "sched/sched.h"

#define ROAD_S INT64_C(1000000)

typedef struct Road Road;

/* The site's answer to a delivery that begins now, and when it comes. */
typedef struct RoadAnswer {
    bool is_refused; /* as 4.7.28 to MAIL FROM: a reply without a text */
    int64_t service_us;
} RoadAnswer;

typedef RoadAnswer RoadBeginFn(Road *road, void *ctx);

/* A delivery has ended; true: the answer slows the site (SchedResult.is_slowed). */
typedef bool RoadEndFn(Road *road, bool is_refused, int64_t began_us, void *ctx);

struct Road {
    Sched *sched;
    SchedTransport *transport;
    SchedDestination *destination;
    int64_t now_us;
    Heap running;
    unsigned running_count;
    unsigned message_count; /* that wait */
    uint64_t begun_count, refused_count;
    RoadBeginFn *on_begin;
    RoadEndFn *on_end;
    void *ctx;
};

typedef struct RoadTerms {
    int window, limit; /* so many deliveries may run from the start on, and at most */
    int rate_delay_s;  /* stock's, of a destination */
    MeterBook *meters; /* NULL: nothing is kept */
    int64_t now_us;    /* when it begins; 0: at ROAD_S */
} RoadTerms;

void road_init(Road *road, const RoadTerms *terms);
void road_clear(Road *road);

SchedNow road_now(const Road *road);

/* When the next thing happens; INT64_MAX: nothing does. */
int64_t road_next_us(const Road *road);

/* Everything that happens until then. */
void road_go(Road *road, int64_t until_us);

#endif

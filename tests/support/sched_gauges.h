#ifndef EQMGR_TESTS_SUPPORT_SCHED_GAUGES_H
#define EQMGR_TESTS_SUPPORT_SCHED_GAUGES_H

/*
 * tests/support/sched_gauges: the rates of a small mail system (sched_gauge), and the core that is
 * told of them: transports "t1" and "t2" with destinations "d0" to "d4" each. Of these, d0 and d1
 * share a site in their transport, and d2 of both transports is one site.
 */

#include "tests/support/sched_gauge.h"
#include "tests/support/sched_support.h"

#define GAUGES_TRANSPORTS   2
#define GAUGES_DESTINATIONS 5
#define GAUGES_SITES        (GAUGES_TRANSPORTS + 1)
#define GAUGES_PER_DELIVERY (1 + 2 * METER_KIND_COUNT)

typedef struct Gauges {
    Gauge own[GAUGES_TRANSPORTS][GAUGES_DESTINATIONS][METER_KIND_COUNT];
    Gauge shared[GAUGES_SITES][METER_KIND_COUNT];
    Gauge whole[GAUGES_TRANSPORTS];
} Gauges;

void gauges_init(Gauges *gauges); /* without limits */
void gauges_clear(Gauges *gauges);

typedef void GaugeFn(Gauge *gauge, void *ctx);
void gauges_each(Gauges *gauges, GaugeFn *visit, void *ctx);

/* Those that a delivery to this destination counts for; how many. */
int gauges_of(Gauges *gauges, int transport, int destination,
              Gauge *ret_gauges[GAUGES_PER_DELIVERY]);

/* Tells the core, as the daemon does when a recipient is bound. */
void gauges_apply(const Gauges *gauges, World *world, int transport, int destination);

/* A delivery that was given back; transport -1: none was. */
typedef struct GaugesBack {
    int transport, destination;
    int64_t recipients;
} GaugesBack;

/* gauge_look() at all, while the core lives. */
void gauges_look(Gauges *gauges, World *world, const GaugesBack *back, int64_t booted_us,
                 guint32 seed);

#endif

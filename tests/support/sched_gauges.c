#include "tests/support/sched_gauges.h"

#define OVER_TRANSPORTS GAUGES_TRANSPORTS /* the number of this site */

static const char *const transport_names[GAUGES_TRANSPORTS] = {"t1", "t2"};

/* -1: it shares none. */
static int site_of(int transport, int destination)
{
    return destination < 2 ? transport : destination == 2 ? OVER_TRANSPORTS : -1;
}

void gauges_each(Gauges *gauges, GaugeFn *visit, void *ctx)
{
    for (int t = 0; t < GAUGES_TRANSPORTS; t++) {
        visit(&gauges->whole[t], ctx);
        for (int d = 0; d < GAUGES_DESTINATIONS; d++)
            for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
                visit(&gauges->own[t][d][kind], ctx);
    }
    for (int s = 0; s < GAUGES_SITES; s++)
        for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
            visit(&gauges->shared[s][kind], ctx);
}

void gauges_init(Gauges *gauges)
{
    for (int t = 0; t < GAUGES_TRANSPORTS; t++) {
        gauge_init(&gauges->whole[t], METER_DELIVERIES, g_strdup(transport_names[t]));
        for (int d = 0; d < GAUGES_DESTINATIONS; d++)
            for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
                gauge_init(&gauges->own[t][d][kind], kind,
                           g_strdup_printf("%s/d%d, kind %d", transport_names[t], d, (int)kind));
    }
    for (int s = 0; s < GAUGES_SITES; s++)
        for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
            gauge_init(&gauges->shared[s][kind], kind,
                       g_strdup_printf("site %d, kind %d", s, (int)kind));
}

static void clear_one(Gauge *gauge, void *ctx)
{
    (void)ctx;
    gauge_clear(gauge);
}

void gauges_clear(Gauges *gauges)
{
    gauges_each(gauges, clear_one, NULL);
}

int gauges_of(Gauges *gauges, int transport, int destination,
              Gauge *ret_gauges[GAUGES_PER_DELIVERY])
{
    int site = site_of(transport, destination), count = 0;

    ret_gauges[count++] = &gauges->whole[transport];
    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++) {
        ret_gauges[count++] = &gauges->own[transport][destination][kind];
        if (site >= 0)
            ret_gauges[count++] = &gauges->shared[site][kind];
    }
    return count;
}

/* ---- the core ---- */

static const char *site_name(int site)
{
    return site == OVER_TRANSPORTS ? "site over" : "site in";
}

static SchedTransport *transport_of(World *world, int transport)
{
    (void)world_sched(world);
    return world_transport(world, transport_names[transport]);
}

void gauges_apply(const Gauges *gauges, World *world, int transport, int destination)
{
    const char name[] = {'d', (char)('0' + destination), '\0'};
    SchedTransport *its = transport_of(world, transport);
    SchedDestination *bound = sched_destination_get(world->sched, its, name, name);
    int site = site_of(transport, destination);

    sched_transport_pace(its, gauge_limit(&gauges->whole[transport]), world->now);
    if (site >= 0) {
        const SchedShared shared = {
            .name = site_name(site),
            .over_transports = site == OVER_TRANSPORTS,
            .deliveries = gauge_limit(&gauges->shared[site][METER_DELIVERIES]),
            .recipients = gauge_limit(&gauges->shared[site][METER_RECIPIENTS])};

        sched_destination_share(bound, &shared, world->now);
    }
    sched_destination_pace(
        bound, gauge_limit(&gauges->own[transport][destination][METER_DELIVERIES]),
        gauge_limit(&gauges->own[transport][destination][METER_RECIPIENTS]), world->now);
}

static const SitePace *pace_of_site(World *world, int site)
{
    const SchedSite *found = sched_site_find(
        world_sched(world), site == OVER_TRANSPORTS ? NULL : transport_of(world, site),
        site_name(site));

    return found != NULL ? found->pace : NULL;
}

static const SitePace *pace_of_destination(World *world, int transport, int destination)
{
    const char name[] = {'d', (char)('0' + destination), '\0'};
    const SchedDestination *found = sched_destination_find(transport_of(world, transport), name);

    return found != NULL ? found->pace : NULL;
}

static int64_t units_back(const GaugesBack *back, bool is_of_it, MeterKind kind)
{
    if (back->transport < 0 || !is_of_it)
        return 0;
    return kind == METER_DELIVERIES ? 1 : back->recipients;
}

void gauges_look(Gauges *gauges, World *world, const GaugesBack *back, int64_t booted_us,
                 guint32 seed)
{
    int back_site = back->transport >= 0 ? site_of(back->transport, back->destination) : -1;

    for (int t = 0; t < GAUGES_TRANSPORTS; t++) {
        bool is_in = back->transport == t;

        gauge_look(&gauges->whole[t], transport_of(world, t)->pace,
                   units_back(back, is_in, METER_DELIVERIES), booted_us, seed);
        for (int d = 0; d < GAUGES_DESTINATIONS; d++)
            for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
                gauge_look(&gauges->own[t][d][kind], pace_of_destination(world, t, d),
                           units_back(back, is_in && back->destination == d, kind), booted_us,
                           seed);
    }
    for (int s = 0; s < GAUGES_SITES; s++)
        for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
            gauge_look(&gauges->shared[s][kind], pace_of_site(world, s),
                       units_back(back, back_site == s, kind), booted_us, seed);
}

#include "tests/support/sched_gauge.h"

#include <inttypes.h>

#include "tests/support/runner.h"

#define GAUGE_S INT64_C(1000000)

typedef struct GaugeBegun {
    int64_t at_us, units;
    unsigned era, process;
} GaugeBegun;

void gauge_init(Gauge *gauge, MeterKind kind, char *name)
{
    *gauge = (Gauge){.name = name, .kind = kind};
    gauge->limits = g_array_new(FALSE, FALSE, sizeof(MeterLimit));
    gauge->begun = g_array_new(FALSE, FALSE, sizeof(GaugeBegun));
    gauge_set(gauge, NULL);
}

void gauge_clear(Gauge *gauge)
{
    g_free(gauge->name);
    g_array_unref(gauge->limits);
    g_array_unref(gauge->begun);
}

void gauge_begin_era(Gauge *gauge)
{
    g_array_append_val(gauge->limits, gauge->limit);
    gauge->era = gauge->limits->len - 1;
}

void gauge_set(Gauge *gauge, const MeterLimit *limit)
{
    gauge->limit = limit != NULL ? *limit : (MeterLimit){0};
    gauge->life = 0;
    gauge_begin_era(gauge);
}

const MeterLimit *gauge_limit(const Gauge *gauge)
{
    return gauge->limit.count > 0 ? &gauge->limit : NULL;
}

guint gauge_begin(Gauge *gauge, int64_t recipients, int64_t now_us, unsigned process)
{
    GaugeBegun begun = {now_us, gauge->kind == METER_DELIVERIES ? 1 : recipients, gauge->era,
                        process};

    g_array_append_val(gauge->begun, begun);
    return gauge->begun->len - 1;
}

void gauge_give_back(Gauge *gauge, guint place)
{
    g_array_index(gauge->begun, GaugeBegun, place).units = 0;
}

void gauge_look(Gauge *gauge, const SitePace *pace, int64_t units_back, int64_t booted_us,
                guint32 seed)
{
    const Meter *meter = pace != NULL ? &pace->meters[gauge->kind] : NULL;
    int64_t clear_us;

    if (meter == NULL || meter->limit.count == 0)
        return;
    meter_check(meter);
    clear_us = meter_clear_us(meter) + booted_us;
    if (gauge->life == pace->lives[gauge->kind])
        ck_assert_msg(gauge->clear_us - clear_us <= units_back * meter->spacing_us,
                      "seed %u: %s fell by %" PRId64 " us for %" PRId64 " units", seed, gauge->name,
                      gauge->clear_us - clear_us, units_back);
    gauge->life = pace->lives[gauge->kind];
    gauge->clear_us = clear_us;
}

/* What begins in less than a period from this one on, and how many processes ended meanwhile. */
static int64_t units_from(const Gauge *gauge, guint first, unsigned *ret_ends)
{
    const GaugeBegun *begun = (const GaugeBegun *)(const void *)gauge->begun->data;
    const MeterLimit *limit = &g_array_index(gauge->limits, MeterLimit, begun[first].era);
    int64_t sum = 0;
    guint i = first;

    for (; i < gauge->begun->len && begun[i].era == begun[first].era &&
           begun[i].at_us < begun[first].at_us + limit->period_s * GAUGE_S;
         i++)
        sum += begun[i].units;
    *ret_ends = begun[i - 1].process - begun[first].process;
    return sum;
}

unsigned gauge_check(const Gauge *gauge, int64_t units_max, guint32 seed)
{
    int64_t more = gauge->kind == METER_DELIVERIES ? 0 : units_max - 1;
    unsigned full_count = 0;

    for (guint i = 0; i < gauge->begun->len; i++) {
        unsigned era = g_array_index(gauge->begun, GaugeBegun, i).era, ends = 0;
        const MeterLimit *limit = &g_array_index(gauge->limits, MeterLimit, era);
        int64_t sum, most;

        if (limit->count == 0)
            continue;
        sum = units_from(gauge, i, &ends);
        most = limit->count + limit->burst - 1 + more * (1 + ends);
        ck_assert_msg(sum <= most, "seed %u: %s: %" PRId64 " units from start %u on, not %" PRId64,
                      seed, gauge->name, sum, i, most);
        full_count += sum >= limit->count;
    }
    return full_count;
}

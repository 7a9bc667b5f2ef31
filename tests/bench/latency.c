#include "tests/bench/latency.h"

#include <math.h>

#include <glib.h>

struct Latency {
    GArray *begun_ns; /* by serial number; 0: not begun */
    GArray *samples_ns;
    unsigned pending;
};

Latency *latency_new(void)
{
    Latency *latency = g_new0(Latency, 1);

    latency->begun_ns = g_array_new(FALSE, TRUE, sizeof(int64_t));
    latency->samples_ns = g_array_new(FALSE, FALSE, sizeof(int64_t));
    return latency;
}

void latency_begin(Latency *latency, unsigned serial, int64_t now_ns)
{
    if (serial >= latency->begun_ns->len)
        g_array_set_size(latency->begun_ns, serial + 1);
    g_assert(g_array_index(latency->begun_ns, int64_t, serial) == 0);
    g_array_index(latency->begun_ns, int64_t, serial) = now_ns;
    latency->pending++;
}

void latency_end(Latency *latency, unsigned serial, int64_t now_ns)
{
    int64_t *begun_ns, sample_ns;

    if (serial >= latency->begun_ns->len)
        return;
    begun_ns = &g_array_index(latency->begun_ns, int64_t, serial);
    if (*begun_ns == 0)
        return;
    sample_ns = now_ns - *begun_ns;
    g_array_append_val(latency->samples_ns, sample_ns);
    *begun_ns = 0;
    latency->pending--;
}

unsigned latency_end_all(Latency *latency, int64_t now_ns)
{
    unsigned count = latency->pending;

    for (guint serial = 0; serial < latency->begun_ns->len && latency->pending > 0; serial++)
        latency_end(latency, serial, now_ns);
    return count;
}

void latency_reset(Latency *latency)
{
    g_array_set_size(latency->samples_ns, 0);
}

unsigned latency_count(const Latency *latency)
{
    return latency->samples_ns->len;
}

unsigned latency_pending(const Latency *latency)
{
    return latency->pending;
}

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

int64_t latency_percentile_ns(Latency *latency, double percent)
{
    unsigned count = latency->samples_ns->len;
    unsigned rank = (unsigned)ceil(percent / 100.0 * count);

    if (count == 0)
        return 0;
    g_array_sort(latency->samples_ns, by_value);
    return g_array_index(latency->samples_ns, int64_t, CLAMP(rank, 1, count) - 1);
}

void latency_free(Latency *latency)
{
    if (latency == NULL)
        return;
    g_array_free(latency->begun_ns, TRUE);
    g_array_free(latency->samples_ns, TRUE);
    g_free(latency);
}

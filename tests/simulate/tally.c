#include "tests/simulate/tally.h"

#include <math.h>

Tally *tally_new(const Scenario *scenario)
{
    Tally *tally = g_new0(Tally, 1);

    for (unsigned i = 0; i < SCENARIO_CLASSES_MAX; i++) {
        tally->mails[i].delays_us = g_array_new(FALSE, FALSE, sizeof(int64_t));
        tally->mails[i].message_delays_us = g_array_new(FALSE, FALSE, sizeof(int64_t));
    }
    tally->sites = g_new0(TallySite, scenario->site_count);
    return tally;
}

void tally_free(Tally *tally)
{
    if (tally == NULL)
        return;
    for (unsigned i = 0; i < SCENARIO_CLASSES_MAX; i++) {
        g_array_unref(tally->mails[i].delays_us);
        g_array_unref(tally->mails[i].message_delays_us);
    }
    g_free(tally->sites);
    g_free(tally);
}

void tally_delivered(Tally *tally, unsigned mail_class, uint32_t site, int64_t delay_us)
{
    g_array_append_val(tally->mails[mail_class].delays_us, delay_us);
    tally->sites[site].delivered_count++;
    tally->sites[site].delay_sum_s += (double)delay_us / US_PER_S;
}

void tally_message_done(Tally *tally, unsigned mail_class, int64_t delay_us)
{
    g_array_append_val(tally->mails[mail_class].message_delays_us, delay_us);
}

static int compare_delays(gconstpointer left, gconstpointer right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

void tally_sort(Tally *tally)
{
    for (unsigned i = 0; i < SCENARIO_CLASSES_MAX; i++) {
        g_array_sort(tally->mails[i].delays_us, compare_delays);
        g_array_sort(tally->mails[i].message_delays_us, compare_delays);
    }
}

static double delay_s(const GArray *sorted_us, guint place)
{
    return (double)g_array_index(sorted_us, int64_t, place) / US_PER_S;
}

TallyDelays tally_delays(const GArray *sorted_us)
{
    guint count = sorted_us->len;
    double sum_s = 0;

    if (count == 0)
        return (TallyDelays){0};
    for (guint i = 0; i < count; i++)
        sum_s += delay_s(sorted_us, i);
    return (TallyDelays){
        .mean_s = sum_s / count,
        .p99_s = delay_s(sorted_us, (guint)ceil(0.99 * count) - 1),
        .max_s = delay_s(sorted_us, count - 1),
    };
}

double tally_fairness(const Tally *tally, const Scenario *scenario, uint32_t *ret_served_count)
{
    const SiteClass *class = scenario->sites;
    double sum = 0, square_sum = 0;
    uint32_t count = 0;

    for (uint32_t i = 0; i < scenario->site_count; i++) {
        const TallySite *site = &tally->sites[i];
        double patience;

        class += i == class->first + class->count;
        if (site->delivered_count == 0)
            continue;
        patience = site->delay_sum_s / site->delivered_count / (double)class->service_us;
        sum += patience;
        square_sum += patience * patience;
        count++;
    }
    *ret_served_count = count;
    return count > 0 ? sum * sum / (count * square_sum) : 0;
}

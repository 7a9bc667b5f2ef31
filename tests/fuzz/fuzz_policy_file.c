/*
 * The policy file: any bytes give sections that can be asked, or errors; and the values in it can
 * be printed and read again.
 */

#include <stdint.h>
#include <string.h>

#include "config/policy_file.h"
#include "src/config/settings_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_limit(const Site *site, SiteSetting setting, const MeterLimit *limit)
{
    g_autofree char *text = NULL;
    MeterLimit again;

    if (site->setting_lines[setting] == 0)
        return;
    g_assert(meter_limit_fault(limit) == NULL);
    text = meter_limit_format(limit);
    g_assert(meter_limit_parse(text, &again) == NULL);
    g_assert(memcmp(&again, limit, sizeof(again)) == 0);
}

static void check_ramp(const Site *site)
{
    g_autofree char *text = NULL;
    MeterLimit first, last;
    Ramp again;

    if (site->setting_lines[SITE_RAMP] == 0)
        return;
    text = ramp_format(&site->ramp);
    g_assert(ramp_parse(text, &again) == NULL);
    g_assert(memcmp(&again, &site->ramp, sizeof(again)) == 0);
    first = ramp_limit(&again, 0);
    last = ramp_limit(&again, INT32_MAX);
    g_assert(meter_limit_fault(&first) == NULL && meter_limit_fault(&last) == NULL);
    g_assert(ramp_next_day(&again, again.first_day) > again.first_day);
}

static void check_sites(const Sites *sites)
{
    static const char *const names[] = {"smtp", "a.b.test", "[a.test]:25", "", "."};

    for (unsigned i = 0; i < sites_count(sites); i++) {
        const Site *site = sites_at(sites, i);

        check_limit(site, SITE_RATE, &site->rate);
        check_limit(site, SITE_RECIPIENT_RATE, &site->recipient_rate);
        check_ramp(site);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const Site *site = sites_match(sites, names[i], names[G_N_ELEMENTS(names) - 1 - i]);

        g_assert(site == NULL || sites_find(sites, site->name) == site);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    Settings settings = {.round_robin = false};
    Sites *sites;

    lexicon_init(&settings.lexicon, warnings);
    lexicon_set(&settings.lexicon, "big", "a.test .b.test");
    sites = policy_file_parse("/nowhere/policy", bytes, &settings, errors, warnings);
    g_assert((sites == NULL) == (errors->len > 0));
    g_assert(errors->len <= POLICY_FILE_ERRORS_MAX + 1);
    if (sites != NULL)
        check_sites(sites);
    sites_free(sites);
    lexicon_clear(&settings.lexicon);
    return 0;
}

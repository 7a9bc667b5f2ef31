#include "extra_internal.h"
#include "rate_internal.h"

static const char *const rate_suffixes[TRANSPORT_RATE_COUNT] = {
    [TRANSPORT_RATE_DELIVERIES] = "_destination_rate_limit",
    [TRANSPORT_RATE_RECIPIENTS] = "_destination_recipient_rate_limit",
    [TRANSPORT_RATE_WHOLE] = "_transport_rate_limit",
};

typedef struct RatesOfTransport {
    bool is_said[TRANSPORT_RATE_COUNT];
    MeterLimit limits[TRANSPORT_RATE_COUNT]; /* a count of 0: there is to be none */
} RatesOfTransport;

const char *rate_suffix(TransportRate rate)
{
    return rate_suffixes[rate];
}

static RatesOfTransport *ensure_rates(Settings *settings, const char *transport)
{
    RatesOfTransport *rates;

    if (settings->rates == NULL)
        settings->rates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    rates = g_hash_table_lookup(settings->rates, transport);
    if (rates != NULL)
        return rates;
    rates = g_new0(RatesOfTransport, 1);
    (void)g_hash_table_insert(settings->rates, g_strdup(transport), rates);
    return rates;
}

const char *rate_take(Settings *settings, const char *transport, TransportRate rate,
                      const char *text)
{
    RatesOfTransport *rates = ensure_rates(settings, transport);

    rates->is_said[rate] = true;
    return *text == '\0' ? NULL : meter_limit_parse(text, &rates->limits[rate]);
}

void rate_clear(Settings *settings)
{
    g_clear_pointer(&settings->rates, g_hash_table_unref);
}

/* ---- answers ---- */

/* Where it is said: for the transport, or for all; NULL: nowhere. */
static const char *owner_of(const Settings *settings, const char *transport, TransportRate rate)
{
    const char *const owners[] = {transport, EXTRA_FOR_ALL};

    for (size_t i = 0; extra_is_for(transport) && i < G_N_ELEMENTS(owners); i++) {
        const RatesOfTransport *rates =
            settings->rates != NULL ? g_hash_table_lookup(settings->rates, owners[i]) : NULL;

        if (rates != NULL && rates->is_said[rate])
            return owners[i];
    }
    return NULL;
}

bool settings_rate(const Settings *settings, const char *transport, TransportRate rate,
                   MeterLimit *ret_limit, char **ret_name)
{
    const char *owner = owner_of(settings, transport, rate);

    if (owner == NULL)
        return false;
    *ret_limit =
        ((const RatesOfTransport *)g_hash_table_lookup(settings->rates, owner))->limits[rate];
    if (ret_name != NULL)
        *ret_name = g_strconcat(owner, rate_suffixes[rate], NULL);
    return true;
}

bool settings_has_rates(const Settings *settings)
{
    return settings->rates != NULL;
}

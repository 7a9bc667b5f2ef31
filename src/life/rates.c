#include "src/life/rates_internal.h"

static bool is_slower(const MeterLimit *a, const MeterLimit *b)
{
    return (double)a->count * (double)b->period_s < (double)b->count * (double)a->period_s;
}

SaidRates rates_of_section(const Site *site, int64_t day)
{
    SaidRates said = {0};

    if (site == NULL)
        return said;
    (void)site_rate(site, day, &said.deliveries);
    if (site->setting_lines[SITE_RECIPIENT_RATE] != 0)
        said.recipients = site->recipient_rate;
    return said;
}

/* False: the transport says nothing of it. *ret_name, unless NULL: the parameter, a new string. */
static bool rate_of_transport(const Life *life, const char *transport, TransportRate rate,
                              MeterLimit *ret_limit, char **ret_name)
{
    const LifeSettings *settings = &life->settings;

    return settings->transport_rate != NULL &&
           settings->transport_rate(transport, rate, ret_limit, ret_name,
                                    settings->transport_rate_ctx);
}

void rates_inherit(const Life *life, const char *transport, SaidRates *said)
{
    if (said->deliveries.count == 0)
        (void)rate_of_transport(life, transport, TRANSPORT_RATE_DELIVERIES, &said->deliveries,
                                NULL);
    if (said->recipients.count == 0)
        (void)rate_of_transport(life, transport, TRANSPORT_RATE_RECIPIENTS, &said->recipients,
                                NULL);
}

SaidRates rates_beside(const Life *life, const char *transport, const Site *site, int64_t day)
{
    SaidRates shared = rates_of_section(site, day), own = {0};

    rates_inherit(life, transport, &own);
    if (shared.deliveries.count > 0)
        own.deliveries.count = 0;
    if (shared.recipients.count > 0)
        own.recipients.count = 0;
    return own;
}

bool rates_of_whole(const Life *life, const char *transport, MeterLimit *ret_limit)
{
    return rate_of_transport(life, transport, TRANSPORT_RATE_WHOLE, ret_limit, NULL);
}

void rates_lower(MeterLimit *limit, const SiteLevel *level)
{
    MeterLimit of_level;

    if (level != NULL && level_rate(level, &of_level) &&
        (limit->count == 0 || is_slower(&of_level, limit)))
        *limit = of_level;
}

/* ---- in words ---- */

/* A rate that holds, and whose it is. */
typedef struct RateWords {
    char *amount;
    const char *setting; /* of the section */
    char *parameter;     /* or of the transport: this is not NULL then */
} RateWords;

static void rate_words_clear(RateWords *words)
{
    g_free(words->amount);
    g_free(words->parameter);
}

/* False: nobody says it. */
static bool find_rate_words(const Life *life, const char *transport, TransportRate rate,
                            const MeterLimit *of_section, RateWords *ret_words)
{
    MeterLimit limit = *of_section;

    *ret_words =
        (RateWords){.setting = site_setting_str(
                        rate == TRANSPORT_RATE_DELIVERIES ? SITE_RATE : SITE_RECIPIENT_RATE)};
    if (limit.count == 0 &&
        !rate_of_transport(life, transport, rate, &limit, &ret_words->parameter))
        return false;
    ret_words->amount = meter_limit_format(&limit);
    return true;
}

char *rates_whole_text(const Life *life, const char *transport)
{
    g_autofree char *name = NULL, *amount = NULL;
    MeterLimit limit;

    if (!rate_of_transport(life, transport, TRANSPORT_RATE_WHOLE, &limit, &name))
        return NULL;
    amount = meter_limit_format(&limit);
    return g_strdup_printf("%s = %s", name, amount);
}

static bool rate_words(const Life *life, const char *transport, const Site *site, int64_t day,
                       RateWords *ret_words)
{
    SaidRates said = rates_of_section(site, day);

    return find_rate_words(life, transport, TRANSPORT_RATE_DELIVERIES, &said.deliveries,
                           ret_words) ||
           find_rate_words(life, transport, TRANSPORT_RATE_RECIPIENTS, &said.recipients, ret_words);
}

char *rates_holder_text(const Life *life, const char *transport, const Site *site, int64_t day)
{
    RateWords words;
    char *text;

    if (!rate_words(life, transport, site, day, &words))
        return NULL;
    text = words.parameter != NULL
               ? g_strdup_printf("%s keeps it to %s", words.parameter, words.amount)
               : g_strdup_printf("section [site %s] of the policy file keeps it to %s %s",
                                 site->name, words.setting, words.amount);
    rate_words_clear(&words);
    return text;
}

char *rates_bound_text(const Life *life, const char *transport, const Site *site, int64_t day)
{
    RateWords words;
    char *text;

    if (!rate_words(life, transport, site, day, &words))
        return NULL;
    text = words.parameter != NULL
               ? g_strdup_printf("%s = %s", words.parameter, words.amount)
               : g_strdup_printf("%s %s of [site %s]", words.setting, words.amount, site->name);
    rate_words_clear(&words);
    return text;
}

#include "base/time_word.h"
#include "extra_internal.h"
#include "retry_internal.h"

static const char *const retry_suffixes[RETRY_PART_COUNT] = {
    [RETRY_SCHEDULE] = "_retry_schedule",
    [RETRY_JITTER] = "_retry_jitter",
    [RETRY_LIFETIME] = "_queue_lifetime",
    [RETRY_BOUNCE_LIFETIME] = "_bounce_lifetime",
};

const char *retry_suffix(RetryPart part)
{
    return retry_suffixes[part];
}

void retry_clear(Settings *settings)
{
    g_clear_pointer(&settings->retry_plans, g_hash_table_unref);
}

/* ---- values ---- */

static RetryPlan *ensure_plan(Settings *settings, const char *transport)
{
    RetryPlan *plan;

    if (settings->retry_plans == NULL)
        settings->retry_plans = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    plan = g_hash_table_lookup(settings->retry_plans, transport);
    if (plan != NULL)
        return plan;
    plan = g_new(RetryPlan, 1);
    *plan = retry_plan_none();
    (void)g_hash_table_insert(settings->retry_plans, g_strdup(transport), plan);
    return plan;
}

static void warn_if_above(const Settings *settings, const char *name, int64_t lifetime_s,
                          const char *parameter, int most_s)
{
    g_autofree char *most = time_word_format(most_s, 'w');

    if (lifetime_s > most_s)
        lexicon_warn(&settings->lexicon, "%s is above %s = %s, and counts", name, parameter, most);
}

static void warn_of_part(const Settings *settings, const char *name, RetryPart part,
                         const RetryPlan *plan)
{
    const SettingsValues *values = &settings->values;

    switch (part) {
    case RETRY_LIFETIME:
        warn_if_above(settings, name, plan->lifetime_s, "maximal_queue_lifetime",
                      values->maximal_queue_lifetime_s);
        break;
    case RETRY_BOUNCE_LIFETIME:
        warn_if_above(settings, name, plan->bounce_lifetime_s, "bounce_queue_lifetime",
                      values->bounce_queue_lifetime_s);
        break;
    case RETRY_JITTER:
        if (plan->jitter_percent > 0 && !values->eqmgr_retry_exact)
            lexicon_warn(&settings->lexicon, "%s" RETRY_JITTER_WARNING, name);
        break;
    case RETRY_SCHEDULE:
    case RETRY_PART_COUNT:
        break;
    }
}

const char *retry_take(Settings *settings, const char *transport, RetryPart part, const char *text)
{
    g_autofree char *name = g_strconcat(transport, retry_suffixes[part], NULL);
    RetryPlan *plan = ensure_plan(settings, transport);
    const char *fault = retry_plan_parse(plan, part, text);

    if (fault == NULL)
        warn_of_part(settings, name, part, plan);
    return fault;
}

/* ---- answers ---- */

static const RetryPlan *find_plan(const Settings *settings, const char *transport)
{
    return settings->retry_plans != NULL ? g_hash_table_lookup(settings->retry_plans, transport)
                                         : NULL;
}

RetryPlan settings_retry(const Settings *settings, const char *transport)
{
    const RetryPlan *own = find_plan(settings, transport),
                    *of_all = find_plan(settings, EXTRA_FOR_ALL);
    RetryPlan plan = retry_plan_none();

    if (!extra_is_for(transport))
        return plan;
    if (own != NULL)
        plan = *own;
    if (of_all != NULL)
        retry_plan_complete(&plan, of_all);
    return plan;
}

char *settings_retry_origin(const Settings *settings, const char *transport, RetryPart part)
{
    const char *const owners[] = {transport, EXTRA_FOR_ALL};

    for (size_t i = 0; extra_is_for(transport) && i < G_N_ELEMENTS(owners); i++) {
        const RetryPlan *plan = find_plan(settings, owners[i]);

        if (plan != NULL && retry_plan_says(plan, part))
            return g_strconcat(owners[i], retry_suffixes[part], NULL);
    }
    return NULL;
}

bool settings_has_retry(const Settings *settings)
{
    return settings->retry_plans != NULL;
}

static int64_t shorter_s(int64_t shortest_s, int64_t lifetime_s)
{
    return lifetime_s != RETRY_NOT_SAID ? MIN(shortest_s, lifetime_s) : shortest_s;
}

int64_t settings_shortest_lifetime_s(const Settings *settings)
{
    int64_t shortest_s = INT64_MAX;
    GHashTableIter iter;
    gpointer each;

    if (settings->retry_plans == NULL)
        return shortest_s;
    g_hash_table_iter_init(&iter, settings->retry_plans);
    while (g_hash_table_iter_next(&iter, NULL, &each)) {
        const RetryPlan *plan = each;

        shortest_s = shorter_s(shortest_s, plan->lifetime_s);
        shortest_s = shorter_s(shortest_s, plan->bounce_lifetime_s);
    }
    return shortest_s;
}

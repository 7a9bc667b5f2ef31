#include "base/log.h"
#include "codec/envelope.h"
#include "src/life/plans_internal.h"

/*
 * Plans: a list, and a table that leads from a transport and a section to a number. The same plan
 * has one number, however many transports and sections say it.
 */

typedef struct Plans {
    GPtrArray *list;       /* of Plan; the first one is PLANS_NONE */
    GHashTable *numbers;   /* "line transport" -> number; line of the section, or 0 */
    int64_t shortest_s;    /* lifetime; INT64_MAX: none is said */
    bool is_used, is_full; /* full: it was warned of */
} Plans;

static void plan_free(gpointer data)
{
    Plan *plan = data;

    g_free(plan->origin);
    g_free(plan);
}

static void note_lifetime(Plans *plans, int64_t lifetime_s)
{
    if (lifetime_s != RETRY_NOT_SAID)
        plans->shortest_s = MIN(plans->shortest_s, lifetime_s);
}

static bool has_retries(const ReplyRules *replies)
{
    for (unsigned i = 0; i < reply_rules_count(replies); i++)
        if (reply_rules_at(replies, i)->retry.count > 0)
            return true;
    return false;
}

static void note_sites(Plans *plans, const Sites *sites)
{
    for (unsigned i = 0; i < sites_count(sites); i++) {
        const RetryPlan *retry = &sites_at(sites, i)->retry;

        plans->is_used = plans->is_used || !retry_plan_is_none(retry);
        note_lifetime(plans, retry->lifetime_s);
        note_lifetime(plans, retry->bounce_lifetime_s);
    }
    plans->is_used = plans->is_used || has_retries(sites_replies(sites));
}

void plans_init(Life *life)
{
    const LifeSettings *settings = &life->settings;
    Plans *plans = g_new0(Plans, 1);
    Plan *none = g_new0(Plan, 1);

    none->retry = retry_plan_none();
    plans->list = g_ptr_array_new_with_free_func(plan_free);
    g_ptr_array_add(plans->list, none);
    plans->numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    plans->is_used = settings->transport_retry != NULL;
    plans->shortest_s =
        settings->transport_retry != NULL ? settings->shortest_lifetime_s : INT64_MAX;
    if (settings->sites != NULL)
        note_sites(plans, settings->sites);
    life->plans = plans;
}

void plans_stop(Life *life)
{
    g_ptr_array_unref(life->plans->list);
    g_hash_table_unref(life->plans->numbers);
    g_free(life->plans);
}

bool plans_are_used(const Life *life)
{
    return life->plans->is_used;
}

int64_t plans_shortest_lifetime_s(const Life *life)
{
    return life->plans->shortest_s;
}

const Plan *plans_at(const Life *life, uint16_t number)
{
    g_assert(number < life->plans->list->len);
    return life->plans->list->pdata[number];
}

/* The caller's. */
static Plan *make_plan(const Life *life, const char *transport, const Site *site)
{
    const LifeSettings *settings = &life->settings;
    RetryPlan of_transport = retry_plan_none();
    g_autofree char *parameter = NULL;
    Plan *plan = g_new(Plan, 1);

    *plan = (Plan){.retry = site != NULL ? site->retry : of_transport};
    if (settings->transport_retry != NULL)
        of_transport =
            settings->transport_retry(transport, &parameter, settings->transport_retry_ctx);
    if (site != NULL && retry_plan_says(&plan->retry, RETRY_SCHEDULE))
        plan->origin = g_strdup_printf("[site %s] retry", site->name);
    else
        plan->origin = g_steal_pointer(&parameter);
    retry_plan_complete(&plan->retry, &of_transport);
    return plan;
}

static bool is_same(const Plan *a, const Plan *b)
{
    return retry_plan_equal(&a->retry, &b->retry) && g_strcmp0(a->origin, b->origin) == 0;
}

uint16_t plans_number(Life *life, Plan *plan)
{
    Plans *plans = life->plans;

    for (guint i = 0; i < plans->list->len; i++) {
        if (is_same(plans->list->pdata[i], plan)) {
            plan_free(plan);
            return (uint16_t)i;
        }
    }
    if (plans->list->len > RECIPIENT_PLAN_MAX) {
        if (!plans->is_full)
            log_warning("there are more than %d different retry plans: the others are ignored",
                        RECIPIENT_PLAN_MAX);
        plans->is_full = true;
        plan_free(plan);
        return PLANS_NONE;
    }
    g_ptr_array_add(plans->list, plan);
    return (uint16_t)(plans->list->len - 1);
}

uint16_t plans_find(Life *life, const char *transport, const char *nexthop)
{
    Plans *plans = life->plans;
    const Sites *sites = life->settings.sites;
    const Site *site = sites != NULL ? sites_match(sites, transport, nexthop) : NULL;
    g_autofree char *key = g_strdup_printf("%u %s", site != NULL ? site->line : 0, transport);
    gpointer known;
    uint16_t number;

    if (g_hash_table_lookup_extended(plans->numbers, key, NULL, &known))
        return (uint16_t)GPOINTER_TO_UINT(known);
    number = plans_number(life, make_plan(life, transport, site));
    (void)g_hash_table_insert(plans->numbers, g_steal_pointer(&key),
                              GUINT_TO_POINTER(number)); // NOLINT(performance-no-int-to-ptr)
    return number;
}

/* Beyond the last number it stays as it was. */
uint16_t plans_with_retry(Life *life, uint16_t number, const ReplyRule *rule)
{
    Plan *plan = g_new(Plan, 1);
    uint16_t with_retry;

    *plan = (Plan){.retry = plans_at(life, number)->retry,
                   .origin = g_strdup_printf("[reply %s] retry", rule->name)};
    plan->retry.schedule = rule->retry;
    with_retry = plans_number(life, plan);
    return with_retry != PLANS_NONE ? with_retry : number;
}

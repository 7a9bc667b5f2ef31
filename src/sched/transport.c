#include <string.h>

#include "sched_internal.h"

/*
 * The lives of transports. They stay until the core ends; what is asked for most often is whether
 * one is dead, and of what.
 */

/* Recipient slots of a transport: more than memory has room for, but counts do not overflow. */
#define SLOTS_MAX 1000000000

/* (3): what depends on other settings. */
static void adjust_params(SchedTransportParams *params)
{
    if (params->destination_rate_delay_s > 0)
        params->destination_concurrency_limit = 1;
    if (params->destination_concurrency_limit != 0 &&
        params->destination_concurrency_limit < params->initial_destination_concurrency)
        params->initial_destination_concurrency = params->destination_concurrency_limit;
    params->recipient_limit = MIN(params->recipient_limit, SLOTS_MAX);
    params->extra_recipient_limit = MIN(params->extra_recipient_limit, SLOTS_MAX);
}

void transport_free(SchedTransport *transport)
{
    SchedDestination *destination;

    while ((destination = destination_next(transport, NULL)) != NULL) {
        ring_remove(&transport->destinations, &destination->in_transport);
        destination_discard(destination);
    }
    site_discard_all(transport->sites_by_name);
    keep_free(transport->pace, INT64_MAX); /* the core ends */
    g_hash_table_destroy(transport->destinations_by_name);
    index_clear(transport);
    g_clear_pointer(&transport->cause, cause_unref);
    g_free(transport->name);
    g_free(transport);
}

SchedTransport *sched_transport_find(Sched *sched, const char *name)
{
    return g_hash_table_lookup(sched->transports_by_name, name);
}

static const SchedTransport *transport_at(const TreeNode *node)
{
    return ELEMENT(node, SchedTransport, in_names);
}

static bool name_is_before(const TreeNode *a, const TreeNode *b)
{
    return strcmp(transport_at(a)->name, transport_at(b)->name) < 0;
}

static bool name_is_up_to(const TreeNode *node, const void *name)
{
    return strcmp(transport_at(node)->name, name) <= 0;
}

static const TreeKind by_name = {.is_before = name_is_before};

const SchedTransport *transport_after(const Sched *sched, const char *name)
{
    const TreeNode *node = name == NULL ? tree_first(&sched->transport_names)
                                        : tree_find(&sched->transport_names, name_is_up_to, name);

    return node != NULL ? transport_at(node) : NULL;
}

void transport_check_names(const Sched *sched)
{
    CHECK(tree_check(&sched->transport_names, &by_name) ==
          g_hash_table_size(sched->transports_by_name));
}

SchedTransport *sched_transport_add(Sched *sched, const char *name,
                                    const SchedTransportParams *params)
{
    SchedTransport *transport = g_new0(SchedTransport, 1);
    bool is_new;

    transport->sched = sched;
    transport->name = g_strdup(name);
    transport->params = *params;
    adjust_params(&transport->params);
    transport->destinations_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    transport->timer.is_of_transport = true;
    transport->pool = transport->params.recipient_limit;
    transport->is_internal =
        g_str_equal(name, SCHED_RETRY_NAME) || g_str_equal(name, SCHED_ERROR_NAME);
    is_new = g_hash_table_insert(sched->transports_by_name, transport->name, transport);
    g_assert(is_new);
    ring_prepend(&sched->transports, &transport->in_sched);
    tree_insert(&sched->transport_names, &by_name, &transport->in_names);
    notice_add_transport(transport);
    return transport;
}

SchedTransport *sched_retry_transport(Sched *sched)
{
    SchedTransport *retry = sched_transport_find(sched, SCHED_RETRY_NAME);

    if (retry == NULL)
        retry = sched_transport_add(sched, SCHED_RETRY_NAME, &sched->settings.retry_params);
    return retry;
}

const char *sched_transport_name(const SchedTransport *transport)
{
    return transport->name;
}

const SchedTransportParams *sched_transport_params(const SchedTransport *transport)
{
    return &transport->params;
}

void sched_transport_limit(SchedTransport *transport, int limit)
{
    g_assert(limit >= 0 && !transport->is_internal);
    transport->limit = limit;
}

int sched_transport_running(const SchedTransport *transport)
{
    return transport->running_count;
}

bool sched_transport_is_dead(const SchedTransport *transport, const char **ret_status,
                             const char **ret_reason)
{
    return cause_report(transport->cause, ret_status, ret_reason);
}

void sched_transport_revive(Sched *sched, SchedTransport *transport)
{
    if (transport->cause == NULL)
        return;
    heap_remove(&sched->timers, &transport->timer.node);
    change_add(transport, SCHED_TRANSPORT_REVIVED, NULL, NULL);
    g_clear_pointer(&transport->cause, cause_unref);
    transport->rate_locked = false;
}

#include "src/life/site_key_internal.h"

SiteKey site_key_of(const SchedDestination *destination)
{
    const SchedSite *site = sched_destination_site(destination);
    const SchedTransport *transport = sched_destination_transport(destination);

    if (site == NULL)
        return (SiteKey){sched_transport_name(transport), sched_destination_name(destination),
                         false};
    transport = sched_site_transport(site);
    return (SiteKey){transport != NULL ? sched_transport_name(transport) : "",
                     sched_site_name(site), true};
}

guint site_key_hash(gconstpointer key)
{
    const SiteKey *site = key;

    return g_str_hash(site->name) ^ (g_str_hash(site->transport) << 1) ^ site->is_shared;
}

gboolean site_key_equal(gconstpointer a, gconstpointer b)
{
    const SiteKey *one = a, *other = b;

    return one->is_shared == other->is_shared && g_str_equal(one->name, other->name) &&
           g_str_equal(one->transport, other->transport);
}

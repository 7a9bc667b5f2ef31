#include <string.h>

#include "src/life/blame_internal.h"
#include "src/life/name_internal.h"

typedef struct Blame {
    char *transport, *destination, *status, *reason;
    bool is_user;
} Blame;

static bool is_limit_of_users(const SchedTransport *transport)
{
    return transport != NULL && sched_transport_params(transport)->destination_recipient_limit == 1;
}

static void blame(Message *message, const char *transport, bool is_user, const char *destination,
                  const char *status, const char *reason)
{
    Blame *made;

    if (message->blame != NULL)
        return;
    made = g_new(Blame, 1);
    *made = (Blame){.transport = g_strdup(transport),
                    .destination = g_strdup(destination),
                    .status = *status != '\0' ? g_strdup(status) : NULL,
                    .reason = *reason != '\0' ? g_strdup(reason) : NULL,
                    .is_user = is_user};
    message->blame = made;
}

void blame_destination(Message *message, const SchedTransport *transport, const char *destination,
                       const char *status, const char *reason)
{
    blame(message, sched_transport_name(transport), is_limit_of_users(transport), destination,
          status, reason);
}

void blame_nexthop(Message *message, const char *transport, const char *nexthop,
                   const char *address, const char *status, const char *reason)
{
    const Life *life = message->life;
    const SchedTransport *known = sched_transport_find(life->sched, transport);
    bool is_user = is_limit_of_users(known);
    g_autofree char *name = NULL;

    if (message->blame != NULL)
        return;
    name = name_destination(transport, is_user ? 1 : 0, nexthop, address, &life->settings.names);
    blame(message, transport, is_user, name, status, reason);
}

/* The name of a destination of retry is "4.4.1 REASON" (scheduling.md 12.2). */
static void blame_retry(Message *message, const SchedEntry *entry)
{
    const char *text = sched_destination_nexthop(sched_entry_destination(entry));
    size_t length = strcspn(text, " ");
    g_autofree char *status = g_strndup(text, length);
    const char *reason = text[length] != '\0' ? text + length + 1 : "";
    SchedTransport *transport;
    const char *destination;

    if (sched_message_origin(message->sched, &transport, &destination))
        blame_destination(message, transport, destination, status, reason);
    else
        blame(message, "retry", false, sched_destination_name(sched_entry_destination(entry)),
              status, reason);
}

void blame_entry(Message *message, const SchedEntry *entry, const char *status, const char *reason)
{
    const SchedDestination *destination = sched_entry_destination(entry);
    const SchedTransport *transport = sched_destination_transport(destination);

    if (message->blame != NULL)
        return;
    if (g_str_equal(sched_transport_name(transport), "retry")) /* which need not exist yet */
        blame_retry(message, entry);
    else
        blame_destination(message, transport, sched_destination_name(destination), status, reason);
}

void blame_origin(Message *message, const char *status, const char *reason)
{
    SchedTransport *transport;
    const char *destination;

    if (sched_message_origin(message->sched, &transport, &destination))
        blame_destination(message, transport, destination, status, reason);
}

DeferredCause blame_cause(const Message *message)
{
    const Blame *known = message->blame;

    if (known == NULL)
        return (DeferredCause){.transport = NULL};
    return (DeferredCause){.transport = known->transport,
                           .destination = known->destination,
                           .is_user = known->is_user,
                           .status = known->status,
                           .reason = known->reason};
}

void blame_clear(Message *message)
{
    if (message->blame == NULL)
        return;
    g_free(message->blame->transport);
    g_free(message->blame->destination);
    g_free(message->blame->status);
    g_free(message->blame->reason);
    g_clear_pointer(&message->blame, g_free);
}

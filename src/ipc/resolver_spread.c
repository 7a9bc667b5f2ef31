#include "base/clock.h"
#include "src/ipc/resolver_internal.h"

/*
 * trivial-rewrite(8) serves many connections with few processes, each of which looks up one address
 * after the other: questions on connections to the same process wait for each other. master(8)
 * starts another process only for a connection that comes when all there are work. So where lookups
 * take their time and others wait, a connection to a process that has several is given up for a new
 * one, until each has a process of its own; meanwhile the others keep the processes busy.
 *
 * Clones of the service have one process each, so there connections are spread by counting.
 */

/* Lookups as long as this gain from it. */
#define WORTH_MS 1

/* There may be no more processes, as their limit in master.cf is not known here. */
#define MOVES_PER_CONNECTION 4
#define MOVES_PERIOD_MS      10000

static int count_alike(const ConnectionList *connections, pid_t peer)
{
    const Connection *each;
    int count = 0;

    TAILQ_FOREACH (each, connections, link)
        count += each->talk.peer == peer;
    return count;
}

static bool shares_process(const Connection *connection)
{
    const Resolver *resolver = connection->resolver;
    pid_t peer = connection->talk.peer;

    return peer != 0 && count_alike(&resolver->connections[CONNECTION_ASKED], peer) +
                                count_alike(&resolver->connections[CONNECTION_IDLE], peer) >
                            1;
}

static bool take_move(Resolver *resolver, int64_t now_ms)
{
    if (now_ms >= resolver->moves_since_ms + MOVES_PERIOD_MS) {
        resolver->moves_since_ms = now_ms;
        resolver->move_count = 0;
    }
    if (resolver->move_count >= MOVES_PER_CONNECTION * resolver->settings.connection_limit)
        return false;
    resolver->move_count++;
    return true;
}

Service *spread_choose(const Resolver *resolver)
{
    int64_t now_ms = clock_mono_ms();
    Service *best = NULL;

    for (guint i = 0; i < resolver->service_count; i++) {
        Service *each = &resolver->services[i];

        if (now_ms >= each->away_until_ms &&
            (best == NULL || each->connection_count < best->connection_count))
            best = each;
    }
    return best != NULL ? best : resolver->services;
}

bool spread_is_left_out(const Service *service)
{
    return clock_mono_ms() < service->away_until_ms;
}

bool spread_leave_out(const Resolver *resolver, Service *service, int time_ms)
{
    int64_t now_ms = clock_mono_ms();
    bool is_other = false;

    service->away_until_ms = now_ms + time_ms;
    for (guint i = 0; i < resolver->service_count; i++)
        is_other = is_other || now_ms >= resolver->services[i].away_until_ms;
    for (guint i = 0; i < resolver->service_count && !is_other; i++)
        resolver->services[i].away_until_ms = 0; /* all are tried again after the pause */
    return is_other;
}

bool spread_wants_another(const Connection *connection, const Query *query)
{
    Resolver *resolver = connection->resolver;
    int64_t now_ms = clock_mono_ms();

    return resolver->service_count == 1 && resolver->line.count > 0 &&
           now_ms - query->place.taken_ms >= WORTH_MS && shares_process(connection) &&
           take_move(resolver, now_ms);
}

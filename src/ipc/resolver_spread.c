#include "base/clock.h"
#include "src/ipc/resolver_internal.h"

/*
 * trivial-rewrite(8) serves many connections with few processes, each of which looks up one address
 * after the other: questions on connections to the same process wait for each other. master(8)
 * starts another process only for a connection that comes when all processes are busy. So when
 * lookups are slow and questions wait, a connection that shares its process is replaced by a new
 * one, until each has a process of its own; meanwhile the others keep the processes busy.
 *
 * Clones of the service have one process each, so there connections are spread by counting.
 */

/* Lookups gain from that if they take at least so long. */
#define WORTH_MS 1

/*
 * The pause between two moves. A process takes a moment to start. If lookups are short, it comes
 * too late for the connection that made it start, and gets the next one. The limit of processes in
 * master.cf is not known here, so there may be no more: after each useless move the pause is twice
 * as long.
 */
#define PAUSE_MIN_MS 10
#define PAUSE_MAX_MS 2000

/* The number of connections to the process; 0: to processes that are not known yet. */
static int count_to(const Resolver *resolver, pid_t peer)
{
    const ResolverConnection *each;
    int count = 0;

    for (int state = 0; state < CONNECTION_STATE_COUNT; state++)
        TAILQ_FOREACH (each, &resolver->connections[state], link)
            count += each->talk.peer == peer;
    return count;
}

static bool take_move(Resolver *resolver, int64_t now_ms)
{
    if (now_ms < resolver->moved_ms + resolver->move_pause_ms)
        return false;
    resolver->moved_ms = now_ms;
    resolver->move_pause_ms = CLAMP(2 * resolver->move_pause_ms, PAUSE_MIN_MS, PAUSE_MAX_MS);
    return true;
}

RewriteService *spread_choose(const Resolver *resolver)
{
    int64_t now_ms = clock_mono_ms();
    RewriteService *best = NULL;

    for (guint i = 0; i < resolver->service_count; i++) {
        RewriteService *each = &resolver->services[i];

        if (now_ms >= each->away_until_ms &&
            (best == NULL || each->connection_count < best->connection_count))
            best = each;
    }
    return best != NULL ? best : resolver->services;
}

bool spread_is_left_out(const RewriteService *service)
{
    return clock_mono_ms() < service->away_until_ms;
}

bool spread_leave_out(const Resolver *resolver, RewriteService *service, int time_ms)
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

bool spread_wants_another(ResolverConnection *connection, const ResolverQuery *query)
{
    Resolver *resolver = connection->resolver;
    int64_t now_ms = clock_mono_ms();
    bool is_worth_it = resolver->service_count == 1 && resolver->line.count > 0 &&
                       now_ms - query->place.taken_ms >= WORTH_MS;

    if (!is_worth_it)
        return false;
    if (connection->talk.peer != 0 && count_to(resolver, connection->talk.peer) > 1)
        return take_move(resolver, now_ms);
    if (!connection->has_own_process && count_to(resolver, 0) == 0) {
        connection->has_own_process = true;
        resolver->move_pause_ms = 0;
    }
    return false;
}

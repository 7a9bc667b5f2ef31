#include "base/clock.h"
#include "src/ipc/resolver_internal.h"

/*
 * trivial-rewrite(8) serves many connections with few processes, each of which looks up one address
 * after the other: questions on connections to the same process wait for each other. master(8)
 * starts another process only for a connection that comes when all there are work. So where lookups
 * take their time and others wait, a connection to a process that has several is given up for a new
 * one, until each has a process of its own; meanwhile the others keep the processes busy.
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

bool spread_wants_another(const Connection *connection, const Query *query)
{
    Resolver *resolver = connection->resolver;
    int64_t now_ms = clock_mono_ms();

    return resolver->line.count > 0 && now_ms - query->place.taken_ms >= WORTH_MS &&
           shares_process(connection) && take_move(resolver, now_ms);
}

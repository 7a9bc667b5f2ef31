/*
 * Deaths and revivals, kept until they are fetched, as the core calls nobody: for those who count
 * and show them. They decide nothing.
 */

#include "noted_internal.h"

typedef struct Change {
    Link in_sched;
    SchedChange change;
} Change;

void change_add(const SchedTransport *transport, SchedChangeKind kind,
                const SchedDestination *destination, const Cause *cause)
{
    Change *change = g_new(Change, 1);

    change->change = (SchedChange){
        .kind = kind,
        .transport = transport->name,
        .destination = destination != NULL ? g_strdup(destination->name) : NULL,
        .reason = cause != NULL ? g_strconcat(cause->status, " ", cause->reason, NULL) : NULL};
    chain_append(&transport->sched->changes, &change->in_sched);
}

bool sched_pop_change(Sched *sched, SchedChange *ret_change)
{
    Link *first = chain_pop_first(&sched->changes);
    Change *change;

    if (first == NULL)
        return false;
    change = ELEMENT(first, Change, in_sched);
    *ret_change = change->change;
    g_free(change);
    return true;
}

void sched_change_clear(SchedChange *change)
{
    g_free(change->destination);
    g_free(change->reason);
}

void change_drop_all(Sched *sched)
{
    SchedChange change;

    while (sched_pop_change(sched, &change))
        sched_change_clear(&change);
}

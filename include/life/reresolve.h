#ifndef EQMGR_LIFE_RERESOLVE_H
#define EQMGR_LIFE_RERESOLVE_H

/*
 * life/reresolve: mail that waits in active asks trivial-rewrite(8) again where it goes
 * (operations.md 3), after a change of a map that nobody was told of.
 *
 * All answers that are remembered are forgotten at once; a question that is on its way is asked
 * once more for those who join it later. Then a job (life/jobs.h) goes through the destinations: it
 * takes the recipients of waiting delivery requests back, of a few hundred messages at a time, and
 * they are resolved and bound as recipients are that were just read. Whatever holds for these holds
 * for them: rules, dead sites, limits. What is not asked yet stays where it is and is delivered
 * when its turn comes.
 *
 * Left alone are: deliveries that run; recipients that are not read yet, and deferred mail, as both
 * ask in any case; mail that has a content filter of its own, and mail on its way to retry or
 * error, as these ask nobody. In preemptive scheduling mail keeps its place in the order of
 * messages; in round-robin it waits behind what waits for its destination.
 *
 * A message of which other recipients are being resolved has its turn later. The same again while
 * the job runs is refused; afterwards it asks once more, which changes nothing if the maps have not
 * changed. Jobs for different names go one after the other. A restart resolves everything anew
 * anyway, and so ends the job.
 */

#include "life/jobs.h"

/* What a job would be about. */
typedef struct LifeReresolveCount {
    int64_t destination_count; /* that the name means, whether or not mail waits for them */
    int64_t message_count;     /* with mail that waits, once for each destination */
    int64_t request_count;     /* delivery requests that wait: the job asks for these */
    int64_t recipient_count;   /* theirs */
} LifeReresolveCount;

/* Counts in pieces, between which mail may come and go. Borrows what the order names. */
typedef struct LifeReresolveCounting LifeReresolveCounting;

LifeReresolveCounting *
life_reresolve_counting_new(const Life *life, const LifeJobOrder *order) G_GNUC_WARN_UNUSED_RESULT;
void life_reresolve_counting_free(LifeReresolveCounting *counting); /* NULL is a no-op */

/* Looks at so many destinations and messages at most; says what was counted so far. True: there is
 * more. */
bool life_reresolve_count(LifeReresolveCounting *counting, unsigned step_max,
                          LifeReresolveCount *ret_count);

/*
 * The number of the job; 0: it was refused, and *ret_problem, the caller's, says why. What was
 * counted is what the job says is left, until it knows better.
 */
uint32_t life_reresolve(Life *life, const LifeJobOrder *order, const LifeReresolveCount *expected,
                        char **ret_problem);

#endif

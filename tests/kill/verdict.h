#ifndef EQMGR_TESTS_KILL_VERDICT_H
#define EQMGR_TESTS_KILL_VERDICT_H

/*
 * tests/kill/verdict: reads the ledger and decides what was lost, and what was delivered twice
 * without an excuse. There are two excuses, the windows that the protocol leaves open and that the
 * stock queue manager has too:
 *
 *  - unmarked: the earlier delivery was not marked in the queue file, since its agent was killed in
 *    between;
 *  - late: the agent had its request from a queue manager that was killed before the agent had the
 *    lock, and took the lock only when the next queue manager ran. Nothing tells that one.
 */

#include <stdint.h>

#include "tests/kill/common.h"

typedef struct Verdict Verdict;

typedef struct Judgement {
    unsigned lost, twice;    /* without excuse */
    unsigned early;          /* delivered though not due */
    unsigned nonsense;       /* requests for recipients that a file does not have */
    unsigned unmarked, late; /* repetitions with an excuse */
} Judgement;

/* Recipients from..to-1 are not due before at_ns. */
typedef struct NotDue {
    uint32_t from, to;
    int64_t at_ns;
} NotDue;

Verdict *verdict_new(void);
void verdict_free(Verdict *verdict);

/* Reads the entries that are new in the ledger. */
void verdict_read(Verdict *verdict, const Common *common);

/* How many recipients have been delivered or returned so far. */
uint32_t verdict_settled(const Verdict *verdict);

/* The verdict at the end, about recipients 0..count-1. Faults are printed on standard error. */
Judgement verdict_judge(const Verdict *verdict, uint32_t count, const NotDue *not_due);

#endif

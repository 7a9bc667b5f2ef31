#ifndef EQMGR_TESTS_KILL_COMMON_H
#define EQMGR_TESTS_KILL_COMMON_H

/*
 * tests/kill/common: what the driver and the processes it forks have in common: the ledger, a file
 * in which each notes what it has done, and a page of memory with switches.
 *
 * Contract:
 *  - An entry is one append of one record, so it is whole or not there, whoever is killed when; and
 *    entries stand in the order in which things happened.
 *  - A recipient is a number, unique in a run; so is an attempt: one delivery agent with one
 *    request.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum LedgerKind {
    LEDGER_STARTED = 1, /* the queue manager of this generation */
    LEDGER_LOCKED,      /* the agent has the shared lock */
    LEDGER_DELIVERED,   /* the recipient has it, irrevocably */
    LEDGER_BOUNCED,     /* it stands in the bounce log */
    LEDGER_MARKED,      /* the recipient is marked as done in the queue file */
    LEDGER_RETURNED,    /* the bounce service has told the sender */
    LEDGER_NONSENSE,    /* a request for a place in the file where there is no such recipient */
} LedgerKind;

typedef struct LedgerEntry {
    int64_t at_ns; /* monotonic */
    uint32_t kind, attempt, generation, recipient;
} LedgerEntry;

typedef struct Switches {
    uint32_t attempt_count; /* counted atomically */
    uint32_t generation;    /* of the queue manager, the last one started */
    bool calm;              /* no pauses, no temporary failures by chance */
    bool sites_live;        /* the dead ones, too */
    int64_t lookup_us;      /* of an address at a slow site */
    int64_t pause_max_us;   /* of agents between two steps */
    pid_t manager_pids[];   /* by generation */
} Switches;

typedef struct Common {
    int ledger_fd;
    Switches *switches;
} Common;

#define COMMON_GENERATIONS_MAX 65536

/* The ledger is a file in the working directory. */
void common_init(Common *common);
void common_clear(Common *common);

/* The time is filled in. */
void common_note(const Common *common, LedgerEntry entry);

/* Notes that the next queue manager runs. */
void common_note_start(const Common *common, pid_t pid);

/* The generation whose process this is, or was; 0: no queue manager's. */
uint32_t common_generation_of(const Common *common, pid_t pid);

#endif

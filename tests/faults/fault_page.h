#ifndef EQMGR_TESTS_FAULTS_FAULT_PAGE_H
#define EQMGR_TESTS_FAULTS_FAULT_PAGE_H

/*
 * tests/faults/fault_page: what the driver and the preloaded library of a daemon under test share:
 * a file that both map.
 *
 * A call site is named by the functions of the program that led to a call, the innermost first, and
 * the call: "spool_move<-move_to<-leave_go/rename". The library counts what it sees of each site;
 * if told to, it lets one of these calls fail, or ends the process before it. The page outlives the
 * process, so a fault is met once even if the daemon is started again, and a lasting one lasts.
 */

#include <stdint.h>

#define FAULT_ENVIRONMENT "FAULT_PAGE" /* path of the file */
#define FAULT_NAME_ROOM   200
#define FAULT_SITES_MAX   4096

/* Instead of an error number: the call does a part of its work, or reports the end of the file. */
enum { FAULT_SHORT = -1, FAULT_EOF = -2 };

/* FAULT_OFF: calls are not even counted. */
typedef enum FaultMode { FAULT_COUNT, FAULT_FAIL, FAULT_KILL, FAULT_OFF } FaultMode;

typedef struct FaultSite {
    char name[FAULT_NAME_ROOM];
    uint32_t count;
} FaultSite;

typedef struct FaultPage {
    uint32_t mode; /* FaultMode */
    uint32_t nth;  /* of the calls of site `name`, from 1 */
    int32_t error; /* errno, or FAULT_SHORT, FAULT_EOF */
    int64_t lasts_s;
    char name[FAULT_NAME_ROOM];
    uint32_t limits_memory; /* the address space may grow by so much from the start on */
    uint64_t memory_more_bytes;

    uint32_t hit_count;
    int64_t until_s; /* when the lasting fault ends; on the monotonic clock of the daemon */

    uint32_t wants_heap;   /* whether heap_bytes is kept */
    uint64_t heap_bytes;   /* in use whenever the daemon waits, mapped ones included */
    uint64_t mapped_bytes; /* that the daemon now has from mmap(), beside those of malloc() */

    uint32_t site_count;
    FaultSite sites[FAULT_SITES_MAX];
} FaultPage;

#endif

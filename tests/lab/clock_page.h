#ifndef EQMGR_TESTS_LAB_CLOCK_PAGE_H
#define EQMGR_TESTS_LAB_CLOCK_PAGE_H

/*
 * tests/lab/clock_page: what the laboratory and the preloaded clock of a daemon under test share.
 *
 * The page holds the virtual time; only the laboratory writes it, and only while the daemon waits.
 * The control socket (SOCK_SEQPACKET) carries pings to the daemon and reports back. A report with
 * the sequence number of a ping says: after that ping was sent, the daemon came to a point where it
 * waits and none of its descriptors is ready. Everything written to it before has been used up.
 */

#include <stdatomic.h>
#include <stdint.h>

#define CLOCK_ENVIRONMENT "LAB_CLOCK" /* "page descriptor,control descriptor" */
#define CLOCK_NEVER_NS    INT64_MAX

typedef struct ClockPage {
    _Atomic int64_t wall_ns; /* since 1970 */
    _Atomic int64_t mono_ns;
    _Atomic uint64_t turns; /* of the daemon's loop: epoll_wait() returned; counted by the daemon */
} ClockPage;

typedef struct ClockPing {
    uint32_t sequence;
} ClockPing;

typedef struct ClockReport {
    uint32_t sequence;
    uint32_t reserved;
    int64_t deadline_ns; /* on the monotonic clock; CLOCK_NEVER_NS: waits for descriptors only */
} ClockReport;

#endif

#ifndef EQMGR_SCHED_SITE_OBJECTS_INTERNAL_H
#define EQMGR_SCHED_SITE_OBJECTS_INTERNAL_H

/*
 * Sites (traffic.md 1, 2): destinations that share one budget. A destination that shares none is a
 * site by itself, and has nothing of what is here but its pace.
 *
 *   SchedSite -> SitePart (x transport) -> SiteMember -> SchedDestination
 *
 * A site has a limit of concurrency, rates, or both, beside the windows of its members. Nothing
 * that happens at a site costs more because it has many members: only one of each part stands in
 * the transport's tree of destinations that can be delivered to, for all of them.
 *
 * Included by objects_internal.h.
 */

#include <limits.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/tree.h"
#include "sched/inspect.h"

typedef struct SitePace SitePace;
TAILQ_HEAD(PaceList, SitePace);
typedef struct SitePart SitePart;
typedef struct SiteMember SiteMember;

/* What keeps a destination, a shared site or a whole transport to its rates (pace.c). */
struct SitePace {
    Sched *sched;
    SchedDestination *destination; /* whose it is: of these three just one is not NULL */
    SchedSite *site;
    SchedTransport *transport;
    Meter meters[METER_KIND_COUNT];     /* one of them may have no limit */
    MeterPage *pages[METER_KIND_COUNT]; /* of both; NULL: it is not kept */
    uint64_t lives[METER_KIND_COUNT];   /* tells a meter from those that were there before */
    TAILQ_ENTRY(SitePace) in_disk_line;
    bool is_in_disk_line;     /* nothing is free before something is on the disk */
    int free_count;           /* deliveries that may begin, as seen last: never too many */
    HeapNode timer;           /* in pace_timers while there is debt */
    int64_t since_s, until_s; /* nothing is free; timer_s */
    int64_t held_us;          /* mail waits for it that could go else, seen then; 0: none does */
};

struct SchedSite {
    Sched *sched;
    SchedTransport *transport; /* all members are of this one; NULL: of any */
    char *name;
    int limit;         /* of deliveries that run; 0: none */
    int running_count; /* of all members */
    SitePace *pace;    /* NULL: it has no rate */
    SitePart *parts;   /* by next_of_site */
    GHashTable *crowd; /* of all members (crowd.c); NULL: nobody counts */
    unsigned member_count;

    /* index */
    uint64_t last_turn;       /* that a member was given */
    int counted_room;         /* as its parts know it */
    int64_t usable_count;     /* members that could deliver if the site could */
    SchedState counted_state; /* what usable members count as: READY, or what the site makes it */
    int64_t counted_usable;
};

struct SitePart {
    SchedSite *site;
    SchedTransport *transport;
    SitePart *next_of_site;
    unsigned member_count;

    /* index */
    Tree usable;          /* members that could deliver if the site could, first one first */
    SiteMember *standing; /* the first of these, while the site has room; else NULL */
    int64_t wanted;       /* how many entries the members could take */
    int64_t counted_capacity;
};

struct SiteMember {
    SchedDestination *destination;
    SitePart *part;

    /* index */
    uint64_t turn; /* of its last delivery, or when it became a member */
    TreeNode in_part;
    bool is_usable; /* in the tree of these */
};

/* NULL: no rate, so something may begin. */
static inline bool pace_is_free(const SitePace *pace)
{
    return pace == NULL || pace->free_count > 0;
}

/* How many deliveries may begin, whatever the members say. */
static inline int site_room(const SchedSite *site)
{
    int room = site->limit > 0 ? MAX(site->limit - site->running_count, 0) : INT_MAX;

    return site->pace != NULL ? MIN(room, site->pace->free_count) : room;
}

#endif

#ifndef EQMGR_IPC_FAIR_LINE_INTERNAL_H
#define EQMGR_IPC_FAIR_LINE_INTERNAL_H

/*
 * ipc/fair_line: queries that wait for a connection, served domain by domain in turn.
 *
 * Lookups are slow for some domains and fast for others (a directory server that takes its time, a
 * table in memory), and which is which is not known beforehand. With one lane per recipient domain
 * and the lanes taking turns, mail for one slow domain does not stand in the way of all other mail.
 * Every other time it is the turn of the newest domain that was not served yet, so that a backlog
 * of questions about many slow domains does not hold up what comes after it; the oldest still get
 * half of all turns. Within a lane the order is that of asking. All operations are O(1).
 */

#include <stdbool.h>
#include <sys/queue.h>

#include <glib.h>

typedef struct Lane Lane;

/* Embedded in what waits. */
typedef struct LaneLink {
    TAILQ_ENTRY(LaneLink) link;
    Lane *lane; /* NULL: does not wait */
} LaneLink;

typedef struct FairLine {
    GHashTable *lanes;                /* by domain; lanes are never empty */
    TAILQ_HEAD(LaneList, Lane) turns; /* the one that waits longest first */
    struct LaneList fresh;            /* those not served yet, the oldest first; in `turns`, too */
    bool newest_is_next;
    guint count;
} FairLine;

void fair_line_init(FairLine *line);
void fair_line_clear(FairLine *line); /* what waits is not touched */

/* The lane is that of the domain of `address`, case ignored. */
void fair_line_append(FairLine *line, LaneLink *waiting, const char *address);

/* For one that was taken too early: it is the next to be served. */
void fair_line_put_back(FairLine *line, LaneLink *waiting, const char *address);

/* The next to be served, or NULL. */
LaneLink *fair_line_first(const FairLine *line);

/* Takes it out; it is the turn of the other lanes then. */
void fair_line_remove(FairLine *line, LaneLink *waiting);

#endif

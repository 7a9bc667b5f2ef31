#ifndef EQMGR_IPC_FAIR_LINE_INTERNAL_H
#define EQMGR_IPC_FAIR_LINE_INTERNAL_H

/*
 * ipc/fair_line: queries that wait for a connection, served domain by domain in turn.
 *
 * Lookups are slow for some domains (a slow directory server) and fast for others (a table in
 * memory), and this is not known beforehand. Each recipient domain has a lane, and lanes take
 * turns, so mail for one slow domain does not hold up all other mail. Every other turn belongs to
 * the newest domain that was not served yet, so that a backlog of questions about many slow domains
 * does not hold up later questions; the oldest domains still get half of all turns. Within a lane
 * queries are served in the order in which they came.
 *
 * Two groups may have at most `share` queries out at a time, half of the connections:
 *  - one lane, unless its answers come quickly and none is overdue;
 *  - all queries that came back without an answer before, because that may happen again. They are
 *    next in every other turn.
 * If a lane has such a query, only one of its other queries is out, until there is an answer.
 *
 * A query is in its lane from fair_line_enter() to fair_line_leave(), in one place at a time. All
 * operations are O(1), amortized.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <glib.h>

#define FAIR_LINE_QUICK_MS 1000

typedef struct Lane Lane;

typedef enum LanePlace {
    LANE_NEW,     /* waits, was not out yet */
    LANE_LOST,    /* waits again */
    LANE_OUT,     /* asked, no answer yet */
    LANE_RESTING, /* not to be asked yet */
    LANE_PLACE_COUNT
} LanePlace;

/* Embedded in a query. */
typedef struct LaneLink {
    TAILQ_ENTRY(LaneLink) link;
    Lane *lane;
    LanePlace place;
    bool was_lost;
    int64_t taken_ms;      /* out since */
    unsigned answers_then; /* of the lane, when it was first taken */
} LaneLink;

typedef struct FairLine {
    GHashTable *lanes;                /* by domain; lanes are never empty */
    TAILQ_HEAD(LaneList, Lane) turns; /* with new queries and room, the longest unserved first */
    struct LaneList fresh;            /* those not served yet, the oldest first; in `turns`, too */
    struct LaneList lost_turns;       /* with lost queries and room */
    bool newest_is_next, lost_was_last;
    guint count; /* of waiting queries */
    guint lost_out_count;
    guint share;
} FairLine;

void fair_line_init(FairLine *line, guint share);
void fair_line_clear(FairLine *line); /* waiting queries are not touched */

/* Waits from now on. The lane is that of the domain of `address`, case ignored. */
void fair_line_enter(FairLine *line, LaneLink *query, const char *address, int64_t now_ms);

/* The next to be served, or NULL. */
LaneLink *fair_line_first(FairLine *line, int64_t now_ms);

/* The first query is out; now the other lanes have their turns. */
void fair_line_take(FairLine *line, LaneLink *query, int64_t now_ms);

/* A query that was out got no answer: it rests, and waits again when it returns. */
void fair_line_rest(FairLine *line, LaneLink *query, int64_t now_ms);
void fair_line_return(FairLine *line, LaneLink *query, int64_t now_ms);

/* Ends it, answered or not, wherever it is. */
void fair_line_leave(FairLine *line, LaneLink *query, int64_t now_ms);

/* The answer to one that is out has come. */
void fair_line_note_answer(LaneLink *query, int64_t now_ms);

/* Whether no query of its lane had an answer since this one was first taken. */
bool fair_line_is_mute(const LaneLink *query);

/* For a query that is out: another one of its lane that is not out, or NULL. */
LaneLink *fair_line_neighbour(const LaneLink *query);

#endif

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
 * half of all turns. Within a lane the order is that of asking.
 *
 * At most `share` queries are out at a time, a half of the connections,
 *  - of one lane, unless its answers come quickly and none is overdue;
 *  - of those that came back without an answer, as they may do so again. They are next in every
 *    other turn.
 * Of the others of a lane with such ones only one is out, until there is an answer.
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

/* Embedded in what waits. */
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
    guint count; /* of those that wait */
    guint lost_out_count;
    guint share;
} FairLine;

void fair_line_init(FairLine *line, guint share);
void fair_line_clear(FairLine *line); /* what waits is not touched */

/* Waits from now on. The lane is that of the domain of `address`, case ignored. */
void fair_line_enter(FairLine *line, LaneLink *query, const char *address, int64_t now_ms);

/* The next to be served, or NULL. */
LaneLink *fair_line_first(FairLine *line, int64_t now_ms);

/* The first is out; it is the turn of the other lanes then. */
void fair_line_take(FairLine *line, LaneLink *query, int64_t now_ms);

/* One that was out has no answer: it rests, and waits again when it returns. */
void fair_line_rest(FairLine *line, LaneLink *query, int64_t now_ms);
void fair_line_return(FairLine *line, LaneLink *query, int64_t now_ms);

/* Ends it, answered or not, wherever it is. */
void fair_line_leave(FairLine *line, LaneLink *query, int64_t now_ms);

/* The answer to one that is out has come. */
void fair_line_note_answer(LaneLink *query, int64_t now_ms);

/* Whether no query of its lane had an answer since this one was first taken. */
bool fair_line_is_mute(const LaneLink *query);

/* For one that is out: another one of its lane that is not, or NULL. */
LaneLink *fair_line_neighbour(const LaneLink *query);

#endif

#ifndef EQMGR_LIFE_ROUND_INTERNAL_H
#define EQMGR_LIFE_ROUND_INTERNAL_H

/*
 * round: the messages that a job has made due, and what became of them. A message runs until it has
 * left active, or its file is gone. Who came back is remembered until the round is cleared: its job
 * does not try it again. Another job may: it leaves alone only what runs for another one.
 *
 * A message that has no place in the active queue (parking) does not count as tried, and no round
 * waits for it. When it is called in, it runs as if it had been made due then.
 */

#include <sys/queue.h>

#include "src/life/targets_internal.h"

typedef TAILQ_HEAD(TriedList, Tried) TriedList;

typedef enum RoundPiece { ROUND_DONE, ROUND_WAITS, ROUND_GOES_ON } RoundPiece;

typedef struct TriedTable TriedTable; /* the messages of all jobs */

typedef struct Round {
    Life *life;
    TriedTable *tried;   /* borrowed */
    GHashTable *targets; /* table of Target */
    TriedList running, back, later;
    struct Tried *at;         /* of those that run: the next one to be given back; NULL: none */
    struct Tried *last_tried; /* of those that are back: the last one that a site has seen; NULL */
    uint32_t running_count, later_count;
    uint32_t tried_count, through_count, back_count; /* messages */
    uint32_t returned_count,
        skipped_count; /* not tried: given back, of destinations that are over */
    bool is_closed;    /* nothing is counted any more */
    char *reason;      /* why the last destination is over; NULL */
} Round;

TriedTable *round_new_table(void);
void round_free_table(TriedTable *table); /* after all rounds were cleared */
void round_init(Round *round, Life *life, TriedTable *tried);
void round_clear(Round *round);

/* Makes the message due now. False: it is gone; or not now, and it is not to be tried again. */
bool round_add(Round *round, const char *queue_id);

/* True: it waits for its turn in the active queue, and is tried when that comes. */
bool round_waits_for_turn(Round *round, const char *queue_id);

/* It is known to this round, or runs or waits for another one. */
bool round_is_done_with(const Round *round, const char *queue_id);

/* Some job has made the message due, or knows that it came back. */
bool round_is_known(const TriedTable *table, const char *queue_id);

/* Some job has made the message due, and it was not taken yet. */
bool round_makes_due(const TriedTable *table, const char *queue_id);

/* What became of those that run, in pieces: none is left, some still run, or there is more to do.
 */
RoundPiece round_settle(Round *round);

/*
 * Gives what was not taken yet its time back, in pieces; if only_over, of destinations that are
 * over. True: there is more to do; until then nothing else may be done with the round.
 */
void round_give_back_begin(Round *round);
bool round_give_back_piece(Round *round, bool only_over);

/* Forgets messages, before round_clear(), in pieces. True: there is more to do. */
bool round_forget_piece(Round *round);

/* A rule holds the message, or the job after it: that is not left by this round. */
void round_note_held(Round *round, const char *queue_id);

/* What others say; destination NULL: of the whole transport. */
void round_note_taken(TriedTable *table, const char *queue_id);
void round_note_success(TriedTable *table, const char *queue_id, const char *transport,
                        const char *name, const char *nexthop);
void round_note_death(Round *round, const char *transport, const char *destination,
                      const char *reason);

/* For a person, the caller's: why a job stopped; and what is left of one that is done, or NULL. */
char *round_why_stopped(const Round *round) G_GNUC_WARN_UNUSED_RESULT;
char *round_why_incomplete(const Round *round) G_GNUC_WARN_UNUSED_RESULT;

void round_check(const Round *round);

#endif

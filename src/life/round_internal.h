#ifndef EQMGR_LIFE_ROUND_INTERNAL_H
#define EQMGR_LIFE_ROUND_INTERNAL_H

/*
 * round: the messages that a job has made due, and what became of them. A message runs until it has
 * left active, or its file is gone. Who came back is remembered until the round is cleared: no job
 * tries it again.
 */

#include <sys/queue.h>

#include "src/life/life_internal.h"

/* A destination whose mail was tried. */
typedef struct Target {
    char *transport, *name;             /* "": not known */
    bool is_over;                       /* nothing of it is tried any more */
    uint32_t through_count, back_count; /* since the last judgement */
    uint32_t all_back_count;
    uint32_t held_count; /* of its mail, what only another one may take: as the last walk met it */
} Target;

typedef TAILQ_HEAD(TriedList, Tried) TriedList;

typedef enum RoundPiece { ROUND_DONE, ROUND_WAITS, ROUND_GOES_ON } RoundPiece;

typedef struct Round {
    Life *life;
    GHashTable *tried;   /* queue ID -> Tried, of all jobs; borrowed */
    GHashTable *targets; /* transport and name -> Target */
    TriedList running, back;
    struct Tried *at; /* of those that run: the next one to be given back; NULL: none */
    uint32_t running_count;
    uint32_t tried_count, through_count, back_count; /* messages */
    uint32_t returned_count,
        skipped_count; /* not tried: given back, of destinations that are over */
    char *reason;      /* why the last destination is over; NULL */
} Round;

GHashTable *round_new_table(void);
void round_init(Round *round, Life *life, GHashTable *tried);
void round_clear(Round *round);

/*
 * What a job for the mail of a rule does not try keeps its time, due_s. If that has passed, or will
 * soon, the file gets one from minimal_backoff_time to maximal_backoff_time from now.
 */
void round_leave_message(Life *life, const char *queue_id, int64_t due_s);

/* Makes the message due now. False: it is gone; or not now, and it is not to be tried again. */
bool round_add(Round *round, const char *queue_id);

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

/* Whose messages came back, and none came through, is over. */
void round_judge(Round *round);

bool round_is_over(const Round *round, const char *transport, const char *name);
bool round_has_over(const Round *round);

/*
 * A walk over the mail that may be tried begins, and meets a message that a rule holds, or the job
 * after it: that is not left by this round.
 */
void round_begin_walk(Round *round);
void round_note_held(Round *round, const char *queue_id);

/* Deferred messages that are known to wait for destinations that are over, and were not tried. */
uint32_t round_left_count(const Round *round);

/* What others say; destination NULL: of the whole transport. */
void round_note_taken(GHashTable *table, const char *queue_id);
void round_note_success(GHashTable *table, const char *queue_id, const char *transport,
                        const char *name, const char *nexthop);
void round_note_death(Round *round, const char *transport, const char *destination,
                      const char *reason);

void round_check(const Round *round);

#endif

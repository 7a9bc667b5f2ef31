#ifndef EQMGR_TESTS_HOSTILE_MUTATE_H
#define EQMGR_TESTS_HOSTILE_MUTATE_H

/*
 * tests/hostile/mutate: what an ill peer sends instead of one attribute list. Pure.
 *
 * Nothing it makes of a list says something else than the list did, and is well-formed: an agent
 * that lies cannot be told from one that does not. So numbers become nonsense, never other numbers,
 * and addresses stay as they are.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum Illness {
    ILL_FRAGMENTS, /* in pieces, with pauses; the only one that nobody needs to notice */
    ILL_CUT,       /* a part, or nothing, and closes */
    ILL_CLOSED,    /* nothing, and closes */
    ILL_SILENT,    /* a part, or nothing, and stays */
    ILL_ENDLESS_VALUE,
    ILL_ENDLESS_LIST,
    ILL_EARLY,   /* an announcement and an answer that nobody asked for, in one piece */
    ILL_DOUBLED, /* the list twice, in one piece */
    ILL_RENAMED, /* one attribute */
    ILL_SWAPPED, /* two neighbours */
    ILL_DROPPED, /* one attribute */
    ILL_ADDED,   /* one attribute */
    ILL_GARBLED, /* one value becomes nonsense */
    ILL_EMPTY,   /* an empty list before it */
    ILL_BINARY,  /* random bytes */
    ILLNESSES
} Illness;

typedef enum Sequel { SEQUEL_NONE, SEQUEL_CLOSE, SEQUEL_SILENCE, SEQUEL_ENDLESS } Sequel;

typedef struct Piece {
    GByteArray *bytes; /* may be empty: just the pause */
    int64_t delay_ms;  /* before it */
} Piece;

typedef struct Mutation {
    GPtrArray *pieces; /* of Piece, at least one */
    Sequel sequel;
    GByteArray *endless; /* SEQUEL_ENDLESS: sent again and again */
    bool is_wrong;       /* no well-formed list any more */
} Mutation;

/* `answer` is what ILL_EARLY adds. */
Mutation *mutate(Illness illness, GRand *dice, const GByteArray *list, const GByteArray *answer);
/* Adds a list after all pieces that wait. */
void mutation_add(Mutation *mutation, const void *bytes, size_t count);
void mutation_free(Mutation *mutation);

const char *illness_str(Illness illness);
bool illness_parse(const char *word, Illness *ret_illness) G_GNUC_WARN_UNUSED_RESULT;

#endif

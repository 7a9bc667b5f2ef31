#ifndef EQMGR_TESTS_SIMULATE_DICE_H
#define EQMGR_TESTS_SIMULATE_DICE_H

/*
 * tests/simulate/dice: chance that repeats itself. The state is one number, so anything that has a
 * number (a message, its recipient, a delivery) has dice of its own, and what they show does not
 * depend on what else is going on: both strategies meet the same mail and the same delivery times.
 */

#include <stdint.h>

typedef struct Dice {
    uint64_t state;
} Dice;

/* The dice of object `number` of those that have the dice `parent`. */
Dice dice_of(Dice parent, uint64_t number);

uint64_t dice_roll(Dice *dice);

/* In [0, 1). */
double dice_unit(Dice *dice);

double dice_exponential(Dice *dice, double mean);

/* Which of `count` things: all alike (exponent 0), or the k-th with a weight of 1 / k^exponent. */
typedef struct Spread Spread;

Spread *spread_new(uint32_t count, double exponent);
void spread_free(Spread *spread); /* NULL is a no-op */
uint32_t spread_pick(const Spread *spread, Dice *dice);

#endif

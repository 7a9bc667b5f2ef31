#include "tests/simulate/dice.h"

#include <math.h>

#include <glib.h>

#define UNIT_BITS 53 /* of a double */

struct Spread {
    uint32_t count;
    double *shares; /* [k]: of all up to k; NULL: all are alike */
};

/* splitmix64 */
uint64_t dice_roll(Dice *dice)
{
    uint64_t bits = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return bits ^ bits >> 31;
}

/* Rolled twice: the dice of neighbours do not follow each other through the same sequence. */
Dice dice_of(Dice parent, uint64_t number)
{
    Dice dice = {dice_roll(&parent) ^ number};

    return (Dice){dice_roll(&dice)};
}

double dice_unit(Dice *dice)
{
    return ldexp((double)(dice_roll(dice) >> (64 - UNIT_BITS)), -UNIT_BITS);
}

double dice_exponential(Dice *dice, double mean)
{
    return -mean * log1p(-dice_unit(dice));
}

Spread *spread_new(uint32_t count, double exponent)
{
    Spread *spread = g_new0(Spread, 1);
    double sum = 0;

    g_assert(count > 0);
    spread->count = count;
    if (exponent == 0)
        return spread;
    spread->shares = g_new(double, count);
    for (uint32_t k = 0; k < count; k++)
        spread->shares[k] = sum += pow(k + 1.0, -exponent);
    for (uint32_t k = 0; k < count; k++)
        spread->shares[k] /= sum;
    return spread;
}

void spread_free(Spread *spread)
{
    if (spread == NULL)
        return;
    g_free(spread->shares);
    g_free(spread);
}

uint32_t spread_pick(const Spread *spread, Dice *dice)
{
    double unit = dice_unit(dice);
    uint32_t low = 0, high = spread->count - 1;

    if (spread->shares == NULL)
        return MIN((uint32_t)(unit * spread->count), high);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (spread->shares[middle] > unit)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

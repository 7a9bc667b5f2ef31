#include "policy/meter.h"

#include "base/check.h"

/*
 * GCRA, and refunds that give back no more than the charge still takes.
 *
 * Let t(j) be the time of charge j. The promise of the header follows from: clear_us is not below
 * t(j) + T times the units charged from j on, for each j that was not refunded. By how much it is
 * above is the slack of j; a later charge never makes it less. A refund of charge m lowers
 * clear_us, and takes the slack of each j > m: so it can give no more than the least of them. That
 * minimum is kept for all m by the usual queue of a sliding window, a few places long; when these
 * are used up, two become one that promises less.
 */

#define DEBT_UNIT  INT64_C(1000000) /* a unit of debt in MeterSaved */
#define LATE_US    INT64_C(5000000) /* of a unit that waits for the disk, and for its turn */
#define LEAD_US    INT64_C(2000000) /* before a unit is free by the limit, its mark is asked for */
#define PASSING_US INT64_C(1000000)

typedef __int128 Wide; /* of two int64_t any product, and any sum of some products */

static int64_t narrow(Wide value, int64_t most)
{
    return value > most ? most : (int64_t)value;
}

static int64_t divide_up(Wide value, int64_t by, int64_t most)
{
    return narrow((value + by - 1) / by, most);
}

/* How far clear_us may be ahead while a unit is free. */
static int64_t tolerance_us(const Meter *meter)
{
    return (meter->limit.burst - 1) * meter->spacing_us;
}

/*
 * A meter without a burst is charged for a unit that is late from when it begins: so its mark must
 * be far enough ahead to be good for as long as it may take until that one begins. The last of it
 * is for the time between a look at the meter and the charge.
 */
static bool has_no_burst(const Meter *meter)
{
    return meter->limit.burst == 1;
}

static int64_t passing_us(const Meter *meter)
{
    return has_no_burst(meter) ? PASSING_US : 0;
}

static int64_t debt_us(const Meter *meter, int64_t now_us)
{
    Wide debt = (Wide)meter->clear_us - now_us;

    return debt <= 0 ? 0 : narrow(debt, METER_DEBT_MAX_US);
}

static void set_debt(Meter *meter, Wide debt, int64_t now_us)
{
    meter->clear_us = narrow((Wide)now_us + narrow(debt, METER_DEBT_MAX_US), INT64_MAX);
}

/* ---- the least slack of the charges after a given one ---- */

/* Charge `number` has this slack, and each one before it counts as having no more. */
static void add_slack(Meter *meter, uint64_t number, int64_t slack_us)
{
    while (meter->slack_count > 0 && meter->slacks[meter->slack_count - 1].slack_us >= slack_us)
        meter->slack_count--;
    if (meter->slack_count == METER_SLACK_COUNT) {
        meter->slacks[1].slack_us = meter->slacks[0].slack_us;
        for (unsigned i = 1; i < METER_SLACK_COUNT; i++)
            meter->slacks[i - 1] = meter->slacks[i];
        meter->slack_count--;
    }
    meter->slacks[meter->slack_count++] = (MeterSlack){number, slack_us};
}

/* The place of the first one after this charge. */
static unsigned slack_place(const Meter *meter, uint64_t number)
{
    unsigned place = 0;

    while (place < meter->slack_count && meter->slacks[place].number <= number)
        place++;
    return place;
}

static void take_slack(Meter *meter, uint64_t number, int64_t taken_us)
{
    unsigned from = slack_place(meter, number), kept = from;

    for (unsigned i = from; i < meter->slack_count; i++)
        meter->slacks[i].slack_us -= taken_us;
    if (from == meter->slack_count)
        return;
    while (kept > 0 && meter->slacks[kept - 1].slack_us >= meter->slacks[from].slack_us)
        kept--;
    for (unsigned i = from; i < meter->slack_count; i++)
        meter->slacks[kept + i - from] = meter->slacks[i];
    meter->slack_count -= from - kept;
}

/* No charge up to now can be refunded any more. */
static void forget_charges(Meter *meter)
{
    meter->slack_count = 0;
    add_slack(meter, ++meter->last_number, 0);
}

/* ---- the meter ---- */

static void meter_set_limit(Meter *meter, const MeterLimit *limit)
{
    g_assert(meter_limit_fault(limit) == NULL);
    meter->limit = *limit;
    meter->spacing_us = meter_limit_spacing_us(limit);
}

void meter_init(Meter *meter, const MeterLimit *limit, int64_t now_us)
{
    *meter = (Meter){.clear_us = now_us, .mark_us = METER_NO_MARK};
    meter_set_limit(meter, limit);
}

static int64_t units_by_limit(const Meter *meter, int64_t now_us)
{
    int64_t left_us = tolerance_us(meter) - debt_us(meter, now_us);

    return left_us < 0 ? 0 : left_us / meter->spacing_us + 1;
}

/* How many units more the next process would know of if they began now. */
static int64_t units_by_mark(const Meter *meter, int64_t now_us)
{
    Wide presumed = (Wide)now_us + meter_limit_presumed_us(&meter->limit), room;

    if (meter->mark_us == METER_NO_MARK)
        return INT64_MAX;
    room = MAX((Wide)meter->mark_us - passing_us(meter), presumed) - MAX(meter->clear_us, now_us);
    return room < meter->spacing_us ? 0 : narrow(room / meter->spacing_us, INT64_MAX);
}

int64_t meter_free_units(const Meter *meter, int64_t now_us)
{
    return MIN(units_by_limit(meter, now_us), units_by_mark(meter, now_us));
}

int64_t meter_next_free_us(const Meter *meter)
{
    Wide next = (Wide)meter->clear_us - tolerance_us(meter);

    return next < INT64_MIN ? INT64_MIN : (int64_t)next;
}

int64_t meter_clear_us(const Meter *meter)
{
    return meter->clear_us;
}

int64_t meter_debt_units(const Meter *meter, int64_t now_us)
{
    int64_t debt_us = meter->clear_us - MIN(now_us, meter->clear_us);

    return debt_us / meter->spacing_us + (debt_us % meter->spacing_us > 0);
}

MeterCharge meter_charge(Meter *meter, int64_t units, int64_t now_us)
{
    int64_t debt = debt_us(meter, now_us);

    g_assert(units >= 1);
    add_slack(meter, ++meter->last_number, debt);
    set_debt(meter, debt + (Wide)units * meter->spacing_us, now_us);
    return (MeterCharge){meter->last_number, debt_us(meter, now_us) - debt};
}

void meter_refund(Meter *meter, MeterCharge *charge)
{
    unsigned place = slack_place(meter, charge->number);
    int64_t back_us = charge->taken_us;

    g_assert(charge->number <= meter->last_number);
    if (place < meter->slack_count)
        back_us = MIN(back_us, meter->slacks[place].slack_us);
    meter->clear_us -= back_us;
    take_slack(meter, charge->number, back_us);
    charge->taken_us = 0;
}

void meter_change(Meter *meter, const MeterLimit *limit, int64_t now_us)
{
    int64_t old_spacing_us = meter->spacing_us, debt = debt_us(meter, now_us);

    meter_set_limit(meter, limit);
    set_debt(meter, divide_up((Wide)debt * meter->spacing_us, old_spacing_us, METER_DEBT_MAX_US),
             now_us);
    forget_charges(meter);
}

/* ---- over a restart ---- */

MeterSaved meter_save(const Meter *meter, int64_t now_us, int64_t wall_us)
{
    Wide debt = (Wide)debt_us(meter, now_us) * DEBT_UNIT;

    return (MeterSaved){wall_us, divide_up(debt, meter->spacing_us, INT64_MAX)};
}

void meter_restore(Meter *meter, const MeterLimit *limit, const MeterSaved *saved, int64_t now_us,
                   int64_t wall_us)
{
    Wide debt, elapsed;

    meter_init(meter, limit, now_us);
    if (saved == NULL) {
        set_debt(meter, tolerance_us(meter), now_us);
        return;
    }
    debt = divide_up((Wide)MAX(saved->debt_units, 0) * meter->spacing_us, DEBT_UNIT,
                     METER_DEBT_MAX_US);
    elapsed = (Wide)wall_us - saved->wall_us;
    if (elapsed > 0)
        debt = debt > elapsed ? debt - elapsed : 0;
    set_debt(meter, debt, now_us);
}

/* ---- the mark ---- */

void meter_set_mark(Meter *meter, int64_t mark_us)
{
    meter->mark_us = mark_us;
}

/* When the next unit is free by the limit. */
static int64_t turn_us(const Meter *meter, int64_t now_us)
{
    return MAX(meter_next_free_us(meter), now_us);
}

/* Later than asked for. */
static int64_t saturated(Wide us)
{
    return us < INT64_MIN ? INT64_MIN : narrow(us, METER_NO_MARK - 1);
}

/* After a charge of several units, or a change of the limit. */
static bool is_beyond_mark(const Meter *meter, int64_t now_us)
{
    Wide presumed = (Wide)now_us + meter_limit_presumed_us(&meter->limit);

    return meter->clear_us > MAX((Wide)meter->mark_us, presumed);
}

/* From then on the mark is good for nothing; INT64_MAX: it always is. */
static int64_t mark_end_us(const Meter *meter)
{
    if (!has_no_burst(meter) || meter->mark_us == METER_NO_MARK ||
        meter->spacing_us <= meter_limit_presumed_us(&meter->limit))
        return INT64_MAX;
    return saturated((Wide)meter->mark_us - passing_us(meter) - meter->spacing_us);
}

int64_t meter_mark_due_us(const Meter *meter, int64_t now_us)
{
    int64_t at_us = turn_us(meter, now_us);

    if (is_beyond_mark(meter, now_us))
        return now_us;
    if (units_by_mark(meter, at_us) > 0)
        return mark_end_us(meter);
    return saturated((Wide)at_us - LEAD_US);
}

int64_t meter_next_mark_us(const Meter *meter, int64_t now_us)
{
    int64_t from_us = MAX(meter->clear_us, now_us);

    return saturated((Wide)from_us + meter_limit_lease_us(&meter->limit) +
                     (has_no_burst(meter) ? LATE_US + PASSING_US : 0));
}

bool meter_waits_for_mark(const Meter *meter, int64_t now_us)
{
    return units_by_limit(meter, now_us) > 0 && units_by_mark(meter, now_us) == 0;
}

void meter_check(const Meter *meter)
{
    CHECK(meter_limit_fault(&meter->limit) == NULL);
    CHECK(meter->spacing_us == meter_limit_spacing_us(&meter->limit));
    CHECK(meter->slack_count <= METER_SLACK_COUNT);
    for (unsigned i = 0; i < meter->slack_count; i++) {
        CHECK(meter->slacks[i].slack_us >= 0);
        CHECK(meter->slacks[i].number <= meter->last_number);
        CHECK(i == 0 || (meter->slacks[i].number > meter->slacks[i - 1].number &&
                         meter->slacks[i].slack_us > meter->slacks[i - 1].slack_us));
    }
}

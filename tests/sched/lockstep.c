#include "tests/sched/lockstep.h"

#include <string.h>

#include "tests/sched/lockstep_world.h"

/* ---- what happens ---- */

static void add_mail(Lockstep *run)
{
    Mail *mail;

    if (run->mails->len >= run->shape.mails_max)
        return;
    mail = mail_roll(run);
    mail_open_batch(run, mail);
}

static void connect_next(Lockstep *run)
{
    SchedTransport *transports[2];

    EACH_SIDE(side)
    transports[side] = api[side].next_connection(run->sched[side]);
    if (!same_transport(run, transports) || transports[0] == NULL)
        return;
    EACH_SIDE(side)
    g_ptr_array_add(run->pending[side], transports[side]);
}

/* The sides ask for batches one by one until both have chosen. */
static bool select_both(Lockstep *run, SchedTransport *const *transports, SchedEntry **entries)
{
    for (;;) {
        SchedMessage *messages[2] = {NULL, NULL};
        SchedSelection selections[2];

        EACH_SIDE(side)
        selections[side] = api[side].select(run->sched[side], transports[side], run->now,
                                            &entries[side], &messages[side]);
        EACH_SIDE(side)
        trace_selection(run, side, selections[side], messages[side]);
        if (!same_number(run, "selection", selections[0], selections[1]))
            return false;
        if (selections[0] != SCHED_REFILL)
            return selections[0] == SCHED_SELECTED;
        if (!refill_both(run, messages))
            return false;
    }
}

static void answer(Lockstep *run)
{
    SchedTransport *transports[2];
    SchedEntry *entries[2] = {NULL, NULL};
    int delays_s[2];

    if (!take_random(run, run->pending, (gpointer *)transports))
        return;
    EACH_SIDE(side)
    delays_s[side] = api[side].connection_ready(run->sched[side], transports[side]);
    same_number(run, "delay", delays_s[0], delays_s[1]);
    if (delays_s[0] > 0)
        let_time_pass(run, delays_s[0]);
    if (!select_both(run, transports, entries) || !same_entry(run, entries))
        return;
    trace_entry(run, entries[0]);
    if (roll(run, 0, 60) == 0) {
        EACH_SIDE(side)
        api[side].entry_give_back(run->sched[side], entries[side], "4.3.0", "broken", run->now);
        return;
    }
    EACH_SIDE(side)
    g_ptr_array_add(run->running[side], entries[side]);
}

static void fail_connection(Lockstep *run)
{
    SchedTransport *transports[2];

    if (!take_random(run, run->pending, (gpointer *)transports))
        return;
    EACH_SIDE(side)
    api[side].connection_failed(run->sched[side], transports[side], "4.3.0", "unavailable",
                                run->now);
}

static SchedResult roll_result(Lockstep *run)
{
    static const SchedResult good = {.status = "", .reason = ""};
    static const SchedResult crash = {.crashed = true, .status = "", .reason = ""};
    static const SchedResult odd = {.deferred = true, .status = "", .reason = ""};
    static const char *const reasons[] = {"no route", "busy", ""};
    int percent = roll(run, 0, 100);

    if (percent < run->shape.failure_percent)
        return (SchedResult){.deferred = true,
                             .status = percent % 2 == 0 ? "4.4.1" : "odd",
                             .reason = reasons[percent % 3]};
    return percent == 99 ? crash : percent == 98 ? odd : good;
}

static void finish(Lockstep *run)
{
    SchedEntry *entries[2];
    Chain chains[2];
    SchedResult result;
    Mail *mail;

    if (!take_random(run, run->running, (gpointer *)entries))
        return;
    result = roll_result(run);
    mail = sched_message_owner(sched_entry_message(entries[0]));
    EACH_SIDE(side)
    chains[side] = api[side].entry_finish(run->sched[side], entries[side], &result, run->now);
    same_recipients(run, chains);
    mail_go_on(run, mail);
}

static void assign_some(Lockstep *run)
{
    Mail *mail = random_mail(run, mail_has_open_batch);

    if (mail != NULL)
        mail_assign(run, mail, (unsigned)roll(run, 1, 30));
}

static void wait_some(Lockstep *run)
{
    int dice = roll(run, 0, 40);

    if (dice == 0)
        let_time_pass(run, 301);
    else if (dice == 1)
        run->now.wall_s -= 100; /* the other two go on */
    else
        let_time_pass(run, roll(run, 0, 3));
}

static void flush(Lockstep *run)
{
    EACH_SIDE(side)
    api[side].flush(run->sched[side]);
}

static void revive(Lockstep *run)
{
    SchedTransport *transports[2];
    SchedDestination *destinations[2];
    g_autofree char *name = g_strdup_printf("d%d", roll(run, 0, run->shape.destinations));
    int number = roll(run, 0, run->shape.transports);

    EACH_SIDE(side)
    transports[side] = run_transport(run, side, number);
    EACH_SIDE(side)
    destinations[side] = api[side].destination_get(run->sched[side], transports[side], name, name);
    EACH_SIDE(side)
    {
        api[side].destination_revive(run->sched[side], destinations[side]);
        if (number % 2 == 0)
            api[side].transport_revive(run->sched[side], transports[side]);
    }
}

/* 0: as configured. */
static void set_limit(Lockstep *run)
{
    g_autofree char *name = g_strdup_printf("d%d", roll(run, 0, run->shape.destinations));
    int number = roll(run, 0, run->shape.transports), limit = roll(run, 0, 8);

    EACH_SIDE(side)
    {
        SchedTransport *transport = run_transport(run, side, number);

        api[side].destination_limit(
            api[side].destination_get(run->sched[side], transport, name, name), limit);
    }
}

/* Site 0: none. What is said of a site holds for all its members. */
static void share(Lockstep *run)
{
    g_autofree char *name = g_strdup_printf("d%d", roll(run, 0, run->shape.destinations));
    int number = roll(run, 0, run->shape.transports), place = roll(run, 0, 4);
    g_autofree char *site = g_strdup_printf("s%d", place);
    const MeterLimit rate = {roll(run, 1, 20), roll(run, 1, 20), roll(run, 1, 5)};
    int rates = roll(run, 0, 6);
    const SchedShared shared = {.name = site,
                                .over_transports = place == 3,
                                .concurrency = roll(run, 0, 5),
                                .deliveries = (rates & 1) != 0 ? &rate : NULL,
                                .recipients = (rates & 2) != 0 ? &rate : NULL};

    EACH_SIDE(side)
    {
        SchedTransport *transport = run_transport(run, side, number);

        api[side].destination_share(
            api[side].destination_get(run->sched[side], transport, name, name),
            place == 0 ? NULL : &shared, run->now);
    }
}

static void (*const actions[OPERATION_KINDS])(Lockstep *) = {
    [OPERATION_MAIL] = add_mail,  [OPERATION_CONNECT] = connect_next,
    [OPERATION_ANSWER] = answer,  [OPERATION_FAIL] = fail_connection,
    [OPERATION_FINISH] = finish,  [OPERATION_ASSIGN] = assign_some,
    [OPERATION_WAIT] = wait_some, [OPERATION_FLUSH] = flush,
    [OPERATION_REVIVE] = revive,  [OPERATION_LIMIT] = set_limit,
    [OPERATION_SHARE] = share,
};

static const char *const names[OPERATION_KINDS] = {
    "mail", "connect", "answer", "fail",  "finish", "assign",
    "wait", "flush",   "revive", "limit", "share",
};

/* ---- runs ---- */

static void step(Lockstep *run, OperationKind kind, uint32_t seed)
{
    g_rand_set_seed(run->dice, seed);
    if (run->trace)
        g_print("%s %u\n", names[kind], seed);
    actions[kind](run);
    settle(run);
    compare_all(run);
}

static guint count_recipients(const Lockstep *run)
{
    guint count = 0;

    for (guint i = 0; i < run->mails->len; i++)
        count += ((const Mail *)run->mails->pdata[i])->recipients->len;
    return count;
}

/* Until all mail is delivered, or nothing goes on. */
static void drain(Lockstep *run)
{
    static const OperationKind kinds[] = {OPERATION_CONNECT, OPERATION_CONNECT, OPERATION_ANSWER,
                                          OPERATION_ANSWER,  OPERATION_FINISH,  OPERATION_FINISH,
                                          OPERATION_ASSIGN,  OPERATION_WAIT};
    uint32_t limit = 4000 + 200 * count_recipients(run); /* rate delays take their time */

    for (uint32_t i = 0; i < limit && run->mails->len > 0 && run->difference == NULL; i++)
        step(run, kinds[i % G_N_ELEMENTS(kinds)], i);
    if (run->difference == NULL && run->mails->len > 0)
        differ(run, "%u messages are never delivered", run->mails->len);
}

char *lockstep_run(const Scenario *scenario, bool trace, uint64_t *ret_digest)
{
    Lockstep *run = run_new(scenario->seed, scenario->strategy, trace);
    char *difference;

    for (size_t i = 0; i < scenario->count && run->difference == NULL; i++) {
        step(run, scenario->operations[i].kind, scenario->operations[i].seed);
        check_both(run);
    }
    if (run->difference == NULL)
        drain(run);
    if (run->difference == NULL)
        check_both(run);
    difference = g_steal_pointer(&run->difference);
    if (ret_digest != NULL)
        *ret_digest = run->digest;
    run_free(run);
    return difference;
}

/* Shares of the kinds, in the order of the enum; late batches and trouble are rare in some runs. */
Operation *lockstep_roll(uint32_t seed, size_t count)
{
    GRand *dice = g_rand_new_with_seed(seed);
    Operation *operations = g_new(Operation, count);
    int shares[OPERATION_KINDS] = {6, 25, 25, 0, 22, 6, 6, 0, 0, 0, 0};
    int sum = 0;

    shares[OPERATION_MAIL] = g_rand_int_range(dice, 2, 12);
    shares[OPERATION_FINISH] = g_rand_int_range(dice, 12, 30);
    shares[OPERATION_WAIT] = g_rand_int_range(dice, 1, 10);
    if (seed % 3 == 0)
        shares[OPERATION_FAIL] = shares[OPERATION_FLUSH] = shares[OPERATION_REVIVE] = 1;
    if (seed % 4 == 1)
        shares[OPERATION_LIMIT] = 3;
    if (seed % 5 == 3)
        shares[OPERATION_SHARE] = 4;
    for (int i = 0; i < OPERATION_KINDS; i++)
        sum += shares[i];
    for (size_t i = 0; i < count; i++) {
        int left = g_rand_int_range(dice, 0, sum), kind = 0;

        while (left >= shares[kind])
            left -= shares[kind++];
        operations[i] = (Operation){(OperationKind)kind, g_rand_int(dice)};
    }
    g_rand_free(dice);
    return operations;
}

#include "sched/inspect.h"
#include "sched/walk.h"
#include "tests/support/sched_support.h"

/*
 * Random operations with every invariant of the core checked after each step. The seed of a failing
 * run is printed; CHECK_SEED=n runs that one alone.
 */

#define STEPS          500
#define SEEDS          12
#define DESTINATIONS   6
#define RECIPIENTS_MAX 40
#define MAILS_MAX      12

/* Recipients that wait to be bound anew. */
typedef struct Withdrawn {
    Mail *mail;
    Chain recipients;
} Withdrawn;

static World world;
static GRand *dice;
static GPtrArray *withdrawn; /* of Withdrawn */
static SchedWalk *walk;      /* NULL: none goes on */
static const SchedDestination *walked;
static GPtrArray *running;    /* of SchedEntry */
static GPtrArray *pending;    /* of SchedTransport: connections not answered */
static GPtrArray *late_reads; /* of Mail */

static int roll(int begin, int end)
{
    return g_rand_int_range(dice, begin, end);
}

static void setup(void)
{
    running = g_ptr_array_new();
    pending = g_ptr_array_new();
    late_reads = g_ptr_array_new();
    withdrawn = g_ptr_array_new_with_free_func(g_free);
}

static void teardown(void)
{
    g_ptr_array_unref(running);
    g_ptr_array_unref(pending);
    g_ptr_array_unref(late_reads);
    g_ptr_array_unref(withdrawn);
    g_clear_pointer(&walk, sched_walk_free);
    world_clear(&world);
    g_rand_free(dice);
}

static gpointer take_random(GPtrArray *array)
{
    return array->len == 0 ? NULL
                           : g_ptr_array_remove_index_fast(array, (guint)roll(0, (int)array->len));
}

static void roll_settings(SchedStrategy strategy)
{
    SchedTransportParams *params = &world.params;

    world_init(&world, strategy);
    world.settings.message_active_limit = roll(4, 16);
    world.settings.message_recipient_limit = strategy == SCHED_PREEMPTIVE ? roll(4, 40) : 120;
    world.settings.message_recipient_minimum = roll(1, 6);
    world.settings.helpful_warnings = true;
    world.settings.feedback_debug = true;
    params->destination_concurrency_limit = roll(0, 7);
    params->initial_destination_concurrency = roll(1, 5);
    params->destination_recipient_limit = roll(0, 4);
    params->destination_rate_delay_s = roll(0, 4) == 0 ? 3 : 0;
    params->transport_rate_delay_s = roll(0, 8) == 0 ? 1 : 0;
    params->slot_cost = roll(0, 6);
    params->slot_loan = roll(0, 4);
    params->slot_discount_percent = roll(0, 101);
    params->minimum_slots = roll(0, 4);
    params->recipient_limit = roll(0, 30);
    params->extra_recipient_limit = roll(0, 10);
    params->refill_limit = roll(1, 10);
    params->failed_cohort_limit = roll(0, 4);
    params->positive = (SchedFeedback){g_rand_double(dice), roll(0, 2) == 0};
    params->negative = (SchedFeedback){g_rand_double(dice), roll(0, 2) == 0};
    world.settings.retry_params = *params;
    world.slow_reads = roll(0, 2) == 0;
}

static void step_mail(void)
{
    Mail *mail;
    int count = roll(1, RECIPIENTS_MAX);

    if (sched_message_count(world_sched(&world)) >= MAILS_MAX)
        return;
    mail = mail_add_unread(&world, "x:a");
    mail->is_verp = roll(0, 8) == 0;
    while (--count > 0) {
        g_autofree char *destination = g_strdup_printf("d%d", roll(0, DESTINATIONS));

        mail_add_recipient(mail, roll(0, 3) == 0 ? "t2" : "t1", destination, "a");
    }
    mail_read(&world, mail);
    mail_complete(&world, mail);
}

static void step_connect(void)
{
    SchedTransport *transport = sched_next_connection(world.sched);

    if (transport != NULL)
        g_ptr_array_add(pending, transport);
}

/* A selection that leaves a batch for later notes it here. */
static SchedEntry *select_entry(SchedTransport *transport)
{
    SchedEntry *entry = NULL;
    SchedMessage *message = NULL;
    SchedSelection selection;

    while ((selection = sched_select(world.sched, transport, world.now, &entry, &message)) ==
           SCHED_REFILL) {
        Mail *mail = sched_message_owner(message);

        if (!world.slow_reads) {
            mail_read(&world, mail);
        } else if (roll(0, 6) == 0) {
            sched_batch_failed(world.sched, message, world.now);
        } else {
            mail_begin(&world, mail);
            g_ptr_array_add(late_reads, mail);
        }
    }
    return selection == SCHED_SELECTED ? entry : NULL;
}

/* Those that may not begin: full, paced or dead, by themselves or by their site. */
static GHashTable *held_destinations(void)
{
    GHashTable *held = g_hash_table_new(NULL, NULL);
    uint32_t slot = 0, view_slot = 0;
    SchedDestination *destination;
    SchedDestinationView view;

    while ((destination = sched_destination_next(world.sched, &slot, G_MAXUINT)) != NULL) {
        ck_assert(sched_view_next(world.sched, &view_slot, G_MAXUINT, &view));
        if (view.state < SCHED_STATE_READY)
            (void)g_hash_table_add(held, destination);
    }
    return held;
}

static SchedTransportView view_of_transport(const SchedTransport *transport)
{
    SchedTransportView view = {.name = NULL};

    while (sched_view_transport(world.sched, view.name, &view))
        if (g_str_equal(view.name, sched_transport_name(transport)))
            return view;
    g_assert_not_reached();
}

/* No start above the window or limit of anything, or while its rate lets none begin. */
static void check_start(const SchedEntry *entry, GHashTable *held)
{
    const SchedDestination *destination = sched_entry_destination(entry);
    SchedTransport *transport = sched_destination_transport(destination);
    SchedDestinationView view;

    ck_assert(!g_hash_table_contains(held, destination));
    ck_assert(sched_view_destination(world.sched, sched_transport_name(transport),
                                     sched_destination_name(destination), &view));
    ck_assert(view.running_count <= view.window);
    ck_assert(view.site_limit == 0 || view.site_running <= view.site_limit);
    ck_assert(view_of_transport(transport).limit == 0 ||
              sched_transport_running(transport) <= view_of_transport(transport).limit);
}

/* An agent that gets nothing was not needed: what waits has no room, by itself, at its site, or in
 * its transport. */
static void check_nothing(const SchedTransport *transport)
{
    uint32_t slot = 0;
    SchedDestinationView view;

    while (sched_view_next(world.sched, &slot, G_MAXUINT, &view))
        ck_assert(!g_str_equal(view.transport, sched_transport_name(transport)) ||
                  view.waiting_count == 0 || view.state != SCHED_STATE_READY ||
                  view.is_blocked_by_limit);
}

static void step_answer(void)
{
    SchedTransport *transport = take_random(pending);
    g_autoptr(GHashTable) held = NULL;
    SchedEntry *entry;

    if (transport == NULL)
        return;
    sched_connection_ready(world.sched, transport);
    held = held_destinations();
    entry = select_entry(transport);
    if (entry != NULL)
        check_start(entry, held);
    else
        check_nothing(transport);
    if (entry != NULL && roll(0, 40) == 0)
        sched_entry_give_back(world.sched, entry, "4.3.0", "broken", world.now);
    else if (entry != NULL)
        g_ptr_array_add(running, entry);
}

static void step_refuse(void)
{
    SchedTransport *transport = roll(0, 8) == 0 ? take_random(pending) : NULL;

    if (transport != NULL)
        sched_connection_failed(world.sched, transport, "4.3.0", "unavailable", world.now);
}

static bool is_being_read(const Mail *mail)
{
    for (guint i = 0; i < withdrawn->len; i++)
        if (((Withdrawn *)withdrawn->pdata[i])->mail == mail)
            return true;
    return g_ptr_array_find(late_reads, mail, NULL);
}

static void complete(Mail *mail)
{
    if (!is_being_read(mail))
        mail_complete(&world, mail);
}

static void step_finish(void)
{
    SchedEntry *entry = take_random(running);
    const SchedResult *results[] = {&delivered, &delivered, &delivered, &refused, &crashed};
    Mail *mail;

    if (entry == NULL)
        return;
    mail = sched_message_owner(sched_entry_message(entry));
    sched_entry_finish(world.sched, entry, results[roll(0, G_N_ELEMENTS(results))], world.now);
    if (sched_wants_refill(world.sched, mail->message))
        mail_read(&world, mail);
    complete(mail);
}

static void step_read(void)
{
    Mail *mail = take_random(late_reads);

    if (mail == NULL)
        return;
    mail_read(&world, mail);
    complete(mail);
}

static void step_time(void)
{
    world_wait(&world, roll(0, 40) == 0 ? 301 : roll(0, 2));
    if (roll(0, 60) == 0)
        sched_flush(world.sched);
}

/* More often a limit than none. */
static void step_limit(void)
{
    g_autofree char *name = g_strdup_printf("d%d", roll(0, DESTINATIONS));
    SchedTransport *transport = world_transport(&world, roll(0, 3) == 0 ? "t2" : "t1");
    SchedDestination *destination = sched_destination_get(world.sched, transport, name, name);
    const MeterLimit rate = {roll(1, 20), roll(1, 20), roll(1, 5)};
    bool is_paced = roll(0, 3) != 0, is_for_recipients = roll(0, 3) == 0;

    if (roll(0, 4) == 0)
        sched_transport_limit(transport, roll(0, 8));
    sched_destination_limit(destination, roll(0, 6));
    sched_destination_pace(destination, is_paced ? &rate : NULL,
                           is_paced && is_for_recipients ? &rate : NULL, world.now);
}

/* It enters one of three sites, one of them over transports, or leaves the one it is in. */
static void step_share(void)
{
    g_autofree char *name = g_strdup_printf("d%d", roll(0, DESTINATIONS));
    SchedTransport *transport = world_transport(&world, roll(0, 3) == 0 ? "t2" : "t1");
    int place = roll(0, 4), rates = roll(0, 6);
    g_autofree char *site = g_strdup_printf("s%d", place);
    const MeterLimit rate = {roll(1, 20), roll(1, 20), roll(1, 5)};
    const SchedShared shared = {.name = site,
                                .over_transports = place == 3,
                                .concurrency = roll(0, 4),
                                .deliveries = (rates & 1) != 0 ? &rate : NULL,
                                .recipients = (rates & 2) != 0 ? &rate : NULL};

    sched_destination_share(sched_destination_get(world.sched, transport, name, name),
                            place > 0 ? &shared : NULL, world.now);
}

/* Any of the entries that wait for some destination, and others of its message there. */
static void step_withdraw(void)
{
    uint32_t slot = 0;
    g_autoptr(GPtrArray) waiting = NULL;
    SchedDestination *destination = NULL;
    Withdrawn *taken;

    for (int i = roll(0, DESTINATIONS) + 1; i > 0; i--) {
        destination = sched_destination_next(world.sched, &slot, G_MAXUINT);
        if (destination == NULL)
            return;
    }
    waiting = sched_destination_waiting(destination, G_MAXUINT);
    if (waiting->len == 0)
        return;
    taken = g_new0(Withdrawn, 1);
    taken->mail =
        sched_message_owner(sched_entry_message(waiting->pdata[roll(0, (int)waiting->len)]));
    if (is_being_read(taken->mail)) {
        g_free(taken);
        return;
    }
    sched_batch_reopen(taken->mail->message);
    for (guint i = 0; i < waiting->len; i++) {
        SchedEntry *entry = waiting->pdata[i];
        Chain recipients;

        if (sched_entry_message(entry) != taken->mail->message || roll(0, 3) == 0)
            continue;
        recipients = sched_batch_withdraw(world.sched, entry, world.now);
        chain_join(&taken->recipients, &recipients);
    }
    g_ptr_array_add(withdrawn, taken);
}

/* Whatever has happened, what is found waits for the destination. */
static void step_walk(void)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    uint32_t slot = (uint32_t)roll(0, DESTINATIONS);

    if (walk != NULL && roll(0, 10) == 0)
        g_clear_pointer(&walk, sched_walk_free);
    if (walk == NULL)
        walked = sched_destination_next(world.sched, &slot, G_MAXUINT);
    if (walk == NULL && walked != NULL)
        walk = sched_walk_new(world.sched, walked);
    if (walk == NULL || !sched_walk_next(walk, entries))
        return;
    for (guint i = 0; i < entries->len; i++) {
        g_autoptr(GPtrArray) waiting = sched_destination_waiting(walked, G_MAXUINT);

        ck_assert(g_ptr_array_find(waiting, entries->pdata[i], NULL));
        ck_assert_ptr_eq(sched_entry_message(entries->pdata[i]),
                         sched_entry_message(entries->pdata[0]));
    }
}

static void step_bind(void)
{
    guint place = withdrawn->len > 0 ? (guint)roll(0, (int)withdrawn->len) : 0;
    Withdrawn *taken = withdrawn->len > 0 ? withdrawn->pdata[place] : NULL;
    Mail *mail;
    Link *link;

    if (taken == NULL)
        return;
    mail = taken->mail;
    while ((link = chain_pop_first(&taken->recipients)) != NULL) {
        Recipient *recipient = (Recipient *)link;

        if (roll(0, 2) == 0) {
            g_free(recipient->destination);
            recipient->destination = g_strdup_printf("d%d", roll(0, DESTINATIONS));
        }
        assign(&world, mail, recipient);
    }
    sched_batch_end(world.sched, mail->message, world.now);
    (void)g_ptr_array_remove_index_fast(withdrawn, place);
    complete(mail);
}

static void record_all(void)
{
    const char *status, *reason;
    SchedEntry *entry;
    SchedNotice notice;

    while ((entry = sched_pop_undeliverable(world.sched, &status, &reason)) != NULL) {
        Mail *mail = sched_message_owner(sched_entry_message(entry));

        sched_entry_discard(world.sched, entry);
        complete(mail);
    }
    while (sched_pop_notice(world.sched, &notice))
        sched_notice_clear(&notice);
}

static void drain(void)
{
    for (int i = 0; i < 100 * STEPS && sched_message_count(world.sched) > 0; i++) {
        step_connect();
        step_answer();
        step_finish();
        step_read();
        step_bind();
        world_wait(&world, 1);
        record_all();
        sched_check(world.sched);
    }
}

static void run(guint32 seed, SchedStrategy strategy)
{
    static void (*const steps[])(void) = {
        step_mail,   step_connect, step_connect, step_answer, step_answer, step_refuse,
        step_finish, step_finish,  step_read,    step_time,   step_limit,  step_withdraw,
        step_bind,   step_bind,    step_share,   step_walk,   step_walk};

    dice = g_rand_new_with_seed(seed);
    roll_settings(strategy);
    world_sched(&world);
    for (int i = 0; i < STEPS; i++) {
        steps[roll(0, G_N_ELEMENTS(steps))]();
        record_all();
        sched_check(world.sched);
    }
    drain();
}

START_TEST(invariants_hold_and_all_mail_is_delivered)
{
    const char *wanted = g_getenv("CHECK_SEED");
    guint32 seed = wanted != NULL ? (guint32)g_ascii_strtoull(wanted, NULL, 10) : (guint32)_i;
    SchedStrategy strategy = seed % 2 == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN;

    g_print("seed %u\n", seed);
    run(seed, strategy);
    ck_assert_msg(sched_message_count(world.sched) == 0, "seed %u: %u messages are left", seed,
                  sched_message_count(world.sched));
    ck_assert_int_eq(sched_recipient_count(world.sched), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("random");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, invariants_hold_and_all_mail_is_delivered, 0, SEEDS);
    return run_suite("sched/random", tcase, NULL);
}

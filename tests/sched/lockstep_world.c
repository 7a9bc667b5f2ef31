#include "tests/sched/lockstep_world.h"

#include <string.h>

#define START_S 1000000

int roll(Lockstep *run, int begin, int end)
{
    return g_rand_int_range(run->dice, begin, end);
}

static int pick(Lockstep *run, const int *values, size_t count)
{
    return values[roll(run, 0, (int)count)];
}
#define PICK(run, ...) \
    pick(run, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

/* In statements of their own: dice fall in the same order whatever the compiler. */
static SchedTransportParams roll_params(Lockstep *run)
{
    SchedTransportParams params = {.positive_name = "positive", .negative_name = "negative"};

    params.destination_concurrency_limit = PICK(run, 0, 1, 2, 3, 6, 20);
    params.initial_destination_concurrency = PICK(run, 1, 1, 2, 3, 5);
    params.destination_recipient_limit = PICK(run, 0, 1, 1, 2, 3, 50);
    params.destination_rate_delay_s = PICK(run, 0, 0, 0, 0, 0, 3);
    params.transport_rate_delay_s = PICK(run, 0, 0, 0, 0, 0, 0, 0, 1);
    params.slot_cost = PICK(run, 0, 1, 2, 2, 2, 3, 5);
    params.slot_loan = PICK(run, 0, 1, 3, 20);
    params.slot_discount_percent = PICK(run, 0, 20, 50, 75, 100);
    params.minimum_slots = PICK(run, 0, 0, 1, 3);
    params.recipient_limit = PICK(run, 0, 2, 6, 20, 200, 20000);
    params.extra_recipient_limit = PICK(run, 0, 1, 4, 9, 1000);
    params.refill_limit = PICK(run, 1, 2, 3, 10, 100);
    params.refill_delay_s = PICK(run, 1, 2, 5);
    params.failed_cohort_limit = PICK(run, 0, 1, 1, 3);
    params.positive.value = g_rand_double(run->dice);
    params.positive.per_window = roll(run, 0, 2) == 0;
    params.negative.value = g_rand_double(run->dice);
    params.negative.per_window = roll(run, 0, 2) == 0;
    return params;
}

static void roll_settings(Lockstep *run, SchedStrategy strategy)
{
    SchedSettings *settings = &run->settings;

    for (size_t i = 0; i < G_N_ELEMENTS(run->params); i++)
        run->params[i] = roll_params(run);
    settings->strategy = strategy;
    settings->message_active_limit = PICK(run, 4, 10, 1000);
    settings->message_recipient_limit =
        strategy == SCHED_PREEMPTIVE ? PICK(run, 3, 8, 40, 1000) : PICK(run, 105, 120, 1000);
    settings->message_recipient_minimum = PICK(run, 1, 2, 5, 10);
    settings->fudge_percent = PICK(run, 100, 100, 50);
    settings->initial_destination_concurrency = 5;
    settings->transport_retry_s = 60;
    settings->minimal_backoff_s = 300;
    settings->clog_warn_s = PICK(run, 0, 300);
    settings->counts_messages = true; /* sched_check() compares with what there is */
    settings->helpful_warnings = settings->feedback_debug = true;
    settings->retry_params = roll_params(run);
}

static void roll_shape(Lockstep *run)
{
    Shape *shape = &run->shape;

    shape->transports = PICK(run, 1, 1, 2, 3, 4);
    shape->destinations = PICK(run, 1, 2, 3, 6, 20, 100);
    shape->recipients_max = PICK(run, 1, 3, 10, 40, 150);
    shape->list_percent = PICK(run, 5, 20, 50, 100);
    shape->failure_percent = PICK(run, 0, 0, 3, 10, 40);
    shape->mails_max = (guint)PICK(run, 3, 10, 40, 150);
    shape->late = roll(run, 0, 3) == 0;
}

Lockstep *run_new(uint32_t seed, SchedStrategy strategy, bool trace)
{
    Lockstep *run = g_new0(Lockstep, 1);

    run->dice = g_rand_new_with_seed(seed);
    run->now = (SchedNow){START_S, START_S, START_S, 0};
    run->trace = trace;
    roll_settings(run, strategy);
    roll_shape(run);
    run->mails = g_ptr_array_new();
    EACH_SIDE(side)
    {
        run->sched[side] = api[side].new(&run->settings);
        run->pending[side] = g_ptr_array_new();
        run->running[side] = g_ptr_array_new();
    }
    return run;
}

static void mail_free(Mail *mail)
{
    for (guint i = 0; i < mail->recipients->len; i++) {
        Recipient *recipient = mail->recipients->pdata[i];

        g_free(recipient->destination);
        g_free(recipient);
    }
    g_ptr_array_unref(mail->recipients);
    if (mail->batch != NULL)
        g_ptr_array_unref(mail->batch);
    g_free(mail);
}

void run_free(Lockstep *run)
{
    EACH_SIDE(side)
    {
        api[side].free(run->sched[side]);
        g_ptr_array_unref(run->pending[side]);
        g_ptr_array_unref(run->running[side]);
    }
    for (guint i = 0; i < run->mails->len; i++)
        mail_free(run->mails->pdata[i]);
    g_ptr_array_unref(run->mails);
    g_rand_free(run->dice);
    g_free(run->difference);
    g_free(run);
}

void let_time_pass(Lockstep *run, int seconds)
{
    run->now.wall_s += seconds;
    run->now.timer_s += seconds;
    run->now.steady_s += seconds;
    run->now.mono_us += seconds * INT64_C(1000000);
    EACH_SIDE(side)
    api[side].run_timers(run->sched[side], run->now);
}

SchedTransport *run_transport(Lockstep *run, int side, int number)
{
    g_autofree char *name = g_strdup_printf("t%d", number);
    SchedTransport *transport = api[side].transport_find(run->sched[side], name);

    return transport != NULL
               ? transport
               : api[side].transport_add(run->sched[side], name,
                                         &run->params[number % (int)G_N_ELEMENTS(run->params)]);
}

bool take_random(Lockstep *run, GPtrArray **arrays, gpointer *ret_elements)
{
    guint place;

    if (arrays[0]->len == 0)
        return false;
    place = (guint)roll(run, 0, (int)arrays[0]->len);
    EACH_SIDE(side)
    ret_elements[side] = g_ptr_array_remove_index(arrays[side], place);
    return true;
}

/* ---- mail ---- */

static int roll_size(Lockstep *run)
{
    int large = run->shape.recipients_max;

    return roll(run, 0, 100) < run->shape.list_percent ? roll(run, 1, large + 1)
                                                       : roll(run, 1, MIN(large, 3) + 1);
}

static Recipient *roll_recipient(Lockstep *run, int transport)
{
    Recipient *recipient = g_new0(Recipient, 1);

    EACH_SIDE(side)
    recipient->of[side].recipient = recipient;
    recipient->number = run->next_recipient++;
    recipient->transport = roll(run, 0, 5) == 0 ? roll(run, 0, run->shape.transports) : transport;
    recipient->destination = g_strdup_printf("d%d", roll(run, 0, run->shape.destinations));
    return recipient;
}

Mail *mail_roll(Lockstep *run)
{
    Mail *mail = g_new0(Mail, 1);
    int size = roll_size(run), transport = roll(run, 0, run->shape.transports);

    mail->is_verp = roll(run, 0, 12) == 0;
    mail->recipients = g_ptr_array_new();
    for (int i = 0; i < size; i++)
        g_ptr_array_add(mail->recipients, roll_recipient(run, transport));
    EACH_SIDE(side)
    mail->message[side] = api[side].message_add(run->sched[side], mail, run->now);
    g_ptr_array_add(run->mails, mail);
    return mail;
}

Mail *random_mail(Lockstep *run, bool (*is_wanted)(const Mail *))
{
    guint count = run->mails->len, start;

    if (count == 0)
        return NULL;
    start = (guint)roll(run, 0, (int)count);
    for (guint i = 0; i < count; i++)
        if (is_wanted(run->mails->pdata[(start + i) % count]))
            return run->mails->pdata[(start + i) % count];
    return NULL;
}

bool mail_has_open_batch(const Mail *mail)
{
    return mail->batch != NULL;
}

static int compare_recipients(gconstpointer a, gconstpointer b)
{
    const Recipient *one = *(Recipient *const *)a, *two = *(Recipient *const *)b;
    int order = strcmp(one->destination, two->destination);

    if (one->transport != two->transport)
        return one->transport - two->transport;
    return order != 0 ? order : (int)one->number - (int)two->number;
}

static void begin_batch(Lockstep *run, Mail *mail, guint limit)
{
    guint left = mail->recipients->len - mail->read_count, count = MIN(limit, left);
    const SchedBatch batch = {
        .read_count = (int)count,
        .unread_count = left - count,
        .fully_read = left < limit, /* a batch that ends at the limit does not see the end */
        .single_recipient = mail->is_verp,
    };

    mail->batch = g_ptr_array_new();
    mail->assigned_count = 0;
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(mail->batch, mail->recipients->pdata[mail->read_count++]);
    g_ptr_array_sort(mail->batch, compare_recipients);
    EACH_SIDE(side)
    api[side].batch_begin(run->sched[side], mail->message[side], &batch);
}

void mail_open_batch(Lockstep *run, Mail *mail)
{
    guint limit = (guint)api[0].batch_limit(run->sched[0], mail->message[0]);

    begin_batch(run, mail, limit);
    if (!run->shape.late || roll(run, 0, 2) == 0)
        mail_assign(run, mail, G_MAXUINT);
}

void mail_fail_batch(Lockstep *run, Mail *mail)
{
    EACH_SIDE(side)
    api[side].batch_failed(run->sched[side], mail->message[side], run->now);
}

static bool is_dead(int side, SchedTransport *transport, SchedDestination *destination,
                    char **ret_text)
{
    const char *status, *reason;

    if (!api[side].transport_is_dead(transport, &status, &reason) &&
        !api[side].destination_is_dead(destination, &status, &reason))
        return false;
    *ret_text = g_strconcat(status, " ", reason, NULL);
    return true;
}

/* The destination for the recipient, NULL if it has none now; *ret_text says where. */
static SchedDestination *bind(Lockstep *run, int side, const Recipient *recipient, char **ret_text)
{
    SchedTransport *transport = run_transport(run, side, recipient->transport);
    SchedDestination *destination = api[side].destination_get(
        run->sched[side], transport, recipient->destination, recipient->destination);
    SchedTransport *retry;
    char *unused = NULL;

    if (!is_dead(side, transport, destination, ret_text)) {
        *ret_text = g_strdup("");
        return destination;
    }
    retry = api[side].retry_transport(run->sched[side]);
    destination = api[side].destination_get(run->sched[side], retry, *ret_text, *ret_text);
    if (!is_dead(side, retry, destination, &unused))
        return destination;
    g_free(unused);
    return NULL;
}

static void assign_one(Lockstep *run, Mail *mail, Recipient *recipient)
{
    char *texts[2];

    EACH_SIDE(side)
    {
        SchedDestination *destination = bind(run, side, recipient, &texts[side]);

        if (destination != NULL)
            api[side].batch_assign(run->sched[side], mail->message[side], destination,
                                   &recipient->of[side].link, run->now);
        else
            api[side].batch_drop(run->sched[side], mail->message[side]);
    }
    same_text(run, "retry text", texts[0], texts[1]);
    EACH_SIDE(side)
    g_free(texts[side]);
}

void mail_assign(Lockstep *run, Mail *mail, unsigned count)
{
    while (count-- > 0 && mail->assigned_count < mail->batch->len)
        assign_one(run, mail, mail->batch->pdata[mail->assigned_count++]);
    if (mail->assigned_count < mail->batch->len)
        return;
    g_ptr_array_unref(mail->batch);
    mail->batch = NULL;
    EACH_SIDE(side)
    api[side].batch_end(run->sched[side], mail->message[side], run->now);
    /* Undeliverable or dropped ones may leave nothing to do. */
    mail_go_on(run, mail);
}

static void mail_end(Lockstep *run, Mail *mail)
{
    EACH_SIDE(side)
    api[side].message_remove(run->sched[side], mail->message[side]);
    g_ptr_array_remove(run->mails, mail);
    mail_free(mail);
}

void mail_go_on(Lockstep *run, Mail *mail)
{
    if (mail->batch != NULL)
        return;
    if (api[0].message_outstanding(mail->message[0]) == 0) {
        if (mail->read_count < mail->recipients->len)
            mail_open_batch(run, mail);
        else
            mail_end(run, mail);
    } else if (api[0].wants_refill(run->sched[0], mail->message[0])) {
        mail_open_batch(run, mail);
    }
}

bool refill_both(Lockstep *run, SchedMessage *const *messages)
{
    Mail *mails[2];

    EACH_SIDE(side)
    mails[side] = api[side].message_owner(messages[side]);
    if (mails[0] != mails[1])
        return differ(run, "refill of different messages");
    if (run->shape.late && roll(run, 0, 8) == 0)
        mail_fail_batch(run, mails[0]);
    else
        mail_open_batch(run, mails[0]);
    return true;
}

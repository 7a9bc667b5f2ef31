#include "base/loop.h"
#include "base/readable.h"
#include "src/life/context_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/mail_walk_internal.h"
#include "src/life/reresolve_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/settle_internal.h"

/*
 * Reresolve: see the header. A job passes through all destinations. A message that is being
 * resolved is left for the next pass, which begins when all answers of this one are there; the last
 * pass meets none, and begins when all answers that are older than the job have been used.
 * Recipients know whether they were asked for since the job began.
 */

/* In one turn: steps of the walk, and messages that are taken; in one piece of a count: steps. */
#define STEPS_PER_TURN 1000
#define TAKEN_PER_TURN 50

/* For those whose messages are resolved by others. */
#define NEXT_PASS_S 1

typedef struct ReresolveOrder {
    uint32_t number;     /* of the job */
    uint32_t left_count; /* messages that the first pass is expected to meet */
    uint16_t change;     /* recipients that were asked for before it are asked for again */
} ReresolveOrder;

typedef struct Reresolve {
    GQueue orders; /* of ReresolveOrder; the first one is worked on */
    struct event *timer;
    MailWalk walk;
    bool is_begun;   /* the first order */
    bool is_walking; /* a pass goes on */
    bool is_full;    /* it goes on when half of the answers are there */
    int64_t moved_before;
    uint32_t recipient_count;

    /* of the pass */
    uint32_t expected_count, met_count; /* messages */
    uint32_t taken_count, left_count;   /* of those met; left for the next pass */
    bool has_old_answers;               /* it began while some mail with these was not bound yet */
} Reresolve;

/* ---- counting ---- */

struct LifeReresolveCounting {
    const Life *life;
    LifeJobOrder order;
    MailWalk walk;
    LifeReresolveCount count;
};

LifeReresolveCounting *life_reresolve_counting_new(const Life *life, const LifeJobOrder *order)
{
    LifeReresolveCounting *counting = g_new0(LifeReresolveCounting, 1);

    counting->life = life;
    counting->order = *order;
    mail_walk_begin(&counting->walk);
    return counting;
}

void life_reresolve_counting_free(LifeReresolveCounting *counting)
{
    if (counting == NULL)
        return;
    mail_walk_clear(&counting->walk);
    g_free(counting);
}

static void count_found(LifeReresolveCount *count, const GPtrArray *entries)
{
    count->message_count++;
    count->request_count += entries->len;
    for (guint i = 0; i < entries->len; i++)
        count->recipient_count += sched_entry_recipient_count(entries->pdata[i]);
}

bool life_reresolve_count(LifeReresolveCounting *counting, unsigned step_max,
                          LifeReresolveCount *ret_count)
{
    MailWalkStep step = MAIL_WALK_LOOKED;

    for (unsigned i = 0; i < step_max && step != MAIL_WALK_END; i++) {
        step = mail_walk_next(counting->life, &counting->order, &counting->walk);
        if (step == MAIL_WALK_FOUND)
            count_found(&counting->count, counting->walk.entries);
    }
    counting->count.destination_count = counting->walk.destination_count;
    *ret_count = counting->count;
    return step != MAIL_WALK_END;
}

/* ---- taking mail ---- */

/* Numbers of changes may wrap; no mail waits for as many. */
static bool was_asked_before(const SchedEntry *entry, uint16_t change)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if ((int16_t)(((const Recipient *)link)->asked_in - change) < 0)
            return true;
    return false;
}

/* True: some are left. */
static bool keep_asked_before(GPtrArray *entries, uint16_t change)
{
    for (guint i = entries->len; i > 0; i--)
        if (!was_asked_before(entries->pdata[i - 1], change))
            (void)g_ptr_array_remove_index(entries, i - 1);
    return entries->len > 0;
}

/* What goes on for the message now is not each entry, but that it is resolved. */
static unsigned withdraw_all(Message *message, const GPtrArray *entries, Chain *recipients)
{
    Life *life = message->life;
    unsigned count = 0;

    message_hold(message, 1);
    sched_batch_reopen(message->sched);
    for (guint i = 0; i < entries->len; i++) {
        Chain more;

        count += sched_entry_recipient_count(entries->pdata[i]);
        more = sched_batch_withdraw(life->sched, entries->pdata[i], life_sched_now(life));
        chain_join(recipients, &more);
        message_release(message);
    }
    return count;
}

/* The entries are of one message for one destination. */
static void take_message(Reresolve *reresolve, ReleaseJob *job)
{
    const MailWalk *walk = &reresolve->walk;
    Message *message = sched_message_owner(sched_entry_message(walk->entries->pdata[0]));
    Chain recipients = {NULL};
    unsigned count;

    reresolve->met_count++;
    if (message->state != MESSAGE_DELIVERING) {
        reresolve->left_count++;
        return;
    }
    reresolve->taken_count++;
    job->round.tried_count++;
    count = withdraw_all(message, walk->entries, &recipients);
    reresolve->recipient_count += count;
    resolve_again(message, &recipients, count, walk->transport, walk->destination);
    message_release(message);
}

/* ---- passes ---- */

static void pass_begin(const Life *life, uint32_t expected_count)
{
    Reresolve *reresolve = life->reresolve;

    reresolve->is_walking = true;
    reresolve->expected_count = expected_count;
    reresolve->met_count = reresolve->taken_count = reresolve->left_count = 0;
    reresolve->has_old_answers = resolve_old_count(life) > 0;
    mail_walk_begin(&reresolve->walk);
    (void)event_del(reresolve->timer);
}

/* Mail that others deliver meanwhile is not met; at the end of a pass nobody expects it any more.
 */
static uint32_t count_untaken(const Reresolve *reresolve)
{
    uint32_t unmet =
        reresolve->expected_count - MIN(reresolve->met_count, reresolve->expected_count);

    return reresolve->left_count + (reresolve->is_walking ? unmet : 0);
}

static bool pass_step(Life *life, ReleaseJob *job)
{
    const LifeJobOrder order = {.about = &job->about, .matches = job->matches};
    Reresolve *reresolve = life->reresolve;
    const ReresolveOrder *first = g_queue_peek_head(&reresolve->orders);
    MailWalkStep step = mail_walk_next(life, &order, &reresolve->walk);

    if (step == MAIL_WALK_FOUND && keep_asked_before(reresolve->walk.entries, first->change))
        take_message(reresolve, job);
    return step != MAIL_WALK_END;
}

/* True: there is more to do at once. */
static bool pass_piece(Life *life, ReleaseJob *job)
{
    Reresolve *reresolve = life->reresolve;
    uint32_t taken_max = reresolve->taken_count + TAKEN_PER_TURN;

    if (reresolve->is_full && resolve_again_count(life) > RERESOLVE_MAX / 2)
        return false;
    reresolve->is_full = false;
    for (int i = 0; i < STEPS_PER_TURN && reresolve->is_walking && !reresolve->is_full &&
                    reresolve->taken_count < taken_max;
         i++) {
        reresolve->is_walking = pass_step(life, job);
        reresolve->is_full = resolve_again_count(life) >= RERESOLVE_MAX;
    }
    settle_sched(life);
    return !reresolve->is_full;
}

static void on_next_pass(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;
    Reresolve *reresolve = life->reresolve;

    (void)fd;
    (void)what;
    pass_begin(life, reresolve->left_count);
}

static char *what_was_asked(const Life *life)
{
    const Reresolve *reresolve = life->reresolve;
    int64_t moved = resolve_moved_count(life) - reresolve->moved_before;
    g_autofree char *asked =
        readable_counted(reresolve->recipient_count, "recipient was", "recipients were");
    g_autofree char *elsewhere = readable_counted(moved, "goes", "go");

    return g_strdup_printf("%s asked for, %s elsewhere now", asked, elsewhere);
}

/* All answers are there. */
static void end_or_pass_again(Life *life, ReleaseJob *job)
{
    static const struct timeval later = {NEXT_PASS_S, 0};
    Reresolve *reresolve = life->reresolve;

    if (reresolve->left_count == 0 && reresolve->taken_count == 0 && !reresolve->has_old_answers)
        jobs_close(job, LIFE_JOB_DONE, what_was_asked(life), -1);
    else if (reresolve->taken_count > 0)
        pass_begin(life, reresolve->left_count);
    else if (!evtimer_pending(reresolve->timer, NULL))
        loop_add(reresolve->timer, &later);
}

static bool order_turn(Life *life, ReleaseJob *job)
{
    Reresolve *reresolve = life->reresolve;
    const ReresolveOrder *first = g_queue_peek_head(&reresolve->orders);
    bool is_more = false;

    if (!reresolve->is_begun && resolve_again_count(life) > 0)
        return false; /* of a job that was cancelled */
    if (!reresolve->is_begun) {
        reresolve->is_begun = true;
        reresolve->moved_before = resolve_moved_count(life);
        reresolve->recipient_count = 0;
        pass_begin(life, first->left_count);
    }
    if (reresolve->is_walking)
        is_more = pass_piece(life, job);
    job->asking_count = resolve_again_count(life);
    job->round.through_count = job->round.tried_count - job->asking_count;
    job->left_count = count_untaken(reresolve);
    if (!reresolve->is_walking && resolve_again_count(life) == 0) {
        end_or_pass_again(life, job);
        is_more = !evtimer_pending(reresolve->timer, NULL);
    }
    return is_more;
}

bool reresolve_turn(Life *life)
{
    Reresolve *reresolve = life->reresolve;
    const ReresolveOrder *first = g_queue_peek_head(&reresolve->orders);
    ReleaseJob *job = first != NULL ? jobs_find(life, first->number) : NULL;

    if (first == NULL)
        return false;
    if (job != NULL && !job_has_ended(job))
        return order_turn(life, job);
    g_free(g_queue_pop_head(&reresolve->orders));
    reresolve->is_begun = reresolve->is_walking = reresolve->is_full = false;
    mail_walk_clear(&reresolve->walk);
    (void)event_del(reresolve->timer);
    return !g_queue_is_empty(&reresolve->orders);
}

uint32_t life_reresolve(Life *life, const LifeJobOrder *order, const LifeReresolveCount *expected,
                        char **ret_problem)
{
    LifeJobOrder of_job = *order;
    uint32_t number;
    ReresolveOrder *mine;

    of_job.is_reresolve = true;
    number = life_job_start(life, &of_job, ret_problem);
    if (number == 0)
        return 0;
    mine = g_new(ReresolveOrder, 1);
    *mine = (ReresolveOrder){.number = number,
                             .left_count = (uint32_t)MIN(expected->message_count, UINT32_MAX),
                             .change = resolve_note_change(life)};
    jobs_find(life, number)->left_count = mine->left_count;
    g_queue_push_tail(&life->reresolve->orders, mine);
    return number;
}

void reresolve_init(Life *life)
{
    life->reresolve = g_new0(Reresolve, 1);
    g_queue_init(&life->reresolve->orders);
    life->reresolve->timer = evtimer_new(life->base, on_next_pass, life);
}

void reresolve_stop(Life *life)
{
    g_queue_clear_full(&life->reresolve->orders, g_free);
    mail_walk_clear(&life->reresolve->walk);
    event_free(life->reresolve->timer);
    g_free(life->reresolve);
}

#include "base/log.h"
#include "base/loop.h"
#include "codec/logline.h"
#include "policy/nexthop.h"
#include "policy/rules.h"
#include "sched/inspect.h"
#include "src/life/blame_internal.h"
#include "src/life/context_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/message_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/report_internal.h"
#include "src/life/settle_internal.h"
#include "src/life/slowed_internal.h"
#include "src/life/suspend_internal.h"

/*
 * Settle: the scheduler answers questions and never calls back. So after each call that may have
 * changed something, this fetches what it has to say: its notices, the entries that cannot be
 * delivered by anyone, and when it wants to be called next.
 */

typedef struct SchedTimer {
    struct event *event;
    int64_t set_s; /* INT64_MAX: not set */
    struct event *pace_event;
    int64_t pace_us; /* of rates, which have microseconds; likewise */
} SchedTimer;

/* What the site has answered; NULL: it is not slowed. */
static char *slowed_holder(const Life *life, const SchedNotice *notice)
{
    const SlowedSite *slowed = slowed_find_named(life, notice->transport, notice->name);
    bool is_whole = slowed == NULL;
    g_autofree char *amount = NULL;

    if (is_whole)
        slowed = slowed_find_whole_named(life, notice->transport);
    if (slowed == NULL)
        return NULL;
    amount = slowed_amount(&slowed->level);
    return g_strdup_printf("[reply %s] of the policy file has slowed %s%s to %s: %s", slowed->rule,
                           is_whole ? "all of " : "it", is_whole ? notice->transport : "", amount,
                           slowed->reason);
}

/* Who wants it to be slow is not told that it is. NULL: nobody does. A level is below limits. */
static char *holder_of(const Life *life, const SchedNotice *notice)
{
    g_autofree char *host = nexthop_host(notice->destination);
    const RuleSubject subject = {.transport = notice->transport,
                                 .destination = notice->name,
                                 .nexthop = notice->destination,
                                 .domain = host};
    char *holder = notice->is_paced || notice->is_at_limit ? slowed_holder(life, notice) : NULL;

    if (holder == NULL && notice->is_paced)
        holder = limit_holder_text(life, &subject, RULE_RATE);
    return holder == NULL && notice->is_at_limit
               ? limit_holder_text(life, &subject, RULE_CONCURRENCY)
               : holder;
}

/* It passes through retry: that is no site, and there is nothing to be done. */
static bool is_mail_that_a_rule_holds(const SchedNotice *notice)
{
    return g_str_equal(notice->transport, "retry") && rule_number_in_text(notice->destination) != 0;
}

/* What its site may have in active, if there is such a limit. */
static void look_up_allowance(const Life *life, const SchedNotice *notice, LoglineClog *clog)
{
    const SchedTransport *transport = sched_transport_find(life->sched, notice->transport);
    const SchedDestination *destination = sched_destination_find(transport, notice->name);
    const ParkSite *site =
        destination != NULL ? parking_site_of(life, destination, &clog->allowance) : NULL;

    if (site == NULL)
        return;
    clog->parked_count = site->waiting_count;
    clog->site_transport = site->transport;
    clog->site = site->name;
}

static void log_clog(const Life *life, const SchedNotice *notice)
{
    g_autofree char *holder = holder_of(life, notice);
    LoglineClog clog = {.transport = notice->transport,
                        .nexthop = notice->destination,
                        .limit = notice->limit,
                        .window = notice->window,
                        .running_count = notice->running_count,
                        .entry_count = notice->entry_count,
                        .message_count = notice->message_count,
                        .active_limit = notice->active_limit,
                        .destination_count = notice->destination_count,
                        .holder = holder};
    g_auto(GStrv) lines = NULL;

    look_up_allowance(life, notice, &clog);
    lines = logline_clog(&clog);
    for (char **line = lines; *line != NULL; line++)
        log_warning("%s", *line);
}

static char *debug_line(const SchedNotice *notice)
{
    const LoglineWindow window = {.name = notice->destination,
                                  .limit = notice->limit,
                                  .window = notice->window,
                                  .success = notice->success,
                                  .failure = notice->failure,
                                  .cohorts = notice->cohorts};

    if (notice->kind == SCHED_WINDOW)
        return logline_window(notice->is_negative, &window);
    if (notice->kind == SCHED_FEEDBACK)
        return logline_feedback(notice->is_negative, notice->feedback);
    return logline_feedback_type(notice->transport, notice->parameter, notice->type, notice->window,
                                 notice->feedback);
}

static void log_notices(Life *life)
{
    SchedNotice notice;

    while (sched_pop_notice(life->sched, &notice)) {
        if (notice.kind == SCHED_CLOGGED) {
            if (!is_mail_that_a_rule_holds(&notice))
                log_clog(life, &notice);
        } else {
            g_autofree char *line = debug_line(&notice);

            log_info("%s", line);
        }
        sched_notice_clear(&notice);
    }
}

/* What died and what came back, for those who look. */
static void record_changes(Life *life)
{
    static const EventKind kinds[] = {
        [SCHED_TRANSPORT_DIED] = EVENT_TRANSPORT_DIED,
        [SCHED_TRANSPORT_REVIVED] = EVENT_TRANSPORT_REVIVED,
        [SCHED_DESTINATION_DIED] = EVENT_DESTINATION_DIED,
        [SCHED_DESTINATION_REVIVED] = EVENT_DESTINATION_REVIVED,
    };
    Stats *stats = life->settings.stats;
    SchedChange change;

    while (sched_pop_change(life->sched, &change)) {
        if (change.kind == SCHED_TRANSPORT_DIED || change.kind == SCHED_DESTINATION_DIED)
            stats_death(stats_transport(stats, change.transport),
                        change.kind == SCHED_DESTINATION_DIED);
        if (change.kind == SCHED_DESTINATION_DIED)
            stats_watched_death(stats, change.destination);
        if (change.kind == SCHED_TRANSPORT_DIED || change.kind == SCHED_DESTINATION_DIED)
            jobs_note_death(life, change.transport, change.destination, change.reason);
        event_add_change(stats_events(stats), life_now(life)->wall_s, kinds[change.kind],
                         change.transport, change.destination, change.reason);
        sched_change_clear(&change);
    }
}

/* Records the deferral of entries that cannot even go to the retry service. */
static void report_undeliverable_entry(Life *life, SchedEntry *entry, const char *status,
                                       const char *reason)
{
    Message *message = sched_message_owner(sched_entry_message(entry));
    const char *nexthop = sched_entry_was_for(entry);
    const char *rule = nexthop != NULL ? suspend_reason_at_retry(nexthop) : NULL;
    g_autofree char *kept_status = g_strdup(rule != NULL ? RULE_SUSPENSION_STATUS : status);
    g_autofree char *kept_reason = g_strdup(rule != NULL ? rule : reason);
    Chain recipients = sched_entry_discard(life->sched, entry);
    Link *link;

    blame_origin(message, kept_status, kept_reason);
    while ((link = chain_pop_first(&recipients)) != NULL)
        report_deferred(message, (Recipient *)link, kept_status, kept_reason);
    message_release(message);
}

static void report_undeliverable(Life *life)
{
    const char *status, *reason;
    SchedEntry *entry;

    while ((entry = sched_pop_undeliverable(life->sched, &status, &reason)) != NULL)
        report_undeliverable_entry(life, entry, status, reason);
}

/*
 * As in stock, timers count whole seconds. We wait from now, wherever in its second that is: so a
 * rate delay is never shorter than configured. Another event may find a timer due earlier in that
 * second.
 */
static void arm_sched_timer(Life *life)
{
    int64_t due_s = sched_next_timer_s(life->sched);
    struct timeval wait = {0, 0};

    if (due_s == life->sched_timer->set_s)
        return;
    life->sched_timer->set_s = due_s;
    if (due_s == INT64_MAX) {
        (void)event_del(life->sched_timer->event);
        return;
    }
    wait.tv_sec = MAX(due_s - life_now(life)->timer_s, 0);
    loop_add(life->sched_timer->event, &wait);
}

void settle_sched(Life *life)
{
    log_notices(life);
    record_changes(life);
    report_undeliverable(life);
    arm_sched_timer(life);
    life_set_timer(life, life->sched_timer->pace_event, &life->sched_timer->pace_us,
                   sched_next_pace_us(life->sched));
}

static void run_timers(Life *life)
{
    life->sched_timer->set_s = life->sched_timer->pace_us = INT64_MAX;
    sched_run_timers(life->sched, life_sched_now(life));
    settle_sched(life);
}

static void on_sched_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    run_timers(arg);
}

void settle_turn(Life *life)
{
    const SchedTimer *timer = life->sched_timer;

    if ((timer->set_s != INT64_MAX && timer->set_s <= life_now(life)->timer_s) ||
        (timer->pace_us != INT64_MAX && timer->pace_us <= life_now(life)->mono_us))
        run_timers(life);
}

void settle_init(Life *life)
{
    life->sched_timer = g_new(SchedTimer, 1);
    *life->sched_timer = (SchedTimer){
        .event = evtimer_new(life->base, on_sched_timer, life),
        .set_s = INT64_MAX,
        .pace_event = evtimer_new(life->base, on_sched_timer, life),
        .pace_us = INT64_MAX,
    };
}

/* Makes everything that waits fail, so that the scheduler hands back all recipients. */
static void drop_entries(Life *life)
{
    SchedNow now = life_sched_now(life);
    SchedTransport *transport;
    SchedEntry *entry;
    const char *status, *reason;

    now.mono_us = INT64_MAX;
    do {
        now.timer_s = sched_next_timer_s(life->sched);
        sched_run_timers(life->sched, now);
    } while (sched_next_timer_s(life->sched) != INT64_MAX);
    now = life_sched_now(life);
    while ((transport = sched_next_connection(life->sched)) != NULL)
        sched_connection_failed(life->sched, transport, "4.3.0", "", now);
    while ((entry = sched_pop_undeliverable(life->sched, &status, &reason)) != NULL) {
        Message *message = sched_message_owner(sched_entry_message(entry));
        Chain recipients = sched_entry_discard(life->sched, entry);

        recipients_free(&recipients);
        message_release(message);
    }
}

void settle_stop(Life *life)
{
    drop_entries(life);
    event_free(life->sched_timer->event);
    event_free(life->sched_timer->pace_event);
    g_free(life->sched_timer);
}

void settle_check(const Life *life)
{
    const SchedTimer *timer = life->sched_timer;

    CHECK(timer->set_s == sched_next_timer_s(life->sched));
    CHECK(timer->pace_us == sched_next_pace_us(life->sched));
    CHECK(timer->pace_us == INT64_MAX || evtimer_pending(timer->pace_event, NULL));
    CHECK(timer->set_s == INT64_MAX || evtimer_pending(timer->event, NULL));
}

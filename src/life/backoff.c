#include "base/log.h"
#include "codec/logline.h"
#include "policy/reply_rules.h"
#include "policy/rules.h"
#include "sched/inspect.h"
#include "spool/defer_log.h"
#include "src/life/backoff_internal.h"
#include "src/life/context_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/settle_internal.h"

/* Backoff: see the header. How far a site is slowed is known by the room `slowed`. */

#define RECORDS_MAX 50

typedef struct Backoff {
    struct event *event;
    int64_t set_us;         /* INT64_MAX: not set */
    LifeSuspendFn *suspend; /* NULL: nobody does it */
    void *suspend_ctx;
} Backoff;

static void set_backoff_timer(Life *life)
{
    life_set_timer(life, life->backoff->event, &life->backoff->set_us, slowed_next_us(life));
}

/* ---- what has changed ---- */

static void log_level(const SlowedSite *slowed)
{
    g_autofree char *amount =
        level_is_active(&slowed->level) ? slowed_amount(&slowed->level) : NULL;
    g_autofree char *line = logline_slowed(&(LoglineSlowed){
        .transport = slowed->key.transport,
        .destination = slowed->key.name,
        .amount = amount,
        .rule = slowed->rule,
        .reason = slowed->reason,
    });

    log_info("%s", line);
}

/* The scheduler gets what holds now, if there is mail. */
static void apply_level(const Life *life, SlowedSite *slowed)
{
    SchedDestination *destination = slowed_destination(life, slowed);
    SchedSite *site = slowed_shared_site(life, slowed);

    if (slowed_is_whole(slowed) && slowed_transport(life, slowed) != NULL)
        limit_transport(life, slowed_transport(life, slowed));
    else if (site != NULL)
        limit_shared_site(life, site, slowed);
    else if (destination != NULL)
        limit_destination(life, destination);
}

static int running_count(const Life *life, const SlowedSite *slowed)
{
    const SchedSite *site = slowed_shared_site(life, slowed);
    const SchedTransport *transport = slowed_transport(life, slowed);
    SchedDestinationView view;

    if (slowed_is_whole(slowed))
        return transport != NULL ? sched_transport_running(transport) : 0;
    if (site != NULL)
        return sched_site_running(site);
    return sched_view_destination(life->sched, slowed->key.transport, slowed->key.name, &view)
               ? view.running_count
               : 0;
}

/* What the site has now of this kind: above 0. */
static double seen_now(const Life *life, const SlowedSite *slowed, LevelKind kind)
{
    return kind == LEVEL_RATE ? slowed_measured(life, slowed) : MAX(running_count(life, slowed), 1);
}

/* ---- time passes ---- */

static void on_backoff_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;
    SlowedSite *slowed;

    (void)fd;
    (void)what;
    life->backoff->set_us = INT64_MAX;
    while ((slowed = slowed_next_due(life)) != NULL) {
        const double seen[LEVEL_KIND_COUNT] = {
            [LEVEL_RATE] = seen_now(life, slowed, LEVEL_RATE),
            [LEVEL_CONCURRENCY] = seen_now(life, slowed, LEVEL_CONCURRENCY),
        };
        LevelChange change = level_turn(&slowed->level, seen, life_now(life)->mono_us);

        slowed_changed(life, slowed, change);
        if (change == LEVEL_ENDED)
            log_level(slowed);
        if (change != LEVEL_SAME)
            apply_level(life, slowed);
    }
    settle_sched(life);
    set_backoff_timer(life);
}

void backoff_init(Life *life)
{
    life->backoff = g_new0(Backoff, 1);
    life->backoff->set_us = INT64_MAX;
    life->backoff->event = evtimer_new(life->base, on_backoff_timer, life);
    slowed_resume(life);
    set_backoff_timer(life);
}

void backoff_stop(Life *life)
{
    event_free(life->backoff->event);
    g_free(life->backoff);
}

void backoff_note_begin(Life *life, const SchedEntry *entry)
{
    if (!slowed_is_used(life))
        return;
    slowed_note_begin(life, sched_entry_destination(entry));
    set_backoff_timer(life);
}

/* ---- answers ---- */

typedef struct SlowAnswer {
    const ReplyRule *rule;
    char *reason;
} SlowAnswer;

static bool match_answer(const Life *life, const SlowedSite *slowed, const char *status,
                         const char *text, SlowAnswer *answer)
{
    answer->rule =
        reply_rules_match(sites_replies(life->settings.sites), slowed->site, status, text);
    if (answer->rule == NULL)
        return false;
    answer->reason = g_strndup(text, SLOWED_REASON_MAX_BYTES);
    return true;
}

static bool has_recipient(const SchedEntry *entry, int64_t offset)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if (((const Recipient *)link)->offset == offset)
            return true;
    return false;
}

/* A log that is not there, or cannot be read, says nothing. */
static bool match_records(const Life *life, const SlowedSite *slowed, const SchedEntry *entry,
                          SpoolQueue log, SlowAnswer *answer)
{
    const Message *message = sched_message_owner(sched_entry_message(entry));
    g_autoptr(GPtrArray) records = NULL;

    if (defer_log_read_tail(life->spool, log, message->queue_id, RECORDS_MAX, &records).status !=
        SPOOL_OK)
        return false;
    for (guint i = 0; i < records->len; i++) {
        const DeferRecord *record = records->pdata[i];

        if (has_recipient(entry, record->offset) &&
            match_answer(life, slowed, record->status, record->reason, answer))
            return true;
    }
    return false;
}

static bool amount_differs(const SiteLevel *level, const SiteLevel *before)
{
    return !level_is_active(before) || level->now[LEVEL_RATE] != before->now[LEVEL_RATE] ||
           level->now[LEVEL_CONCURRENCY] != before->now[LEVEL_CONCURRENCY];
}

static void step_down(Life *life, SlowedSite *slowed, SlowAnswer *answer, int64_t began_us)
{
    const LevelStep *step = &answer->rule->step;
    const SiteLevel before = slowed->level;
    LevelChange change = level_answer(&slowed->level, step, seen_now(life, slowed, step->kind),
                                      began_us, life_now(life)->mono_us);

    if (change != LEVEL_STEPPED)
        return;
    g_free(slowed->rule);
    slowed->rule = g_strdup(answer->rule->name);
    g_free(slowed->reason);
    slowed->reason = g_steal_pointer(&answer->reason);
    if (amount_differs(&slowed->level, &before)) /* at the floor each answer would be a line */
        log_level(slowed);
    slowed_changed(life, slowed, change);
    set_backoff_timer(life);
    apply_level(life, slowed);
}

void life_set_suspend(Life *life, LifeSuspendFn *suspend, void *ctx)
{
    life->backoff->suspend = suspend;
    life->backoff->suspend_ctx = ctx;
}

/* A delivery that begins soon afterwards was selected before. */
static bool is_under_way(const SlowedSite *slowed, int64_t began_us)
{
    return slowed->suspended_us != 0 &&
           began_us < slowed->suspended_us + LEVEL_SETTLE_S * G_USEC_PER_SEC;
}

/* The destination that has answered so, or its transport; what is under way when a site begins to
 * refuse is one event. */
static void suspend_subject(Life *life, SlowedSite *slowed, const SchedEntry *entry,
                            const SlowAnswer *answer, int64_t began_us)
{
    const ReplyRule *rule = answer->rule;
    const char *name = slowed_is_whole(slowed)
                           ? slowed->transport
                           : sched_destination_name(sched_entry_destination(entry));
    g_autofree char *reason = NULL;

    if (life->backoff->suspend == NULL || is_under_way(slowed, began_us) ||
        !level_trigger(&slowed->level, &rule->step, life_now(life)->mono_us))
        return;
    slowed->suspended_us = life_now(life)->mono_us;
    reason = g_strdup_printf("[reply %s] %s", rule->name, answer->reason);
    life->backoff->suspend(slowed_is_whole(slowed) ? RULE_TRANSPORT : RULE_DESTINATION, name,
                           rule->suspend_s, reason, life->backoff->suspend_ctx);
}

static void act_on_answer(Life *life, SlowedSite *slowed, const SchedEntry *entry,
                          SlowAnswer *answer, int64_t began_us)
{
    const SchedTransport *transport = sched_destination_transport(sched_entry_destination(entry));
    SlowedSite *subject = answer->rule->is_for_transport ? slowed_whole(life, transport) : slowed;

    slowed_note_match(life, slowed, sched_entry_destination(entry), answer->rule->name,
                      answer->reason);
    slowed_remember(life, subject, &answer->rule->step);
    if (answer->rule->suspend_s > 0)
        suspend_subject(life, subject, entry, answer, began_us);
    else
        step_down(life, subject, answer, began_us);
}

/* It tells that site and transport take mail. */
static void note_success(const Life *life, const SchedDestination *destination, int64_t began_us)
{
    SlowedSite *slowed = slowed_find(life, destination);
    SlowedSite *whole = slowed_find_whole(life, sched_destination_transport(destination));

    if (slowed != NULL)
        level_succeed(&slowed->level, began_us);
    if (whole != NULL)
        level_succeed(&whole->level, began_us);
}

/* What was returned is not deferred. */
static void match_deferral(const Life *life, const SlowedSite *slowed, const SchedEntry *entry,
                           const SchedResult *result, SlowAnswer *answer)
{
    if (!result->deferred)
        return;
    if (result->status[0] != '\0')
        (void)match_answer(life, slowed, result->status, result->reason, answer);
    else
        (void)match_records(life, slowed, entry, SPOOL_DEFER, answer);
}

static bool reads_bounces(const SlowedSite *slowed)
{
    return slowed->site != NULL && slowed->site->read_bounces;
}

/* The site, if what it has answered may matter. */
static SlowedSite *find_concerned(Life *life, const SchedDestination *destination, bool deferred)
{
    SlowedSite *slowed =
        deferred ? slowed_ensure(life, destination) : slowed_find(life, destination);

    set_backoff_timer(life);
    return slowed != NULL && slowed->is_concerned && (deferred || reads_bounces(slowed)) ? slowed
                                                                                         : NULL;
}

bool backoff_note_end(Life *life, const SchedEntry *entry, const SchedResult *result,
                      int64_t began_us, const ReplyRule **ret_rule)
{
    const SchedDestination *destination = sched_entry_destination(entry);
    SlowedSite *slowed;
    SlowAnswer answer = {0};
    bool is_slow;

    *ret_rule = NULL;
    if (!slowed_is_used(life) || result->crashed)
        return false;
    slowed = find_concerned(life, destination, result->deferred);
    if (slowed != NULL)
        match_deferral(life, slowed, entry, result, &answer);
    if (slowed != NULL && answer.rule == NULL && reads_bounces(slowed))
        (void)match_records(life, slowed, entry, SPOOL_BOUNCE, &answer);
    *ret_rule = answer.rule;
    is_slow = answer.rule != NULL && reply_rule_acts(answer.rule);
    if (is_slow)
        act_on_answer(life, slowed, entry, &answer, began_us);
    else if (!result->deferred)
        note_success(life, destination, began_us);
    g_free(answer.reason);
    return is_slow;
}

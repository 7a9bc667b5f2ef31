#include "control/steer.h"

#include <inttypes.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "codec/logline.h"
#include "life/inspect.h"
#include "policy/rule_file.h"

/*
 * Steer: see the header. Changes wait in a line. The first one is made in a copy of the rules,
 * whose text is written; the copy takes the place of the rules when that is done.
 */

/* The clock may be set: so the next end is looked for at least so often. */
#define LOOK_FOR_ENDS_S 60
#define ENDS_PER_TURN   100

typedef struct SteerChange {
    STAILQ_ENTRY(SteerChange) link;
    Rule rule; /* to be put; of one to be removed, the number and who wants it */
    char *name, *reason;
    bool removes, yields; /* yields: to a rule for the same that is there by then */
    LifeRelease release;
    SteerDoneFn *done; /* NULL: nobody is to be told */
    void *ctx;
} SteerChange;

struct Steer {
    SteerSubject subject;
    DataFile *store; /* NULL: nothing can be written */
    STAILQ_HEAD(, SteerChange) changes;
    Rules *next; /* what is being written for the first change; NULL: nothing is */
    struct event *timer;
    struct event *turn_event; /* the line is looked at, not in the call that added to it */
};

static void steer_advance(Steer *steer);

static int64_t now_s(const Steer *steer)
{
    return life_clock(steer->subject.life)->wall_s;
}

/* ---- what is told of a change ---- */

static void tell_all(const Steer *steer, const Rule *rule, EventKind kind, const char *verb,
                     int64_t uid)
{
    g_autofree char *amount = rule_amount_text(rule);
    g_autofree char *reason =
        amount != NULL ? g_strdup_printf("%s %s: %s", rule_measure_str(rule), amount, rule->reason)
                       : g_strdup(rule->reason);
    g_autofree char *line =
        logline_rule(&(LoglineRule){.verb = verb,
                                    .number = rule->number,
                                    .object = rule_object_str(rule->object),
                                    .name = rule->name,
                                    .measure = rule_measure_str(rule),
                                    .amount = amount,
                                    .until_s = rule->end_s == RULE_FOREVER ? 0 : rule->end_s,
                                    .uid = uid,
                                    .reason = rule->reason});
    bool is_transport = rule->object == RULE_TRANSPORT;

    log_info("%s", line);
    event_add_change(stats_events(steer->subject.stats), now_s(steer), kind,
                     is_transport ? rule->name : NULL, is_transport ? NULL : rule->name, reason);
    stats_count(steer->subject.stats, STATS_CONTROL_CHANGES);
}

static void tell_begin(const Steer *steer, const Rule *rule)
{
    tell_all(steer, rule, rule->kind == RULE_LIMIT ? EVENT_LIMITED : EVENT_SUSPENDED,
             rule_kind_str(rule->kind), rule->uid);
}

/* uid -1: it ended by itself. */
static void tell_end(const Steer *steer, const Rule *rule, int64_t uid)
{
    g_autofree char *end = g_strconcat("end of ", rule_kind_str(rule->kind), NULL);

    tell_all(steer, rule, rule->kind == RULE_LIMIT ? EVENT_UNLIMITED : EVENT_RESUMED,
             uid < 0 ? end : "resume", uid);
}

/* ---- ends ---- */

/* The others follow in the next turn, as arm() finds that their end has come. */
static void remove_ended(Steer *steer)
{
    Rules *rules = steer->subject.rules;
    const Rule *rule;

    for (int i = 0; i < ENDS_PER_TURN; i++) {
        uint32_t number;

        rule = rules_first_to_end(rules);
        if (rule == NULL || rule->end_s > now_s(steer))
            return;
        number = rule->number;
        tell_end(steer, rule, -1);
        life_rule_ended(steer->subject.life, rule, LIFE_RELEASE_BY_JOB, -1);
        (void)rules_remove(rules, number);
    }
}

/* While a change is being written nothing ends: the end of that, however late, looks again. */
static void arm(Steer *steer)
{
    const Rule *rule = steer->next == NULL ? rules_first_to_end(steer->subject.rules) : NULL;
    struct timeval wait = {LOOK_FOR_ENDS_S, 0};

    if (rule == NULL) {
        (void)event_del(steer->timer);
        return;
    }
    wait.tv_sec = CLAMP(rule->end_s - now_s(steer), 0, LOOK_FOR_ENDS_S);
    loop_add(steer->timer, &wait);
}

/* The file keeps what has ended until the next change: a restart notices the end again. */
static void on_end_timer(evutil_socket_t fd, short what, void *arg)
{
    Steer *steer = arg;

    (void)fd;
    (void)what;
    if (steer->next == NULL)
        remove_ended(steer);
    arm(steer);
}

/* ---- changes ---- */

static void free_change(SteerChange *change)
{
    g_free(change->name);
    g_free(change->reason);
    g_free(change);
}

/* `rule` belongs to a set that lives longer than the call. */
static void finish_first(Steer *steer, const Rule *rule, const char *problem)
{
    SteerChange *change = STAILQ_FIRST(&steer->changes);

    STAILQ_REMOVE_HEAD(&steer->changes, link);
    if (change->done != NULL)
        change->done(rule, problem, change->ctx);
    free_change(change);
}

/* NULL: it can be made; else why not. */
static const char *make_change(Rules *rules, const SteerChange *change)
{
    if (change->removes)
        return rules_remove(rules, change->rule.number)
                   ? NULL
                   : "there is no rule of that number any more";
    if (change->yields && rules_same(rules, &change->rule) != NULL)
        return "there is a rule for the same";
    return rules_put(rules, &change->rule) != NULL
               ? NULL
               : "there are 10,000 rules already; eqmgrctl rules shows them";
}

static void take_effect(Steer *steer)
{
    const SteerChange *change = STAILQ_FIRST(&steer->changes);
    Rules *before = rules_copy(steer->subject.rules);
    const Rule *rule;

    rules_take(steer->subject.rules, g_steal_pointer(&steer->next));
    if (change->removes) {
        rule = rules_find(before, change->rule.number);
        tell_end(steer, rule, change->rule.uid);
        life_rule_ended(steer->subject.life, rule, change->release, change->rule.uid);
    } else {
        rule = rules_same(steer->subject.rules, &change->rule);
        tell_begin(steer, rule);
        life_rules_changed(steer->subject.life);
    }
    finish_first(steer, rule, NULL);
    rules_free(before);
}

static void on_written(int error, void *ctx)
{
    Steer *steer = ctx;

    if (error == 0) {
        take_effect(steer);
    } else {
        g_autofree char *problem =
            g_strdup_printf("cannot write %s/%s: %s; nothing has changed", steer->subject.directory,
                            RULE_STORE_FILE, g_strerror(error));

        g_clear_pointer(&steer->next, rules_free);
        log_warning("control: %s", problem);
        finish_first(steer, NULL, problem);
    }
    remove_ended(steer);
    arm(steer);
    steer_advance(steer);
}

static char *why_nothing_can_be_written(const Steer *steer)
{
    if (steer->subject.load == RULE_LOAD_FAILED)
        return g_strdup_printf("%s; put that right and reload Postfix first",
                               steer->subject.problem);
    if (steer->store == NULL)
        return g_strdup_printf("data_directory %s cannot be used, so a rule would not survive a "
                               "restart",
                               steer->subject.directory);
    return NULL;
}

/* The first change is begun, or refused; then the next one. */
static void steer_advance(Steer *steer)
{
    const SteerChange *change;

    while (steer->next == NULL && (change = STAILQ_FIRST(&steer->changes)) != NULL) {
        g_autofree char *why = why_nothing_can_be_written(steer);
        const char *problem = why;

        steer->next = rules_copy(steer->subject.rules);
        if (problem == NULL)
            problem = make_change(steer->next, change);
        if (problem == NULL) {
            data_file_write(steer->store, rule_file_format(steer->next),
                            rule_file_format(steer->subject.rules));
            return;
        }
        g_clear_pointer(&steer->next, rules_free);
        finish_first(steer, NULL, problem);
    }
}

static void on_turn_of_change(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    steer_advance(arg);
}

static SteerChange *new_change(SteerDoneFn *done, void *ctx)
{
    SteerChange *change = g_new0(SteerChange, 1);

    change->done = done;
    change->ctx = ctx;
    return change;
}

/* Never at once: the owner is told when its call has ended. */
static void line_up(Steer *steer, SteerChange *change)
{
    const struct timeval at_once = {0, 0};

    STAILQ_INSERT_TAIL(&steer->changes, change, link);
    loop_add(steer->turn_event, &at_once);
}

static void line_up_put(Steer *steer, const Rule *rule, SteerChange *change)
{
    g_assert(rule_fault(rule) == NULL);
    change->rule = *rule;
    change->rule.name = change->name = g_strdup(rule->name);
    change->rule.reason = change->reason = g_strdup(rule->reason);
    line_up(steer, change);
}

void steer_put(Steer *steer, const Rule *rule, SteerDoneFn *done, void *ctx)
{
    line_up_put(steer, rule, new_change(done, ctx));
}

void steer_remove(Steer *steer, uint32_t number, uid_t uid, LifeRelease release, SteerDoneFn *done,
                  void *ctx)
{
    SteerChange *change = new_change(done, ctx);

    change->rule = (Rule){.number = number, .uid = uid};
    change->removes = true;
    change->release = release;
    line_up(steer, change);
}

void steer_forget(Steer *steer, const void *ctx)
{
    SteerChange *change;

    STAILQ_FOREACH (change, &steer->changes, link)
        if (change->ctx == ctx)
            change->done = NULL;
}

const Rules *steer_rules(const Steer *steer)
{
    return steer->subject.rules;
}

const char *steer_problem(const Steer *steer)
{
    return steer->subject.problem;
}

/* ---- sites that ask for it (traffic.md 6) ---- */

/* An administrator's rule for the same may be in the line. */
static void line_up_yielding(Steer *steer, const Rule *rule)
{
    SteerChange *change = new_change(NULL, NULL);

    change->yields = true;
    line_up_put(steer, rule, change);
}

void steer_suspend_by_answer(Steer *steer, RuleObject object, const char *name, int64_t seconds,
                             const char *reason)
{
    g_autofree char *plain = rule_reason_of(reason);
    const Rule rule = {.kind = RULE_SUSPEND,
                       .object = object,
                       .name = name,
                       .made_s = now_s(steer),
                       .end_s = now_s(steer) + seconds,
                       .uid = geteuid(),
                       .reason = plain};
    const char *fault = rule_fault(&rule);

    if (fault != NULL)
        log_warning("control: %s cannot be suspended for %s: %s", name, plain, fault);
    else if (rules_same(steer->subject.rules, &rule) == NULL)
        line_up_yielding(steer, &rule);
}

static void on_site_asks(RuleObject object, const char *name, int64_t seconds, const char *text,
                         void *ctx)
{
    steer_suspend_by_answer(ctx, object, name, seconds, text);
}

Steer *steer_new(struct event_base *base, const SteerSubject *subject)
{
    Steer *steer = g_new0(Steer, 1);

    steer->subject = *subject;
    STAILQ_INIT(&steer->changes);
    steer->timer = evtimer_new(base, on_end_timer, steer);
    steer->turn_event = evtimer_new(base, on_turn_of_change, steer);
    if (subject->directory_fd >= 0)
        steer->store =
            data_file_new(base, subject->directory_fd, &rule_store_names, on_written, steer);
    life_set_suspend(subject->life, on_site_asks, steer);
    remove_ended(steer);
    arm(steer);
    return steer;
}

void steer_free(Steer *steer)
{
    SteerChange *change;

    if (steer == NULL)
        return;
    life_set_suspend(steer->subject.life, NULL, NULL);
    data_file_free(steer->store);
    rules_free(steer->next);
    while ((change = STAILQ_FIRST(&steer->changes)) != NULL) {
        STAILQ_REMOVE_HEAD(&steer->changes, link);
        free_change(change);
    }
    event_free(steer->timer);
    event_free(steer->turn_event);
    g_free(steer);
}

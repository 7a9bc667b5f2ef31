/*
 * One function for each rule: it fills in the sentence if the rule holds. The limits are those from
 * which an administrator would want to know; single dead sites are everyday life.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/readable.h"
#include "src/ctl/doctor/advice_internal.h"
#include "src/ctl/share_internal.h"
#include "src/ctl/text_internal.h"

#define ACTIVE_FULL_PERCENT 90
#define RESOLVING_MANY      50  /* messages, and ... */
#define RESOLVING_PERCENT   50  /* of active */
#define PENDING_MANY        3   /* connections that wait FACTS_PENDING_S for an agent */
#define OVERDUE_MANY        100 /* messages, and ... */
#define OVERDUE_PERCENT     5   /* of the deferred ones */
#define DEFERRED_MANY       1000
#define DEFERRED_PERCENT    50
#define WAITING_MANY        1000
#define OLD_S               86400
#define INDEX_PATIENCE_S    7200
#define BUSY_LIMIT_US       50000

static void say(GPtrArray *texts, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(GPtrArray *texts, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(texts, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static int64_t state(const Facts *facts, const char *name)
{
    return row_number(&facts->status, name, 0);
}

/* What is in all of these rows is made printable when it is shown. */
static const char *shown(const Row *row, const char *name)
{
    return row_text(row, name) ?: "-";
}

static bool has_state(const Row *row, const char *name)
{
    g_auto(GStrv) states = g_strsplit(row_text(row, "state") ?: "", ",", -1);

    return g_strv_contains((const char *const *)states, name);
}

static void active_full(const Facts *facts, GPtrArray *texts)
{
    int64_t active = state(facts, "active"), limit = state(facts, "active_limit");
    const Row *most = facts->waiting->len > 0 ? facts->waiting->pdata[0] : NULL;

    if (limit <= 0 || !share_is_large(active, 0, limit, ACTIVE_FULL_PERCENT))
        return;
    if (most != NULL)
        say(texts,
            "The active queue is nearly full (%" PRId64 " of %" PRId64 "), so new mail has to "
            "wait. Most of it is for %s by %s: %s deliveries wait there (%s).",
            active, limit, shown(most, "destination"), shown(most, "transport"),
            shown(most, "waiting"), shown(most, "why"));
    else
        say(texts,
            "The active queue is nearly full (%" PRId64 " of %" PRId64
            "), so new mail has to wait.",
            active, limit);
}

static void stuck(const Facts *facts, GPtrArray *texts)
{
    g_autofree char *are_stuck =
        readable_counted(state(facts, "stuck"), "message is stuck: its queue file",
                         "messages are stuck: their queue files");

    if (state(facts, "stuck") > 0)
        say(texts, "%s cannot be moved or removed.", are_stuck);
}

static void transport_dead(const Facts *facts, GPtrArray *texts)
{
    for (guint i = 0; i < facts->transports->len; i++) {
        const Row *row = facts->transports->pdata[i];

        if (has_state(row, "dead"))
            say(texts, "Transport %s is dead, all of its mail waits: %s.", shown(row, "transport"),
                shown(row, "why"));
    }
}

static bool is_pending(const Row *connection, const char *transport)
{
    return g_strcmp0(row_text(connection, "state"), "pending") == 0 &&
           g_str_equal(shown(connection, "transport"), transport);
}

/* How many connections of the transport are pending, if none before the first `begin` is; else 0.
 */
static unsigned count_pending(const GPtrArray *connections, guint begin, const char *transport)
{
    unsigned count = 0;

    for (guint i = 0; i < begin; i++)
        if (is_pending(connections->pdata[i], transport))
            return 0;
    for (guint i = begin; i < connections->len; i++)
        count += is_pending(connections->pdata[i], transport) ? 1 : 0;
    return count;
}

static void agents_busy(const Facts *facts, GPtrArray *texts)
{
    for (guint i = 0; i < facts->connections->len; i++) {
        const char *transport = shown(facts->connections->pdata[i], "transport");
        unsigned count = count_pending(facts->connections, i, transport);

        if (count >= PENDING_MANY)
            say(texts,
                "%u deliveries by %s have waited for a process for more than " FACTS_PENDING_S
                " s: all of its processes are busy.",
                count, transport);
    }
}

static void resolver_slow(const Facts *facts, GPtrArray *texts)
{
    int64_t resolving = state(facts, "resolving"), active = state(facts, "active");

    if (share_is_large(resolving, RESOLVING_MANY, active, RESOLVING_PERCENT))
        say(texts,
            "%" PRId64 " of %" PRId64 " active messages wait for trivial-rewrite(8): a lookup is "
            "slow or does not answer.",
            resolving, active);
}

static void many_throttled(const Facts *facts, GPtrArray *texts)
{
    int64_t throttled = state(facts, "destinations_throttled"), all = state(facts, "destinations");

    if (share_many_throttled(&facts->status))
        say(texts,
            "%" PRId64 " of %" PRId64 " destinations are throttled: so many at a time have "
            "rather a reason on this side, such as the network or the name service.",
            throttled, all);
}

/* Which destination has a large part of what is deferred. */
static void deferred_for_one(const Facts *facts, GPtrArray *texts)
{
    const Row *most = facts->deferred->len > 0 ? facts->deferred->pdata[0] : NULL;
    int64_t count = most != NULL ? row_number(most, "count", 0) : 0;

    if (share_is_large(count, DEFERRED_MANY, state(facts, "deferred"), DEFERRED_PERCENT))
        say(texts, "Most of the deferred mail (%" PRId64 " messages) waits for %s by %s: %s %s.",
            count, shown(most, "destination"), shown(most, "transport"), shown(most, "status"),
            shown(most, "reason"));
}

static void overdue(const Facts *facts, GPtrArray *texts)
{
    int64_t count = state(facts, "overdue");

    if (share_is_large(count, OVERDUE_MANY, state(facts, "deferred"), OVERDUE_PERCENT))
        say(texts,
            "%" PRId64 " deferred messages are overdue: they are not taken as fast as they "
            "become due.",
            count);
}

/* Whose limit it is; the caller's. */
static char *name_of_limit(const Row *row)
{
    return row_text(row, "limit_rule") != NULL
               ? g_strdup_printf("limit #%" PRId64 " of an administrator",
                                 row_number(row, "limit_rule", 0))
               : g_strdup_printf("%s_destination_concurrency_limit", shown(row, "transport"));
}

static void limit_reached(const Facts *facts, GPtrArray *texts)
{
    for (guint i = 0; i < facts->waiting->len; i++) {
        const Row *row = facts->waiting->pdata[i];
        int64_t limit = row_number(row, "limit", 0);
        g_autofree char *name = name_of_limit(row);

        if (has_state(row, "full") && row_number(row, "waiting", 0) >= WAITING_MANY && limit > 0 &&
            row_number(row, "window", 0) >= limit)
            say(texts,
                "%s deliveries for %s wait, and %" PRId64 " at a time are all that %s allows.",
                shown(row, "waiting"), shown(row, "destination"), limit, name);
    }
}

static void old_mail(const Facts *facts, GPtrArray *texts)
{
    int64_t arrival_s = state(facts, "oldest_active");
    int64_t age_s = arrival_s > 0 ? text_seconds_between(arrival_s, facts->now_s) : 0;
    g_autofree char *age = readable_duration(age_s);

    if (age_s >= OLD_S)
        say(texts, "The oldest message in the active queue arrived %s ago.", age);
}

static void index_lost(const Facts *facts, GPtrArray *texts)
{
    if (row_number(&facts->status, "index_complete", 1) == 0 &&
        text_seconds_between(state(facts, "started"), facts->now_s) >= INDEX_PATIENCE_S)
        say(texts, "The index of deferred mail is not complete, so each queue run reads the whole "
                   "directory.");
}

static void loop_busy(const Facts *facts, GPtrArray *texts)
{
    int64_t busy_us = state(facts, "loop_busy_p99_us");

    if (busy_us > BUSY_LIMIT_US)
        say(texts,
            "One turn in a hundred of the queue manager takes more than %" PRId64 " ms: the disk "
            "of the queue is slow, or the machine is overloaded.",
            BUSY_LIMIT_US / (int64_t)1000);
}

static void settings_backoff(const Facts *facts, GPtrArray *texts)
{
    const FactsSettings *settings = &facts->settings;

    if (settings->minimal_backoff_s >= 0 &&
        settings->queue_run_delay_s > settings->minimal_backoff_s)
        say(texts,
            "queue_run_delay (%" PRId64 " s) is longer than minimal_backoff_time (%" PRId64
            " s): a message is looked at only at each run, so it waits longer than you say.",
            settings->queue_run_delay_s, settings->minimal_backoff_s);
    if (settings->maximal_backoff_s >= 0 &&
        settings->minimal_backoff_s > settings->maximal_backoff_s)
        say(texts,
            "minimal_backoff_time (%" PRId64 " s) is longer than maximal_backoff_time (%" PRId64
            " s).",
            settings->minimal_backoff_s, settings->maximal_backoff_s);
}

static void settings_lifetime(const Facts *facts, GPtrArray *texts)
{
    const FactsSettings *settings = &facts->settings;

    if (settings->queue_lifetime_s >= 0 && settings->bounce_lifetime_s > settings->queue_lifetime_s)
        say(texts,
            "bounce_queue_lifetime is longer than maximal_queue_lifetime: undeliverable bounces "
            "stay longer than mail does.");
    if (settings->queue_lifetime_s > 0 && settings->maximal_backoff_s > settings->queue_lifetime_s)
        say(texts,
            "maximal_backoff_time is longer than maximal_queue_lifetime: mail may be returned "
            "after very few attempts.");
}

/* clang-format off */
static const struct {
    const char *kind, *severity, *help;
    void (*rule)(const Facts *facts, GPtrArray *texts);
} rules[] = {
    {"transport-dead", "trouble", "the mail log of that service says why; \"postfix check\", master.cf",
     transport_dead},
    {"stuck", "trouble", "eqmgrctl messages --state stuck; the mail log has the error: permissions, a full or "
     "read-only file system", stuck},
    {"active-full", "trouble", "eqmgrctl destinations; a higher limit for that destination if it allows more "
     "(<transport>_destination_concurrency_limit), or a higher qmgr_message_active_limit if memory does",
     active_full},
    {"resolver-slow", "trouble", "time \"postmap -q\" on the tables in transport_maps, virtual_alias_domains "
     "and so on; eqmgr_resolver_connections asks more at a time", resolver_slow},
    {"agents-busy", "attention", "the process limit of that service in master.cf, or default_process_limit; "
     "eqmgrctl connections shows what the processes do", agents_busy},
    {"many-throttled", "attention", "eqmgrctl throttled says for each what failed", many_throttled},
    {"deferred-for-one", "attention", "eqmgrctl destination NAME shows its last errors; the reason names "
     "what that site wants", deferred_for_one},
    {"overdue", "attention", "eqmgrctl due says why; a full active queue is the usual reason", overdue},
    {"old-mail", "attention", "eqmgrctl messages --older 1d, then eqmgrctl explain QUEUE-ID", old_mail},
    {"loop-busy", "attention", "look at the disk of the queue (iostat), and at eqmgr_loop_busy_seconds over time",
     loop_busy},
    {"limit-reached", "hint", "raise it if that site takes more connections", limit_reached},
    {"index-incomplete", "hint", "the mail log says why, for example the limit of inotify watches", index_lost},
    {"settings-backoff", "hint", "queue_run_delay <= minimal_backoff_time <= maximal_backoff_time", settings_backoff},
    {"settings-lifetime", "hint", "postconf(5) on these parameters", settings_lifetime},
};
/* clang-format on */

static Row *advice_row(const char *kind, const char *severity, const char *text, const char *help)
{
    Row row = row_empty();
    Row *copy;

    (void)g_hash_table_insert(row.values, g_strdup("kind"), g_strdup(kind));
    (void)g_hash_table_insert(row.values, g_strdup("severity"), g_strdup(severity));
    (void)g_hash_table_insert(row.values, g_strdup("text"), g_strdup(text));
    (void)g_hash_table_insert(row.values, g_strdup("help"), g_strdup(help));
    copy = row_copy(&row);
    g_hash_table_destroy(row.values);
    return copy;
}

GPtrArray *advice_of(const Facts *facts)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

        rules[i].rule(facts, texts);
        for (guint k = 0; k < texts->len; k++)
            g_ptr_array_add(
                rows, advice_row(rules[i].kind, rules[i].severity, texts->pdata[k], rules[i].help));
    }
    return rows;
}

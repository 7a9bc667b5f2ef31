#ifndef EQMGR_LIFE_LIFE_H
#define EQMGR_LIFE_LIFE_H

/*
 * life/life: the life of every message, from incoming to removed or deferred (behaviour.md).
 *
 * The only layer that joins spool (files), ipc (other processes) and sched (who is next). It is
 * driven by one loop: life_turn() does what can be done now, then the caller waits for events;
 * callbacks only record what happened and go on with the message concerned.
 *
 *   intake   triggers, scans, activation            -> a Message and its first recipients
 *   resolve  ask trivial-rewrite, all at once       -> transport and nexthop per recipient
 *   bind     overrides, destinations, grouping      -> entries in sched
 *   suspend  rules of an administrator              -> held recipients go to the retry service
 *   deliver  connections, requests, replies         -> entries end
 *   report   recipients disposed of by ourselves    -> defer, trace, verify, flush services
 *   finish   bounce, refill, trace, expire or warn  -> removed, deferred, corrupt
 *
 * No exit saves anything: at any instant the files on disk are a state that the next process
 * handles (the table of states is in src/README.md).
 */

#include <stdbool.h>

#include <event2/event.h>

#include "codec/delivery.h"
#include "codec/logline.h"
#include "policy/level_book.h"
#include "policy/rules.h"
#include "policy/site.h"
#include "policy/transport_rate.h"
#include "sched/sched.h"
#include "spool/spool.h"
#include "stats/stats.h"

typedef struct Life Life;

/* Tokens of the flow control that cleanup(8) takes part in (behaviour.md 5). */
typedef struct LifeFlow {
    int (*count)(void *ctx); /* tokens now, or -1 */
    void (*put)(int token_count, void *ctx);
    void (*take)(int token_count, void *ctx);
    void *ctx;
    int target; /* default_process_limit; 0: flow control is off */
} LifeFlow;

/*
 * Returns the settings of a transport that is met for the first time; does not return if one is
 * broken.
 */
typedef SchedTransportParams LifeTransportFn(const char *transport, void *ctx);

/*
 * What parameters say of retries for a transport; *ret_name is that of the schedule, a new string,
 * or NULL if there is none.
 */
typedef RetryPlan LifeRetryFn(const char *transport, char **ret_name, void *ctx);

/*
 * What a parameter says of a rate of a transport; false: there is no such limit. *ret_name, unless
 * that is NULL, becomes that of the parameter, a new string.
 */
typedef bool LifeRateFn(const char *transport, TransportRate rate, MeterLimit *ret_limit,
                        char **ret_name, void *ctx);

/* What the names of destinations depend on (scheduling.md 4). */
typedef struct LifeNameRules {
    const char *recipient_delimiter; /* a set of characters, "" for none */
    const char *double_bounce_sender;
    bool owner_request_special;
} LifeNameRules;

/* Strings are borrowed and must outlive the Life. */
typedef struct LifeSettings {
    bool round_robin;
    bool verbose; /* log decisions, too */
    int message_active_limit, message_recipient_limit;
    int new_mail_reserve_percent;  /* of the former: not for mail that was tried before */
    int destination_share_percent; /* of it, for mail of one destination; 0: no limit */
    int destination_horizon_s;     /* policy/allowance.h */
    int initial_destination_concurrency;
    int resolving_max; /* messages whose recipients are being resolved; each has a file open */
    int queue_run_delay_s;
    bool retry_exact; /* deferred mail is taken in when it is due, not only at queue runs */
    int minimal_backoff_s, maximal_backoff_s;
    int maximal_queue_lifetime_s, bounce_queue_lifetime_s;
    int ipc_timeout_s;    /* of one step of a conversation (qmgr_ipc_timeout) */
    int daemon_timeout_s; /* of an agent's announcement and of its reply */
    int probe_limit;      /* address_verify_pending_request_limit */
    int resolver_connections, resolver_cache_s, ipc_idle_s, ipc_ttl_s;
    bool keep_finished; /* dont_remove: finished files go to saved/ */
    bool confirm_delay_cleared, disable_verp_bounces, verify_negative_cache, smtputf8;
    const char *defer_transports, *default_filter_nexthop, *myhostname;
    LifeNameRules names;
    const Sites *sites; /* of the policy file; NULL: there are none */
    LevelBook *levels;  /* of the process before, and for the next one; NULL: not kept */
    const Rules *rules; /* in force, looked at whenever one may matter; NULL: there are none */
    const char *bounce_service, *defer_service, *trace_service; /* names, without directory */
    const char *verify_service, *flush_service, *rewrite_service;
    const char *resolver_services; /* names, in place of rewrite_service; or empty */
    const char *fast_flush_domains;
    bool fast_flush_matches_subdomains;
    AddressFormat address_format;
    int delay_resolution_limit;
    WireNames wire;
    LifeFlow flow;
    LifeRetryFn *transport_retry; /* NULL: nothing is said for any transport */
    void *transport_retry_ctx;
    int64_t shortest_lifetime_s; /* that it can say; INT64_MAX: it says none */
    LifeRateFn *transport_rate;  /* NULL: nothing is said for any transport */
    void *transport_rate_ctx;
    Stats *stats; /* counts what happens; NULL: nobody counts */
    LifeTransportFn *transport_params;
    void *transport_params_ctx;
} LifeSettings;

/* Borrows base, spool and sched, which must outlive it. */
Life *life_new(struct event_base *base, Spool *spool, Sched *sched,
               const LifeSettings *settings) G_GNUC_WARN_UNUSED_RESULT;

/* Drops everything in memory; no file is touched. `sched` is empty afterwards. */
void life_free(Life *life);

/*
 * Starts everything: files that a previous process left in active go back to incoming, a few in
 * each turn; incoming and deferred are scanned, and the timer of queue runs starts.
 */
void life_start(Life *life);

/* The bytes of one trigger: any of A D F I W; others are ignored (behaviour.md 3.2). */
void life_trigger(Life *life, const char *bytes, size_t count);

/*
 * A rule was added or changed (LifeSettings.rules): waiting mail that it holds is redirected, and
 * limits are given to the destinations that are here, in pieces; the first hundreds of these have
 * theirs when this returns. New deliveries of suspended mail stop at once, whether or not this is
 * called.
 */
void life_rules_changed(Life *life);

/* Marks of meters are on the disk, or nothing waits for it any more (sched_meters_written()). */
void life_meters_written(Life *life);

/* When deferred mail is due that waited for nothing but a rule. */
typedef enum LifeRelease {
    LIFE_RELEASE_NOW,    /* at once */
    LIFE_RELEASE_BY_JOB, /* by pilot and portions (life/jobs.h) */
    LIFE_RELEASE_LATER,  /* when it would be anyway, maximal_backoff_time after its last attempt */
} LifeRelease;

/*
 * The rule is in force no more; uid: who ended it, -1: it ended by itself. Destinations lose its
 * limit. What it held comes as `release` says. With a job nothing else takes a message, even if its
 * time comes, until the job has reached it; if so many jobs run already it waits in line. What the
 * job leaves untried when it ends keeps its times, but comes not earlier than minimal_backoff_time
 * from then, and not all at once.
 */
void life_rule_ended(Life *life, const Rule *rule, LifeRelease release, int64_t uid);

/*
 * The deferred message is due at once. False: it is not there, waits for the end of a suspension,
 * or its time cannot be set. When all are, life_look_at_deferred() begins a queue run for them.
 */
bool life_make_due(Life *life, const char *queue_id);
void life_look_at_deferred(Life *life);

/* A site has answered so that it, or its transport, is to be suspended for a time (traffic.md 6);
 * the reason has any bytes. */
typedef void LifeSuspendFn(RuleObject object, const char *name, int64_t seconds, const char *reason,
                           void *ctx);

/* Who does that; without it, nobody. */
void life_set_suspend(Life *life, LifeSuspendFn *suspend, void *ctx);

/* Forgets that the destination, and its transport, are dead. */
void life_revive(Life *life, const char *transport, const char *destination);

/*
 * One turn: connections for transports that want one, a bounded piece of intake, flow control.
 * True if there is more to do at once, false if only an event can bring new work.
 */
bool life_turn(Life *life);

/* Call between life_turn() and waiting, so that the next callback reads the clock. */
void life_before_wait(Life *life);

/*
 * From now on reads files of deferred mail of which it is not known what it waits for
 * (operations.md 1): few in a second, and one question to trivial-rewrite(8) at a time while it has
 * nothing else to do. Until somebody asks for it nothing is read.
 */
void life_learn_deferred(Life *life);

/* Asserts every invariant of this layer, between turns. Slow; for tests. */
void life_check(const Life *life);

#endif

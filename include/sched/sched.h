#ifndef EQMGR_SCHED_SCHED_H
#define EQMGR_SCHED_SCHED_H

/*
 * sched/sched: who is delivered next (scheduling.md, whole).
 *
 * The core knows transports, destinations, messages, their jobs (message x transport), peers
 * (job x destination) and entries (one delivery request of 1..N recipients), concurrency windows,
 * dead sites, rate delays, recipient accounting. It is pure: no descriptor, no clock, no log,
 * no callback; `now` is an argument, decisions are pulled. Both strategies, preemptive (qmgr) and
 * round-robin (oqmgr), have this one interface.
 *
 * Ownership: the core owns all its objects. Recipients belong to the caller: the core keeps
 * them as elements of a Chain, never looks at them, and returns them when their entry ends. A
 * pointer to a destination stays valid while it has entries, or until the next call that can end
 * one (finish, give back, failed connection, flush, timers); transports live as long as the core;
 * messages until sched_message_remove().
 *
 * One turn of the driver:
 *   sched_run_timers(); while (sched_next_connection()) open a connection;
 *   per announcement: sched_connection_ready(), then sched_select() in a loop;
 *   per reply: sched_entry_finish();
 *   after any of these: sched_pop_undeliverable() and sched_pop_notice() until they are empty.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/chain.h"
#include "policy/meter_book.h"

typedef struct Sched Sched;
typedef struct SchedTransport SchedTransport;
typedef struct SchedDestination SchedDestination;
typedef struct SchedSite SchedSite;
typedef struct SchedMessage SchedMessage;
typedef struct SchedEntry SchedEntry;

typedef enum SchedStrategy { SCHED_PREEMPTIVE, SCHED_ROUND_ROBIN } SchedStrategy;

typedef struct SchedNow {
    int64_t wall_s;   /* loop time: back-to-back deliveries */
    int64_t timer_s;  /* follows no step of the wall clock: timers, clog warnings */
    int64_t steady_s; /* never runs backward: job order, candidate score, refill delay */
    int64_t mono_us;  /* monotonic, for rates */
} SchedNow;

/* How much one delivery changes a window (scheduling.md 11.1). */
typedef struct SchedFeedback {
    double value;
    bool per_window; /* type 1: divided by the window it is applied to */
} SchedFeedback;

/* Settings of one transport as configured (scheduling.md 3); sched adjusts what has to agree. */
typedef struct SchedTransportParams {
    int destination_concurrency_limit; /* 0: none */
    int initial_destination_concurrency;
    int destination_recipient_limit; /* 0: none */
    int destination_rate_delay_s, transport_rate_delay_s;
    int slot_cost, slot_loan, slot_discount_percent, minimum_slots;
    int recipient_limit, extra_recipient_limit;
    int refill_limit, refill_delay_s;
    SchedFeedback positive, negative;
    const char *positive_name, *negative_name; /* of parameters, for debug lines; live on */
    int failed_cohort_limit;                   /* 0: never dead */
} SchedTransportParams;

typedef struct SchedSettings {
    SchedStrategy strategy;
    int message_active_limit, message_recipient_limit, message_recipient_minimum;
    int fudge_percent;                   /* round-robin only */
    int initial_destination_concurrency; /* the global one, for debug lines */
    int transport_retry_s, minimal_backoff_s;
    int clog_warn_s; /* 0: off */
    bool helpful_warnings, feedback_debug;
    int64_t start_us;  /* SchedNow.mono_us of the start: what was delivered before is not known */
    MeterBook *meters; /* but here; outlives the core. NULL: nothing is known, and nothing kept */
    bool counts_messages; /* for sched_destination_crowd(): a lookup for each entry, and its end */
    SchedTransportParams retry_params; /* of the transport "retry", created when first needed */
} SchedSettings;

Sched *sched_new(const SchedSettings *settings) G_GNUC_WARN_UNUSED_RESULT;
void sched_free(Sched *sched); /* NULL is a no-op; remaining recipients are not freed */

/* ---- transports and destinations ---- */

/* NULL if it does not exist yet. */
SchedTransport *sched_transport_find(Sched *sched, const char *name);

/* Adds at the front of the list; the name must be new. Copies. */
SchedTransport *sched_transport_add(Sched *sched, const char *name,
                                    const SchedTransportParams *params);

/* The transport "retry", created on first use. */
SchedTransport *sched_retry_transport(Sched *sched);

const char *sched_transport_name(const SchedTransport *transport);
const SchedTransportParams *sched_transport_params(const SchedTransport *transport);

/* Dead: true, and (if not NULL) the status and reason it died of, borrowed until it revives. */
bool sched_transport_is_dead(const SchedTransport *transport, const char **ret_status,
                             const char **ret_reason);
void sched_transport_revive(Sched *sched, SchedTransport *transport);

/*
 * Finds or adds (at the end of the list). `name` is folded already. A new one that never gets an
 * entry stays until sched_flush(): ask when a recipient is bound, not before.
 */
SchedDestination *sched_destination_get(Sched *sched, SchedTransport *transport, const char *name,
                                        const char *nexthop);
/* NULL if it does not exist. */
SchedDestination *sched_destination_find(const SchedTransport *transport, const char *name);

const char *sched_destination_name(const SchedDestination *destination);
const char *sched_destination_nexthop(const SchedDestination *destination);
SchedTransport *sched_destination_transport(const SchedDestination *destination);
bool sched_destination_is_dead(const SchedDestination *destination, const char **ret_status,
                               const char **ret_reason);
void sched_destination_revive(Sched *sched, SchedDestination *destination);

/*
 * Not more than so many deliveries to the destination may run from now on, in place of
 * destination_concurrency_limit; 0: as that says. If more are running, no other begins until fewer
 * than this are; a higher limit lets the window grow from where it is. With a rate delay it has no
 * effect.
 */
void sched_destination_limit(SchedDestination *destination, int limit);

/*
 * Not more deliveries, and not more recipients, begin than these rates let (traffic.md 2); NULL: no
 * such limit. It may be said again: the debt stays then, and the same again changes nothing. A
 * destination without mail may be gone when its last rate is taken away.
 *
 * A delivery begins when it is selected, and counts whatever comes of it. Before start_us there may
 * have been some: so in the beginning only one unit is free. The destination is remembered until
 * its debt is worked off.
 */
void sched_destination_pace(SchedDestination *destination, const MeterLimit *deliveries,
                            const MeterLimit *recipients, SchedNow now);
bool sched_destination_is_paced(const SchedDestination *destination);

/* Deliveries that are not worked off yet, by its own rate or that of the site that it shares,
 * whichever are more. */
int64_t sched_destination_debt(const SchedDestination *destination, int64_t mono_us);

/*
 * The same of all destinations of a transport together, beside what holds for each of them; counts
 * deliveries only. Not for retry and error, through which mail must always get.
 */
void sched_transport_pace(SchedTransport *transport, const MeterLimit *deliveries, SchedNow now);
bool sched_transport_is_paced(const SchedTransport *transport);

/*
 * Not more deliveries of all destinations of the transport together run than this, beside what
 * holds for each of them; 0: no limit. If more are running, no other begins until fewer than this
 * are. Not for retry and error.
 */
void sched_transport_limit(SchedTransport *transport, int limit);
int sched_transport_running(const SchedTransport *transport);

/* Marks of meters are on the disk (policy/meter_book), or nothing waits for it any more. */
void sched_meters_written(Sched *sched, SchedNow now);

/*
 * A site that several destinations share (traffic.md 1, 2): not more deliveries of all together run
 * at the same time or begin than it says. What holds for each of them by itself, its window, its
 * limit and its rates, goes on.
 *
 * There is one of a name in each transport, and one over all transports: another one, even if the
 * names are the same. It begins with its first member; deliveries that run already count, those
 * that have ended do not. Like a destination it is remembered until its debt is worked off.
 */
typedef struct SchedShared {
    const char *name; /* whatever tells them apart; shown as it is */
    bool over_transports;
    int concurrency;                           /* 0: no limit */
    const MeterLimit *deliveries, *recipients; /* NULL: no such limit */
} SchedShared;

/*
 * The destination is a member of this site from now on, and of no other. NULL: of none. It may be
 * said again, for the same member or another one: what was said last holds for all, debt stays, and
 * the same again changes nothing.
 */
void sched_destination_share(SchedDestination *destination, const SchedShared *shared,
                             SchedNow now);

/* NULL: it shares none. */
const SchedSite *sched_destination_site(const SchedDestination *destination);
const char *sched_site_name(const SchedSite *site);
SchedTransport *sched_site_transport(const SchedSite *site); /* NULL: over transports */
int sched_site_running(const SchedSite *site);               /* deliveries of all members */

/* `transport` NULL: that over transports. NULL: there is none, so it has neither mail nor debt. */
SchedSite *sched_site_find(const Sched *sched, const SchedTransport *transport, const char *name);

/* As sched_destination_share() says it of a member; the name is that of the site. It may be gone
 * afterwards if it has no members. */
void sched_site_set(SchedSite *site, const SchedShared *shared, SchedNow now);

/*
 * How many messages in memory have something for a destination, or for the site that it shares, be
 * it that it waits or runs; and what is known of how fast that goes (traffic.md 5). Only with
 * SchedSettings.counts_messages, and not for retry and error: else there are none.
 */
typedef struct SchedCrowd {
    unsigned message_count;
    int window;      /* deliveries that may run at the same time, as far as that is known */
    bool has_rate;   /* there is a rate of deliveries: */
    MeterLimit rate; /* the lower, if there are several */
} SchedCrowd;

SchedCrowd sched_destination_crowd(const SchedDestination *destination);
SchedCrowd sched_site_crowd(const SchedSite *site);

/* The message is one of those that are counted for the destination, or for the site that it shares.
 */
bool sched_message_is_counted(SchedMessage *message, const SchedDestination *destination);

/* It was got for a recipient that is not bound to it after all: one without mail, of which nothing
 * is known, is gone. */
void sched_destination_let_go(SchedDestination *destination);

/* False: nothing was said by that since the destination was made. */
bool sched_destination_limit_is_given(const SchedDestination *destination);

/* The first destination from *slot on, as sched_view_next() (sched/inspect.h). */
SchedDestination *sched_destination_next(const Sched *sched, uint32_t *slot, unsigned patience);

/* Trigger F: revives all dead transports and destinations, forgets empty ready ones. */
void sched_flush(Sched *sched);

/* ---- messages and their recipients ---- */

/*
 * `owner` comes back in decisions. Jobs are ordered by queued time (now.steady_s); among equal ones
 * those of first batches in the order of adding, then the others (scheduling.md 7.2).
 */
SchedMessage *sched_message_add(Sched *sched, void *owner, SchedNow now);

/* The message has no waiting or running entries any more (asserted). Frees its jobs and slots. */
void sched_message_remove(Sched *sched, SchedMessage *message);

void *sched_message_owner(const SchedMessage *message);

/*
 * The first destination from which recipients of the message were taken because it or its transport
 * died, to be redirected or given up (12.2); false if there is none. The name is borrowed.
 */
bool sched_message_origin(const SchedMessage *message, SchedTransport **ret_transport,
                          const char **ret_destination);

/* Entries waiting, running, or popped as undeliverable and not yet discarded. */
unsigned sched_message_outstanding(const SchedMessage *message);

/*
 * The message goes before all others of its transports, in preemptive scheduling: as one that was
 * queued before all, or if it has recipients that wait already, by moving its jobs to the front. A
 * job that preempts, or is preempted, keeps its place, and one that a later batch opens goes where
 * its age says. In round-robin nothing changes.
 */
void sched_message_hurry(SchedMessage *message);

/* Messages added and not removed. */
unsigned sched_message_count(const Sched *sched);

/* Recipients in memory over all messages (G). */
int64_t sched_recipient_count(const Sched *sched);

/* How many recipients the next batch of the message may have, at least 1 (scheduling.md 10.2, 17).
 */
int sched_batch_limit(const Sched *sched, const SchedMessage *message);

typedef struct SchedBatch {
    int read_count;        /* recipients in this batch, to be assigned or dropped one by one */
    int64_t unread_count;  /* recipients of the message still in the file */
    bool fully_read;       /* the end of the envelope was seen */
    bool single_recipient; /* VERP: one recipient per entry */
} SchedBatch;

/*
 * A batch was read: counts its recipients as in memory. Then each is assigned (in sorted order) or
 * dropped, then the batch ends. The calls may be spread over time; other calls may come between.
 * Between the begin and the end the message counts as "being read": no further batch is asked for,
 * and jobs of it that have nothing to select keep their place.
 */
void sched_batch_begin(Sched *sched, SchedMessage *message, const SchedBatch *batch);

/*
 * Takes `recipient` into an entry for the destination, grouping as scheduling.md 5.3 / 17. Neither
 * the destination nor its transport may be dead (asserted): the caller binds to "retry" instead.
 */
void sched_batch_assign(Sched *sched, SchedMessage *message, SchedDestination *destination,
                        Link *recipient, SchedNow now);

/* One recipient of the batch stays unbound (disposed of elsewhere). */
void sched_batch_drop(Sched *sched, SchedMessage *message);

void sched_batch_end(Sched *sched, SchedMessage *message, SchedNow now);

/*
 * Instead of sched_batch_begin(): the file could not be read further. Counters stay, the refill
 * delay starts anew.
 */
void sched_batch_failed(Sched *sched, SchedMessage *message, SchedNow now);

/*
 * Recipients that wait are to be bound anew. A batch without recipients is open afterwards: what
 * is withdrawn belongs to it, and then it goes on as any other batch. Every recipient that was read
 * of the message must have been assigned or dropped, and no batch be open.
 */
void sched_batch_reopen(SchedMessage *message);

/*
 * Takes a waiting entry of the message back into its open batch, which has its recipients to assign
 * or drop once more. Returns them, now the caller's; the entry is gone. Like the end of its last
 * entry, this can be the end of the destination.
 */
Chain sched_batch_withdraw(Sched *sched, SchedEntry *entry, SchedNow now);

/* ---- decisions ---- */

/*
 * The next transport that should get one more connection, or NULL (scheduling.md 6). Counts the
 * connection as pending and rotates the transport list.
 */
SchedTransport *sched_next_connection(Sched *sched);

/*
 * A pending connection could not be made or was not announced (a wrong announcement or end of file
 * counts as none): no longer pending, and the transport dies of (status, reason).
 */
void sched_connection_failed(Sched *sched, SchedTransport *transport, const char *status,
                             const char *reason, SchedNow now);

/* The agent announced itself: no longer pending. Returns the seconds to wait before selecting. */
int sched_connection_ready(Sched *sched, SchedTransport *transport);

typedef enum SchedSelection {
    SCHED_NOTHING = 0, /* close the connection; a rate lock is released */
    SCHED_SELECTED,    /* ret_entry is running now */
    SCHED_REFILL,      /* ret_message should read its next batch: begin it, then call again */
} SchedSelection;

SchedSelection sched_select(Sched *sched, SchedTransport *transport, SchedNow now,
                            SchedEntry **ret_entry, SchedMessage **ret_message);

/* Round-robin: after an entry ended, whether its message should read on (scheduling.md 17). */
bool sched_wants_refill(const Sched *sched, const SchedMessage *message);

/*
 * The request could not be sent: the entry waits again and the transport dies of (status, reason),
 * which redirects the entry with all others (scheduling.md 6.3). The connection was not pending any
 * more, so sched_connection_failed() must not follow.
 */
void sched_entry_give_back(Sched *sched, SchedEntry *entry, const char *status, const char *reason,
                           SchedNow now);

/*
 * The first entries that wait for the destination, `max` at most: those that a redirection of so
 * many takes. The array is the caller's.
 */
GPtrArray *sched_destination_waiting(const SchedDestination *destination,
                                     unsigned max) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The entries of the message that wait, for whatever transport but retry and error. In round-robin
 * it looks at all entries there are, some tens of microseconds for each 10,000. The array is the
 * caller's.
 */
GPtrArray *sched_message_waiting(const Sched *sched,
                                 const SchedMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* The entry waits, and nothing is free now of a rate that it needs: that of its destination, of the
 * site that this shares, or of its transport. */
bool sched_entry_is_paced(const SchedEntry *entry);

/*
 * Mail that is not to be delivered now: what waits for the destination is redirected, as if the
 * site had died of (status, reason). It stays alive, and running entries go on. Like the end of its
 * last entry, this can be the end of the destination. Not for retry and error. `max`: how many
 * entries at most. True: there were more.
 */
bool sched_destination_redirect(Sched *sched, SchedDestination *destination, unsigned max,
                                const char *status, const char *reason, SchedNow now);

/* The same for one entry that waits. */
void sched_waiting_redirect(Sched *sched, SchedEntry *entry, const char *status, const char *reason,
                            SchedNow now);

/*
 * The same for recipients of an entry that was just selected, for which no request was sent:
 * marked[] has a value for each recipient, in their order; at least one of them is true. True: the
 * entry goes on with the others. False: there are no others, the entry is gone without any
 * feedback, and another may be selected. If "retry" is dead, those that are marked are
 * undeliverable.
 */
bool sched_entry_redirect(Sched *sched, SchedEntry *entry, const bool marked[], const char *status,
                          const char *reason, SchedNow now);

/* ---- entries ---- */

SchedMessage *sched_entry_message(const SchedEntry *entry);
SchedDestination *sched_entry_destination(const SchedEntry *entry);
const Chain *sched_entry_recipients(const SchedEntry *entry);
unsigned sched_entry_recipient_count(const SchedEntry *entry);

/* Session caching bits for the request, as of the selection: 0, 2048, 4096 or both (14). */
int sched_entry_session_flags(const SchedEntry *entry);

typedef struct SchedResult {
    bool crashed;       /* no valid reply: no feedback; everything else is ignored then */
    bool deferred;      /* the reply's status was not 0 */
    bool is_slowed;     /* the site has said that it was too much (traffic.md 6) */
    const char *status; /* DSN status of the reply, "" if it had none: that of redirected mail */
    const char *reason; /* likewise */
} SchedResult;

/*
 * A running entry got its reply: feedback, redirections, slots, rate delays, in the order of
 * scheduling.md 11.5. Returns the entry's recipients, now the caller's; the entry is gone.
 */
Chain sched_entry_finish(Sched *sched, SchedEntry *entry, const SchedResult *result, SchedNow now);

/*
 * Entries whose redirection to "retry" was impossible: already out of all queues, to be recorded
 * as deferred one recipient after the other with this status and reason (borrowed until discard).
 * NULL when there are none. Each popped entry keeps its message outstanding until discarded; it has
 * no destination any more, and its recipients no longer count as in memory.
 */
SchedEntry *sched_pop_undeliverable(Sched *sched, const char **ret_status, const char **ret_reason);

/*
 * The nexthop of "retry" that a popped entry waited for, which says why it was there; NULL: it
 * waited elsewhere. Borrowed until discard.
 */
const char *sched_entry_was_for(const SchedEntry *entry);

/* Ends a popped undeliverable entry; returns its recipients. */
Chain sched_entry_discard(Sched *sched, SchedEntry *entry);

/* ---- time and notices ---- */

/* Wall-clock second in which the next timer is due; INT64_MAX if none. */
int64_t sched_next_timer_s(const Sched *sched);
void sched_run_timers(Sched *sched, SchedNow now);

/* When a rate lets another delivery begin, in SchedNow.mono_us; sched_run_timers() looks for it.
 * INT64_MAX if no rate holds anything. */
int64_t sched_next_pace_us(const Sched *sched);

typedef enum SchedNoticeKind {
    SCHED_CLOGGED,       /* much of the active queue is for one destination: worth a warning (15) */
    SCHED_FEEDBACK_TYPE, /* the rest are for debugging (16): how a new transport feeds back */
    SCHED_FEEDBACK,      /* by how much a window is about to change */
    SCHED_WINDOW,        /* a window after feedback, death or revival */
} SchedNoticeKind;

/* Facts; their words are in codec/logline.h. What a kind does not name is 0 or NULL. */
typedef struct SchedNotice {
    SchedNoticeKind kind;
    bool is_negative;      /* feedback, window: it failed */
    const char *transport; /* clogged, feedback type: lives as long as the core */
    const char *parameter; /* feedback type: its name */
    char *destination;     /* clogged: the nexthop; window: the name */
    char *name;            /* clogged: of the destination */
    bool is_at_limit;      /* clogged: its window may not be larger, or its transport is full */
    bool is_paced; /* clogged: it, its site or transport has a rate, and it runs below its window */
    int window, limit; /* clogged, window; feedback type: the window it is worked out for */
    int entry_count, running_count;            /* clogged: of the destination */
    unsigned message_count, destination_count; /* clogged: of the core, of the transport */
    int active_limit;                          /* clogged: message_active_limit */
    int type;                                  /* feedback type: 0 or 1 */
    double feedback;                           /* feedback type, feedback */
    double success, failure, cohorts;          /* window (11) */
} SchedNotice;

/* The oldest one that was not fetched yet. The caller's: sched_notice_clear(). */
bool sched_pop_notice(Sched *sched, SchedNotice *ret_notice);
void sched_notice_clear(SchedNotice *notice);

/* Asserts every invariant of the core. Slow; for tests. */
void sched_check(const Sched *sched);

#endif

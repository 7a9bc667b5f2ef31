#ifndef EQMGR_LIFE_INSPECT_H
#define EQMGR_LIFE_INSPECT_H

/*
 * life/inspect: the messages in memory, the queues and the connections, for somebody who only looks
 * (operations.md 1).
 *
 * Nothing here changes anything. Texts in views are borrowed until the loop goes on. Walks go by
 * slots (base/slot_table.h): a message that exists during the whole walk comes exactly once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "life/life.h"
#include "sched/inspect.h"
#include "spool/deferred_cause.h"

/* What an active message waits for. */
typedef enum LifePhase {
    LIFE_RESOLVING,  /* for trivial-rewrite(8), for a batch of its recipients at least */
    LIFE_WAITING,    /* for a delivery agent */
    LIFE_DELIVERING, /* an agent has it; other recipients may wait */
    LIFE_FINISHING,  /* for bounce(8), defer(8) or trace(8), or its turn to end */
    LIFE_STUCK,      /* its file could not be moved or removed */
    LIFE_PHASE_COUNT
} LifePhase;

const char *life_phase_str(LifePhase phase); /* "resolving" */
bool life_phase_parse(const char *name, LifePhase *ret_phase);

typedef struct LifeMessageView {
    const char *queue_id, *sender; /* sender "" if it is null or not read yet */
    LifePhase phase;
    SpoolQueue from;      /* the queue it was taken from */
    int64_t arrival_s;    /* wall clock; 0: not read yet */
    int64_t active_s;     /* when it was taken into active */
    int64_t size_bytes;   /* of its content; 0: not known */
    int64_t unread_count; /* recipients that may still be in the file; -1: not known */
    unsigned lookups_out, lookups_total; /* of the batch that is being resolved */
    const SchedMessage *sched;
} LifeMessageView;

typedef struct LifeSummary {
    unsigned phases[LIFE_PHASE_COUNT]; /* messages in memory */
    unsigned active_count;             /* the sum of these */
    int64_t oldest_arrival_s;          /* of these, wall clock; 0: none is known */
    bool is_full;                      /* no more than these may be in memory */
    unsigned tried_count;              /* of these: an attempt before this one was made */
    bool is_reserved;                  /* what room there is is for mail never tried before */
    bool index_complete;
    uint32_t deferred_count; /* that the index knows */
    uint32_t overdue_count;  /* of these: their time has come */
    uint32_t known_count;    /* of these: it is known for which destination they wait */
    uint32_t unread_count;   /* of these: files that may tell more, and were not read yet */
    int64_t next_due_s;      /* of a deferred message, wall clock; 0: none is known */
    int64_t last_run_wall_s; /* begin of the last queue run; 0: there was none */
} LifeSummary;

/* Whose rate keeps the destination, as "rate 100/1m of [site NAME]" or "PARAMETER = 100/1m"; NULL:
 * there is none but a rule's. The caller's. */
char *life_view_rate(const Life *life, const char *transport, const char *nexthop);

/* Whose rate keeps all destinations of the transport together, in the same words. */
char *life_view_transport_rate(const Life *life, const char *transport);

typedef enum LifeSlowedKind {
    LIFE_SLOWED_DESTINATION,
    LIFE_SLOWED_SITE,      /* that destinations share */
    LIFE_SLOWED_TRANSPORT, /* all of its destinations together */
} LifeSlowedKind;

/* How far a site, or a transport, is slowed because of what it has answered (traffic.md 6). */
typedef struct LifeSlowed {
    LifeSlowedKind kind;
    const char *transport; /* "": a site over transports */
    const char *name;      /* of the destination, "site NAME", "nexthop NAME", "all destinations" */
    char *amount;          /* "4/1s, 5 at a time"; the caller's */
    bool has_rate;
    int concurrency;           /* 0: not lowered */
    const char *rule, *reason; /* of the last step: */
    int64_t since_s;           /* wall clock */
} LifeSlowed;

/* False: neither it, nor the site that it shares, is slowed. O(1). */
bool life_view_slowed(const Life *life, const char *transport, const char *destination,
                      LifeSlowed *ret_slowed);
bool life_view_slowed_transport(const Life *life, const char *transport, LifeSlowed *ret_slowed);

/* A walk over all that is slowed, as life_view_next(). Beside these it meets destinations whose
 * window an answer has made smaller than they begin with, though no step was made yet. */
bool life_view_next_slowed(const Life *life, uint32_t *slot, unsigned patience,
                           LifeSlowed *ret_slowed);
bool life_view_slowed_is_end(const Life *life, uint32_t slot);

/* How many destinations, sites and transports are slowed now. */
unsigned life_count_slowed(const Life *life);

/* Steps that a [reply] section has brought about since the start. */
typedef struct LifeSlowedSteps {
    const char *rule;
    uint64_t down_count, up_count;
} LifeSlowedSteps;

/* In the order of the file, from 0; NULL at the end. */
const LifeSlowedSteps *life_slowed_steps(const Life *life, unsigned place);

/* The time of this turn. */
const Now *life_clock(const Life *life);
const LifeSettings *life_settings(const Life *life);

void life_summarize(const Life *life, LifeSummary *ret_summary);

bool life_view_next(const Life *life, uint32_t *slot, unsigned patience, LifeMessageView *ret_view);
bool life_view_is_end(const Life *life, uint32_t slot);

/* False: none of this queue ID is in memory. */
bool life_view_message(const Life *life, const char *queue_id, LifeMessageView *ret_view);

/* What comes before a message in the line of one of its destinations, as it stands now. */
typedef struct LifeLine {
    unsigned delivery_count, recipient_count, message_count;
    bool is_cut; /* there are more of these */
    const char
        *longest_id; /* the one of these messages with most recipients; NULL: none; borrowed */
    unsigned longest_recipient_count;
    int64_t transport_delivery_count; /* of all mail of its transport; -1: no place */
    bool is_transport_cut;
} LifeLine;

/*
 * Counts until it has met `delivery_max` deliveries, and those of one message more; of the
 * transport so many messages. False: nothing of the message waits for the destination.
 */
bool life_view_line(const Life *life, const SchedMessage *message,
                    const SchedDestinationView *destination, unsigned delivery_max,
                    LifeLine *ret_line);

/* ---- deferred mail ---- */

/* False: the index does not know it. */
bool life_view_due(const Life *life, const char *queue_id, int64_t *ret_due_s);

/* How many it knows that are due at until_s, wall clock, or earlier. */
uint32_t life_due_count(const Life *life, int64_t until_s);

/* A walk over what the index knows, as life_view_next(). The name is borrowed. */
bool life_view_next_due(const Life *life, uint32_t *slot, unsigned patience,
                        const char **ret_queue_id, int64_t *ret_due_s);
bool life_view_due_is_end(const Life *life, uint32_t slot);

/* Deferred messages that are known to wait for this destination; transport NULL: of any. */
uint32_t life_deferred_for(const Life *life, const char *transport, const char *destination);

/* What a deferred message waits for; false: the index does not know it. Borrowed. */
bool life_view_cause(const Life *life, const char *queue_id, DeferredCause *ret_cause);

/*
 * What is said of retries for mail that waits for this (traffic.md 4); *ret_origin: by what its
 * schedule is said, as "[site x] retry", or NULL; borrowed.
 */
RetryPlan life_view_retry(Life *life, const DeferredCause *cause, const char **ret_origin);

/* As life_view_next(), over what deferred mail waits for (spool/deferred_cause.h). */
bool life_view_next_cause(const Life *life, DeferredGrouping grouping, uint32_t *slot,
                          unsigned patience, DeferredView *ret_view);
bool life_view_cause_is_end(const Life *life, DeferredGrouping grouping, uint32_t slot);

/* A message that waits in the deferred queue for a place in the active one (traffic.md 5). */
typedef struct LifeParked {
    const char *transport, *destination;  /* "", "site x" for a site over transports; borrowed */
    unsigned place;                       /* from 1 on; 0: beyond LIFE_PARKED_PLACE_MAX */
    unsigned waiting_count, active_count; /* messages of the site */
    int64_t turn_s;                       /* about its turn, wall clock; 0: not known */
} LifeParked;

#define LIFE_PARKED_PLACE_MAX 10000

/* False: the message is not one of those. O(place). */
bool life_view_parked(const Life *life, const char *queue_id, LifeParked *ret_parked);
unsigned life_parked_count(const Life *life);

/* Those of the site of this destination, which has mail in memory; else 0. */
unsigned life_parked_for(const Life *life, const char *transport, const char *destination);

/* Deferred messages that are known to wait for the end of rules, and of one rule. */
unsigned life_suspended_count(const Life *life);
/* The number of the rule whose end a deferred message waits for; 0: none that is in force. */
uint32_t life_suspended_by(const Life *life, const char *queue_id);
/* Nothing takes it before its rule ends, or before the job comes to it that lets its mail go. */
bool life_is_kept_back(const Life *life, const char *queue_id);

/* Of deferred mail; what different rules hold counts for two of them at most. */
unsigned life_suspended_count_of(const Life *life, uint32_t rule_number);

/* Of messages that a rule holds: how many pass their lifetime before its end. */
typedef struct LifeOutliving {
    unsigned known_count;     /* messages of which it is known when they pass it */
    unsigned outliving_count; /* of these: before the end */
} LifeOutliving;

/* Adds those of the rule, whose end is to be end_s. However many there are, it takes no time. */
void life_count_outliving(const Life *life, uint32_t rule_number, int64_t end_s,
                          LifeOutliving *sum);

/* ---- connections to delivery agents ---- */

typedef enum LifeConnectionPhase {
    LIFE_CONNECTION_PENDING, /* the agent has not announced itself */
    LIFE_CONNECTION_PACED,   /* it has, and waits for the transport's rate delay */
    LIFE_CONNECTION_DELIVERING,
} LifeConnectionPhase;

const char *life_connection_phase_str(LifeConnectionPhase phase);

typedef struct LifeConnectionView {
    const char *transport;
    const char *destination, *queue_id; /* NULL: no request was sent yet */
    LifeConnectionPhase phase;
    unsigned recipient_count;
    int64_t since_ms; /* of this phase, Now.mono_ms */
} LifeConnectionView;

/* As life_view_next(). */
bool life_view_next_connection(const Life *life, uint32_t *slot, unsigned patience,
                               LifeConnectionView *ret_view);
bool life_view_connection_is_end(const Life *life, uint32_t slot);

#endif

#ifndef EQMGR_LIFE_MESSAGE_INTERNAL_H
#define EQMGR_LIFE_MESSAGE_INTERNAL_H

/*
 * message: what is in memory of a message, the table of all messages, what goes on for each
 * (holds), and how its recipients are read from its file.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <glib.h>

#include "base/chain.h"
#include "base/clock.h"
#include "src/life/life_internal.h"

/* What is done about a message. Whoever holds it is in message_check()'s table. */
typedef enum MessageState {
    MESSAGE_TAKEN_IN,   /* intake reads its file */
    MESSAGE_RESOLVING,  /* a batch is being resolved; deliveries and reports may go on meanwhile */
    MESSAGE_DELIVERING, /* deliveries and reports go on */
    MESSAGE_IDLE,       /* nothing goes on: the pipeline takes it in the next turn */
    MESSAGE_FINISHING,  /* in the pipeline */
    MESSAGE_LEAVING,    /* it ends, as its way out says */
    MESSAGE_STUCK,      /* its file could not be moved or removed: that is tried again */
} MessageState;

#define MESSAGE_STATE_COUNT 7

/* How a message leaves memory, and what becomes of its file (leave.c). */
typedef enum WayOut {
    LEAVE_REMOVED = 1, /* all is done */
    LEAVE_DEFERRED,    /* tried again after the backoff time */
    LEAVE_PUT_BACK,    /* it could not be taken in now: tried again soon */
    LEAVE_LOCKED,      /* as this, but locked.c says when */
    LEAVE_DUE_NOW,     /* there is more to do for it: tried again at once */
    LEAVE_MISSING,     /* it seems to be gone; if it is not: as LEAVE_PUT_BACK */
    LEAVE_CORRUPT,     /* for a human */
} WayOut;

/*
 * What an attempt leaves for the next one, a set. A message of which nothing is left is removed;
 * what else becomes of it depends on what is left (finish.c).
 */
enum {
    LEFT_DEFERRED = 1,       /* recipients that were deferred; the defer log tells of them */
    LEFT_UNRECORDED = 2,     /* not of all: a return would forget someone */
    LEFT_UNREAD = 4,         /* recipients that could not be read: the attempt ends early */
    LEFT_UNKNOWN = 8,        /* an agent crashed: the file knows who is done */
    LEFT_BOUNCE_REPORT = 16, /* a report that was not sent; its log is there */
    LEFT_TRACE_REPORT = 32,
    LEFT_REPORTS = LEFT_BOUNCE_REPORT | LEFT_TRACE_REPORT,
};

typedef uint8_t Left;

struct Message {
    STAILQ_ENTRY(Message) link; /* in the list of those that are idle, or stuck */
    Life *life;
    SchedMessage *sched;
    struct Batch *batch; /* answers awaited; NULL if none */
    SpoolMessage *file;  /* open and locked while its first batch is resolved */
    Envelope envelope;
    int64_t active_s; /* when it was taken into active */
    int32_t active_us;
    Chain reports;        /* recipients that we dispose of ourselves, in order */
    SpoolQueue from;      /* the queue it was taken from */
    uint32_t hold_count;  /* what goes on for it; 0: it is queued for the pipeline */
    uint8_t state;        /* MessageState */
    uint8_t finish_step;  /* of the pipeline (finish.c), when it is finishing */
    uint8_t way_out;      /* WayOut, once it is leaving */
    bool has_waited;      /* in memory, as its file could not be given a time to wait for */
    bool has_stale_log;   /* a defer log that was emptied, as it could not be removed */
    Left left;            /* by this attempt, LEFT_... */
    bool had_recipients;  /* this attempt has read some that were to be delivered to */
    bool lift;            /* ignore defer_transports */
    bool flush_each;      /* revive dead sites its recipients hit */
    bool force_expire;    /* return to sender now */
    bool as_logged;       /* without an attempt: as the defer log of an earlier one stands */
    bool has_twin;        /* a file of the same queue ID waits for the end of this message */
    bool is_excess_probe; /* one address probe too many when it was activated */
    char queue_id[];
};

typedef STAILQ_HEAD(MessageList, Message) MessageList;

void message_init(Life *life);
void message_stop(Life *life); /* drops all messages; nothing of them may be outstanding */

Message *message_new(Life *life, const char *queue_id, const Now *now);
void message_free(Message *message); /* memory only */

/* The one in memory, or NULL. There is never more than one of a queue ID. */
Message *message_find(const Life *life, const char *queue_id);

/* All, in no order; they may be freed meanwhile. */
GPtrArray *message_list(const Life *life) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A hold is something that goes on for the message: its intake, a batch that is being resolved, a
 * report, an entry in the scheduler, the completion pipeline; a new message has that of its intake.
 * Whoever begins something while holding the message adds a hold for it, and releases it as its
 * last act. The last release queues the message for the pipeline, which takes it in the next turn:
 * so a message goes on being there for the callers of whoever released it.
 */
void message_hold(Message *message, unsigned count);
void message_release(Message *message);

/* The next idle message, which must exist. It is finishing, and the caller holds it. */
Message *message_pop_idle(Life *life);

/* The only way to another state. To and from idle is for the two calls above. */
void message_move_to(Message *message, MessageState state);
const char *message_state_str(MessageState state);

unsigned message_idle_count(const Life *life);

/* One more address probe by verify(8), until it is freed; returns how many there are. */
unsigned message_count_probe(const Message *message);

/* Asserts that holds, lists and table agree; between turns only. */
void message_check(const Life *life);

/* Warns of a log of bounce or defer that cannot be examined. */
void message_warn_log(const Message *message, SpoolQueue log, SpoolResult result);

/* Warns if a mark could not be set in the file: what it stands for happens again some day. */
void message_check_mark(const Message *message, SpoolResult result);

/* Marks all recipients of the file that are still to be delivered to. */
void message_mark_all_done(const Message *message);

/*
 * The first reading of the open file, and the next one, for which the file is opened again. All
 * that is to be logged is logged. *ret_reading is always set; clear it in any case.
 */
SpoolResult message_read_first(Message *message, SpoolReading *ret_reading);
SpoolResult message_read_more(Message *message, SpoolReading *ret_reading);

#endif

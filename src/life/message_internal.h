#ifndef EQMGR_LIFE_MESSAGE_INTERNAL_H
#define EQMGR_LIFE_MESSAGE_INTERNAL_H

/*
 * message: the message in memory: its state, what goes on for it (holds), the table of all
 * messages, and how its recipients are read from its file.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <glib.h>

#include "base/chain.h"
#include "base/clock.h"
#include "base/slot_table.h"
#include "life/inspect.h"
#include "src/life/life_internal.h"
#include "src/life/suspended_internal.h"

/* What is done about a message. expected_holds() in message.c says who holds it in which state. */
typedef enum MessageState {
    MESSAGE_TAKEN_IN,   /* intake reads its file */
    MESSAGE_RESOLVING,  /* a batch is being resolved; deliveries and reports may go on meanwhile */
    MESSAGE_DELIVERING, /* deliveries and reports go on */
    MESSAGE_IDLE,       /* nothing goes on: the pipeline takes it in the next turn */
    MESSAGE_FINISHING,  /* in the pipeline */
    MESSAGE_LEAVING,    /* it ends in the way that way_out says */
    MESSAGE_STUCK,      /* its file could not be moved or removed, which is tried again */
} MessageState;

#define MESSAGE_STATE_COUNT 7

/* How a message leaves memory and what becomes of its file (leave.c). */
typedef enum WayOut {
    LEAVE_REMOVED = 1, /* all is done */
    LEAVE_DEFERRED,    /* it is tried again after the backoff time */
    LEAVE_PUT_BACK,    /* it could not be taken in now and is tried again soon */
    LEAVE_LOCKED,      /* the same, but locked.c says when */
    LEAVE_DUE_NOW,     /* there is more to do for it: it is tried again at once */
    LEAVE_MISSING,     /* the file seems to be gone; if it is not, as LEAVE_PUT_BACK */
    LEAVE_CORRUPT,     /* a person has to look at the file */
} WayOut;

/*
 * The set of what an attempt leaves for the next one. If nothing is left the message is removed;
 * otherwise what becomes of it depends on what is left (finish.c).
 */
enum {
    LEFT_DEFERRED = 1,   /* deferred recipients, which the defer log names */
    LEFT_UNRECORDED = 2, /* deferred recipients that the log lacks: a return would forget them */
    LEFT_UNREAD = 4,     /* recipients that could not be read: the attempt ended early */
    LEFT_UNKNOWN = 8,    /* an agent crashed: the file knows who is done */
    LEFT_BOUNCE_REPORT = 16, /* a report that was not sent, and its log */
    LEFT_TRACE_REPORT = 32,
    LEFT_REPORTS = LEFT_BOUNCE_REPORT | LEFT_TRACE_REPORT,
    LEFT_SUSPENDED = 64, /* recipients that only a rule of an administrator holds back */
    LEFT_PARKED = 128,   /* recipients that wait for a place in the active queue */
};

typedef uint8_t Left;

struct Message {
    STAILQ_ENTRY(Message) link; /* in the list of idle or of stuck messages */
    Life *life;
    SchedMessage *sched;
    struct Batch *batch; /* answers awaited; NULL if none */
    struct Blame *blame; /* what has deferred it (blame.c); NULL: nothing so far */
    SpoolMessage *file;  /* open and locked while its first batch is resolved */
    Envelope envelope;
    int64_t active_s; /* when it was taken into active */
    int32_t active_us;
    uint32_t oldest_place;  /* in the heap by arrival (oldest.c); 0: the arrival is not known yet */
    Chain reports;          /* of recipients that we dispose of ourselves, in order */
    SpoolQueue from;        /* the queue it was taken from */
    uint32_t hold_count;    /* how many things go on for it; 0: it is idle */
    uint32_t running_count; /* deliveries that an agent has */
    uint32_t slot;          /* in the table of all messages */
    SuspendedBy suspended;  /* the rules that hold recipients at this attempt */
    uint8_t state;          /* MessageState */
    uint8_t counted_phase;  /* LifePhase, in the counts of these */
    uint8_t finish_step;    /* FinishStep, while it is finishing (finish.c) */
    uint8_t way_out;        /* WayOut, once it is leaving */
    bool was_tried : 1;     /* by an attempt before this one, as its defer log or queue tells */
    bool has_waited : 1;    /* it was stuck once because the time of its file could not be set */
    bool has_stale_log : 1; /* its old defer log was emptied because it could not be removed */
    bool has_begun : 1;     /* the attempt: the log of the one before is gone (attempt.c) */
    bool has_log : 1;       /* it had one when it was taken in, if the attempt began later */
    bool is_called : 1;     /* it had waited for its turn, which has come (parking.c) */
    bool is_forced_late : 1;  /* as is_forced, but when some may have been held already */
    bool as_logged : 1;       /* returned as the defer log of an earlier attempt says */
    bool has_twin : 1;        /* a file of the same queue ID waits until this message has ended */
    bool is_excess_probe : 1; /* it is one address probe too many */
    Left left;                /* LEFT_..., by this attempt */
    bool had_recipients;      /* this attempt has read recipients to deliver to */
    bool was_requested;       /* a delivery request was sent for it, at this attempt */
    bool lift;                /* ignore defer_transports */
    bool flush_each;          /* revive dead sites that its recipients go to */
    bool force_expire;        /* return to sender now */
    bool is_forced;           /* rules do not hold it back */
    char queue_id[];
};

typedef STAILQ_HEAD(MessageList, Message) MessageList;

void message_init(Life *life);
void message_stop(Life *life); /* drops all messages, for which nothing may go on any more */

Message *message_new(Life *life, const char *queue_id, const Now *now);
void message_free(Message *message); /* leaves the file alone */

/* The message of this queue ID in memory, or NULL. There is never more than one. */
Message *message_find(const Life *life, const char *queue_id);

/* Let it go before the others (life/expedite.h), and if is_forced past the rules. */
void message_hurry(Message *message, bool is_forced);

/* All messages, in any order. The list is a copy: messages in it may be freed. */
GPtrArray *message_list(const Life *life) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A hold stands for something that goes on for the message: its intake, a batch that is being
 * resolved, a report, an entry in the scheduler, the completion pipeline. A new message has the
 * hold of its intake.
 *
 * Whoever begins something for a message that it holds adds a hold for it; whoever ends it releases
 * that hold as its last act. The last release makes the message idle: the pipeline takes it in the
 * next turn, so callers may go on using a message that they have released.
 */
void message_hold(Message *message, unsigned count);
void message_release(Message *message);

/*
 * The idle message that waits longest; there must be one. It is finishing now, and the caller holds
 * it.
 */
Message *message_pop_idle(Life *life);

/* The only way to another state. The moves to and from idle are those of the two calls above. */
void message_move_to(Message *message, MessageState state);
const char *message_state_str(MessageState state);

/* An agent has one more, or one less, of its delivery requests. */
void message_delivery_begins(Message *message);
void message_delivery_ends(Message *message);

/* All messages, for walks that are interrupted; and how many are in each phase. */
const SlotTable *message_slots(const Life *life);
unsigned message_phase_count(const Life *life, LifePhase phase);

/* When the oldest message arrived, of which that is known; wall clock, 0: there is none. */
int64_t message_oldest_arrival_s(const Life *life);

unsigned message_idle_count(const Life *life);

/*
 * Counts this message as an address probe by verify(8) until it is freed. Returns the number of
 * probes.
 */
unsigned message_count_probe(const Message *message);

/* Asserts that states, holds, lists and table agree. To be called between turns only. */
void message_check(const Life *life);

/* Warns of a log of bounce or defer that cannot be examined. */
void message_warn_log(const Message *message, SpoolQueue log, SpoolResult result);

/* Warns if a mark could not be set in the file: what it stands for may happen again. */
void message_check_mark(const Message *message, SpoolResult result);

/* Marks all recipients of the file that are still to be delivered to. */
void message_mark_all_done(const Message *message);

/*
 * Read the first batch from the open file, and the next batch, for which the file is opened again.
 * They log whatever has to be logged. *ret_reading is always set and has to be cleared.
 */
SpoolResult message_read_first(Message *message, SpoolReading *ret_reading);
SpoolResult message_read_more(Message *message, SpoolReading *ret_reading);

#endif

#ifndef EQMGR_LIFE_INTERNAL_H
#define EQMGR_LIFE_INTERNAL_H

/*
 * life, inside: the Life and the Message, and what the files of this layer call of each other.
 * Order of the files is the order of a message's life: intake, resolve, bind, deliver, report,
 * finish. Each hands the message to the next by one call.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <glib.h>

#include "base/clock.h"
#include "ipc/report_client.h"
#include "ipc/resolver.h"
#include "life/life.h"
#include "spool/arrivals.h"
#include "spool/deferred_index.h"

/* Time limits of the requests that end a message's attempt (ipc.md 5.4). */
#define FLUSH_TIMEOUT_S 1000

/* How many records, and how many notices, one service may have to do with at a time. A notice takes
 * its time, as it is mail that the service sends. */
#define RECORD_CONCURRENCY 20
#define NOTICE_CONCURRENCY 100

/* A file that could not be taken in is tried again after this. */
#define RECHECK_S 60

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

typedef struct Message {
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
    uint8_t finish_step;  /* of the pipeline (finish.c); 0: not in it */
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
} Message;

typedef STAILQ_HEAD(MessageList, Message) MessageList;

/* A queue that is walked for candidates (behaviour.md 3.3). */
typedef struct Scan {
    SpoolQueue queue;
    unsigned names_given; /* by the running scan of the directory */
    SpoolScan *handle;    /* of the directory that is walked through; or NULL */
    bool by_index;        /* instead of the directory the deferred index is gone by */
    unsigned flags;       /* SCAN_... of the running scan */
    unsigned next_flags;  /* recorded for the next one, SCAN_START included */
} Scan;

/* The deferred mail that is due (deferred.c). */
typedef struct Due {
    DeferredIndex *index;
    struct event *events;  /* of its inotify descriptor; NULL: it has none yet */
    int64_t walked_ms;     /* when the last walk began */
    bool walk_missed_some; /* it could not read all directories */
    DeferredLoss told_loss;
} Due;

/* When the queues are scanned without a trigger (scan.c). */
typedef struct ScanTimers {
    struct event *run;   /* of deferred, each queue_run_delay */
    struct event *exact; /* of deferred, for retry_exact: set to exact_s, INT64_MAX: not set */
    int64_t exact_s;
    struct event *again; /* of incoming: set to the first of again_s */
    GArray *again_s;     /* by timer_s, ascending */
} ScanTimers;

enum { SCAN_START = 1, SCAN_ALL = 2, SCAN_LIFT = 4 };

struct Life {
    LifeSettings settings;
    struct event_base *base;
    Spool *spool;
    Sched *sched;
    Clock clock;
    ClockEvent clock_event; /* noticed, not yet told */
    bool clock_is_stale;
    Resolver *resolver;
    ReportClient *record_defer, *record_trace, *record_verify, *record_flush;
    ReportClient *notify_bounce, *notify_defer, *notify_trace;
    int64_t room_told_ms;         /* when want of descriptors was last told; 0: never */
    GHashTable *defer_transports; /* set of names; NULL: none */
    char **flush_site_words;      /* fast_flush_domains */
    Scan incoming, deferred;
    Arrivals *arrivals;   /* in incoming, while a scan with a backlog goes on */
    bool arrival_is_next; /* arrivals and backlog take turns */
    Due due;
    Scan *first_scan;                      /* whose turn it is (behaviour.md 4.1) */
    unsigned resolving[SPOOL_QUEUE_COUNT]; /* messages, by the queue they came from */
    unsigned probe_count;
    int taken_from_incoming; /* in this turn, for flow control */
    ScanTimers scan_timers;
    struct event *sched_timer;
    int64_t sched_timer_s; /* what sched_timer is set to; INT64_MAX: not set */
    GByteArray *request;   /* reused to encode requests */
    GPtrArray *takeover;   /* names still to be moved from active to incoming; or NULL */
    bool takeover_missed_some;
    struct event *takeover_timer; /* set if it has */
    GPtrArray *locked;            /* queue IDs of files in incoming that an agent has locked */
    struct event *locked_timer;
    MessageList idle; /* nobody holds them; the pipeline takes them in the next turn */
    unsigned idle_count;
    MessageList stuck; /* whose file could not be moved or removed */
    struct event *stuck_timer;
    bool agents_understand; /* one has shown so, or it was said that it may not */
    GHashTable *messages;   /* all in memory, by queue ID */
    struct Troubles *troubles;
    TAILQ_HEAD(, DeliverConnection) connections; /* to delivery agents */
};

/* ---- context.c ---- */

const Now *life_now(Life *life);
SchedNow life_sched_now(Life *life);

/* Each line as a warning of its own; NULL is no line. */
void life_warn_lines(const char *text);

/* ---- settle.c ---- */

/* After any call into sched that may have produced them: notices, undeliverable entries, timer. */
void settle_sched(Life *life);

/* Runs the scheduler's timers that are due before their event has come. */
void settle_turn(Life *life);
void settle_init(Life *life);
void settle_stop(Life *life);

/* ---- scan.c ---- */

void scan_init(Life *life);
void scan_begin(Life *life); /* the first of both queues; the timers of deferred run from now on */
void scan_stop(Life *life);
void scan_request(Life *life, Scan *scan, unsigned flags);
bool scan_is_running(const Scan *scan);

/*
 * Something of incoming was not taken in, without a fault of its own: it is scanned in a minute.
 * Nobody may trigger a scan then: where no new mail comes it would wait for the wake-up by
 * master(8), usually every 300 s.
 */
void scan_incoming_again(Life *life);

/* For retry_exact: wakes us when the next deferred message is due. */
void scan_arm_exact_timer(Life *life);

/* The next name of a running scan, borrowed; NULL when there is none (any more). */
const char *scan_next(Life *life, Scan *scan);

/*
 * The next name that came, with a trigger, since a scan of incoming with a backlog began; NULL if
 * there is none. Mail without a trigger is for the next scan, as ever.
 */
const char *scan_next_arrival(Life *life, const Scan *scan);

/* ---- deferred.c: which deferred mail a run looks at ---- */

void deferred_init(Life *life);
void deferred_stop(Life *life);

/* A run with these flags can go by the index, and does from now on; false: it has to walk. */
bool deferred_begin_run(Life *life, unsigned flags);

/* The next candidate of the run, borrowed; NULL at its end, or when the index does not know all. */
const char *deferred_next(Life *life);
bool deferred_is_known(const Life *life);

/* When the first message is due, INT64_MAX if there is none. */
int64_t deferred_earliest_s(const Life *life);

/* Around a walk through the directory: right before it is opened, before each part of it is, for
 * each part it could not read, at its end. */
void deferred_walk_begins(Life *life);
void deferred_walk_enters(const char *path, unsigned level, void *life);
void deferred_walk_missed_some(Life *life);
void deferred_walk_ended(Life *life);

/* What became of a candidate: not taken, for a status of spool_check(); or moved to active, with
 * the status of that. */
void deferred_refused(Life *life, const char *name, SpoolStatus status, const SpoolFile *file);
void deferred_moved(Life *life, const char *queue_id, SpoolStatus status);

/* We have put a message there. */
void deferred_arrived(Life *life, const char *queue_id, int64_t due_s);

/* ---- takeover.c: what a previous process left in active ---- */

void takeover_init(Life *life);
void takeover_begin(Life *life);
bool takeover_turn(Life *life); /* true if there is more to move */
void takeover_stop(Life *life);

/* ---- locked.c: messages that an agent of a previous process still delivers ---- */

void locked_init(Life *life);
void locked_stop(Life *life);

/* The file was put back into incoming; as soon as its lock is gone it is due. */
void locked_wait_for(Life *life, const char *queue_id);

/* ---- trouble.c: since when something goes wrong with a message ---- */

typedef struct Troubles Troubles;

typedef enum TroubleKind {
    TROUBLE_READING, /* its file can be neither opened nor read */
    TROUBLE_ENDING,  /* what has to be done before it may end cannot be done */
} TroubleKind;

#define TROUBLE_KIND_COUNT 2
#define TROUBLE_IS_NEW     (-1)

void trouble_init(Life *life);
void trouble_stop(Life *life);

/* There is trouble now: for how many seconds there has been, or TROUBLE_IS_NEW. */
int64_t trouble_lasts_s(Life *life, TroubleKind kind, const char *queue_id);

/* The message is gone, whatever trouble it had. */
void trouble_forget(Life *life, const char *queue_id);

/* ---- unreadable.c: files that can be neither opened nor read ---- */

/* The error would be another one if the file were all right. */
bool unreadable_is_about_the_file(int error);

/* Of a message whose file could not be opened or read, for this error. */
WayOut unreadable_way_out(const Message *message, int error);

/* ---- intake.c ---- */

/* True if a candidate was looked at. */
bool intake_turn(Life *life);
void intake_flow_control(Life *life);

/* ---- message.c ---- */

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

/* The next idle message, which must exist. It is the caller's to hold. */
Message *message_pop_idle(Life *life);

/* Asserts that holds, lists and table agree; between turns only. */
void message_check(const Life *life);

/* What to log of a call of spool that did not go well; directly after it, for the sake of errno. */
const char *life_spool_reason(SpoolStatus status);

/* After a move or a removal: the file is not there any more. */
bool life_is_away(const Life *life, SpoolQueue from, const char *queue_id, SpoolStatus status);

/* Warns of a log of bounce or defer that cannot be examined; errno says why. */
void message_warn_log(const Message *message, SpoolQueue log);

/* Warns if a mark could not be set in the file: what it stands for happens again some day. */
void message_check_mark(const Message *message, SpoolStatus status);

/* Marks all recipients of the file that are still to be delivered to. */
void message_mark_all_done(const Message *message);

/*
 * The first reading of the open file, and the next one, for which the file is opened again. All
 * that is to be logged is logged; errno is kept for SPOOL_IO_ERROR. *ret_reading is always set;
 * clear it in any case.
 */
SpoolStatus message_read_first(Message *message, SpoolReading *ret_reading);
SpoolStatus message_read_more(Message *message, SpoolReading *ret_reading);

/* ---- resolve.c ---- */

/* Takes the recipients out of `reading`; goes on to bind when all answers are there. */
void resolve_batch(Message *message, SpoolReading *reading);
void resolve_stop(Life *life); /* drops all questions */

/* Messages with questions out. */
unsigned resolve_count(const Life *life);

/* ---- bind.c ---- */

/* One recipient of a batch with its answer. */
typedef struct BatchAnswer {
    Recipient *recipient;
    GRefString *transport, *nexthop; /* NULL: not bound to anything */
    SchedDestination *destination;   /* set by bind */
    ResolverQuestion *question;      /* while it is out */
    struct Batch *batch;
    int32_t flags; /* RESOLVE_... */
} BatchAnswer;

typedef struct Batch {
    Message *message;
    unsigned count, next, waiting_count; /* recipients, the next to ask for, questions out */
    BatchAnswer answers[];
} Batch;

/* All answers are there: bind, sort, group. Takes the recipients; the batch is freed by resolve.
 */
void bind_batch(Message *message, Batch *batch);

/* Sorts by destination (if bound), then domain and address (scheduling.md 5.2). */
void bind_sort(Life *life, Batch *batch);

/* ---- deliver.c ---- */

void deliver_open_connections(Life *life);
void deliver_stop(Life *life); /* drops all connections */

/* ---- report.c ---- */

/* Each takes the recipient and keeps the message outstanding until all is recorded. */
void report_deferred(Message *message, Recipient *recipient, const char *status,
                     const char *reason);
void report_discarded(Message *message, Recipient *recipient);
void report_stop(Life *life); /* drops all reports */

/* ---- verbose.c: more lines, with option -v ---- */

void verbose_trigger(const Life *life, const char *bytes, size_t count);
void verbose_batch(const Message *message, unsigned count); /* recipients were read */
void verbose_bound(const Message *message, const BatchAnswer *answer);
void verbose_delivery_begins(const Life *life, const SchedEntry *entry);
void verbose_delivery_ends(const Life *life, const SchedEntry *entry, const SchedResult *result);
void verbose_delivery_is_put_off(const Life *life, const SchedEntry *entry);
void verbose_next_attempt(const Message *message, SpoolQueue queue, int64_t wait_s);

/* ---- flush_site.c ---- */

/* The value of fast_flush_domains in the form that is asked for each deferral; a new strv. */
char **flush_site_split(const char *patterns);

/* Whether deferred mail for the domain is to be made known to the fast-flush service. */
bool flush_site_matches(char *const *words, bool match_subdomains, const char *domain);

/* ---- corrupt.c: files for a human ---- */

/* An agent found its content damaged. */
bool corrupt_is_marked(const SpoolFile *file);

/* Moves the file to corrupt and says so; false if it could not be moved and is still there. */
bool corrupt_save(const Life *life, SpoolQueue from, const char *queue_id);

/* ---- leave.c ---- */

/* Only the caller holds the message: it ends, now or as soon as its file can be moved. */
void message_leave(Message *message, WayOut way);
void leave_init(Life *life);
void leave_stop(Life *life);

/* ---- expire.c: too old, or declared so ---- */

bool expire_is_due(const Message *message);

/*
 * The defer log tells of those to be returned. Stock sends a notice that names nobody if there is
 * no log; so does this, but not again and again. After twice the lifetime it is returned as it is.
 */
bool expire_can_return(const Message *message);

/* Only reports are left, and there has been time enough to send them. */
bool expire_is_debt_over(const Message *message);

/*
 * Recipients that cannot be read, for this error, will never be: nobody can return what nobody can
 * read, so the file is for a human.
 */
bool expire_is_hopeless(const Message *message, int error);

/* Gives up these reports: their logs go, and nothing is left. */
void expire_end_debt(Message *message);

/*
 * After its return: LEAVE_REMOVED if each recipient was delivered or returned. Otherwise the way on
 * which those whom the return forgot are tried again.
 */
WayOut expire_after_return(const Message *message, ReportKind kind);

/* ---- finish.c ---- */

/* Starts the pipeline of all queued messages. */
void finish_turn(Life *life);

#endif

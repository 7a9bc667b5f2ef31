#ifndef EQMGR_TESTS_SUPPORT_SCHED_SUPPORT_H
#define EQMGR_TESTS_SUPPORT_SCHED_SUPPORT_H

/*
 * tests/support/sched_support: a tiny driver for the scheduler core: mail written as text, one
 * transport's agents played by the test, and everything that happens written down as text.
 *
 * Mail is a list of words, one per recipient: "transport/destination:address",
 * "destination:address" (transport "t1"), or "address*count": that many recipients with
 * destinations of their own. Batches are read at once when they are asked for, or with `slow_reads`
 * only begun, or with `failing_reads` not at all.
 */

#include "sched/sched.h"
#include "tests/support/runner.h"

#define START_S 1000000

typedef struct Recipient {
    Link link; /* first */
    char *transport, *destination, *address;
} Recipient;

typedef struct Mail {
    SchedMessage *message;
    GPtrArray *recipients; /* of Recipient, in file order */
    GPtrArray *batch;      /* the one that was begun, in sorted order, or NULL */
    guint read_count;
    bool is_done, is_verp;
} Mail;

typedef struct World {
    Sched *sched;
    SchedSettings settings;      /* changed by the test before the first use */
    SchedTransportParams params; /* of transports made from now on */
    SchedNow now;
    GPtrArray *mails;
    GString *trace;
    guint batch_max; /* recipients that a batch reads at most; 0: as many as the core allows */
    bool trace_reads, slow_reads, failing_reads;
} World;

extern const SchedResult delivered, refused, crashed; /* for world_finish() */

/* The settings are those of Postfix; sched is made at its first use. */
void world_init(World *world, SchedStrategy strategy);

/* Ends sched, with all that is in it. */
void world_clear(World *world);

/* Starts with the settings as they are by now. */
Sched *world_sched(World *world);

/* The transport of that name; it is made of world->params if it is not there. */
SchedTransport *world_transport(World *world, const char *name);

/* Preemption in transports made from now on, as the parameters default_delivery_slot_* say it. */
void world_set_slots(World *world, int cost, int loan, int discount_percent, int minimum);

/* So much time passes, and the timers run. */
void world_wait(World *world, int seconds);

/* ---- mail ---- */

/* A message enters the active queue and its first batch is read. The world owns the mail. */
Mail *mail_add(World *world, const char *text);

/* One after the other; the last one is followed by NULL. */
void mail_add_all(World *world, const char *const *texts);

/* As mail_add(), before the first batch is read. */
Mail *mail_add_unread(World *world, const char *text);

/* One more recipient, of a batch that is still to be read. */
void mail_add_recipient(Mail *mail, const char *transport, const char *destination,
                        const char *address);

/* Begins the next batch; the rest is done by mail_read(). */
void mail_begin(World *world, Mail *mail);

/* Reads, sorts and assigns the next batch, or that which was begun. Returns how many recipients it
 * had. */
int mail_read(World *world, Mail *mail);

/* Assigns one recipient of a batch; what is dead goes to the retry transport. For tests that begin
 * and end their batches themselves. */
void assign(World *world, Mail *mail, Recipient *recipient);

/* The completion pipeline: reads on, or ends the message. */
void mail_complete(World *world, Mail *mail);

/* ---- deliveries ---- */

/* The next connection is opened and answered at once, after its rate delay if it has one. NULL:
 * none, or nothing to deliver. */
SchedEntry *world_connect(World *world);

/* An agent of the transport is there: the entry it gets, or NULL. */
SchedEntry *world_select(World *world, SchedTransport *transport);

/* A delivery ends; its message reads on, or ends. */
void world_finish(World *world, SchedEntry *entry, const SchedResult *result);

/* Adds the addresses of the entry to world->trace. */
void trace_entry(World *world, const SchedEntry *entry);

/* One agent delivers all there is. Returns world->trace, with `separator` between entries. */
const char *world_deliver_all(World *world, const char *separator);

/* All undeliverable entries are recorded, and written down as "address=status reason;". */
void world_record_undeliverable(World *world);

#endif

#ifndef EQMGR_TESTS_SIMULATE_WORLD_INTERNAL_H
#define EQMGR_TESTS_SIMULATE_WORLD_INTERNAL_H

/*
 * The parts of the world: world.c has the clock and the arrivals, mail.c the messages and their
 * queue files, agents.c connections and deliveries.
 */

#include <sys/queue.h>

#include "base/element.h"
#include "base/heap.h"
#include "base/slab.h"
#include "tests/simulate/dice.h"
#include "tests/simulate/world.h"

typedef enum EventKind { EVENT_ARRIVAL, EVENT_DELIVERY, EVENT_RETRY } EventKind;

/* Embedded as `event` in what waits for it. */
typedef struct Event {
    HeapNode node;
    EventKind kind;
} Event;

typedef struct Recipient {
    Link link;       /* first */
    uint32_t number; /* in its queue file */
    uint32_t site;
} Recipient;

/* A message from its arrival to its last delivery. Its recipients are rolled when they are read. */
typedef struct Mail {
    Event event;            /* the next attempt, while it is deferred */
    TAILQ_ENTRY(Mail) link; /* in a list of mail to be taken in, or of idle mail */
    SchedMessage *message;  /* NULL: not in the active queue */
    Dice dice;
    int64_t arrival_us;
    uint32_t read_count;    /* of the recipients that this attempt is about */
    uint32_t in_core_count; /* recipients that the core has */
    uint32_t attempt, backoff_s;
    GArray *todo;     /* uint32_t: their numbers, ascending; NULL: all */
    GArray *deferred; /* of this attempt; NULL: none */
    uint8_t class;
    bool is_fully_read, is_idle;
} Mail;

typedef TAILQ_HEAD(MailList, Mail) MailList;

/* The arrivals of a class of mail. */
typedef struct Source {
    Event event;
    unsigned class;
    Dice dice;
    double next_s; /* not rounded: small gaps add up */
    uint32_t mail_count;
} Source;

/* A connection to an agent, from its announcement to the end of its delivery. */
typedef struct Delivery {
    Event event;
    struct Lane *lane;
    SchedEntry *entry; /* NULL: a rate delay comes first */
} Delivery;

/* The agents of a transport. */
typedef struct Lane {
    SchedTransport *transport; /* NULL: the core has not asked for it yet */
    unsigned pending_count, free_agent_count;
} Lane;

/* A recipient and where it goes. */
typedef struct Bound {
    Recipient *recipient;
    SchedDestination *destination;
    bool is_retry;
} Bound;

struct World {
    const Scenario *scenario;
    Sched *sched;
    Tally *tally;
    Heap events;
    int64_t now_us;
    Dice dice;
    Source sources[SCENARIO_CLASSES_MAX];
    Spread *spreads[SCENARIO_CLASSES_MAX]; /* of the classes of destinations */
    MailList incoming, due, idle;          /* `due` is deferred mail whose time has come */
    bool is_preemptive, due_comes_first;
    Slab mails, recipients, deliveries;
    GArray *bound; /* of Bound: the batch that is being read */
    Lane smtp, retry;
    uint64_t waiting_count;
    unsigned fruitless_count; /* connections without work since time went on */
};

void world_at(World *world, Event *event, EventKind kind, int64_t time_us);
SchedNow world_sched_now(const World *world);
const SiteClass *world_site_class(const World *world, uint32_t site);

/* ---- mail.c ---- */

void mail_arrive(World *world, unsigned class, Dice dice);
void mail_on_retry(World *world, Mail *mail);

/* At most one message is taken in. */
bool mail_take_in(World *world);

/* Reads the next batch, which may be empty. */
void mail_read(World *world, Mail *mail);

/* One entry has ended; its recipients are the callee's. */
void mail_recipients_done(World *world, Mail *mail, Chain *recipients, bool deferred);

/* Those that have nothing outstanding read on or end. */
bool mail_finish_idle(World *world);

void mail_clear_all(World *world);

/* ---- agents.c ---- */

void agents_init(World *world);
void agents_open_connections(World *world);

/* One agent that is free takes a connection. False: none of them can. */
bool agents_answer(World *world);

void agents_on_delivery(World *world, Delivery *delivery);

#endif

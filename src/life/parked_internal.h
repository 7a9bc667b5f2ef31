#ifndef EQMGR_LIFE_PARKED_INTERNAL_H
#define EQMGR_LIFE_PARKED_INTERNAL_H

/*
 * parked: which deferred messages wait for nothing but a place in the active queue, by site and in
 * the order in which they arrived (traffic.md 5); and what is measured of sites.
 *
 * A site is a destination, or what destinations share, as the scheduler knows it. It is known as
 * long as it has parked mail, or a message in memory refers to it, and for two minutes after it was
 * last asked for: then what was measured of it means nothing.
 *
 * It is known in memory only. After a restart mail comes at the time stamp of its file, which is
 * about its turn, and is known again if it has to wait on.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/tree.h"
#include "policy/allowance.h"
#include "sched/sched.h"
#include "src/life/life_internal.h"
#include "src/life/site_key_internal.h"

typedef struct ParkSite {
    SiteKey key; /* of these: */
    char *transport, *name;
    int share_percent; /* of the active queue; 0: mail for it is never parked */
    AllowanceMeasure measure;
    Tree waiting; /* its parked messages, by arrival */
    Tree untried; /* those of them that were not tried yet */
    unsigned waiting_count;
    unsigned called_count; /* called in, and not bound yet */
    unsigned pin_count;    /* messages in memory that refer to it */
    bool is_calling;       /* it was below the limit, and is filled up */
    bool is_in_line;       /* it may want to call */
    int64_t used_us;       /* last */
    int64_t told_s;        /* the last log line, timer_s; 0: none */
    TAILQ_ENTRY(ParkSite) by_use, in_line, in_waiting;
} ParkSite;

/* What is known of a message that is to wait. */
typedef struct ParkedMail {
    int64_t arrival_s, arrival_us;
    int64_t kept_until_s; /* nothing but a call takes it before; wall clock */
    bool was_tried;
} ParkedMail;

void parked_init(Life *life);
void parked_stop(Life *life);

/* Finds or adds; share_percent is that of a new one. */
ParkSite *parked_site(Life *life, const SchedDestination *destination, int share_percent);
ParkSite *parked_site_find(const Life *life, const SchedDestination *destination);

/* The message waits for the site in the deferred queue. Beyond 2,000,000 it is not known. */
void parked_add(Life *life, ParkSite *site, const char *queue_id, const ParkedMail *mail);

/* It is not there any more, or goes on; no-op if it is not known. */
void parked_forget(Life *life, const char *queue_id);

/* Nothing but a call takes the message now. */
bool parked_is_kept(const Life *life, const char *queue_id);

unsigned parked_count(const Life *life);

/* The first message that waits for the site, or of those that were not tried yet. NULL: none does.
 */
const char *parked_first(const ParkSite *site, bool may_be_tried);

/*
 * The site that the message waits for, and how many do that before it, itself included; 0: more
 * than `max`. NULL: it does not wait.
 */
ParkSite *parked_place(const Life *life, const char *queue_id, unsigned max, unsigned *ret_place);

/* Sites for which mail waits, first and next; NULL at the end. */
ParkSite *parked_next_site(const Life *life, const ParkSite *site);

/* The line of those that may want to call mail in. */
void parked_enter_line(Life *life, ParkSite *site);
void parked_leave_line(Life *life, ParkSite *site);
ParkSite *parked_first_in_line(const Life *life);

/* ---- messages in memory ---- */

/* The message was called in for the site: that has one called message more, until it is bound. */
void parked_note_called(Message *message, ParkSite *site);
bool parked_is_called_for(const Message *message, const ParkSite *site);

/* Its first batch is bound, so it counts as others do. */
void parked_note_bound(Message *message);

/* Recipients of it wait for the site; of several, the first one is remembered. */
void parked_note_wait(Message *message, ParkSite *site, const SchedDestination *destination);

/* The site that it waits for, or NULL; and a destination of it. */
ParkSite *parked_waits_for(const Message *message, const char **ret_transport,
                           const char **ret_destination);

/* Its attempt is over. */
void parked_forget_message(Message *message);

void parked_check(const Life *life);

#endif

#ifndef EQMGR_LIFE_SLOWED_INTERNAL_H
#define EQMGR_LIFE_SLOWED_INTERNAL_H

/*
 * slowed: the destinations for which a policy file has sections [reply]: how much begins there, and
 * how far they are slowed by what they have answered (traffic.md 6). Destinations that share a
 * site, as the scheduler knows it, are one here: what one of them is answered holds for all, and
 * what begins is counted together.
 *
 * Some sections are for a transport as a whole (scope = transport): that is one more of these.
 *
 * A level outlives its destination, which the scheduler forgets when there is no mail for it, and
 * stands in a book for the next process (policy/level_book). What is not slowed is forgotten two
 * minutes after its last delivery began, or later: when none of its answers counts for a trigger
 * any more. Without such sections nothing is kept here, and slowed_is_used() says so at once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/slot_table.h"
#include "life/inspect.h"
#include "policy/level_book.h"
#include "policy/site.h"
#include "src/life/life_internal.h"
#include "src/life/site_key_internal.h"

#define SLOWED_REASON_MAX_BYTES 200

/* Names of shared sites begin so; what follows is the section, or the nexthop of recipients. */
#define SLOWED_SITE    "site "
#define SLOWED_NEXTHOP "nexthop "

/* The name of a transport as a whole, which is shared by all of its destinations. */
#define SLOWED_WHOLE "all destinations"

/* Such an answer makes the window of its destination smaller, whether or not a step is made. */
typedef struct SlowedMatch {
    char *transport, *destination, *rule, *reason;
    int64_t at_us;
} SlowedMatch;

typedef struct SlowedSite {
    SiteKey key; /* of these: */
    char *transport, *name;
    bool is_looked_up; /* these are known, as a nexthop is since the first delivery: */
    const Site *site;  /* of the policy file; NULL: none */
    bool is_concerned; /* some [reply] is for it */
    SiteLevel level;
    char *rule, *reason;       /* of the last step; NULL: it was not slowed yet */
    int64_t first_us, last_us; /* deliveries that began */
    int64_t minute;            /* of `begun` */
    unsigned begun[2];         /* in this minute, and the one before */
    int64_t counts_until_us;   /* an answer, for a trigger; 0: none does */
    int64_t suspended_us;      /* when it was suspended last */
    int64_t saved_us;          /* when it was put into the book */
    bool is_counted;           /* as one that is slowed */
    uint32_t slot;             /* in the table of all */
    SlowedMatch *match;        /* the last answer that a section is for; NULL: there was none */
    HeapNode timer;            /* when it is to be looked at */
} SlowedSite;

void slowed_init(Life *life);
void slowed_stop(Life *life);

/* Goes on with the levels of the process before. */
void slowed_resume(Life *life);

/* One of these; it is not known yet. */
void slowed_take(Life *life, const LevelNote *note);

/* There are sections [reply], or something is slowed still. */
bool slowed_is_used(const Life *life);

/* A delivery to the destination begins; slowed_is_used(). */
void slowed_note_begin(Life *life, const SchedDestination *destination);

/* NULL: no section is for the destination, or the site that it shares, and it is not slowed. */
SlowedSite *slowed_find(const Life *life, const SchedDestination *destination);

/* Finds or adds: a delivery may take so long that nothing is known any more when it ends. */
SlowedSite *slowed_ensure(Life *life, const SchedDestination *destination);

/* The same without looking at the policy; NULL: nothing is known of it. */
SlowedSite *slowed_find_key(const Life *life, const SiteKey *key);

/* The transport as a whole; NULL: nothing is known of it. The other one adds it then. */
SlowedSite *slowed_find_whole(const Life *life, const SchedTransport *transport);
SlowedSite *slowed_whole(Life *life, const SchedTransport *transport);
bool slowed_is_whole(const SlowedSite *slowed);

/* NULL: there is none of that name, or it is over transports. */
SchedTransport *slowed_transport(const Life *life, const SlowedSite *slowed);

/* That of the destination, or of the site that it shares; there need not be any mail for it. NULL:
 * it is not slowed. */
const SlowedSite *slowed_find_named(const Life *life, const char *transport, const char *name);

/* That of the transport as a whole; NULL: it is not slowed. */
const SlowedSite *slowed_find_whole_named(const Life *life, const char *transport);

/* The section of the policy file. */
const Site *slowed_section(const Life *life, SlowedSite *slowed);

/* NULL: it is none that is shared, or has neither mail nor debt. */
SchedSite *slowed_shared_site(const Life *life, const SlowedSite *slowed);

/* NULL: it is a site that is shared, or has no mail. */
SchedDestination *slowed_destination(const Life *life, const SlowedSite *slowed);

/* As "4/1s, 5 at a time"; of a level that holds something. The caller's. */
char *slowed_amount(const SiteLevel *level) G_GNUC_WARN_UNUSED_RESULT;

/* Its level has changed so: that is counted, and when it is to be looked at next. */
void slowed_changed(Life *life, SlowedSite *slowed, LevelChange change);
unsigned slowed_count(const Life *life);
const LifeSlowedSteps *slowed_steps(const Life *life, unsigned place);

/* All that are known, as slots. */
const SlotTable *slowed_slots(const Life *life);

/* An answer of the destination, which is of this site, is one that the rule is for. */
void slowed_note_match(const Life *life, SlowedSite *slowed, const SchedDestination *destination,
                       const char *rule, const char *reason);

/* An answer counts for the trigger of this step: so long it is not forgotten. */
void slowed_remember(const Life *life, SlowedSite *slowed, const LevelStep *step);

/* Deliveries a second, over the last minute or since the first one; above 0. */
double slowed_measured(const Life *life, const SlowedSite *slowed);

/* The one to be looked at now; NULL: there is none. What nobody needs any more is forgotten. */
SlowedSite *slowed_next_due(Life *life);

/* When there is one, in Now.mono_us; INT64_MAX: never. */
int64_t slowed_next_us(const Life *life);

#endif

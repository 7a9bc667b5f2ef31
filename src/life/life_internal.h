#ifndef EQMGR_LIFE_INTERNAL_H
#define EQMGR_LIFE_INTERNAL_H

/*
 * life, inside: the Life, in which each room has a part of its own.
 *
 * A room is a file x.c. Its header x_internal.h says what others may ask of it; what is in its part
 * of Life is known to x.c alone, except where the header shows it for tests. Rooms lie on floors
 * and call down only: the table of floors is in the Makefile (FLOORS_life).
 *
 * x_init() and x_stop() are called by life_new() and life_free(). x_check() asserts what must be
 * true between two turns.
 */

#include <event2/event.h>

#include "life/life.h"

/* A file that could not be taken in is tried again after this time. */
#define RECHECK_S 60

typedef struct Message Message;

struct Life {
    LifeSettings settings;
    struct event_base *base;
    Spool *spool;
    Sched *sched;
    struct TurnClock *clock;        /* context.c */
    struct MessageTable *messages;  /* message.c */
    struct Troubles *troubles;      /* trouble.c */
    struct Plans *plans;            /* plans.c */
    struct Schedules *schedules;    /* schedule.c */
    struct Parked *parked;          /* parked.c */
    struct Parking *parking;        /* parking.c */
    struct Due *due;                /* deferred.c */
    struct Suspended *suspended;    /* suspended.c */
    struct Scans *scans;            /* scan.c */
    struct Leaving *leaving;        /* leave.c */
    struct Reports *reports;        /* report.c */
    struct SchedTimer *sched_timer; /* settle.c */
    struct Release *release;        /* release.c */
    struct Overdue *overdue;        /* overdue.c */
    struct SlowedSites *slowed;     /* slowed.c */
    struct LimitWalk *limits;       /* limit.c */
    struct Backoff *backoff;        /* backoff.c */
    struct Binding *binding;        /* bind.c */
    struct Resolving *resolving;    /* resolve.c */
    struct LockedFiles *locked;     /* locked.c */
    struct Takeover *takeover;      /* takeover.c */
    struct Notices *notices;        /* finish.c */
    struct Deliveries *deliveries;  /* deliver.c */
    struct Intake *intake;          /* intake.c */
    struct Jobs *jobs;              /* jobs.c */
    struct Ended *ended;            /* ended.c */
    struct Expedite *expedite;      /* expedite.c */
    struct Reresolve *reresolve;    /* reresolve.c */
    unsigned tried_count;           /* tried.c */
    struct Learning *learning;      /* learn.c */
};

#endif

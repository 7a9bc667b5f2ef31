#ifndef EQMGR_TESTS_SCHED_DRIFT_WORLD_H
#define EQMGR_TESTS_SCHED_DRIFT_WORLD_H

/*
 * tests/sched/drift_world: the model delivers planned mail in virtual time, with the rules of the
 * core or those of stock.
 */

#include "tests/model/model.h"

#define US       1000000
#define START_US (INT64_C(1000000) * US)
#define MAILS    300

typedef struct Recipient {
    Link link; /* first */
    int destination;
    int64_t service_us; /* of a delivery whose first recipient it is */
    bool fails;
    int64_t started_us;
    unsigned place; /* in the order of starts */
} Recipient;

typedef struct Mail {
    SchedMessage *message;
    int64_t arrival_us;
    int64_t batch_due_us; /* when a batch that was asked for comes; 0: none was */
    Recipient *recipients;
    int count, read_count;
} Mail;

/* What both worlds of a seed have in common. The mails and their recipients are the owner's. */
typedef struct Plan {
    SchedTransportParams params;
    int agents, destinations, message_recipient_limit;
    int64_t reading_us;
    Mail *mails;
} Plan;

/* Delivers everything; returns a copy of the mail with its times and places: free_mails(). */
Mail *deliver(const Plan *plan, ModelRules rules);
void free_mails(Mail *mails);

#endif

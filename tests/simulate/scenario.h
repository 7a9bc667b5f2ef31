#ifndef EQMGR_TESTS_SIMULATE_SCENARIO_H
#define EQMGR_TESTS_SIMULATE_SCENARIO_H

/*
 * tests/simulate/scenario: what is simulated, from a text file (README.md has the syntax).
 *
 * All numbers are within bounds once a scenario is parsed, and so is the mail of all classes
 * together. Errors are for a human: "FILE:LINE: what is wrong", or "FILE: what is missing".
 */

#include <stdint.h>

#include <glib.h>

#include "sched/sched.h"

#define SCENARIO_CLASSES_MAX 16 /* of destinations, and of mail */
#define SCENARIO_NAME_BYTES  24

#define US_PER_S INT64_C(1000000)

typedef enum ServiceKind {
    SERVICE_CONSTANT,    /* each delivery takes service_us */
    SERVICE_EXPONENTIAL, /* on average */
    SERVICE_DEAD,        /* connecting fails after that time */
} ServiceKind;

/* Destinations of one kind. All destinations are numbered through; these are `count` from `first`.
 */
typedef struct SiteClass {
    char name[SCENARIO_NAME_BYTES];
    uint32_t first, count;
    double zipf_exponent; /* 0: all are equally popular */
    ServiceKind service;
    int64_t service_us;
} SiteClass;

typedef struct MailClass {
    char name[SCENARIO_NAME_BYTES];
    uint32_t recipient_count;             /* of each message */
    double weights[SCENARIO_CLASSES_MAX]; /* of the classes its recipients belong to */
    uint32_t message_count;               /* that arrive together at from_us, if the rate is 0 */
    double rate_per_s;                    /* of messages between from_us and until_us */
    int64_t from_us, until_us;
} MailClass;

typedef struct Scenario {
    char *name, *title;
    int64_t duration_us;
    int process_limit;
    int maximal_backoff_s;
    SchedSettings settings; /* the strategy in it is not used */
    SchedTransportParams transport;
    SiteClass sites[SCENARIO_CLASSES_MAX];
    MailClass mails[SCENARIO_CLASSES_MAX];
    unsigned site_class_count, mail_class_count;
    uint32_t site_count; /* destinations of all classes */
} Scenario;

/* NULL and an error, or a new scenario. Its name is that of the file, without folder and suffix. */
Scenario *scenario_load(const char *path, GError **error);

/* The same of a text; `path` is for its name and for errors. */
Scenario *scenario_parse(const char *path, const char *text, GError **error);

void scenario_free(Scenario *scenario); /* NULL is a no-op */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scenario, scenario_free)

#endif

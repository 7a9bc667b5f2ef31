#ifndef EQMGR_TESTS_SCHED_LOCKSTEP_WORLD_H
#define EQMGR_TESTS_SCHED_LOCKSTEP_WORLD_H

/*
 * What stands around core and model in a lockstep run: settings, mail in all its stages, and the
 * comparisons. Side 0 is the core, side 1 the model.
 */

#include "tests/sched/lockstep.h"

#define EACH_SIDE(side) for (int side = 0; side < 2; side++)

typedef struct Api {
#define X(name) __typeof__(sched_##name) *name;
    SCHED_FUNCTIONS(X)
#undef X
} Api;

extern const Api api[2];

typedef struct Shape {
    int transports, destinations; /* how many names there are */
    int recipients_max;           /* of a message */
    int list_percent;             /* messages of that size; others are small */
    int failure_percent;
    guint mails_max;
    bool late; /* batches take their time */
} Shape;

typedef struct Lockstep {
    Sched *sched[2];
    SchedSettings settings;
    SchedTransportParams params[4]; /* of transports, in turn */
    SchedNow now;
    Shape shape;
    GRand *dice; /* of the current operation */
    GPtrArray *mails;
    GPtrArray *pending[2]; /* of SchedTransport, the same ones in the same order */
    GPtrArray *running[2]; /* of SchedEntry, likewise */
    unsigned next_recipient;
    bool trace;
    char *difference; /* the first one */
    uint64_t digest;  /* of all that was compared */
} Lockstep;

/* A recipient is in one chain of each side. */
typedef struct Recipient {
    struct {
        Link link; /* first */
        struct Recipient *recipient;
    } of[2];
    unsigned number;
    int transport;
    char *destination;
} Recipient;

typedef struct Mail {
    SchedMessage *message[2];
    GPtrArray *recipients; /* of Recipient, in file order */
    GPtrArray *batch;      /* the open one, sorted; NULL: none */
    guint read_count, assigned_count;
    bool is_verp;
} Mail;

Lockstep *run_new(uint32_t seed, SchedStrategy strategy, bool trace);
void run_free(Lockstep *run);
int roll(Lockstep *run, int begin, int end);
void let_time_pass(Lockstep *run, int seconds);
SchedTransport *run_transport(Lockstep *run, int side, int number);

/* Takes the same element out of both arrays; false if they are empty. */
bool take_random(Lockstep *run, GPtrArray **arrays, gpointer *ret_elements);

/* ---- mail ---- */

Mail *mail_roll(Lockstep *run);
Mail *random_mail(Lockstep *run, bool (*is_wanted)(const Mail *));
bool mail_has_open_batch(const Mail *mail);
void mail_open_batch(Lockstep *run, Mail *mail);
void mail_fail_batch(Lockstep *run, Mail *mail);
void mail_assign(Lockstep *run, Mail *mail, unsigned count);

/* An entry of it has ended: its completion, or a refill. It may be gone afterwards. */
void mail_go_on(Lockstep *run, Mail *mail);

/* Both ask for a batch. False if they ask for different ones. */
bool refill_both(Lockstep *run, SchedMessage *const *messages);

/* Takes what the last operation left: undeliverable entries and notices. */
void settle(Lockstep *run);

/* ---- comparisons; false: they differ, which is noted ---- */

bool differ(Lockstep *run, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool same_text(Lockstep *run, const char *what, const char *core, const char *model);
bool same_number(Lockstep *run, const char *what, int64_t core, int64_t model);
bool same_transport(Lockstep *run, SchedTransport *const *transports);
bool same_recipients(Lockstep *run, const Chain *chains);
bool same_entry(Lockstep *run, SchedEntry *const *entries);
void compare_all(Lockstep *run);
void check_both(Lockstep *run);
void trace_selection(const Lockstep *run, int side, SchedSelection selection,
                     const SchedMessage *message);
void trace_entry(Lockstep *run, const SchedEntry *entry);

#endif

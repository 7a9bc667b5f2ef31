#ifndef EQMGR_CONTROL_CONTROL_H
#define EQMGR_CONTROL_CONTROL_H

/*
 * control/control: the control socket (operations.md 2): who asks, what he may ask, and how the
 * answer gets to him without anybody else noticing.
 *
 * Callbacks of the event loop only take bytes in and out. The work on answers is done in
 * control_turn(), a piece in each turn of the loop, for as long as its pace allows: a small part of
 * what other work takes while there is any, a tenth of the time while there is none. So a listing
 * of a million objects takes long on a busy daemon, and stalls nothing; a short answer (the
 * metrics, one destination) is one piece, and does not wait for listings; the status waits for
 * nothing.
 *
 * It looks at the other layers through their inspect.h. What it changes it changes through
 * control/steer; and files of deferred mail are read once somebody has asked for numbers that need
 * it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <event2/event.h>
#include <glib.h>

#include "control/steer.h"
#include "life/life.h"
#include "sched/sched.h"
#include "spool/spool.h"
#include "stats/stats.h"

typedef struct Control Control;

/* What a client may see; each level includes those before it. */
typedef enum ControlLevel {
    CONTROL_LEVEL_NONE,
    CONTROL_LEVEL_SUMMARY, /* counts, destinations, states; no address, no queue ID */
    CONTROL_LEVEL_VIEW,    /* everything */
    CONTROL_LEVEL_CONTROL, /* changes */
    CONTROL_LEVEL_COUNT
} ControlLevel;

/* Users and groups by number: no name service is asked while the loop runs. */
typedef struct ControlMembers {
    GArray *uids; /* of uid_t */
    GArray *gids; /* of gid_t: whose primary group it is */
} ControlMembers;

/*
 * The parameter that gives a setting of a transport ("_destination_concurrency_limit") its value; a
 * new string, or NULL for the built-in default.
 */
typedef char *ControlOriginFn(const char *transport, const char *suffix, void *ctx);

/* Strings and arrays are borrowed and must outlive the Control. */
typedef struct ControlSettings {
    const char *path;                            /* of the socket */
    uid_t owner;                                 /* has all levels, as root has */
    ControlMembers members[CONTROL_LEVEL_COUNT]; /* of each level; NULL arrays: nobody */
    const char *host, *queue_directory, *release, *strategy;
    const char *log_file; /* where the mail log is written; NULL or empty: by syslog */
    int64_t started_wall_s;
    ControlOriginFn *origin;
    void *origin_ctx;
    int idle_s; /* a client that says nothing, or reads nothing, is dropped after it; 0: 30 s */
} ControlSettings;

/* What is looked at; borrowed. */
typedef struct ControlSubject {
    Life *life;
    Sched *sched;
    Spool *spool;
    Stats *stats;
    Steer *steer; /* changes the rules */
} ControlSubject;

/*
 * Takes the place of an earlier socket and listens. NULL with an error text to be logged: the
 * daemon goes on without.
 */
Control *control_new(struct event_base *base, const ControlSettings *settings,
                     const ControlSubject *subject, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void control_free(Control *control); /* NULL is a no-op; the socket's file stays */

/*
 * A piece of work on answers. now_us: clock_mono_us(). others_busy_us: how long this turn has been
 * busy with other things. True if there is more to do at once; otherwise an event of its own wakes
 * the loop when there is.
 */
bool control_turn(Control *control, int64_t now_us, int64_t others_busy_us);

#endif

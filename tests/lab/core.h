#ifndef EQMGR_TESTS_LAB_CORE_H
#define EQMGR_TESTS_LAB_CORE_H

/*
 * tests/lab/core: what every part of the laboratory stands on: the loop, the throw-away queue
 * directory, the stage (who acts next) and the trace.
 *
 * One Core per run. All members are set before a part is made and stay fixed, but whole_records.
 */

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <glib.h>

typedef struct Stage Stage;
typedef struct Trace Trace;

/*
 * Who wants to know what the played processes do to mail. `log` is "bounce", "defer" or "trace".
 * `step` runs before each thing an agent does for a request; false: its life ends there, together
 * with that of the queue manager.
 */
typedef struct Witness {
    bool (*step)(void *ctx, const char *transport, const char *step);
    void (*delivered)(void *ctx, const char *id, const char *recipient);
    void (*recorded)(void *ctx, const char *log, const char *id, const char *recipient);
    void (*reported)(void *ctx, const char *log, const char *id, int64_t request_number);
    void (*verified)(void *ctx, const char *recipient);
    void *ctx;
} Witness;

typedef struct Tamper Tamper; /* tests/lab/peer.h */

typedef struct Core {
    struct event_base *base;
    Stage *stage;
    Trace *trace;           /* switched off in measurements */
    const Witness *witness; /* NULL: nobody */
    const Tamper *tamper;   /* NULL: nobody */
    const char *directory;  /* absolute path of the queue directory; our working directory too */
    bool as_root;           /* the daemon is started with -u, files belong to mail_owner */
    uint32_t owner_uid, owner_gid;
    bool whole_records;  /* logs have the records of bounce(8), too */
    unsigned hash_depth; /* hash_queue_depth */
    char **hash_names;   /* hash_queue_names */
} Core;

/* The relative path of a queue file or log: hashed as main.cf says (spool.md 1.2). New string. */
char *core_queue_path(const Core *core, const char *queue, const char *id);

/* Makes missing directories of the path, and gives them to mail_owner. */
void core_make_directories(const Core *core, const char *path);

/* mail_owner, for a daemon that is started by root. */
void core_set_owner(Core *core);

/* Makes mail_owner the owner, if the daemon will run as that. */
void core_give_away(const Core *core, const char *path);

/* Creates or overwrites (`append`: appends to) a file owned by mail_owner. */
void core_write_file(const Core *core, const char *path, const void *bytes, size_t count,
                     bool append);

#endif

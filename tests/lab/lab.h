#ifndef EQMGR_TESTS_LAB_LAB_H
#define EQMGR_TESTS_LAB_LAB_H

/*
 * tests/lab/lab: a queue manager in a laboratory: everything around it is played by us, and in a
 * scenario the clock is ours, too.
 *
 * lab_settle() is the heart: it returns when the daemon waits, has used up everything that was sent
 * to it, and we have taken everything it sent. From rest to rest, exactly one thing is done to it;
 * so a run is the same every time. A Lab changes the working directory to its queue directory;
 * there can be one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/lab/agents.h"
#include "tests/lab/core.h"
#include "tests/lab/daemon.h"
#include "tests/lab/postlog.h"
#include "tests/lab/resolver.h"
#include "tests/lab/services.h"
#include "tests/lab/spool.h"
#include "tests/lab/stage.h"
#include "tests/lab/trace.h"
#include "tests/lab/vclock.h"

typedef struct LabOptions {
    const char *program_directory; /* where the binaries "qmgr" and "oqmgr" are */
    const char *program_name;      /* which of them */
    const char *clock_library;     /* NULL: real time, open stage, no trace (measurements) */
    bool keep_directory;
} LabOptions;

typedef struct Lab {
    Core core;
    LabOptions options;
    char *directory;
    GString *config;                                  /* lines added to main.cf */
    char *argv0;                                      /* instead of the program's name; or NULL */
    char **arguments, **own_arguments, **environment; /* of the next start; may be NULL */
    Vclock *clock;                                    /* NULL: real time */
    Daemon *daemon;
    Agents *agents;
    Resolver *resolver;
    Services *services;
    Postlog *postlog;
    Spool *spool;
    bool stuck; /* the daemon did not come to rest and was killed */
} Lab;

/* Everything is there but the daemon does not run yet; transports smtp, local, retry and error are
 * served. `options` is copied, its texts are borrowed. Never returns NULL. */
Lab *lab_new(const LabOptions *options);
void lab_free(Lab *lab);

/* Adds a line to main.cf, effective at the next start. */
void lab_configure(Lab *lab, const char *line);

/* Writes main.cf and starts the daemon; it is not settled yet. */
void lab_start(Lab *lab);

/* Until rest; questions to the resolver and requests to services are answered on the way. */
void lab_settle(Lab *lab);

/* Performs one action of the stage and settles. false: nobody had anything to do. */
bool lab_act(Lab *lab);

/* Lets everybody act until nobody wants to. */
void lab_run(Lab *lab);

/* Lets virtual time pass, stopping wherever something is due. */
void lab_advance(Lab *lab, int64_t duration_ms);

/* Jumps to the next moment at which anything is due, at most limit_ms ahead. false: nothing is. */
bool lab_jump(Lab *lab, int64_t limit_ms);

/* Lets real time pass (for what no clock of ours can speed up), or until the daemon ends. */
void lab_wait_real(Lab *lab, int64_t duration_ms);

int64_t lab_now_s(const Lab *lab);

#endif

#ifndef EQMGR_TESTS_SUPPORT_LIFE_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_LIFE_FIXTURE_H

/*
 * tests/support/life_fixture: a Life in a world of its own: a temporary queue directory, queue
 * files written by hand, the other services as actors (life_services), and everything that
 * happens told as text in one place: log lines as they are, requests as the services write them
 * down. A test sets up the world, lets it run until nothing is in memory any more (or until
 * something was told), and compares the text, and where the files are.
 *
 * Recipients x@smtp.test are resolved to transport smtp, nexthop smtp.test, and so on.
 */

#include <sys/types.h>

#include "src/life/life_internal.h"
#include "tests/support/life_services.h"
#include "tests/support/runner.h"

#define WORLD_GUARD_S 120
#define WORLD_SLOW_S  20 /* what a slow machine may add to a time that a test looks at */

typedef struct World {
    struct event_base *base;
    char *directory, *start_directory;
    LifeSettings settings; /* changed by the test before world_start() */
    SchedSettings sched_settings;
    SchedTransportParams params; /* of all transports but "retry" */
    SpoolSettings spool_settings;
    Spool *spool;
    Sched *sched;
    Life *life;
    GPtrArray *services;
    GString *told;
    GRegex *delays, *uid; /* what no test can know */
    struct event *guard;
    int64_t start_s;
    bool is_late;
} World;

extern World world;

/* A test case whose tests have a world of their own. */
TCase *world_tcase(const char *name);

/* Those of world_tcase(). */
void world_setup(void);
void world_teardown(void);

/* Makes spool, sched and life of the settings as they are by now. world_start() also starts life as
 * the daemon does: files of active go back, both queues are scanned. */
void world_open(void);
void world_start(void);

/* The process ends: spool, sched and life are freed, files and services remain. */
void world_close(void);

/* ---- services ---- */

/* From now on an agent listens at private/NAME. `name` is copied. */
Service *world_agent(const char *name);

/* The service whose path ends with "/NAME", or NULL. */
Service *world_find(const char *name);

/* From now on nobody listens there. */
void world_remove_service(const char *name);

/* ---- mail ---- */

typedef struct Mail {
    const char *id, *queue;  /* NULL: "A1", "incoming" */
    const char *sender;      /* NULL: "sender@test" */
    const char *recipients;  /* addresses with spaces between, or "<>"; NULL: "a@smtp.test" */
    const char *records;     /* more records before those of the recipients */
    const char *before_each; /* records before each recipient */
    const char *size_flags;  /* NULL: "0" */
    const char *create_s;    /* NULL: by age_s */
    int age_s, due_in_s;
    int silent_count; /* recipients who want no notices, before the others */
    mode_t mode;      /* 0: 0700 */
    guint cut_bytes;  /* cut off at the end; the E record has two */
} Mail;

/* Puts the file into its queue. */
void world_mail(const Mail *mail);

/* Any file, e.g. a log. */
void world_file(const char *path, const char *text);

/* Sets the time from which on a queue file is to be delivered. */
void world_set_due(const char *path, int64_t due_s);

/* ---- running ---- */

/* One turn of the daemon's loop. It waits for an event unless there is more to do, so whoever
 * forgets to say so makes the test fail when nothing has happened for WORLD_GUARD_S. */
void world_turn(void);

/* The same for what nobody tells, like a connection that is open: waits `ms` at most. */
void world_turn_at_most_ms(int ms);

/* Turns until world_is_quiet(), at least one. */
void world_run(void);

/* Turns until was_told(text). */
void world_run_until(const char *text);

/* Nothing in memory, nothing to look at. */
bool world_is_quiet(void);

/* ---- telling ---- */

/* Whether this text is part of what has been told. */
bool was_told(const char *text);

/* How often. */
unsigned times_told(const char *text);

/* Fails the test unless exactly this has been told. */
void world_expect(const char *text);

/* Drops what has been told, if it has to be told again: a warning of each attempt, say. */
void world_forget(void);

/* "deferred A1 +300 0700" for each file; time in steps of 10 s, since the start of the world. Free
 * with g_free(). */
char *world_places(void);

/* Fails the test unless world_places() is `text`. */
void world_expect_places(const char *text);

/* Seconds from the start of the world to the next attempt of a message; -1: it is not deferred. */
int64_t world_due_in_s(const char *id);

/* The lines in alphabetical order. Free with g_free(). */
char *sorted_lines(const char *text);

#endif

#ifndef EQMGR_TESTS_SUPPORT_CONTROL_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_CONTROL_FIXTURE_H

/*
 * tests/support/control_fixture: a daemon of life_fixture with a control socket, and clients of it.
 * All are in this process: the clients' ends never block.
 */

#include "codec/control.h"
#include "control/control.h"
#include "tests/support/life_fixture.h"

#define TURNS_MAX 20000 /* whatever needs more will not happen */

extern Control *control;
extern Stats *stats;
extern int control_idle_s; /* 0: as the daemon has it */
extern Rules *rules;       /* in force; none at first */
extern Steer *steer;       /* their file is in the working directory */

/* The world starts, with its socket; after world_setup(). */
void start_control(void);

/* Ends the socket and the daemon; the world remains. */
void end_control(void);

/* For tcase_add_checked_fixture(): a world that has started, with its socket and one client. */
void control_setup(void);
void control_teardown(void);
extern int client; /* its connection */

/* One turn of the daemon's loop with its control socket. It never waits for an event. */
void turn_control(void);

/* A destination of a transport, which is made of world.params if it is not there. */
SchedDestination *control_destination(const char *transport, const char *name);

/* It dies now. */
void control_kill(SchedDestination *destination, const char *status, const char *reason);

/* So many of them, site0.test and so on. */
void control_destinations(const char *transport, int count);

/* ---- clients ---- */

/* A connection; the caller closes it. */
int client_connect(void);

/* `words` are names and values in turn, separated by blanks. Fails the test if the socket does not
 * take them at once. */
void client_ask(int fd, const char *words);

/* Turns until the answer is whole; '|' stands for NUL, and "(closed)" is at its end if the
 * connection was. Free with g_free(). */
char *client_answer(int fd);

/* Asks, and fails the test unless `part` is in the answer, or if it is. */
void expect_answer(int fd, const char *words, const char *part);
void expect_answer_without(int fd, const char *words, const char *part);

/* For clients that read as they like: reads what there is. True at the end of the connection. */
bool client_read(int fd, GByteArray *input);

/* Whether the last row is an end, or an error. */
bool is_whole(const GByteArray *input);

/* ---- mail ---- */

/* Turns until nothing was in memory for a while. */
void control_run_until_quiet(void);

/*
 * smtp.test refuses A1 and A2, and B1 cannot be delivered locally: they are deferred, and the site
 * is dead. It is well again afterwards.
 */
void control_make_dead_site(void);

#endif

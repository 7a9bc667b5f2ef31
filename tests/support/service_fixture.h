#ifndef EQMGR_TESTS_SUPPORT_SERVICE_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_SERVICE_FIXTURE_H

/*
 * tests/support/service_fixture: the stage for tests of daemon/service, which is a directory with a
 * listen socket or FIFO, a status channel whose other end is the test's, and clients.
 */

#include "daemon/service.h"
#include "tests/support/runner.h"

enum { GENERATION = 42, WAITING_MAX = 100 };

typedef struct ServiceStage {
    char *directory, *path; /* of the listen socket or FIFO */
    int listen_fd, status_fd, master_fd;
    struct event_base *base;
    Service *service;
    GString *handled; /* the triggers in order: "<W\0>" as "W." in brackets */
    int trigger_count;
} ServiceStage;

extern ServiceStage stage;

/* The directory, the status channel and the event base. The test makes `listen_fd` and `service`;
 * tear_down() ends them, too. */
void set_up(void);
void tear_down(void);

/* The socket or FIFO at stage.path, ready for clients. The caller keeps it in stage.listen_fd. */
int make_listen_fd(ListenType type);

/* A client of the listen socket; the caller closes it. */
int connect_client(void);

/* Writes all of it, or fails the test. */
void say(int fd, const char *bytes, size_t count);

#endif

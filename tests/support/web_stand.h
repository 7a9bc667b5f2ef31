#ifndef EQMGR_TESTS_SUPPORT_WEB_STAND_H
#define EQMGR_TESTS_SUPPORT_WEB_STAND_H

/*
 * tests/support/web_stand: a server of the status page in one thread, a daemon that behaves as it
 * is told in another, and clients that are the test. Set up and tear down are of a checked fixture.
 */

#include <stdbool.h>

#include <glib.h>

#define WEB_STAND_PATIENCE_MS 60000

/* What the daemon does with each request. */
typedef enum Manner {
    ANSWERS,
    STAYS_SILENT,
    SAYS_NONSENSE,
    HANGS_UP,
    CUTS_OFF,
    TALKS_FOR_EVER,
} Manner;

typedef struct WebStandDaemon {
    char directory[32];
    char *path;
    int listener;
    Manner manner;
    gint connection_count, request_count;
    GByteArray *last_request;
    int stop[2]; /* closing the first ends the thread */
    GThread *thread;
} WebStandDaemon;

extern WebStandDaemon web_stand_daemon;

/* It need not be there: the server starts without. */
void web_stand_daemon_start(Manner manner);
void web_stand_daemon_stop(void); /* a no-op if it is not there */

void web_stand_set_up(void);
void web_stand_set_up_impatient(void); /* connections live for a second */
void web_stand_tear_down(void);

/* False: the peer is gone. */
bool web_stand_says(int fd, const void *bytes, size_t count);

int web_stand_connect(void); /* a descriptor */

/* All that comes until the server closes; closes, too. Fails the test if it takes too long. */
char *web_stand_read_all(int fd);
char *web_stand_exchange(const char *request, size_t length);
char *web_stand_get(const char *path);

int web_stand_status(const char *response); /* 0: it is none */

#endif

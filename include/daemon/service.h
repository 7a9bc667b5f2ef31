#ifndef EQMGR_DAEMON_SERVICE_H
#define EQMGR_DAEMON_SERVICE_H

/*
 * daemon/service: the trigger socket and the status channel (daemon.md 8, 9, 11, 14, 16).
 *
 * The status descriptor is looked at before a trigger is accepted: EOF ends the process at once
 * with status 0. One accept per event. Waiting for the bytes of a trigger never blocks: each
 * connection waits up to 10 s on its own; TAKEN and AVAIL go out around its handling, in pairs.
 */

#include <stdint.h>

#include <event2/event.h>
#include <glib.h>

#include "daemon/options.h"

typedef struct Service Service;

/* The bytes of one trigger (1..1024, or 0 for a client that said nothing). */
typedef void ServiceTriggerFn(const char *bytes, size_t count, void *ctx);

typedef struct ServiceSettings {
    ListenType type;
    uint32_t generation;
    int listen_fd, status_fd;   /* MASTER_LISTEN, MASTER_STATUS; others in tests */
    const char *extra_argument; /* not NULL: fatal at the first trigger */
} ServiceSettings;

/* Events get priorities: status 0, listen 1 (the base must have at least 3). */
Service *service_start(struct event_base *base, const ServiceSettings *settings,
                       ServiceTriggerFn *on_trigger, void *ctx) G_GNUC_WARN_UNUSED_RESULT;
void service_free(Service *service);

/* EOF on the status channel now? For long work outside the loop (start-up). */
bool service_master_is_gone(int status_fd);

/* Flow-control tokens shared with cleanup(8) (behaviour.md 5): bytes in the pipe, or -1. */
int flow_count(int read_fd);
void flow_put(int write_fd, int token_count);
void flow_take(int read_fd, int token_count);

#endif

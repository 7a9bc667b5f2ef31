#ifndef EQMGR_DAEMON_SERVICE_H
#define EQMGR_DAEMON_SERVICE_H

/*
 * daemon/service: the trigger socket and the status channel (daemon.md 8, 9, 11, 14, 16).
 *
 * The status descriptor is looked at before a trigger is accepted: EOF ends the process at once
 * with status 0, without a log line. One accept per event. Waiting for the bytes of a trigger never
 * blocks: each connection waits up to 10 s on its own, less if 100 others come meanwhile; TAKEN and
 * AVAIL go out around its handling, in pairs. If AVAIL cannot be sent, the process ends with status
 * 0: master(8) is gone. A process that ends so and has taken a trigger leaves one in the socket
 * (W): it may have taken the one that was to start the next process.
 *
 * Nothing is ever sent to the client. It sees the connection close when its trigger was handled and
 * the NUL that clients send after it was received, or did not come for a moment.
 * Descriptors are borrowed, the caller's to close, and their blocking mode stays as it is: they
 * are shared with master(8) and other processes.
 */

#include <stdint.h>

#include <event2/event.h>
#include <glib.h>

#include "daemon/options.h"

/* There is one read per trigger; further bytes of a client are lost. */
#define SERVICE_TRIGGER_MAX_BYTES 1024

typedef struct Service Service;

/* The bytes of one trigger (1..SERVICE_TRIGGER_MAX_BYTES, or 0 for a client that said nothing).
 * Runs inside the event loop; must not free the service. */
typedef void ServiceTriggerFn(const char *bytes, size_t count, void *ctx);

typedef struct ServiceSettings {
    ListenType type; /* not LISTEN_NONE */
    uint32_t generation;
    int listen_fd, status_fd;   /* MASTER_LISTEN, MASTER_STATUS; others in tests */
    const char *extra_argument; /* not NULL: fatal at the first trigger */
} ServiceSettings;

/*
 * Events get priorities: status 0, triggers 1 (the base must have at least 3). 1 is also what
 * libevent gives to events without one: a flood of triggers must not starve the conversations with
 * delivery agents.
 */
Service *service_start(struct event_base *base, const ServiceSettings *settings,
                       ServiceTriggerFn *on_trigger, void *ctx) G_GNUC_WARN_UNUSED_RESULT;
void service_free(Service *service);

/*
 * -S: one trigger from `fd` (standard input), waiting for it; no status is reported. Error: "read:
 * REASON", also for an empty input.
 */
bool service_read_stdin(int fd, const char *extra_argument, ServiceTriggerFn *on_trigger, void *ctx,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* EOF on the status channel now? For long work outside the loop (start-up). */
bool service_master_is_gone(int status_fd);

/*
 * Flow-control tokens shared with cleanup(8) (behaviour.md 5): bytes in the pipe, or -1 with errno.
 * Putting and taking do not wait; tokens that do not fit, or are missing, are left out.
 */
int flow_count(int read_fd);
void flow_put(int write_fd, int token_count);
void flow_take(int read_fd, int token_count);

#endif

#ifndef EQMGR_CTL_WEB_SERVER_INTERNAL_H
#define EQMGR_CTL_WEB_SERVER_INTERNAL_H

/*
 * web/server: HTTP with libevent's evhttp: who may connect, which requests are taken, what all
 * responses have in common.
 *
 * GET and HEAD only. Headers have at most SERVER_HEADERS_MAX_BYTES; a silent client is dropped
 * after SERVER_SILENCE_S, any client after VISITORS_LIFE_S. On a loopback address a request that
 * came under another name than an address or localhost is refused: a page from elsewhere whose name
 * was made to point here shall not read mail queues with somebody's browser.
 */

#include <stdbool.h>
#include <sys/socket.h>

#include "src/ctl/web/kept_internal.h"

#define SERVER_HEADERS_MAX_BYTES 8192
#define SERVER_SILENCE_S         10

typedef struct Server Server;

/* "127.0.0.1:9155" or "[::1]:9155": numbers only; port 0 leaves it to the kernel. */
bool server_parse_address(const char *text, struct sockaddr_storage *ret_address, int *ret_length);
bool server_is_loopback(const struct sockaddr_storage *address);

/* A host of a request, as in its header Host, that is an address or localhost. */
bool server_is_literal_host(const char *host);

/* Listens. NULL with a text if it cannot. life_s: of a connection. `kept` is borrowed. */
Server *server_new(struct event_base *base, const struct sockaddr_storage *address, int length,
                   int life_s, Kept *kept, char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;
void server_free(Server *server); /* NULL is a no-op */

/* Of the port that it listens at, if the address left it to the kernel. */
int server_port(const Server *server);

#endif

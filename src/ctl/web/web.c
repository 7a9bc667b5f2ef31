/* The process: an address, one event loop, and signals that end it. */

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/loop.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/web/server_internal.h"
#include "src/ctl/web/visitors_internal.h"
#include "src/ctl/web/web_internal.h"

static const int last_signals[] = {SIGTERM, SIGINT, SIGHUP};

static void on_last_signal(evutil_socket_t signal_number, short what, void *base)
{
    (void)signal_number;
    (void)what;
    (void)event_base_loopbreak(base);
}

/* Says where it is; with port 0 the kernel has chosen one. */
static void announce(const Server *server, const struct sockaddr_storage *address, const char *text)
{
    int host_length = (int)(strrchr(text, ':') - text);

    (void)printf("http://%.*s:%d/\n", host_length, text, server_port(server));
    (void)fflush(stdout);
    if (!server_is_loopback(address))
        (void)fprintf(stderr,
                      "eqmgrctl: web: warning: %s is not a loopback address: whoever "
                      "reaches it sees the state of the queue; there is no password and "
                      "no TLS\n",
                      text);
}

static void serve(struct event_base *base)
{
    struct event *signals[G_N_ELEMENTS(last_signals)];

    for (size_t i = 0; i < G_N_ELEMENTS(last_signals); i++) {
        signals[i] = evsignal_new(base, last_signals[i], on_last_signal, base);
        loop_add(signals[i], NULL);
    }
    (void)event_base_dispatch(base);
    for (size_t i = 0; i < G_N_ELEMENTS(last_signals); i++)
        event_free(signals[i]);
}

static int serve_at(const Invocation *invocation, const char *queue_directory, const char *text,
                    const struct sockaddr_storage *address, int length)
{
    struct event_base *base = event_base_new();
    Asker *asker = asker_new(base, queue_directory);
    Kept *kept = kept_new(asker);
    g_autofree char *problem = NULL;
    Server *server = server_new(base, address, length, VISITORS_LIFE_S, kept, &problem);
    int result = 0;

    if (server != NULL) {
        announce(server, address, text);
        serve(base);
    } else {
        g_autofree char *whole = g_strdup_printf("cannot listen at %s: %s", text, problem);

        result = show_problem(invocation, SESSION_NO_DAEMON, whole);
    }
    server_free(server);
    asker_free(asker);
    kept_free(kept);
    event_base_free(base);
    return result;
}

int web_run(const Invocation *invocation)
{
    const char *text = g_hash_table_lookup(invocation->flags, "listen");
    g_autofree char *queue_directory = NULL;
    struct sockaddr_storage address;
    int length, status;

    if (text == NULL)
        text = WEB_DEFAULT_ADDRESS;
    if (!server_parse_address(text, &address, &length)) {
        g_autofree char *problem = g_strdup_printf(
            "--listen %s: an address and a port, as 127.0.0.1:9155 or [::1]:9155", text);

        return show_problem(invocation, SESSION_USAGE, problem);
    }
    queue_directory = show_queue_directory(invocation, &status);
    if (queue_directory == NULL)
        return status;
    (void)signal(SIGPIPE, SIG_IGN);
    event_set_mem_functions(g_malloc, g_realloc, g_free);
    return serve_at(invocation, queue_directory, text, &address, length);
}

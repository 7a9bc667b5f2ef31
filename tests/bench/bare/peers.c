/*
 * The conversations of the bare loop: questions to the resolver, one at a time on each of a few
 * connections, and requests to delivery agents. A peer sends what it has to say at once, as the
 * played ones and those of Postfix do; a piece of it would be an error here.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/bench/bare/bare.h"
#include "tests/postfix/wire.h"

#define RESOLVERS          8
#define SITE_DELIVERIES    20  /* default_destination_concurrency_limit */
#define AGENTS_MAX         100 /* default_process_limit */
#define AGENTS_WAITING_MIN 2   /* for an announcement; more if more deliveries run */
#define ANSWER_BYTES       4096
#define ZERO_TIMES         3 /* that agents fill in */
#define FLAGS              3 /* agents mark what they have done */

typedef TAILQ_HEAD(LetterList, BareLetter) LetterList;

struct BareSite {
    unsigned running;
    LetterList waiting; /* for one of the deliveries that may run at a time */
};

typedef struct Resolver {
    BareSource source; /* first: a source is its resolver */
    BareLetter *asked; /* NULL: idle */
    bool is_greeted;
} Resolver;

typedef struct Agent {
    BareSource source;  /* first */
    BareLetter *letter; /* NULL: it has not announced itself */
} Agent;

static struct {
    Resolver resolvers[RESOLVERS];
    GHashTable *sites; /* nexthop -> BareSite */
    LetterList ready;  /* they count as running at their site */
    unsigned ready_count, waiting_agents, running_agents;
    GString *out;
    const char *options_name; /* of an attribute, which depends on the release */
} peers;

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    (void)g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        g_error("%s: %s", path, g_strerror(errno));
    return fd;
}

static size_t receive(int fd, char *bytes, WireList *ret_list)
{
    ssize_t got = recv(fd, bytes, ANSWER_BYTES, 0);
    ssize_t used = got > 0 ? wire_take_list(bytes, (size_t)got, ret_list) : -1;

    if (used <= 0)
        g_error("a peer has not said all: %s", got < 0 ? g_strerror(errno) : "too little");
    return (size_t)(got - used);
}

static void send_out(int fd)
{
    if (send(fd, peers.out->str, peers.out->len, MSG_NOSIGNAL) != (ssize_t)peers.out->len)
        g_error("a peer does not take all: %s", g_strerror(errno));
}

static void expect_protocol(const WireList *list, const char *protocol)
{
    if (strcmp(wire_get(list, "protocol"), protocol) != 0)
        g_error("not %s but %s", protocol, wire_get(list, "protocol"));
}

/* Ready letters count as running, so that more of a site are never ready than may run. */
static void make_ready(BareLetter *letter)
{
    letter->site->running++;
    peers.ready_count++;
    TAILQ_INSERT_TAIL(&peers.ready, letter, link);
}

static BareSite *find_site(const char *nexthop)
{
    BareSite *site = g_hash_table_lookup(peers.sites, nexthop);

    if (site == NULL) {
        site = g_new0(BareSite, 1);
        TAILQ_INIT(&site->waiting);
        (void)g_hash_table_insert(peers.sites, g_strdup(nexthop), site);
    }
    return site;
}

static void note_answer(BareLetter *letter, const WireList *answer)
{
    letter->transport = g_strdup(wire_get(answer, "transport"));
    letter->nexthop = g_strdup(wire_get(answer, "nexthop"));
    letter->address = g_strdup(wire_get(answer, "recipient"));
    letter->site = find_site(letter->nexthop);
    if (letter->site->running < SITE_DELIVERIES)
        make_ready(letter);
    else
        TAILQ_INSERT_TAIL(&letter->site->waiting, letter, link);
}

static void on_resolver_input(BareSource *source)
{
    Resolver *resolver = (Resolver *)(void *)source;
    char bytes[ANSWER_BYTES];
    WireList list;

    if (!resolver->is_greeted) {
        if (receive(source->fd, bytes, &list) != 0)
            g_error("an answer without a question");
        expect_protocol(&list, "trivial_rewrite_protocol");
        resolver->is_greeted = true;
        return;
    }
    if (receive(source->fd, bytes, &list) != 0 || resolver->asked == NULL)
        g_error("an answer without a question");
    note_answer(resolver->asked, &list);
    resolver->asked = NULL;
}

static Resolver *find_idle(void)
{
    for (size_t i = 0; i < RESOLVERS; i++)
        if (peers.resolvers[i].is_greeted && peers.resolvers[i].asked == NULL)
            return &peers.resolvers[i];
    return NULL;
}

bool bare_peers_want(void)
{
    return find_idle() != NULL;
}

void bare_peers_add(BareLetter *letter)
{
    Resolver *resolver = find_idle();

    resolver->asked = letter;
    g_string_truncate(peers.out, 0);
    wire_put(peers.out, "request", "resolve");
    wire_put(peers.out, "sender", letter->sender);
    wire_put(peers.out, "address", letter->recipient);
    wire_end(peers.out);
    send_out(resolver->source.fd);
}

void bare_peers_start(void)
{
    peers.sites = g_hash_table_new(g_str_hash, g_str_equal);
    peers.out = g_string_new(NULL);
    peers.options_name = getenv("BARE_OPTIONS_NAME");
    if (peers.options_name == NULL)
        peers.options_name = "smtputf8";
    TAILQ_INIT(&peers.ready);
    for (size_t i = 0; i < RESOLVERS; i++)
        bare_watch(&peers.resolvers[i].source, connect_to("private/rewrite"), on_resolver_input);
}

/* The times of a delivery, as C keeps them: 5 x seconds and microseconds, a counter (ipc.md 3.4).
 */
static void put_times(const BareLetter *letter)
{
    const struct {
        struct timeval arrival, active, rest[ZERO_TIMES];
        int reuse_count;
    } times = {.arrival = letter->arrival, .active = letter->active};
    g_autofree char *text = g_base64_encode((const guchar *)&times, sizeof(times));

    wire_put(peers.out, "time", text);
}

static void put_attributes(const BareLetter *letter, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wire_put(peers.out, names[i], bare_letter_attribute(letter, names[i]));
}

static void put_recipient(const BareLetter *letter)
{
    wire_put(peers.out, "original_recipient", letter->original != NULL ? letter->original : "");
    wire_put(peers.out, "recipient", letter->address);
    wire_put_number(peers.out, "offset", letter->recipient_offset);
    wire_put(peers.out, "dsn_orig_rcpt", letter->dsn_original != NULL ? letter->dsn_original : "");
    wire_put_number(peers.out, "notify_flags", 0);
    wire_end(peers.out);
}

/* 23 attributes in this order, then the recipient (ipc.md 3.2). */
static void put_request(const BareLetter *letter)
{
    static const char *const names[] = {
        "log_client_name", "log_client_address", "log_client_port", "log_protocol_name",
        "log_helo_name",   "sasl_method",        "sasl_username",   "sasl_sender",
        "log_ident",       "rewrite_context"};

    g_string_truncate(peers.out, 0);
    wire_put_number(peers.out, "flags", FLAGS);
    wire_put(peers.out, "queue_name", "active");
    wire_put(peers.out, "queue_id", letter->id);
    wire_put_number(peers.out, "offset", letter->content_offset);
    wire_put_number(peers.out, "size", letter->content_bytes);
    wire_put(peers.out, "nexthop", letter->nexthop);
    wire_put(peers.out, "encoding", "");
    wire_put_number(peers.out, peers.options_name, 0);
    wire_put(peers.out, "sender", letter->sender);
    wire_put(peers.out, "envelope_id", "");
    wire_put_number(peers.out, "ret_flags", 0);
    put_times(letter);
    put_attributes(letter, names, G_N_ELEMENTS(names));
    wire_put_number(peers.out, "recipient_count", 1);
    wire_end(peers.out);
    put_recipient(letter);
}

static void begin_delivery(Agent *agent)
{
    agent->letter = TAILQ_FIRST(&peers.ready);
    TAILQ_REMOVE(&peers.ready, agent->letter, link);
    peers.ready_count--;
    peers.waiting_agents--;
    peers.running_agents++;
    put_request(agent->letter);
    send_out(agent->source.fd);
}

static void end_delivery(Agent *agent)
{
    BareSite *site = agent->letter->site;
    BareLetter *next = TAILQ_FIRST(&site->waiting);

    (void)close(agent->source.fd);
    bare_letter_remove(agent->letter);
    g_free(agent);
    peers.running_agents--;
    site->running--;
    if (next != NULL) {
        TAILQ_REMOVE(&site->waiting, next, link);
        make_ready(next);
    }
}

/* No reason, and a status of 0 (ipc.md 3.6), which is the second of this name. */
static void expect_delivered(const Agent *agent, const WireList *reply)
{
    const WirePair *last = &reply->pairs[reply->count - 1];

    if (reply->count == 0 || strcmp(last->name, "status") != 0 || strcmp(last->value, "0") != 0 ||
        wire_get(reply, "reason")[0] != '\0')
        g_error("%s: not delivered: %s", agent->letter->id, wire_get(reply, "reason"));
}

static void on_agent_input(BareSource *source)
{
    Agent *agent = (Agent *)(void *)source;
    char bytes[ANSWER_BYTES];
    WireList list;

    if (receive(source->fd, bytes, &list) != 0)
        g_error("an agent says more than it has to");
    if (agent->letter == NULL) {
        expect_protocol(&list, "delivery_request_protocol");
        begin_delivery(agent);
    } else {
        expect_delivered(agent, &list);
        end_delivery(agent);
    }
}

static void open_agent(const char *transport)
{
    Agent *agent = g_new0(Agent, 1);
    g_autofree char *path = g_strdup_printf("private/%s", transport);

    peers.waiting_agents++;
    bare_watch(&agent->source, connect_to(path), on_agent_input);
}

/* All letters have one transport. */
void bare_peers_connect(void)
{
    unsigned waiting_max = MAX(AGENTS_WAITING_MIN, peers.running_agents);

    while (peers.waiting_agents < MIN(waiting_max, peers.ready_count) &&
           peers.waiting_agents + peers.running_agents < AGENTS_MAX)
        open_agent(TAILQ_FIRST(&peers.ready)->transport);
}

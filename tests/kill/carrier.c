#include "tests/kill/carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lab/agent_effects.h"
#include "tests/postfix/wire.h"

#define FLAG_MARK_DONE 1
#define READ_BYTES     65536
#define USER_WORD      "user"
#define BOUNCE_EVERY   40 /* recipients */
#define DEFER_CHANCE   0.03
#define PAUSE_CHANCE   0.3
#define PAUSE_MIN_US   100.0
#define BATCH_CHANCE                                                             \
    0.5 /* of requests: all deliveries first, then all marks, as smtp(8) does it \
         */

typedef enum Fate { FATE_DELIVER, FATE_BOUNCE, FATE_DEFER } Fate;

typedef struct Addressee {
    const char *address; /* borrowed from the request */
    int64_t offset;
    uint32_t number;
    Fate fate;
} Addressee;

typedef struct Carrier {
    const CarrierRole *role;
    GRand *dice;
} Carrier;

/* One request. */
typedef struct Attempt {
    const Carrier *carrier;
    AgentRequest request;
    const char *queue_id; /* borrowed from the request */
    bool marks, site_is_dead, deferred;
    uint32_t number, generation;
    int fd; /* of the queue file */
    GArray *addressees;
} Attempt;

static const char announcement[] = "protocol\0delivery_request_protocol\0";

bool carrier_bounces(uint32_t recipient)
{
    return recipient % BOUNCE_EVERY == BOUNCE_EVERY - 1;
}

static bool by_chance(const Carrier *carrier, double chance)
{
    return !carrier->role->common->switches->calm && g_rand_double(carrier->dice) < chance;
}

/*
 * Longer than the step itself, so that many kills hit the moment between two steps; and now and
 * then so long that the next queue manager is at work meanwhile.
 */
static void pause_by_chance(const Carrier *carrier)
{
    double longest = log((double)carrier->role->common->switches->pause_max_us / PAUSE_MIN_US);

    if (by_chance(carrier, PAUSE_CHANCE))
        g_usleep((gulong)(PAUSE_MIN_US * exp(g_rand_double(carrier->dice) * longest)));
}

static void note(const Attempt *attempt, LedgerKind kind, const Addressee *addressee)
{
    common_note(attempt->carrier->role->common,
                (LedgerEntry){.kind = kind,
                              .attempt = attempt->number,
                              .generation = attempt->generation,
                              .recipient = addressee != NULL ? addressee->number : 0});
}

/* ---- the request ---- */

static bool read_request(int fd, AgentRequest *ret_request)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    guint8 bytes[READ_BYTES];
    AgentRequestState state = AGENT_REQUEST_PARTIAL;

    while (state == AGENT_REQUEST_PARTIAL) {
        ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

        if (got <= 0)
            return false;
        g_byte_array_append(in, bytes, (guint)got);
        state = agent_request_parse(in, ret_request);
    }
    if (state == AGENT_REQUEST_BAD)
        g_error("this is not a delivery request");
    return true;
}

/* The recipient's number in an address of letter_format_address(). */
static uint32_t recipient_number(const char *address)
{
    if (!g_str_has_prefix(address, USER_WORD))
        g_error("a request for <%s>", address);
    return (uint32_t)strtoul(address + strlen(USER_WORD), NULL, 10);
}

static Fate choose_fate(const Attempt *attempt, uint32_t recipient)
{
    bool is_retry = strcmp(attempt->carrier->role->transport, "retry") == 0;

    if (is_retry || attempt->site_is_dead || by_chance(attempt->carrier, DEFER_CHANCE))
        return FATE_DEFER;
    return carrier_bounces(recipient) ? FATE_BOUNCE : FATE_DELIVER;
}

static void add_addressee(Attempt *attempt, const WireList *list)
{
    Addressee addressee = {.address = wire_get(list, "recipient"),
                           .offset = wire_get_number(list, "offset")};

    addressee.number = recipient_number(addressee.address);
    addressee.fate = choose_fate(attempt, addressee.number);
    attempt->deferred |= addressee.fate == FATE_DEFER;
    g_array_append_val(attempt->addressees, addressee);
}

static void understand(Attempt *attempt)
{
    const GByteArray *bytes = attempt->request.bytes;
    const char *text = (const char *)bytes->data;
    size_t at = attempt->request.first_recipient_at;
    WireList list;

    if (wire_take_list(text, bytes->len, &list) <= 0)
        g_error("a request without a header");
    attempt->queue_id = wire_get(&list, "queue_id");
    attempt->marks = (wire_get_number(&list, "flags") & FLAG_MARK_DONE) != 0;
    attempt->site_is_dead = g_str_has_prefix(wire_get(&list, "nexthop"), CARRIER_DEAD_WORD) &&
                            !attempt->carrier->role->common->switches->sites_live;
    for (size_t i = 0; i < attempt->request.recipient_count; i++) {
        ssize_t used = wire_take_list(text + at, bytes->len - at, &list);

        g_assert(used > 0); /* agent_request_parse() has seen it */
        add_addressee(attempt, &list);
        at += (size_t)used;
    }
}

/* ---- the delivery ---- */

static void append_log(const Attempt *attempt, const char *queue, const Addressee *addressee)
{
    const Core *core = attempt->carrier->role->core;
    g_autofree char *path = core_queue_path(core, queue, attempt->queue_id);
    g_autofree char *line = g_strdup_printf("<%s>\n", addressee->address);

    core_write_file(core, path, line, strlen(line), true);
}

static void settle(const Attempt *attempt, const Addressee *addressee)
{
    char type = '\0';

    pause_by_chance(attempt->carrier);
    if (pread(attempt->fd, &type, 1, addressee->offset) != 1 || strchr("RD", type) == NULL)
        note(attempt, LEDGER_NONSENSE, addressee);
    switch (addressee->fate) {
    case FATE_DELIVER:
        note(attempt, LEDGER_DELIVERED, addressee);
        break;
    case FATE_BOUNCE:
        append_log(attempt, "bounce", addressee);
        note(attempt, LEDGER_BOUNCED, addressee);
        break;
    case FATE_DEFER:
        append_log(attempt, "defer", addressee);
        break;
    }
    pause_by_chance(attempt->carrier);
}

static void mark(const Attempt *attempt, const Addressee *addressee)
{
    if (addressee->fate == FATE_DEFER || !attempt->marks)
        return;
    if (pwrite(attempt->fd, "D", 1, addressee->offset) != 1)
        g_error("mark: %s", g_strerror(errno));
    note(attempt, LEDGER_MARKED, addressee);
}

static void deliver(const Attempt *attempt)
{
    bool in_one_batch = by_chance(attempt->carrier, BATCH_CHANCE);
    const GArray *all = attempt->addressees;

    for (guint i = 0; i < all->len; i++) {
        settle(attempt, &g_array_index(all, Addressee, i));
        if (!in_one_batch)
            mark(attempt, &g_array_index(all, Addressee, i));
    }
    for (guint i = 0; i < all->len && in_one_batch; i++)
        mark(attempt, &g_array_index(all, Addressee, i));
    pause_by_chance(attempt->carrier);
}

/* ---- the conversation ---- */

static void reply(const Attempt *attempt, int connection)
{
    static const char *const details[] = {"diag_type", "diag_text", "mta_type", "mta_mname",
                                          "action"};
    g_autoptr(GString) out = g_string_new(NULL);

    wire_put(out, "status", attempt->site_is_dead ? "4.4.1" : "");
    for (size_t i = 0; i < G_N_ELEMENTS(details); i++)
        wire_put(out, details[i], "");
    wire_put(out, "reason", attempt->site_is_dead ? "connect to the site: timed out" : "");
    wire_put_number(out, "status", attempt->deferred ? -1 : 0);
    wire_end(out);
    (void)!send(connection, out->str, out->len, MSG_NOSIGNAL);
}

/* If the file is gone, nothing was done. If the queue manager reads it just now, a real agent
 * would end; here only the connection does. */
static bool open_file(Attempt *attempt, const char *path, int connection)
{
    attempt->fd = open(path, O_RDWR | O_CLOEXEC);
    if (attempt->fd < 0) {
        attempt->deferred = true;
        attempt->site_is_dead = false;
        reply(attempt, connection);
        return false;
    }
    if (flock(attempt->fd, LOCK_SH | LOCK_NB) == 0)
        return true;
    (void)close(attempt->fd);
    return false;
}

static void wait_for_end(int connection)
{
    char byte;

    (void)!recv(connection, &byte, 1, 0);
}

static void attend(Attempt *attempt, int connection)
{
    g_autofree char *path = NULL;

    understand(attempt);
    path = core_queue_path(attempt->carrier->role->core, "active", attempt->queue_id);
    if (!open_file(attempt, path, connection))
        return;
    note(attempt, LEDGER_LOCKED, NULL);
    deliver(attempt);
    reply(attempt, connection);
    wait_for_end(connection);
    (void)close(attempt->fd);
}

static uint32_t client_generation(const Common *common, int connection)
{
    struct ucred client = {0};
    socklen_t len = sizeof(client);
    uint32_t generation;

    (void)getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &client, &len);
    generation = common_generation_of(common, client.pid);
    if (generation == 0)
        g_error("a connection from process %d, which is no queue manager", (int)client.pid);
    return generation;
}

static void serve(const Carrier *carrier, int connection)
{
    const Common *common = carrier->role->common;
    Attempt attempt = {.carrier = carrier, .generation = client_generation(common, connection)};

    if (send(connection, announcement, sizeof(announcement), MSG_NOSIGNAL) < 0 ||
        !read_request(connection, &attempt.request))
        return;
    attempt.number = __atomic_add_fetch(&common->switches->attempt_count, 1, __ATOMIC_RELAXED);
    attempt.addressees = g_array_new(FALSE, FALSE, sizeof(Addressee));
    attend(&attempt, connection);
    g_array_free(attempt.addressees, TRUE);
    agent_request_clear(&attempt.request);
}

void carrier_run(const CarrierRole *role)
{
    Carrier carrier = {role, g_rand_new_with_seed(role->seed)};

    for (;;) {
        int connection = accept4(role->listen_fd, NULL, NULL, SOCK_CLOEXEC);

        if (connection < 0)
            g_error("accept: %s", g_strerror(errno));
        serve(&carrier, connection);
        (void)close(connection);
    }
}
